"""What posthog-js asks for before it reports anything: its remote config, no feature flags, and its own scripts."""

import json
import re
from pathlib import Path

from improver.model import Reply

MAX_SCRIPT = 8 << 20
PACKAGE = "posthog-js"
JAVASCRIPT = "text/javascript; charset=utf-8"
_SCRIPT = re.compile(r"[a-z0-9][a-z0-9.-]{0,80}\.js")

# Everything that tells how the app fares is on; recordings of what people see are off.
REMOTE_CONFIG = {
    "supportedCompression": ["gzip", "gzip-js"],
    "hasFeatureFlags": False,
    "autocapture_opt_out": False,
    "autocaptureExceptions": True,
    "captureDeadClicks": True,
    "capturePerformance": {"web_vitals": True, "network_timing": False},
    "sessionRecording": False,
    "heatmaps": False,
    "surveys": False,
    "defaultIdentifiedOnly": True,
    "siteApps": [],
}
NO_FLAGS = {"flags": {}, "featureFlags": {}, "featureFlagPayloads": {}, "errorsWhileComputingFlags": False}


def flags() -> Reply:
    """Older clients read the remote config from the same answer."""
    return Reply(status=200, body=json.dumps({**REMOTE_CONFIG, **NO_FLAGS}).encode())


def remote_config(token: str) -> Reply:
    return Reply(status=200, body=json.dumps({"token": token, **REMOTE_CONFIG}).encode())


def remote_config_script(token: str) -> Reply:
    held = json.dumps({"config": {"token": token, **REMOTE_CONFIG}, "siteApps": []})
    script = (
        "(function(){var all=window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{};"
        f"all[{json.dumps(token)}]={held};}})();"
    )
    return Reply(status=200, body=script.encode(), content_type=JAVASCRIPT)


def static_script(name: str, folder: Path | None) -> Reply:
    """One of the npm package's own scripts, by its plain name; never a path."""
    if not _SCRIPT.fullmatch(name):
        return _absent("scripts of posthog-js are all that is served here")
    if folder is None:
        return _absent(_what_to_do(name))
    path = folder.expanduser().resolve() / name
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_SCRIPT:
        return _absent(f"{_what_to_do(name)}: the folder that is set does not hold it")
    kept = {"cache-control": "public, max-age=3600"}
    return Reply(status=200, body=path.read_bytes(), content_type=JAVASCRIPT, headers=kept)


def _what_to_do(name: str) -> str:
    return (
        f"dist/{name} of the npm package {PACKAGE} is asked for: run `npm install {PACKAGE}` and set"
        f" static = \"…/node_modules/{PACKAGE}/dist\" under [collectors.posthog], or bundle the package's"
        " dist/module.full.no-external.js, which needs no script from here"
    )


def _absent(detail: str) -> Reply:
    return Reply(status=404, reason="no_script", body=json.dumps({"detail": detail}).encode())
