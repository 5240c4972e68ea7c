"""The environment that makes an app's SDKs and crashes report here; what the person set already wins."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOOK = Path(__file__).parent.parent / "watch_hook"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reporting:
    """Where an app reports, and as whom."""

    dsn: str
    fixes_url: str
    crashes: Path
    target: str
    environment: str

    def for_app(self, base: Mapping[str, str], *, release: str, run: str) -> dict[str, str]:
        """SENTRY_TRACES_SAMPLE_RATE is no variable that sentry-sdk reads, so it is not among these."""
        preset = {
            "SENTRY_DSN": self.dsn,
            "SENTRY_RELEASE": release,
            "SENTRY_ENVIRONMENT": self.environment,
            "IMPROVER_FIXES_URL": self.fixes_url,
            "PYTHONFAULTHANDLER": "1",
        }
        ours = {
            "IMPROVER_CRASH_DIR": str(self.crashes),
            "IMPROVER_RUN_ID": run,
            "IMPROVER_SERVICE": self.target,
            "PYTHONPATH": os.pathsep.join(path for path in (str(HOOK), base.get("PYTHONPATH", "")) if path),
        }
        return {**preset, **base, **ours}


def overruled(base: Mapping[str, str]) -> list[str]:
    """What the person's own environment changes about how the loop closes."""
    found = []
    if "SENTRY_DSN" in base:
        found.append("SENTRY_DSN is set already: the app's errors go there and not here; crashes are seen here")
    if "SENTRY_RELEASE" in base:
        found.append("SENTRY_RELEASE is set already: a fix is seen running only if that names its commit")
    return found
