"""Says how to point an app here: what to set for each SDK it has, and what needs no SDK at all."""

import json
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from improver.config import Settings
from improver.datadir import DataDir
from improver.errors import ImproverError
from improver.keys import Key, Keys
from improver.manifests import dependencies
from improver.model import TrustLabel
from improver.receiving import grpc_door
from improver.repo import project
from improver.sdks import ANYWAY, SDKS, SENTRY, SPOTLIGHT, Sdk

ANY_ADDRESS = ("0.0.0.0", "::", "localhost")
LOG_FOLDERS = ("logs", "log")

Packages = Mapping[str, Mapping[str, Path]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """What to do for one SDK; `found_in` is the manifest that asks for it already, if one does.

    Values of the environment stand as a shell reads them.
    """

    sdk: str
    installed: bool
    found_in: str
    install: str
    place: str
    code: str
    environment: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """`anyway` and `watch` need no SDK at all."""

    target: str
    origin: str
    dsn: str
    ways: tuple[Way, ...]
    anyway: tuple[Way, ...]
    watch: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Otlp:
    """Where OTLP goes: over HTTP, or over gRPC where the app's exporters speak nothing else."""

    endpoint: str
    protocol: str
    door: str


def connect(settings: Settings, target: str) -> Connection:
    if target not in settings.targets:
        known = ", ".join(sorted(settings.targets)) or "none yet: `improver init` adds one"
        raise ImproverError(f"there is no target {target!r}", hint=f"targets: {known}")
    root = settings.targets[target].repo
    packages = dependencies(root)
    fitting = [sdk for sdk in SDKS if sdk.among(packages.get(sdk.language, {}))]
    anyway = [SPOTLIGHT, *ANYWAY] if any(sdk in SENTRY for sdk in fitting) else ANYWAY
    fitting = fitting or list(_offered({*packages, project.look(root, {}).language}))
    return Connection(
        target=target,
        origin=ingest_origin(settings),
        dsn=dsn_of(settings, target, TrustLabel.SERVER),
        ways=tuple(_way(settings, target, sdk, packages) for sdk in fitting),
        anyway=tuple(_way(settings, target, sdk, packages) for sdk in anyway),
        watch=f"improver watch --target {shlex.quote(target)} -- CMD",
    )


def rotate(settings: Settings, target: str) -> tuple[str, ...]:
    """Have the Target's senders shown new keys from now on; the ids of the old ones, which stay valid until revoked."""
    data = DataDir(settings.data_dir)
    data.prepare()
    return tuple(key.id for key in Keys.rotate(data.keys, target))


def ingest_origin(settings: Settings) -> str:
    """Where SDKs on this machine send to."""
    return _address(settings.ingest.host, settings.ingest.port, "ingest.port")


def otlp_of(settings: Settings, names: Collection[str]) -> Otlp:
    """By the packages that the app asks for. An exporter that speaks gRPC cannot be told to speak HTTP."""
    exporters = [name for name in names if "otlp" in name]
    only_grpc = any(name.endswith("grpc") for name in exporters)
    only_grpc = only_grpc and not any(name.endswith(("http", "proto")) for name in exporters)
    if only_grpc and grpc_door.wanted(settings.ingest):
        address = _address(settings.ingest.host, settings.ingest.grpc_port, "ingest.grpc_port")
        return Otlp(endpoint=address, protocol="grpc", door="grpc")
    return Otlp(endpoint=ingest_origin(settings), protocol="http/protobuf", door="http")


def sender_key(settings: Settings, target: str, trust: TrustLabel) -> Key:
    """The Target's newest key of this trust, made now if there is none."""
    data = DataDir(settings.data_dir)
    data.prepare()
    return Keys.load(data.keys).of_target(target, trust) or Keys.create(data.keys, target, trust)


def dsn_of(settings: Settings, target: str, trust: TrustLabel) -> str:
    return sender_key(settings, target, trust).dsn(ingest_origin(settings))


def _address(host: str, port: int, setting: str) -> str:
    if not port:
        raise ImproverError(f"{setting} is 0, so nobody can know where to report", hint="set a port in the config")
    host = "127.0.0.1" if host in ANY_ADDRESS else host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _offered(languages: Collection[str]) -> Iterator[Sdk]:
    """The first SDK of each language."""
    seen = set()
    for sdk in SDKS:
        if sdk.language in languages and sdk.language not in seen:
            seen.add(sdk.language)
            yield sdk


def _way(settings: Settings, target: str, sdk: Sdk, packages: Packages) -> Way:
    every = {name: file for one in packages.values() for name, file in one.items()}
    own = packages.get(sdk.language, {}) if sdk.language else every
    name, root = sdk.among(own), settings.targets[target].repo
    known = _known(settings, target, sdk, own)
    quoted = {**known, "{target}": shlex.quote(target)}
    return Way(
        sdk=sdk.name,
        installed=bool(name),
        found_in=str(own[name].relative_to(root)) if name else "",
        install=_filled(sdk.install, known),
        place=_filled(sdk.place, known),
        code=_filled(sdk.code, known),
        environment={variable: _filled(value, quoted) for variable, value in sdk.environment.items()},
    )


def _known(settings: Settings, target: str, sdk: Sdk, own: Collection[str]) -> dict[str, str]:
    key, origin = sender_key(settings, target, sdk.trust), ingest_origin(settings)
    otlp = otlp_of(settings, own if sdk.language else ())
    return {
        "{dsn}": key.dsn(origin),
        "{key}": key.value,
        "{origin}": origin,
        "{web}": _address(settings.web.host, settings.web.port, "web.port") if settings.web.port else "the dashboard",
        "{otlp}": otlp.endpoint,
        "{protocol}": otlp.protocol,
        "{door}": otlp.door,
        # In code, where they are texts of TOML.
        "{target}": json.dumps(target),
        "{logs}": json.dumps(_logs(settings.targets[target].repo, target)),
    }


def _logs(root: Path, target: str) -> str:
    """Where its log files lie, as far as the repository shows."""
    folders = (root / name for name in LOG_FOLDERS)
    found = next((folder for folder in folders if folder.is_dir() and not folder.is_symlink()), None)
    return str((found or Path("/var/log") / target) / "*.log")


def _filled(text: str, known: Mapping[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(name, value)
    return text
