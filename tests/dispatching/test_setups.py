"""A setup runs once for the same lockfiles; what it left is copied, and no change can put anything into it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from improver import pipeline
from improver.dispatching import agent_run, attempts, setups
from improver.dispatching.change import AttemptChange, Commands
from improver.dispatching.setups import Setups
from improver.model import Isolation
from improver.repo import Repository
from improver.sandbox import Network, probe
from tests import world
from tests.dispatching.test_change import SPEC

MIB = 1 << 20
COUNT = (
    "echo ran >> {log}; mkdir -p made/deep; echo $PWD > made/deep/place; ln -s $PWD/app.py made/link;"
    " cat lock > made/lock"
)


@pytest.fixture
def cache(tmp_path: Path) -> Setups:
    return Setups(tmp_path / "setups", 64 * MIB)


@pytest.fixture
def opened(checkout, tmp_path, cache):
    """A change of the given files, whose setup leaves a folder and says so in `log`."""
    log = tmp_path / "log"
    log.touch()

    def make(base: dict[str, str], change: dict[str, str], setup: tuple[str, ...] = (), **commands: object):
        first = checkout.commit(base)
        second = checkout.commit(change) if change else first
        given = {
            "setup": setup or ("sh", "-c", COUNT.format(log=log)), "test": (), "readable": (), "setups": cache,
            "isolation": Isolation.HOST, "wall_clock_s": 60,
        }  # fmt: skip
        return AttemptChange(
            repository=Repository(checkout.path), spec=SPEC, base=first, commit=second,
            commands=Commands(**{**given, **commands}), below=tmp_path / "gates",
        )  # fmt: skip

    return make


def runs(tmp_path: Path) -> int:
    return (tmp_path / "log").read_text().count("ran")


BASE = {"app.py": "1\n", "uv.lock": "a", "lock": "a"}


def test_a_setup_runs_once_for_trees_of_the_same_lockfiles(opened, tmp_path):
    with opened(BASE, {"app.py": "2\n"}) as made:
        trees = [made.checkout(base=True), made.checkout(base=True), made.checkout()]
        assert runs(tmp_path) == 1
        for tree in trees:
            assert (tree / "made" / "deep" / "place").read_text() == f"{tree}\n"
            assert (tree / "made" / "link").readlink() == tree / "app.py"


def test_another_lockfile_sets_up_anew_and_leaves_nothing_behind(opened, tmp_path):
    with opened(BASE, {"uv.lock": "b", "lock": "b"}) as made:
        made.checkout(base=True)
        changed = made.checkout()
        assert runs(tmp_path) == 2
        assert (changed / "made" / "lock").read_text() == "b"
        made.checkout()
        assert runs(tmp_path) == 3  # what a change's own setup left is kept for nobody


def test_a_file_that_the_setup_depends_on_can_be_named(opened, tmp_path):
    with opened(BASE, {"app.py": "2\n"}, setup_inputs=("*.py",)) as made:
        made.checkout(base=True)
        made.checkout()
        assert runs(tmp_path) == 2


def test_what_is_written_to_a_copy_does_not_show_in_the_next(opened, cache):
    with opened(BASE, {"app.py": "2\n"}) as made:
        made.checkout(base=True)
        poisoned = made.checkout()
        (poisoned / "made" / "lock").write_text("evil")
        (poisoned / "made" / "more").write_text("evil")
        assert (made.checkout(base=True) / "made" / "lock").read_text() == "a"
        assert not (made.checkout() / "made" / "more").exists()


def test_a_link_in_the_way_of_what_is_brought_leads_nowhere(tmp_path, cache):
    tree, hostile, outside = tmp_path / "tree", tmp_path / "hostile", tmp_path / "outside"
    for folder in (tree / "sub" / "made", hostile, outside):
        folder.mkdir(parents=True)
    cache.keep("key", tree, ["sub/made"])
    (hostile / "sub").symlink_to(outside)
    assert cache.bring("key", hostile) is None
    cache.keep("key", tree / "sub", ["made"])
    (hostile / "made").symlink_to(outside)
    assert cache.bring("key", hostile) is None
    assert list(outside.iterdir()) == []


def test_a_setup_that_changes_what_was_there_is_not_kept(opened, tmp_path):
    setup = ("sh", "-c", f"echo ran >> {tmp_path}/log; echo x >> app.py; touch new")
    with opened(BASE, {}, setup) as made:
        made.checkout(base=True)
        made.checkout(base=True)
        assert runs(tmp_path) == 2


def test_the_oldest_goes_when_there_is_too_much(tmp_path):
    cache = Setups(tmp_path / "setups", 3 * MIB + 4096)
    for name in ("first", "second", "third"):
        tree = tmp_path / name
        (tree / "made").mkdir(parents=True)
        (tree / "made" / "file").write_bytes(b"x" * MIB)
        cache.keep(name, tree, ["made"])
        os.utime(tmp_path / "setups" / name, (len(name), len(name)))
    (tmp_path / "goal").mkdir()
    assert cache.bring("first", tmp_path / "goal") == ("made",)  # used, and so the newest now
    cache.keep("fourth", tmp_path / "third", ["made"])
    assert {path.name for path in (tmp_path / "setups").iterdir()} == {"first", "second", "fourth"}
    assert cache.bring("gone", tmp_path / "goal") is None


def test_what_was_brought_is_taken_away_and_nothing_else(tmp_path):
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    for folder in (tree / "made", tree / "kept", outside / "inner"):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    (tree / "swapped").symlink_to(outside)
    (tree / "sub").symlink_to(outside)
    setups.take_away(tree, ["made", "swapped", "sub/inner", "absent"])
    assert sorted(path.name for path in tree.iterdir()) == ["kept", "sub"]
    assert (outside / "inner" / "file").exists()


def test_a_virtual_environment_works_in_the_tree_it_was_brought_to(opened):
    if probe() != Isolation.BUBBLEWRAP:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    script = ".venv/bin/hello"
    body = f"printf '#!%s/.venv/bin/python\\nimport sys; print(sys.prefix)\\n' $PWD > {script}; chmod +x {script}"
    setup = ("sh", "-c", f"{sys.executable} -m venv --without-pip .venv && {body}")
    readable = (Path(sys.prefix),)
    with opened(BASE, {"app.py": "2\n"}, setup, isolation=Isolation.BUBBLEWRAP, readable=readable) as made:
        made.checkout(base=True)
        tree = made.checkout()
        boxed = made.run((script,), tree)
        assert (boxed.code, boxed.output.strip()) == (0, str(tree / ".venv"))


def test_npm_ci_of_a_local_package_runs_offline_in_the_box_and_once(opened, checkout):
    if probe() != Isolation.BUBBLEWRAP or shutil.which("npm") is None:
        pytest.skip("needs bubblewrap and npm: apt-get install bubblewrap npm")
    checkout.write({
        "package.json": json.dumps({"name": "shop", "version": "1.0.0", "dependencies": {"left": "file:vendor/left"}}),
        "vendor/left/package.json": json.dumps({"name": "left", "version": "1.0.0", "main": "i.js"}),
        "vendor/left/i.js": "module.exports = 42\n",
    })  # fmt: skip
    subprocess.run(
        ["npm", "install", "--package-lock-only", "--offline", "--no-audit"], cwd=checkout.path, check=True,
        capture_output=True, timeout=60,
    )  # fmt: skip
    setup = ("npm", "ci", "--offline", "--no-audit", "--no-fund")
    with opened({"app.py": "1\n"}, {"app.py": "2\n"}, setup, isolation=Isolation.BUBBLEWRAP) as made:
        made.checkout(base=True)
        tree = made.checkout()
        assert made.run(("node", "-p", "require('left')"), tree).output == "42\n"


def test_the_network_is_there_for_a_trusted_setup_alone(opened):
    if probe() != Isolation.BUBBLEWRAP:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    setup = ("sh", "-c", "mkdir made; ls /sys/class/net > made/net 2>/dev/null; cat /proc/net/dev > made/net")
    shared = {"isolation": Isolation.BUBBLEWRAP, "setup_network": Network.SHARED, "setups": None}
    with opened(BASE, {"uv.lock": "b"}, setup, **shared) as made:
        ours = Path("/proc/net/dev").read_text().count(":")
        assert (made.checkout(base=True) / "made" / "net").read_text().count(":") == ours
        assert (made.checkout() / "made" / "net").read_text().count(":") == 1


def test_the_agents_worktree_is_set_up_too_and_its_change_holds_none_of_it(tmp_path):
    shop = world.make_shop(tmp_path / "shop")
    setup = ["sh", "-c", f"mkdir made && echo x > made/file && echo ran >> {tmp_path}/log"]
    test = ["sh", "-c", "test -f made/file"]
    rehearsal = world.plan(tmp_path)
    chosen = world.settings(tmp_path, shop, rehearsal, setup=setup, test=test, isolation="host")
    with world.opened(chosen) as runtime:
        world.send(runtime, world.server_key(runtime), world.error(world.git(shop, "rev-parse", "HEAD")))
        pipeline.analyse(runtime)
        [attempt] = attempts.live(runtime)
        ended = agent_run.run(runtime, attempt)
        assert ended.status == "ran", ended.detail
        assert "made" not in world.git(shop, "ls-tree", "--name-only", ended.commit)
        assert runs(tmp_path) == 1
