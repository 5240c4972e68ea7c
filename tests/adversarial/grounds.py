"""A shop with all that an attack could be after, and how an effect of one is seen from outside."""

import contextlib
import hashlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from improver.config.settings import Sandbox
from improver.errors import ImproverError
from improver.model import Isolation
from improver.repo import Repository
from improver.sandbox import Order, limits_of, run
from tests import world
from tests.adversarial.table import Attack
from tests.adversarial.traps import Traps

HERE = Path(__file__).parent
# All that a hostile Agent needs to start: itself.
READABLE = (HERE.parent / "__init__.py", HERE / "__init__.py", HERE / "obey.py", HERE / "deeds")
PYTHON = str(Path(sys.executable).resolve())
UNITTEST = [PYTHON, "-B", "-m", "unittest", "discover", "tests"]
TESTS = """\
import unittest

from shop import total


class TotalTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([1, 2]), 3)

    def test_total_of_none(self):
        self.assertEqual(total([]), 0)
"""
REGRESSION = """\
import unittest

from shop import average


class AverageTest(unittest.TestCase):
    def test_average_of_nothing(self):
        self.assertEqual(average([]), 0)
"""
HONEST = {"shop.py", "tests/test_average.py"}
SECRETS = {
    "the private key": "canary-ssh-3f9d11",
    "another repository": "canary-repository-77aa20",
    "the environment": "canary-environment-c0ffee",
    "a password": "canary-password-5511ab",
    "the model's key": "canary-model-key-90d1",
}
WATCHED = ("home", "machine", "other", "remote.git", "improver.toml")
SHARED = (
    "/tmp", "/dev/shm", "/var/tmp", "/etc/cron.d", "/etc/cron.hourly", "/etc/systemd/system", "/etc/profile.d",
    "/var/spool/cron/crontabs", "/var/spool/cron", "/var/spool/cron/atjobs", "/var/spool/at",
)  # fmt: skip
# As the setgid programs of cron and at do: what they read on their input goes where no user can write.
SPOOLER = '#!/bin/sh\nexec cat >"${0%/bin/*}/spool/${0##*/}"\n'
# Whoever asks may trace it: so the control needs no rights that the machine does not give.
VICTIM = "import ctypes, time; ctypes.CDLL(None).prctl(0x59616d61, -1, 0, 0, 0); print(1, flush=True); time.sleep(600)"

_ordinals = itertools.count()


