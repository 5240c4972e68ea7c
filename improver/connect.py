"""Says how to point an app here: what to set for each SDK it has, and what needs no SDK at all."""

from dataclasses import dataclass

from improver import project
from improver.config import Settings
from improver.datadir import DataDir
from improver.errors import ImproverError
from improver.keys import Key, Keys
from improver.manifests import dependencies
from improver.model import TrustLabel

ANY_ADDRESS = ("0.0.0.0", "::", "localhost")
# SDKs of the app that cannot report here yet.
LATER = {"opentelemetry": "OpenTelemetry", "posthog": "PostHog"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sdk:
    """One SDK that can report here: how to get it, and the lines that make it report everything."""

    name: str
    language: str
    trust: TrustLabel
    install: str
    place: str
    code: str


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
    """`watch` needs no SDK at all; `later` names SDKs of the app that cannot report here yet."""

    target: str
    origin: str
    dsn: str
    ways: tuple[Way, ...]
    watch: str
    later: tuple[str, ...]


# Every run is traced, because a fix is only said to hold once it was exercised.
SDKS = (
    Sdk(
        name="sentry-sdk",
        language="Python",
        trust=TrustLabel.SERVER,
        install="pip install sentry-sdk",
        place="before the app is made; the DSN comes from the environment",
        code="import sentry_sdk\n\nsentry_sdk.init(traces_sample_rate=1.0)",
    ),
    Sdk(
        name="@sentry/node",
        language="JavaScript",
        trust=TrustLabel.SERVER,
        install="npm install @sentry/node",
        place="in the first file that runs; the DSN comes from the environment",
        code='const Sentry = require("@sentry/node");\n\nSentry.init({ tracesSampleRate: 1.0 });',
    ),
    Sdk(
        name="@sentry/browser",
        language="",
        trust=TrustLabel.PUBLIC,
        install="npm install @sentry/browser",
        place="in the page; this DSN is no secret, and its evidence never goes beyond a branch by itself",
        code='import * as Sentry from "@sentry/browser";\n\nSentry.init({ dsn: "{dsn}", tracesSampleRate: 1.0 });',
    ),
)


def connect(settings: Settings, target: str) -> Connection:
    if target not in settings.targets:
        known = ", ".join(sorted(settings.targets)) or "none yet: `improver init` adds one"
        raise ImproverError(f"there is no target {target!r}", hint=f"targets: {known}")
    root = settings.targets[target].repo
    asked_for = dependencies(root)
    fitting = [sdk for sdk in SDKS if sdk.name in asked_for]
    fitting = fitting or [sdk for sdk in SDKS if sdk.language == project.look(root, {}).language]
    return Connection(
        target=target,
        origin=ingest_origin(settings),
        dsn=dsn_of(settings, target, TrustLabel.SERVER),
        ways=tuple(_way(settings, target, sdk, asked_for) for sdk in fitting),
        watch=f"improver watch --target {target} -- CMD",
        later=tuple(name for sdk, name in LATER.items() if any(sdk in dependency for dependency in asked_for)),
    )


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
    dsn = dsn_of(settings, target, sdk.trust)
    release = '"$(git rev-parse HEAD)"'
    in_environment = {"SENTRY_DSN": dsn, "SENTRY_ENVIRONMENT": "production", "SENTRY_RELEASE": release}
    return Way(
        sdk=sdk.name,
        installed=sdk.name in asked_for,
        install=sdk.install,
        place=sdk.place,
        code=sdk.code.replace("{dsn}", dsn),
        environment=in_environment if sdk.trust == TrustLabel.SERVER else {},
    )
