"""Starts git so that neither a repository, a worktree nor the environment can make it run something else."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from improver import render
from improver.errors import ImproverError
from improver.repo.safe import CLEAN, NOBODY, OFFLINE, ONLINE, OVERRIDES, REACH, disarming, inherited

LOCAL_S = 120
REMOTE_S = 60
SHOWN = 2_000  # characters of git's own words in an error

LOCKED = re.compile(r"Unable to create '[^']*\.lock'|\.lock': File exists|another git process", re.I)
CREDENTIALS = re.compile(r"(://)[^/@\s]+@")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return os.fsdecode(self.out)


@dataclass(frozen=True, kw_only=True, slots=True)
class Git:
    """One git directory and one work tree, both named explicitly: a swapped `.git` is never looked at."""

    git_dir: Path
    common_dir: Path
    work_tree: Path
    env: Mapping[str, str] = field(default_factory=lambda: OFFLINE)
    timeout_s: float = LOCAL_S
    commits: set[str] = field(default_factory=set, compare=False, repr=False)  # ids seen to be commits: for good

    def call(self, *args: str, stdin: bytes = b"") -> Finished:
        """Run git and let the caller read its exit code."""
        return launch(args, env=self._environment(), cwd=self.work_tree, stdin=stdin, timeout_s=self.timeout_s)

    def out(self, *args: str, stdin: bytes = b"") -> bytes:
        finished = self.call(*args, stdin=stdin)
        if finished.code:
            raise failure(args, finished)
        return finished.out

    def text(self, *args: str, stdin: bytes = b"") -> str:
        return os.fsdecode(self.out(*args, stdin=stdin)).strip()

    def using(self, **env: str) -> "Git":
        return replace(self, env={**self.env, **env})

    def online(self) -> "Git":
        """For remotes: the person's own global config and credentials count, the transports are listed."""
        env = {key: value for key, value in self.env.items() if key not in OFFLINE}
        return replace(self, env={**env, **inherited(*REACH), **ONLINE}, timeout_s=REMOTE_S)

    def disarmed(self) -> "Git":
        """For commands that read or write files: filter and merge drivers that the config names are not run."""
        keys = self.text("config", "--null", "--name-only", "--list").split("\0")
        overrides = [override for key in sorted(set(keys)) for override in disarming(key)]
        numbered = {"GIT_CONFIG_COUNT": str(len(overrides))}
        for number, (key, value) in enumerate(overrides):
            numbered |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return self.using(**numbered)

    def _environment(self) -> dict[str, str]:
        places = {
            "GIT_DIR": str(self.git_dir), "GIT_COMMON_DIR": str(self.common_dir), "GIT_WORK_TREE": str(self.work_tree)
        }  # fmt: skip
        return {**inherited("PATH", "HOME"), **CLEAN, **NOBODY, **self.env, **places}


def discover(path: Path) -> Git:
    """The checkout that `path` lies in; the only time that a `.git` is looked for."""
    if not path.is_dir():
        raise ImproverError(f"there is no folder {path}", hint="set the Target's `repo` to a git checkout")
    args = ("rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir", "--show-toplevel")
    env = {**inherited("PATH", "HOME"), **CLEAN, **OFFLINE}
    finished = launch(args, env=env, cwd=path, stdin=b"", timeout_s=LOCAL_S)
    places = finished.text.rstrip("\n").split("\n")
    if finished.code or len(places) != 3:
        raise ImproverError(f"{path} is no git checkout", hint="run `git init` there, or point `repo` at a checkout")
    git_dir, common_dir, work_tree = map(Path, places)
    return Git(git_dir=git_dir, common_dir=common_dir, work_tree=work_tree)


def launch(args: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdin: bytes, timeout_s: float) -> Finished:
    try:
        process = subprocess.Popen(
            ["git", *OVERRIDES, *args], env=dict(env), cwd=cwd, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise ImproverError("git is not installed", hint="apt-get install git") from error
    with process:
        try:
            out, err = process.communicate(stdin, timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            raise ImproverError(f"git {args[0]} took longer than {timeout_s:g} s", retryable=True) from error
    return Finished(code=process.returncode, out=out, err=err.decode(errors="replace"))


def failure(args: Sequence[str], finished: Finished, *, hint: str = "") -> ImproverError:
    """An error in git's own words, and a remote's, inert and without credentials.

    A lock held by somebody else is worth another try.
    """
    said = render.terminal_lines(CREDENTIALS.sub(r"\1…@", finished.err).strip()[-SHOWN:])
    locked = LOCKED.search(said) is not None
    if locked:
        hint = "another git process works there: try again; if none does, remove the lock file it names"
    return ImproverError(f"git {args[0]} failed ({finished.code}): {said}", hint=hint, retryable=locked)
