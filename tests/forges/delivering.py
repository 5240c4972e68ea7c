"""A shop whose changes are delivered as pull requests to a forge that speaks real HTTP."""

from collections.abc import Mapping

from improver import pipeline, read
from improver.audit import Audit
from improver.delivery import pulls
from improver.dispatching import attempts, ledger
from improver.model import Act, AttemptStatus, Entry
from improver.runtime import Runtime
from tests import world
from tests.forges.fake_forge import TOKEN

REPOSITORY = "octo/shop"


def make_shop(tmp_path):
    repo = world.make_shop(tmp_path / "shop")
    world.git(tmp_path, "clone", "-q", "--bare", str(repo), str(tmp_path / "remote.git"))
    world.git(repo, "remote", "add", "origin", str(tmp_path / "remote.git"))
    return repo


def with_forge(tmp_path, shop, forge, *, dispatch=None, name="github", **target):
    (tmp_path / "token").write_text(TOKEN)
    wanted = {"autonomy": "pr", "remote": "origin", "repository": REPOSITORY, "forge": name} | target
    chosen = world.settings(tmp_path, shop, world.plan(tmp_path), dispatch=dispatch, **wanted)
    section = {"base_url": forge.url, "token": f"file:{tmp_path / 'token'}"}
    return chosen.model_copy(update={"forges": {name: section}})


def delivered(runtime: Runtime, **record):
    head = world.git(runtime.target("shop").repo, "rev-parse", "HEAD")
    failed = world.transaction(head, status="internal_error")
    world.send(runtime, world.server_key(runtime), world.error(head, **record), failed)
    pipeline.analyse(runtime)
    attempts.drive_all(runtime)
    [attempt] = read.attempts(runtime)
    return attempt


def delivered_unjudged(runtime: Runtime, tmp_path):
    """The same in a tenth of the time: a change that no Agent made and no Gate saw."""
    about_to_be_delivered(runtime, tmp_path)
    attempts.drive_all(runtime)
    [attempt] = read.attempts(runtime)
    return attempt


def about_to_be_delivered(runtime: Runtime, tmp_path):
    shop, other = runtime.target("shop").repo, tmp_path / "agent"
    head = world.git(shop, "rev-parse", "HEAD")
    world.send(runtime, world.server_key(runtime), world.error(head))
    pipeline.analyse(runtime)
    [claimed] = attempts.live(runtime)
    world.git(tmp_path, "clone", "-q", str(shop), str(other))
    (other / "shop.py").write_text(world.FIXED)
    world.git(other, "commit", "-qam", "Fix it")
    world.git(shop, "fetch", "-q", str(other), f"HEAD:refs/improver/attempts/{claimed.id}")
    ledger.advance(runtime, claimed, AttemptStatus.JUDGED, base=head, commit=world.git(other, "rev-parse", "HEAD"))


def looked(runtime: Runtime):
    """The newest Attempt, after a look at the pull requests."""
    pulls.poll(runtime)
    return read.attempts(runtime)[0]


def advance_main(tmp_path, text: str, path: str = "README"):
    """Somebody else's commit on the remote's branch."""
    other = tmp_path / "other"
    if not other.exists():
        world.git(tmp_path, "clone", "-q", str(tmp_path / "remote.git"), str(other))
    (other / path).write_text(text)
    world.git(other, "add", "-A")
    world.git(other, "commit", "-qm", "Somebody else's")
    world.git(other, "push", "-q", "origin", "HEAD:main")
    return world.git(other, "rev-parse", "HEAD")


class Death(BaseException):
    """Of a daemon, at a chosen moment."""


class Mortal(Audit):
    """Dies before or after the nth thing that is written down; at 0 it lives."""

    left = 0

    def note_all(self, act: Act, details: Mapping[str, Mapping[str, object]]) -> list[Entry]:
        self._pass()
        entries = super().note_all(act, details)
        self._pass()
        return entries

    def _pass(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Death
