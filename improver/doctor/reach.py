"""Ports, keys and the daemon: whether telemetry can get in at all."""

from collections.abc import Iterator
from importlib import metadata, util

from improver import listeners, read
from improver.answers.status import Status
from improver.client import Client
from improver.config import Settings
from improver.config.settings import Ingest, Web
from improver.datadir import DataDir
from improver.doctor import telemetry
from improver.doctor.check import Check, fail, failed, ok, warn
from improver.errors import ImproverError
from improver.keys import Keys
from improver.model import TrustLabel


def examine(settings: Settings) -> Iterator[Check]:
    yield from _keys(settings)
    client = Client(settings)
    if not client.daemon_answers():
        yield from _ports(settings)
        yield _alone(settings)
        return
    try:
        status = client.ask(read.status)
    except ImproverError as error:
        yield failed("daemon", error)
        return
    yield from daemon(settings, status)
    if status.daemon.version == _version():
        yield from telemetry.examine(settings, client, status)


def _keys(settings: Settings) -> Iterator[Check]:
    try:
        keys = Keys.load(DataDir(settings.data_dir).keys)
    except ImproverError as error:
        yield failed("keys", error)
        return
    for target in settings.targets:
        key = keys.of_target(target, TrustLabel.SERVER)
        label = f"{target}: key"
        if key:
            yield ok(label, f"{key.id}, made on {key.created:%Y-%m-%d}")
        else:
            yield warn(label, "none: nothing can be sent in its name", f"`improver connect {target}` makes one")


def daemon(settings: Settings, status: Status) -> Iterator[Check]:
    there, ours = status.daemon, _version()
    if there.version == ours:
        yield ok("daemon", f"version {ours}, process {there.pid}, ingest {there.ingest}, web {there.web}")
    else:
        said = f"it is of version {there.version or 'unknown'}, this command of {ours}: telemetry was not tried"
        yield fail("daemon", said, "restart it: stop `improver run`, and start it again")
    if status.paused:
        yield warn("paused", status.paused_because, "`improver resume`")
    yield from _storage(status)
    for job, said in status.trouble.items():
        yield fail(f"job {job}", said, "see the daemon's log")
    if not there.grpc:
        yield ok("gRPC", _without_grpc(settings))


def _storage(status: Status) -> Iterator[Check]:
    for file, reason in status.storage.damaged.items():
        yield fail(f"day file {file}", f"{reason}: its Events are missing", "bring it back from a backup")
    for lost in status.storage.lost:
        yield warn("lost", lost, "remove that folder below `damaged` when you have read it")


def _ports(settings: Settings) -> Iterator[Check]:
    doors: dict[str, Ingest | Web] = {"ingest.port": settings.ingest, "web.port": settings.web}
    for setting, door in doors.items():
        yield _port(setting, door.host, door.port)
    if listeners.grpc_address(settings):
        yield _port("ingest.grpc_port", settings.ingest.host, settings.ingest.grpc_port)
    else:
        yield ok("gRPC", _without_grpc(settings))


def _port(setting: str, host: str, port: int) -> Check:
    try:
        listeners.bind(host, port, setting).close()
    except ImproverError as error:
        return failed(setting, error)
    return ok(setting, f"{host}:{port} is free" if port else "takes a free one")


def _without_grpc(settings: Settings) -> str:
    if util.find_spec("grpc") is None:
        return "off: OTLP comes over HTTP alone; the extra `grpc` adds it (pip install 'improver[grpc]')"
    if not settings.ingest.grpc_port:
        return "off: ingest.grpc_port is 0"
    return "off: the daemon started without it; restart it to have OTLP over gRPC too"


def _alone(settings: Settings) -> Check:
    untried = ", ".join(telemetry.to_try(settings))
    todo = "start it with `improver run` in another terminal, and ask again"
    return warn("daemon", f"not running: whether telemetry arrives was not tried ({untried})", todo)


def _version() -> str:
    return metadata.version("improver")
