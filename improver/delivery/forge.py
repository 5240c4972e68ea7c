"""A Target's Forge, reached: its plugin, its configuration, and its HTTP client."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from improver import plugins
from improver.config import Target, plugin_config
from improver.errors import ImproverError
from improver.model import Comment, Http, PullRequest, PullStatus
from improver.runtime import Runtime


class Forge:
    def __init__(self, name: str, plugin: ModuleType, http: Http, config: Any) -> None:
        self.name = name
        self._plugin: Any = plugin
        self._http = http
        self._config = config

    def opened(self, pull: PullRequest) -> str:
        """The address of the pull request for a branch: the one that is there, or a new one."""
        found = self._plugin.find(self._http, pull.repository, pull.head, self._config)
        return str(found or self._plugin.open(self._http, pull, self._config))

    def status(self, url: str) -> PullStatus:
        status: PullStatus = self._plugin.status(self._http, url, self._config)
        return status

    # What not every Forge can.

    def comments(self, url: str, after: int) -> list[Comment]:
        read = getattr(self._plugin, "comments", None)
        return list(read(self._http, url, after, self._config)) if read else []

    def close(self, url: str, why: str) -> None:
        self._verb("close")(self._http, url, why, self._config)

    def ready(self, url: str) -> None:
        self._verb("ready")(self._http, url, self._config)

    def _verb(self, name: str) -> Any:
        if not hasattr(self._plugin, name):
            raise ImproverError(f"improver cannot {name} a pull request on {self.name}", hint="do it on its page")
        return getattr(self._plugin, name)


@contextmanager
def reached(runtime: Runtime, target: Target) -> Iterator[Forge]:
    from improver.http import HttpxClient  # few processes ever talk to a forge

    plugin = plugins.load("forges", target.forge)
    config: Any = plugin_config(runtime.settings, "forges", target.forge, plugin)
    with HttpxClient(config.base_url) as http:
        yield Forge(target.forge, plugin, http, config)
