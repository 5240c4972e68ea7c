"""Wherever a daemon dies, and whoever works beside it: never two pull requests for a Finding, and nothing left."""

import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from improver import read
from improver.audit import Audit
from improver.config import Settings
from improver.runtime import utc_now
from tests import world
from tests.crashes.life import DONE, KILLED, lived
from tests.forges.fake_github import TOKEN, FakeGitHub

REPOSITORY = "octo/shop"
# `make crashes` asks for many more.
EXAMPLES = int(os.environ.get("CRASH_EXAMPLES", "3"))
# One Attempt has fewer moments than this: at the later ones, the daemon lives on.
LAST_MOMENT = 30

# Judged by exit code and quick to start: a daemon's life takes half a second with them.
TEST = """\
import unittest

from shop import {function}


class Test(unittest.TestCase):
    def test_it(self):
        self.assertEqual({function}({given}), {expected})
"""
RUN_ALL = [sys.executable, "-m", "unittest", "discover", "-q", "-t", ".", "-s", "tests"]
EDITS = [
    *world.GOOD_EDITS[:1],
    {"path": "tests/test_average.py", "content": TEST.format(function="average", given="[]", expected=0)},
]


LIVES: Counter[str] = Counter()


class Crashing(RuleBasedStateMachine):
    """Two daemons, each with a data folder and a checkout of its own, share one remote and one forge."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="crash-"))
        shop = self.folder / "ann"
        (shop / "tests").mkdir(parents=True)
        (shop / "shop.py").write_text(world.SHOP)
        (shop / "tests" / "__init__.py").touch()
        (shop / "tests" / "test_shop.py").write_text(TEST.format(function="total", given="[1, 2]", expected=3))
        for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "A shop")):
            world.git(shop, *command)
        world.git(self.folder, "clone", "-q", "--bare", "ann", "remote.git")
        world.git(self.folder, "clone", "-q", "remote.git", "bob")
        world.git(shop, "remote", "add", "origin", str(self.folder / "remote.git"))
        self.head = world.git(shop, "rev-parse", "HEAD")
        self.forge = FakeGitHub(self.folder / "remote.git", REPOSITORY)
        self.forge.__enter__()
        (self.folder / "token").write_text(TOKEN)
        self.daemons = {name: self._daemon(name) for name in ("ann", "bob")}

    def _daemon(self, name: str) -> Settings:
        folder = self.folder / f"{name}-home"
        folder.mkdir()
        plan = folder / "plan.json"
        plan.write_text(json.dumps([{"location": "*", "say": "fixed", "edits": EDITS}]))
        wanted = {"autonomy": "pr", "remote": "origin", "repository": REPOSITORY, "test": RUN_ALL}
        chosen = world.settings(folder, self.folder / name, plan, **wanted)
        chosen = chosen.model_copy(
            update={"forges": {"github": {"base_url": self.forge.url, "token": f"file:{self.folder / 'token'}"}}}
        )
        with world.opened(chosen) as runtime:
            world.send(runtime, world.server_key(runtime), world.error(self.head))
        return chosen

    @rule(name=st.sampled_from(["ann", "bob"]), moment=st.integers(1, LAST_MOMENT))
    def a_daemon_dies(self, name: str, moment: int) -> None:
        self._live(name, moment)

    @rule(name=st.sampled_from(["ann", "bob"]), moment=st.integers(1, LAST_MOMENT))
    def a_daemon_dies_after_a_person_fetched(self, name: str, moment: int) -> None:
        world.git(self.folder / name, "fetch", "-q", "origin")
        self._live(name, moment)

    def _live(self, name: str, moment: int) -> None:
        died = lived(self.daemons[name], moment) == KILLED
        LIVES["died" if died else "went on to the end"] += 1

    @invariant()
    def at_most_one_pull_request(self) -> None:
        found = Counter(pull["head"]["ref"].split("/")[1] for pull in getattr(self, "forge", _NOTHING).pulls)
        assert not found or max(found.values()) == 1, found

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        try:
            self._settle()
        finally:
            self.forge.__exit__(None, None, None)
            shutil.rmtree(self.folder)

    def _settle(self) -> None:
        """With nobody dying any more, one of both delivers, once."""
        for _ in range(3):
            for chosen in self.daemons.values():
                assert lived(chosen, -1) == DONE
        self.at_most_one_pull_request()
        assert len(self.forge.pulls) == 1
        assert world.git(self.folder / "remote.git", "rev-parse", "main") == self.head
        branches = world.git(self.folder / "remote.git", "branch", "--list", "improver/*", "--format=%(refname:short)")
        assert branches.split() == [self.forge.pulls[0]["head"]["ref"]]
        for name, chosen in self.daemons.items():
            self._left_nothing(name, chosen)

    def _left_nothing(self, name: str, chosen: Settings) -> None:
        assert world.git(self.folder / name, "worktree", "list").count("\n") == 0
        assert Audit(chosen.data_dir / "audit.jsonl", utc_now).verify().sound
        left = [path for path in (chosen.data_dir / "attempts").glob("*/*") if path.name in ("tree", "base", "change")]
        assert not left
        with world.opened(chosen) as runtime:
            assert not [one for one in read.attempts(runtime) if one.status not in ("delivered", "failed")]


class _NOTHING:
    pulls: tuple[dict, ...] = ()


def test_wherever_daemons_die() -> None:
    run_state_machine_as_test(
        Crashing,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=5, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    print(f"\n{dict(LIVES)}; pull requests of one Finding: at most 1; left behind: nothing")
