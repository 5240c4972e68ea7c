"""Remotes: a branch is pushed only where none stands yet."""

import re

from improver import render
from improver.errors import ImproverError
from improver.model import Glossed
from improver.repo.git import Finished, Git, failure
from improver.repo.objects import commit_of
from improver.repo.snapshot import KEPT

TRANSIENT = re.compile(
    r"could not resolve host|timed out|connection (refused|reset|closed)|failed to connect|early eof|hung up"
    r"|temporary failure|returned error: (5\d\d|429)|network is unreachable|couldn't connect",
    re.I,
)
UNKNOWN = re.compile(r"does not appear to be a git repository|repository .*not found|returned error: 404", re.I)
REFUSED = re.compile(r"authentication failed|permission denied|could not read username|returned error: 40[13]", re.I)


class Pushed(Glossed):
    CREATED = "created", "the remote has the branch now"
    SAME = "same", "the remote had the branch already, at this very commit"
    TAKEN = "taken", "the remote has a branch of this name, at another commit"


def push(git: Git, remote: str, branch: str, commit: str, instead_of: str = "") -> Pushed:
    """Push a branch that must not exist, or must be at `instead_of`.

    An exchange that failed half-way may be tried again: see `Pushed.SAME`.
    """
    ref, new = f"refs/heads/{branch}", commit_of(git, commit)
    args = (
        "push", "--porcelain", "--no-verify", "--no-signed", "--recurse-submodules=no", "--no-follow-tags",
        "--receive-pack=git-receive-pack", f"--force-with-lease={ref}:{instead_of}", "--", _named(remote),
        f"{new}:{ref}",
    )  # fmt: skip
    finished = git.online().call(*args)
    flag, said = _answer(finished, ref)
    if finished.code == 0:
        return Pushed.SAME if flag == "=" else Pushed.CREATED
    if "stale info" in said or "already exists" in said:
        return Pushed.TAKEN
    raise _refusal(args, finished, remote, said)


def ls_remote(git: Git, remote: str, branch: str) -> str | None:
    """The commit that a remote's branch is at; None when it has no such branch."""
    ref = f"refs/heads/{branch}"
    args = ("ls-remote", "--refs", "--upload-pack=git-upload-pack", "--", _named(remote), ref)
    finished = git.online().call(*args)
    if finished.code:
        raise _refusal(args, finished, remote, "")
    listed = (line.partition("\t") for line in finished.text.splitlines())
    return next((commit for commit, _, name in listed if name == ref), None)


def below(git: Git, remote: str, folder: str) -> dict[str, str]:
    """The remote's branches whose names begin with the folder, with their commits."""
    prefix = f"refs/heads/{folder}/"
    args = ("ls-remote", "--refs", "--upload-pack=git-upload-pack", "--", _named(remote), f"{prefix}*")
    finished = git.online().call(*args)
    if finished.code:
        raise _refusal(args, finished, remote, "")
    listed = (line.partition("\t") for line in finished.text.splitlines())
    return {name.removeprefix("refs/heads/"): commit for commit, _, name in listed if name.startswith(prefix)}


def fetch(git: Git, remote: str, branch: str) -> str:
    """The commit that a remote's branch is at, brought here; no branch of the checkout's moves."""
    kept = f"{KEPT}fetched/{branch}"
    args = (
        "fetch", "--quiet", "--no-tags", "--refmap=", "--no-write-fetch-head", "--no-auto-maintenance",
        "--recurse-submodules=no", "--upload-pack=git-upload-pack", "--", _named(remote),
        f"+refs/heads/{branch}:{kept}",
    )  # fmt: skip
    finished = git.online().call(*args)
    if finished.code:
        raise _refusal(args, finished, remote, "")
    return commit_of(git, kept)


def withdraw(git: Git, remote: str, branch: str, commit: str) -> bool:
    """Delete a branch that is still at the commit; False when it is gone or has moved on."""
    ref, old = f"refs/heads/{branch}", commit_of(git, commit)
    args = (
        "push", "--porcelain", "--no-verify", "--no-signed", "--recurse-submodules=no", "--no-follow-tags",
        "--receive-pack=git-receive-pack", f"--force-with-lease={ref}:{old}", "--", _named(remote), f":{ref}",
    )  # fmt: skip
    finished = git.online().call(*args)
    _, said = _answer(finished, ref)
    if finished.code == 0:
        return True
    if "stale info" in said or "remote ref does not exist" in finished.err:
        return False
    raise _refusal(args, finished, remote, said)


def _named(remote: str) -> str:
    if not remote or remote.startswith("-"):
        raise ImproverError(f"{remote!r} is no git remote", hint="set the Target's `remote` as `git remote` shows it")
    return remote


def _answer(finished: Finished, ref: str) -> tuple[str, str]:
    """The flag and the words of the line that `--porcelain` prints about our ref."""
    for line in finished.text.splitlines():
        flag, _, rest = line.partition("\t")
        if rest.partition("\t")[0].endswith(f":{ref}"):
            return flag, rest.partition("\t")[2]
    return "", ""


def _refusal(args: tuple[str, ...], finished: Finished, remote: str, said: str) -> ImproverError:
    error = failure(args, finished)
    hint = error.hint
    if REFUSED.search(error.message):
        hint = f"give git credentials for {remote} (ssh-agent, a credential helper or a deploy key)"
    elif UNKNOWN.search(error.message):
        hint = f"check the URL of {remote}: `git remote -v`"
    elif said:
        hint = "the remote's own rules refused the branch: see its protection settings"
    retryable = error.retryable or (not said and TRANSIENT.search(error.message) is not None)
    return ImproverError(f"{error.message} {render.terminal(said)}".strip(), hint=hint, retryable=retryable)
