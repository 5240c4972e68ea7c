"""One of each kind of telemetry, sent as its SDK sends it, and followed until it can be asked for."""

import importlib.util
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType

from improver import plugins
from improver.answers.status import CollectorStatus, Status
from improver.client import Client
from improver.config import Settings, plugin_config
from improver.datadir import DataDir
from improver.doctor.check import Check, fail, failed, ok
from improver.doctor.sending import call, leave, post
from improver.errors import ImproverError
from improver.examples import examples_arrived, forget_examples
from improver.keys import Key, Keys
from improver.model import DOCTOR, LeftFile, Request, TrustLabel
from improver.model.configured import Configured

ARRIVE_S = 20.0
LOOK_S = 0.05
PROTOBUF = "application/x-protobuf"
LOG = "see the daemon's log, and `improver status`"

Send = Callable[[], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """How it went with one example: `problem` is empty when its Events can be asked for."""

    name: str
    acked: bool = False
    events: int = 0
    ms: float = 0.0
    problem: str = ""
    todo: str = ""


def examine(settings: Settings, client: Client, status: Status) -> Iterator[Check]:
    """One Check per Collector."""
    try:
        doctor = Doctor(settings, client, status)
    except ImproverError as error:
        yield failed("telemetry", error)
        return
    try:
        for name in to_try(settings):
            plugin = plugins.load("collectors", name)
            yield from doctor.collector(name, plugin, plugin_config(settings, "collectors", name, plugin))
        for name in sorted({*plugins.names("collectors")} - {*plugins.enabled("collectors", settings.collectors)}):
            yield ok(name, "switched off by `enabled = false`")
    finally:
        client.ask(forget_examples)


def to_try(settings: Settings) -> list[str]:
    """The Collectors that are on; those that pull from somebody's API are if they have a section."""
    sections = settings.collectors
    enabled = plugins.enabled("collectors", sections)
    return [name for name in enabled if name in sections or not hasattr(plugins.load("collectors", name), "pull")]


class Doctor:
    """Sends under a key of its own, by which what it sends is known wherever it goes, and taken back."""

    def __init__(self, settings: Settings, client: Client, status: Status) -> None:
        self._client = client
        self._status = status
        self._data = DataDir(settings.data_dir)
        self._key = _key(self._data)
        self._stuck = False
        client.ask(forget_examples)  # of one that was stopped halfway

    def collector(self, name: str, plugin: ModuleType, config: Configured) -> Iterator[Check]:
        if not hasattr(plugin, "example"):
            yield ok(name, f"no example: {_heard(plugin, self._status.collectors.get(name))}")
            return
        try:
            ways = {kind: self._way(what, config) for kind, what in self._examples(name, plugin).items()}
            yield self._check(name, name, ways)
            if self._status.daemon.grpc and hasattr(plugin, "RPCS"):
                yield self._over_grpc(name, plugin)
        except ImproverError as error:
            yield failed(name, error)

    def _examples(self, name: str, plugin: ModuleType) -> Mapping[str, Request | LeftFile]:
        """New ones each time: none is to count as sent again."""
        now, id = datetime.now(UTC), secrets.token_hex(16)
        made, failure = plugins.guarded("collectors", name, lambda: dict(plugin.example(self._key.value, id, now)))
        if failure:
            raise ImproverError(f"its example cannot be made: {failure}", hint=f"correct example() of {name}")
        return made or {}

    def _way(self, what: Request | LeftFile, config: Configured) -> Send:
        if isinstance(what, LeftFile):
            return lambda: leave(getattr(config, "directory", None) or self._data.crashes, what)
        return lambda: post(self._status.daemon.ingest, what)

    def _over_grpc(self, name: str, plugin: ModuleType) -> Check:
        label, address = f"{name} over gRPC", self._status.daemon.grpc
        if importlib.util.find_spec("grpc") is None:
            return ok(label, f"{address} listens; this command lacks the extra `grpc` to send anything there")
        methods = {path: method for method, path in plugin.RPCS.items()}
        asked = [one for one in self._examples(name, plugin).values() if isinstance(one, Request)]
        binary = [one for one in asked if one.path in methods and one.headers.get("content-type") == PROTOBUF]
        ways = {one.path.removeprefix("/"): _calling(address, methods[one.path], one) for one in binary}
        return self._check(label, name, ways)

    def _check(self, label: str, collector: str, ways: Mapping[str, Send]) -> Check:
        return _told(label, [self._try(kind, collector, send) for kind, send in ways.items()])

    def _try(self, name: str, collector: str, send: Send) -> Trial:
        if self._stuck:
            return Trial(name=name, problem="not sent, since one before it did not arrive", todo=LOG)
        before = {one.payload for one in self._client.ask(examples_arrived)}
        begun = time.monotonic()
        try:
            send()
        except ImproverError as error:
            return Trial(name=name, problem=error.message, todo=error.hint)
        while time.monotonic() - begun < ARRIVE_S:
            for one in self._client.ask(examples_arrived):
                if one.payload not in before and one.collector == collector:
                    return _arrived(name, one.events, one.reason, (time.monotonic() - begun) * 1000)
            time.sleep(LOOK_S)
        self._stuck = True
        return Trial(name=name, acked=True, problem=f"taken, and not there after {ARRIVE_S:.0f} s", todo=LOG)


def _key(data: DataDir) -> Key:
    return Keys.load(data.keys).of_target(DOCTOR, TrustLabel.SERVER) or Keys.create(
        data.keys, DOCTOR, TrustLabel.SERVER
    )


def _calling(address: str, method: str, request: Request) -> Send:
    return lambda: call(address, method, request)


def _arrived(name: str, events: int, reason: str, ms: float) -> Trial:
    if reason:
        problem, todo = f"taken, and not understood: {reason}", "that is a fault of the Collector: report it"
    elif not events:
        problem, todo = "taken, and no Event came of it", "`improver status` counts why things are left out"
    else:
        problem, todo = "", ""
    return Trial(name=name, acked=True, events=events, ms=ms, problem=problem, todo=todo)


def _told(label: str, trials: list[Trial]) -> Check:
    bad = [trial for trial in trials if trial.problem]
    events, ms = sum(trial.events for trial in trials), max((trial.ms for trial in trials), default=0.0)
    sent = f"{len(trials)} sent, {sum(trial.acked for trial in trials)} acked"
    arrived = f"{sent}, arrived as {events} Event{'s' if events != 1 else ''}"
    kinds = ", ".join(trial.name for trial in trials)
    if not bad:
        return ok(label, f"{arrived} {'each ' if len(trials) > 1 else ''}within {ms:.0f} ms ({kinds})")
    problems = "; ".join(f"{trial.name}: {trial.problem}" for trial in bad)
    return fail(label, f"{arrived}. {problems}", next((trial.todo for trial in bad if trial.todo), LOG))


def _heard(plugin: ModuleType, status: CollectorStatus | None) -> str:
    """What there is to say of a Collector that cannot be tried: what it has brought so far."""
    way = "it is sent to" if hasattr(plugin, "ROUTES") else "it looks for itself at what its section names"
    payloads, events = (status.payloads, status.events) if status else (0, 0)
    return f"{way}; so far {payloads:,} Payloads and {events:,} Events came of it"
