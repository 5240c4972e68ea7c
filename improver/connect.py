"""Says how to point an app here: what to set for each SDK it has, and what needs no SDK at all."""

from dataclasses import dataclass

from improver import project
from improver.config import Settings
from improver.datadir import DataDir
from improver.errors import ImproverError
from improver.keys import Key, Keys
from improver.manifests import dependencies
from improver.model import TrustLabel
from improver.sdks import SDKS, Sdk

ANY_ADDRESS = ("0.0.0.0", "::", "localhost")


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """What to do for one SDK; `installed` says whether the app asks for it already."""

    sdk: str
    installed: bool
    install: str
    place: str
    code: str
    environment: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """`watch` needs no SDK at all."""

    target: str
    origin: str
    dsn: str
    ways: tuple[Way, ...]
    watch: str


def connect(settings: Settings, target: str) -> Connection:
    if target not in settings.targets:
        known = ", ".join(sorted(settings.targets)) or "none yet: `improver init` adds one"
        raise ImproverError(f"there is no target {target!r}", hint=f"targets: {known}")
    root = settings.targets[target].repo
    asked_for = dependencies(root)
    fitting = [sdk for sdk in SDKS if sdk.is_among(asked_for)]
    fitting = fitting or [sdk for sdk in SDKS if sdk.language == project.look(root, {}).language]
    return Connection(
        target=target,
        origin=ingest_origin(settings),
        dsn=dsn_of(settings, target, TrustLabel.SERVER),
        ways=tuple(_way(settings, target, sdk, asked_for) for sdk in fitting),
        watch=f"improver watch --target {target} -- CMD",
    )


def rotate(settings: Settings, target: str) -> tuple[str, ...]:
    """Have the Target's senders shown new keys from now on; the ids of the old ones, which stay valid until revoked."""
    data = DataDir(settings.data_dir)
    data.prepare()
    return tuple(key.id for key in Keys.rotate(data.keys, target))


def ingest_origin(settings: Settings) -> str:
    """Where SDKs on this machine send to."""
    host, port = settings.ingest.host, settings.ingest.port
    if not port:
        raise ImproverError("ingest.port is 0, so nobody can know where to report", hint="set a port in the config")
    host = "127.0.0.1" if host in ANY_ADDRESS else host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def sender_key(settings: Settings, target: str, trust: TrustLabel) -> Key:
    """The Target's newest key of this trust, made now if there is none."""
    data = DataDir(settings.data_dir)
    data.prepare()
    return Keys.load(data.keys).of_target(target, trust) or Keys.create(data.keys, target, trust)


def dsn_of(settings: Settings, target: str, trust: TrustLabel) -> str:
    return sender_key(settings, target, trust).dsn(ingest_origin(settings))


def _way(settings: Settings, target: str, sdk: Sdk, asked_for: frozenset[str]) -> Way:
    key, origin = sender_key(settings, target, sdk.trust), ingest_origin(settings)
    known = {"{dsn}": key.dsn(origin), "{key}": key.value, "{origin}": origin, "{target}": target}
    return Way(
        sdk=sdk.name,
        installed=sdk.is_among(asked_for),
        install=sdk.install,
        place=sdk.place,
        code=_filled(sdk.code, known),
        environment={name: _filled(value, known) for name, value in sdk.environment.items()},
    )


def _filled(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(name, value)
    return text
