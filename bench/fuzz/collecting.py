"""Drives Collectors as the daemon does: before the ack, by polls and pulls, and on into the Warehouse's rows."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from bench.fuzz.samples import Sample
from improver import plugins
from improver.bundles.symbolicate import SourceMaps
from improver.config import Settings
from improver.errors import ImproverError
from improver.keys import Keys
from improver.model import Answer, Batch, Payload, Reply, Request
from improver.placing import Placer, Tables

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
POLLS = 3
ALONE = 20  # records of a file, or Payloads of a poll, that are landed one by one
NOWHERE = Path("/nonexistent")
# All that is asked of a Runtime here.
WORLD: Any = SimpleNamespace(
    settings=Settings(data_dir=NOWHERE), keys=Keys.load(NOWHERE / "keys"), maps=SourceMaps(NOWHERE)
)
Run = Callable[[Sample], None]


class Broken(Exception):
    """What no decoder may do, although it raised nothing."""


def over_http(name: str) -> Run:
    plugin = plugins.load("collectors", name)
    config = plugin.Config()
    return lambda sample: _asked(plugin, config, name, sample)


def crash_file(folder: Path) -> Run:
    plugin = plugins.load("collectors", "crash")
    crashes = folder / "crashes"
    crashes.mkdir()

    def run(sample: Sample) -> None:
        (crashes / "one.json").write_bytes(sample.body)
        _polled(plugin, plugin.Config(directory=crashes))
        _landed(plugin, plugin.Config(), _line(plugin, "crash", sample.body))

    return run


def log_file(folder: Path, name: str = "app.log") -> Run:
    plugin = plugins.load("collectors", "logs")
    file = folder / "logs" / name
    file.parent.mkdir(exist_ok=True)
    config = plugin.Config(files=[str(file)])

    def run(sample: Sample) -> None:
        file.write_bytes(sample.body)
        _polled(plugin, config)
        alone = [record for _, record in islice(plugin.records(file, BytesIO(sample.body)), ALONE)]
        _landed(plugin, config, *(_line(plugin, "logs", record) for record in (*alone, sample.body)))

    return run


def transcript(folder: Path) -> Run:
    plugin = plugins.load("collectors", "agent_sessions")
    file = folder / "session.jsonl"
    config = plugin.Config(files=[str(file)])

    def run(sample: Sample) -> None:
        file.write_bytes(sample.body)
        _polled(plugin, config)
        alone = [record for _, record in islice(plugin.records(file, BytesIO(sample.body)), ALONE)]
        _landed(plugin, config, *(_line(plugin, "agent_sessions", record) for record in (*alone, sample.body)))

    return run


def pulled(name: str, **config: object) -> Run:
    """The sample is a list of answers that an API gives: status, headers and body of each."""
    plugin = plugins.load("collectors", name)
    settings = plugin.Config(token="env:PATH", **config)

    def run(sample: Sample) -> None:
        api, now = Api(sample.body), NOW
        state: dict[str, object] = {}
        for _ in range(POLLS):
            try:
                found = plugin.pull(state, settings, api, now)
            except ImproverError:
                break
            _landed(plugin, settings, *found.payloads[:ALONE])
            state, now = json.loads(json.dumps(found.state)), now + timedelta(days=2)
        _landed(plugin, settings, _line(plugin, name, sample.body))

    return run


class Api:
    """Gives the answers that it was told, then empty ones."""

    def __init__(self, told: bytes) -> None:
        try:
            answers = json.loads(told)
        except (ValueError, RecursionError):
            answers = []
        self._answers = answers if isinstance(answers, list) else [answers]

    def ask(self, method: str, path: str, *, headers: Mapping[str, str], json: object | None = None) -> Answer:
        told = self._answers.pop(0) if self._answers else None
        status, given, body = [*(told if isinstance(told, list) else [200, {}, told]), 200, {}, None][:3]
        said = {str(name).lower(): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
        return Answer(status=status if isinstance(status, int) else 200, headers=said, body=body)


def _asked(plugin: ModuleType, config: Any, name: str, sample: Sample) -> None:
    path = sample.path.partition("?")[0]
    headers = dict(sample.headers)
    request = Request(method=sample.method, path=path, query=sample.query, headers=headers, body=sample.body)
    if not isinstance(plugin.key_of(request), str):
        raise Broken("a key that is no string")
    answer = plugin.answer(request, config) if hasattr(plugin, "answer") else None
    if answer is not None:
        return _sound(answer, 600)
    if hasattr(plugin, "stranger"):
        _sound(plugin.stranger(), 500)
    payload = Payload(
        id="p", collector=name, path=path, received_at=NOW, body=sample.body, key_id="k",
        content_type=sample.content_type, content_encoding=sample.encoding,
    )  # fmt: skip
    reply = plugin.examine(request, config) if hasattr(plugin, "examine") else plugin.check(request, config)
    if reply is not None and reply.status >= 400:
        return _sound(reply, 500)
    _sound(reply or plugin.accepted(request), 300)
    _landed(plugin, config, payload)


def _sound(reply: Reply, below: int) -> None:
    if not 200 <= reply.status < below or not isinstance(reply.body, bytes):
        raise Broken(f"answered {reply.status}")
    if reply.status >= 400 and not reply.reason:
        raise Broken(f"refused with {reply.status} and no reason")
    for name, value in reply.headers.items():
        if "\n" in value or "\r" in value or not f"{name}{value}".isprintable():
            raise Broken(f"header {name} is split")


def _polled(plugin: ModuleType, config: Any) -> None:
    state: Mapping[str, object] = {}
    for _ in range(POLLS):
        found = plugin.poll(state, config)
        _landed(plugin, config, *found.payloads[:ALONE])
        state = json.loads(json.dumps(found.state))


def _line(plugin: ModuleType, name: str, body: bytes) -> Payload:
    return Payload(id="p", collector=name, path=plugin.LINE_PATH, received_at=NOW, body=body)


def _landed(plugin: ModuleType, config: Any, *payloads: Payload) -> None:
    """Each Payload's Events, made ready for the Warehouse: alone, and in the ways that the Collector has for many."""
    for decode in (plugin.decode, getattr(plugin, "decode_together", plugin.decode)):
        for payload in payloads:
            for table in _tables(decode, config, payload).values():
                table.validate()


def _tables(decode: Callable[..., Batch], config: Any, payload: Payload) -> Tables:
    """What cannot be understood goes to quarantine, with the reason that this error says."""
    try:
        batch = decode([payload], config)
    except ImproverError:
        return {}
    for reason in batch.rejected:
        if not reason.replace("_", "").isalnum() or len(reason) > 60:
            raise Broken(f"{reason!r} is no reason word")
    if any(event.payload_id != payload.id for event in batch.events):
        raise Broken("an Event of another Payload")
    return Placer(WORLD, [payload]).tables(batch)