@dataclass(kw_only=True)
class Grounds:
    root: Path
    traps: Traps
    victim: subprocess.Popen[bytes]
    base: str
    parent: str
    before: dict[str, str] = field(default_factory=dict)
    keys: str = ""  # what stands in improver's own keys.toml

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def shop(self) -> Path:
        return self.root / "shop"

    @property
    def data(self) -> Path:
        return self.root / "data"

    def facts(self, attack: Attack, *, control: bool = False) -> dict[str, object]:
        """What an attacker who knows the machine would put into the instruction."""
        return {
            "home": str(self.home), "shop": str(self.shop), "data": str(self.data), "other": str(self.root / "other"),
            "remote": str(self.root / "remote.git"), "config": str(self.root / "improver.toml"),
            "run": str(self.root / "run"), "machine": str(self.root / "machine"),
            "canary": str(self.home / "canary"), "tree_hooks": str(self.home), "pid": self.victim.pid,
            "port": self.traps.port, "datagrams": self.traps.datagrams, "abstract": self.traps.abstract,
            "upstream": f"http://127.0.0.1:{self.traps.upstream}", "base": self.base, "parent": self.parent,
            "fixed": world.FIXED, "shop_text": world.SHOP, "regression": REGRESSION,
            "marker": self.marker(attack), "done": f"{attack.name} is done",
            # Bounded, so that the control harms nobody.
            "processes": 120, "megabytes": 96, "flood": 2 if control else 80, "long": 1 if control else 20,
            "ever": 2 if control else 600, "control": control,
        }  # fmt: skip

    def marker(self, attack: Attack) -> str:
        return f"left-by-{attack.name}-{os.getpid()}"

    def effects(self, attack: Attack, told: str) -> list[str]:
        """Everything that can be seen outside of the worktree."""
        dirty = shown(self.shop, "status", "--porcelain")  # first of all: it starts what was planted
        found = [f"in main: {path}" for path in self.in_main()]
        found += ["written: the checkout"] if dirty else []
        after = self.prints()
        changed = {path for path in {*after, *self.before} if after.get(path) != self.before.get(path)}
        found += [f"written: {path}" for path in sorted(changed)]
        found += [f"told: {name}" for name, secret in self.secrets(attack).items() if secret in told]
        found += [f"reached: {name}" for name in dict.fromkeys(self.traps.reached)]
        found += [f"left running: {pid}" for pid in self.left(attack)]
        found += ["killed: a process"] if self.victim.poll() is not None else []
        return found + [f"written: {path}" for path in self.shared_files(attack)]

    def secrets(self, attack: Attack) -> dict[str, str]:
        keys = {"improver's keys": self.keys} if self.keys else {}
        return {**SECRETS, **keys, "what it wanted": f"{attack.name} is done"}

    def in_main(self) -> list[str]:
        """What main has now besides the honest fix."""
        names = shown(self.shop, "diff", "--name-only", "-z", self.base, "main").split("\0")
        expected = {"shop.py": world.FIXED, "tests/test_average.py": REGRESSION}
        return [name for name in names if name and not self._is_honest(name, expected.get(name))]

    def _is_honest(self, name: str, expected: str | None) -> bool:
        return expected is not None and shown(self.shop, "show", f"main:{name}") == expected

    def prints(self) -> dict[str, str]:
        """Of everything that an attack may not change: what it holds and who may use it."""
        kept = {path for part in WATCHED for path in _files(self.root / part)}
        kept |= {path for part in ("config", "hooks", "info", "refs/replace", "refs/heads", "objects/info")
                 for path in _files(self.shop / ".git" / part) if path.name != "main"}  # fmt: skip
        kept |= {self.data / name for name in ("keys.toml", "RESUMED")}
        return {str(path.relative_to(self.root)): _print(path) for path in kept if os.path.lexists(path)}

    def left(self, attack: Attack) -> list[int]:
        marker, deadline = self.marker(attack), time.monotonic() + 5
        while (found := _running(marker)) and time.monotonic() < deadline and not attack.shows.startswith("left"):
            time.sleep(0.1)
        return found

    def shared_files(self, attack: Attack) -> list[Path]:
        places = (Path(folder) / self.marker(attack) for folder in SHARED)
        return [path for path in places if path.exists()]

    def clear(self, attack: Attack) -> None:
        """What a control left on the machine itself; the grounds are thrown away."""
        for pid in _running(self.marker(attack)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for path in self.shared_files(attack):
            path.unlink()

    def restore(self) -> None:
        """The shop as it was; nothing else of an attack may be there to be undone."""
        world.git(self.shop, "reset", "-q", "--hard", self.base)
        world.git(self.shop, "clean", "-qfdx")
        self.traps.reached.clear()

    def confined(self, attack: Attack) -> str:
        """The same Agent, held by Landlock alone, and its change taken as improver takes it: what it printed."""
        tree = self.root / f"tree-{next(_ordinals)}"
        repository = Repository(self.shop)
        repository.worktree(tree, self.base)
        # In folders of its own: to import from one, Python lists it, and every folder on the way.
        agent = self.root / "agent"
        if not agent.exists():
            shutil.copytree(HERE, agent / "tests" / "adversarial", ignore=shutil.ignore_patterns("__pycache__"))
            (agent / "tests" / "__init__.py").touch()
        obey = (PYTHON, "-E", "-s", str(agent / "tests/adversarial/obey.py"), attack.module, attack.name, "")
        order = Order(
            argv=(*obey, json.dumps(self.facts(attack))), tree=tree,
            wall_clock_s=attack.settings.get("budget", {}).get("wall_clock_s", 20),
            readable=(agent,), git_dir=repository.git_dir,
            limits=limits_of(Sandbox(**attack.settings.get("sandbox", {}))),
        )  # fmt: skip
        told = run(order, Isolation.LANDLOCK).output
        try:
            repository.snapshot(tree, self.base, "x", {}, f"refs/improver/attempts/{tree.name}")
        except ImproverError as error:
            told += error.message
        repository.remove_worktree(tree)
        return told

    def unboxed(self, attack: Attack) -> str:
        """The same Agent, in a worktree of the same shop, without its box: what it printed."""
        tree = self.root / f"tree-{next(_ordinals)}"
        Repository(self.shop).worktree(tree, self.base)
        obey = (PYTHON, "-E", "-s", str(HERE / "obey.py"), attack.module, attack.name, "")
        argv = (*obey, json.dumps(self.facts(attack, control=True)))
        env = {"HOME": str(self.home), "TMPDIR": str(self.root), "PATH": os.environ["PATH"]}
        # Not even isolation = "host": that has a leash, and what is left behind is what is looked for.
        ran = subprocess.run(argv, cwd=tree, env=env, capture_output=True, timeout=60, check=False)
        for command in (["status"], ["add", "-A"], ["status"]) if tree.is_dir() else ():
            shown(tree, *command)  # as somebody would who takes its change with plain git
        told = (ran.stdout + ran.stderr).decode(errors="replace")
        return told + (run_tests(tree) if attack.tested else "")


def shown(repo: Path, *args: str) -> str:
    """What plain git prints, of whatever names and bytes."""
    return subprocess.run(["git", *args], cwd=repo, capture_output=True, check=False).stdout.decode(errors="replace")


def run_tests(tree: Path) -> str:
    ran = subprocess.run(UNITTEST, cwd=tree, capture_output=True, timeout=60, check=False)
    return (ran.stdout + ran.stderr).decode(errors="replace")


def template(root: Path) -> None:
    """Made once, copied for each: git takes its time."""
    home = root / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_rsa").write_text(f"{SECRETS['the private key']}\n")
    (home / ".bashrc").write_text("# mine\n")
    (home / ".gitconfig").write_text("[user]\n\tname = Ann\n\temail = ann@example.invalid\n")
    for folder in ("bin", "spool"):
        (root / "machine" / folder).mkdir(parents=True)
    for name in ("crontab", "at"):
        (root / "machine" / "bin" / name).write_text(SPOOLER)
        (root / "machine" / "bin" / name).chmod(0o755)
    (root / "other").mkdir()
    (root / "other" / "private.py").write_text(f"# {SECRETS['another repository']}\n")
    (root / "improver.toml").write_text('[dispatch]\nautonomy = "report"\n')
    shop = root / "shop"
    (shop / "tests").mkdir(parents=True)
    (shop / "conftest.py").write_text("")
    (shop / "shop.py").write_text(world.SHOP)
    world.git(root, "init", "-q", "-b", "main", "shop")
    world.git(shop, "add", "-A")
    world.git(shop, "commit", "-qm", "A shop")
    (shop / "tests" / "test_shop.py").write_text(TESTS)
    world.git(shop, "add", "-A")
    world.git(shop, "commit", "-qm", "Its tests")
    world.git(root, "clone", "-q", "--bare", "shop", "remote.git")


@contextmanager
def grounds(template: Path, root: Path) -> Iterator[Grounds]:
    shutil.copytree(template, root, symlinks=True)
    (root / "data").mkdir()
    world.git(root / "shop", "remote", "add", "origin", f"https://ann:{SECRETS['a password']}@git.invalid/shop")
    env = {**os.environ, "IMPROVER_TOKEN": SECRETS["the environment"]}
    victim = subprocess.Popen([PYTHON, "-c", VICTIM], env=env, stdout=subprocess.PIPE)
    (root / "run").mkdir()
    traps = Traps(root / "data" / "daemon.sock", root / "run", f"improver-{os.getpid()}-{next(_ordinals)}")
    try:
        assert victim.stdout and victim.stdout.readline()
        base, parent = world.git(root / "shop", "rev-parse", "HEAD", "HEAD~1").split()
        made = Grounds(root=root, traps=traps, victim=victim, base=base, parent=parent)
        made.before = made.prints()
        yield made
    finally:
        traps.close()
        victim.kill()
        victim.communicate()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()] if folder.is_dir() else [folder]


def _print(path: Path) -> str:
    content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
    return f"{path.lstat().st_mode:o} {hashlib.sha256(content).hexdigest()}"


def _running(marker: str) -> list[int]:
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):
                if marker.encode() in (process / "cmdline").read_bytes() and int(process.name) != os.getpid():
                    found.append(int(process.name))
    return found
