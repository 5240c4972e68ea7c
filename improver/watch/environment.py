"""The environment that makes an app's SDKs and crashes report here; what the person set already wins."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

HOOK = Path(__file__).parent.parent / "watch_hook"
# What apps read their own environment from: what is set there is the person's word too.
FILES = (".env", ".env.local", ".env.production", ".flaskenv")
MAX_FILE = 64 * 1024
OTLP = "OTEL_EXPORTER_OTLP_"
POSTHOG = "POSTHOG_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reporting:
    """Where an app reports, and as whom."""

    dsn: str
    spotlight: str
    otlp_endpoint: str
    otlp_protocol: str
    posthog_host: str
    key: str
    fixes_url: str
    crashes: Path
    target: str
    environment: str
    in_files: frozenset[str] = frozenset()  # variables that the app's own files set

    def for_app(self, base: Mapping[str, str], *, release: str, run: str) -> dict[str, str]:
        """SENTRY_TRACES_SAMPLE_RATE is no variable that sentry-sdk reads, so it is not among these."""
        ours = {
            "IMPROVER_CRASH_DIR": str(self.crashes),
            "IMPROVER_RUN_ID": run,
            "IMPROVER_SERVICE": self.target,
            "PYTHONPATH": os.pathsep.join(path for path in (str(HOOK), base.get("PYTHONPATH", "")) if path),
        }
        return {**self.preset(base, release), **base, **ours}

    def preset(self, base: Mapping[str, str], release: str) -> dict[str, str]:
        """What is set for the app: nothing that the person sets, and no half of what belongs together."""
        taken = {*base, *self.in_files}
        found = {**self._sentry(base, release), "IMPROVER_FIXES_URL": self.fixes_url, "PYTHONFAULTHANDLER": "1"}
        found |= self._opentelemetry(taken, release) | self._posthog(taken)
        return {name: value for name, value in found.items() if name not in taken}

    def _sentry(self, base: Mapping[str, str], release: str) -> dict[str, str]:
        told = {"SENTRY_RELEASE": release, "SENTRY_ENVIRONMENT": self.environment}
        if base.get("SENTRY_DSN") or "SENTRY_DSN" in self.in_files:
            # It goes on reporting where it does, and sends a copy here.
            return {**told, "SENTRY_SPOTLIGHT": self.spotlight}
        return {**told, "SENTRY_DSN": self.dsn}

    def _opentelemetry(self, taken: set[str], release: str) -> dict[str, str]:
        """The key goes nowhere but here: a person's own endpoint is not given our headers."""
        attributes = {
            "service.name": self.target, "service.version": release, "deployment.environment.name": self.environment,
        }  # fmt: skip
        named = {"OTEL_RESOURCE_ATTRIBUTES": ",".join(f"{name}={_escaped(said)}" for name, said in attributes.items())}
        if any(name.startswith(OTLP) for name in taken):
            return named
        return {
            **named,
            f"{OTLP}ENDPOINT": self.otlp_endpoint,
            f"{OTLP}PROTOCOL": self.otlp_protocol,
            f"{OTLP}HEADERS": f"x-improver-key={self.key}",
        }

    def _posthog(self, taken: set[str]) -> dict[str, str]:
        """Only where no project of the person's is named: its events would be turned away here."""
        if any(POSTHOG in name for name in taken):
            return {}
        return {"POSTHOG_HOST": self.posthog_host, "POSTHOG_KEY": self.key, "POSTHOG_API_KEY": self.key}


def set_in_files(folder: Path) -> frozenset[str]:
    """The variables that the app's own files name."""
    lines = (line for name in FILES for line in _lines(folder / name))
    return frozenset(
        line.removeprefix("export ").partition("=")[0].strip() for line in lines if "=" in line and line[0] != "#"
    )


def overruled(base: Mapping[str, str], in_files: frozenset[str] = frozenset()) -> list[str]:
    """What the person's own environment changes about how the loop closes."""
    taken = {*base, *in_files}
    found = []
    if "SENTRY_DSN" in taken and not base.get("SENTRY_DSN", "x"):
        found.append("SENTRY_DSN is empty: the app's errors go nowhere; crashes are seen here")
    elif "SENTRY_DSN" in taken and "SENTRY_SPOTLIGHT" in taken:
        found.append("SENTRY_DSN and SENTRY_SPOTLIGHT are set already: errors go there and not here; crashes come here")
    elif "SENTRY_DSN" in taken:
        found.append("SENTRY_DSN is set already: the app's errors go there, and a copy comes here by SENTRY_SPOTLIGHT")
    if "SENTRY_RELEASE" in taken:
        found.append("SENTRY_RELEASE is set already: a fix is seen running only if that names its commit")
    if any(name.startswith(OTLP) for name in taken):
        found.append(f"{OTLP}* is set already: OpenTelemetry goes there and not here")
    if "OTEL_RESOURCE_ATTRIBUTES" in taken:
        found.append("OTEL_RESOURCE_ATTRIBUTES is set already: its service.version is to name the commit that runs")
    return found


def _escaped(value: str) -> str:
    """As a value of OTEL_RESOURCE_ATTRIBUTES, where a comma would begin the next."""
    return quote(value, safe=" /:@+-._~")


def _lines(file: Path) -> list[str]:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return []
    with os.fdopen(descriptor, "rb") as opened:
        return [line.strip() for line in opened.read(MAX_FILE).decode(errors="replace").splitlines() if line.strip()]
