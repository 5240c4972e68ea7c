"""What the app's environment says, as the real SDK reads it."""

import json
import tomllib
from pathlib import Path

from improver.watch.environment import HOOK, Reporting, overruled
from tests.watch.conftest import Wrapper

LOOK = """
import json, os, sentry_sdk
sentry_sdk.init()
options = sentry_sdk.get_client().options
print(json.dumps({"dsn": options["dsn"], "release": options["release"], "environment": options["environment"],
                  "fixes": os.environ["IMPROVER_FIXES_URL"], "path": os.environ["PYTHONPATH"]}))
"""


def reporting(tmp_path: Path) -> Reporting:
    return Reporting(
        dsn="http://k@127.0.0.1:4318/1", fixes_url="http://127.0.0.1:4318/fixes?key=p", crashes=tmp_path,
        target="shop", environment="production",
    )  # fmt: skip


def test_the_sdk_reports_here_under_the_targets_keys(wrapper: Wrapper, tmp_path: Path) -> None:
    watched = wrapper.python(LOOK, env={"PYTHONPATH": "/elsewhere"})
    assert watched.wait() == 0
    seen = json.loads(watched.stdout)
    keys = {key["trust"]: key["value"] for key in tomllib.loads((tmp_path / "data/keys.toml").read_text())["keys"]}
    assert seen == {
        "dsn": f"http://{keys['server']}@127.0.0.1:45318/1",
        "release": wrapper.checkout.git("rev-parse", "HEAD"),
        "environment": "production",
        "fixes": f"http://127.0.0.1:45318/fixes?key={keys['public']}",
        "path": f"{HOOK}:/elsewhere",
    }


def test_a_second_start_uses_the_same_keys(wrapper: Wrapper, tmp_path: Path) -> None:
    assert wrapper.python("").wait() == 0
    before = (tmp_path / "data/keys.toml").read_text()
    assert wrapper.python("").wait() == 0
    assert (tmp_path / "data/keys.toml").read_text() == before


def test_what_a_person_set_wins_and_is_said(wrapper: Wrapper) -> None:
    own = {"SENTRY_DSN": "http://mine@127.0.0.1:9/3", "SENTRY_ENVIRONMENT": "staging"}
    watched = wrapper.python(LOOK, env=own)
    assert watched.wait() == 0
    seen = json.loads(watched.stdout)
    assert (seen["dsn"], seen["environment"]) == (own["SENTRY_DSN"], "staging")
    assert "SENTRY_DSN is set already" in watched.said
    assert {record["environment"] for record in watched.records()} == {"staging"}


def test_the_run_and_the_crash_folder_are_always_ours(tmp_path: Path) -> None:
    base = {"IMPROVER_RUN_ID": "outer", "IMPROVER_CRASH_DIR": "/outer", "PYTHONFAULTHANDLER": "0"}
    env = reporting(tmp_path).for_app(base, release="abc", run="inner")
    ours = {"IMPROVER_RUN_ID": "inner", "IMPROVER_CRASH_DIR": str(tmp_path), "IMPROVER_SERVICE": "shop"}
    assert ours.items() <= env.items()
    assert env["PYTHONFAULTHANDLER"] == "0"


def test_nothing_is_said_when_nothing_is_overruled() -> None:
    assert overruled({"PATH": "/bin"}) == []
    assert len(overruled({"SENTRY_DSN": "", "SENTRY_RELEASE": "1.2"})) == 2
