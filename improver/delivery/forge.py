"""A Target's Forge, reached: its plugin, its configuration, and its HTTP client."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from improver import plugins
from improver.config import Target, plugin_config
from improver.errors import ImproverError
from improver.model import Comment, Http, Pull, PullRequest, PullStatus, Review
from improver.runtime import Runtime

ADDRESS = re.compile(r"https?://[^\s<>\"'`\\\x00-\x20\x7f-\x9f]{1,1000}")
MOST = 2**63  # what a comment's number can be kept as


class Forge:
    def __init__(self, name: str, plugin: ModuleType, http: Http, config: Any) -> None:
        self.name = name
        self._plugin: Any = plugin
        self._http = http
        self._config = config

    def opened(self, pull: PullRequest) -> str:
        """The address of the pull request for a branch: the one that is there, or a new one."""
        found = self._asked("find", pull.repository, pull.head)
        url = str(found or self._asked("open", pull))
        if not ADDRESS.fullmatch(url):
            raise self._strange()  # it is shown as a link, and kept
        return url

    def status(self, url: str) -> PullStatus:
        status: PullStatus = self._asked("status", url)
        return status

    # What not every Forge can.

    def comments(self, url: str, after: int) -> list[Comment]:
        found = list(self._asked("comments", url, after)) if hasattr(self._plugin, "comments") else []
        if not all(type(one.id) is int and 0 <= one.id < MOST for one in found):
            raise self._strange()
        return found

    def reviews(self, url: str) -> list[Review]:
        return list(self._asked("reviews", url)) if hasattr(self._plugin, "reviews") else []

    def close(self, url: str, why: str) -> None:
        self._asked("close", url, why)

    def ready(self, url: str) -> None:
        self._asked("ready", url)

    def _asked(self, verb: str, *about: object) -> Any:
        """What no Forge would answer, such as a list where a record belongs, is an error in our words too."""
        if not hasattr(self._plugin, verb):
            raise ImproverError(f"improver cannot {verb} a pull request on {self.name}", hint="do it on its page")
        call = getattr(self._plugin, verb)
        answer, failure = plugins.guarded(
            "forges", self.name, lambda: call(self._http, *about, self._config), passing=(ImproverError,)
        )
        if failure:
            raise self._strange()
        return answer

    def _strange(self) -> ImproverError:
        hint = f"is `base_url` under [forges.{self.name}] that of its API?"
        return ImproverError(f"{self.name} answered what improver does not understand", hint=hint, retryable=True)


def make_ready(runtime: Runtime, there: Forge, pull: Pull) -> None:
    """A draft is one no more: others may review and merge it."""
    with runtime.audit.effect("ready_pull_request", pull.id, url=pull.url):
        there.ready(pull.url)


@contextmanager
def reached(runtime: Runtime, target: Target) -> Iterator[Forge]:
    from improver.http import HttpxClient  # few processes ever talk to a forge

    plugin = plugins.load("forges", target.forge)
    config: Any = plugin_config(runtime.settings, "forges", target.forge, plugin)
    with HttpxClient(config.base_url) as http:
        yield Forge(target.forge, plugin, http, config)
