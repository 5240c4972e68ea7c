"""What the app's environment says, as the real SDK reads it."""

import json
import os
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from improver.config import Settings
from improver.opening import owned_runtime
from improver.runtime import Runtime
from improver.stages import ingest
from improver.watch.environment import HOOK, Reporting, overruled, set_in_files
from tests import js_clients
from tests.doors import serving
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
        dsn="http://k@127.0.0.1:4318/1", spotlight="http://127.0.0.1:4318/stream/k", key="k",
        otlp_endpoint="http://127.0.0.1:4318", otlp_protocol="http/protobuf", posthog_host="http://127.0.0.1:4318",
        fixes_url="http://127.0.0.1:4318/fixes?key=p", crashes=tmp_path, target="shop", environment="production",
    )  # fmt: skip


def preset(tmp_path: Path, *in_files: str, **base: str) -> dict[str, str]:
    return replace(reporting(tmp_path), in_files=frozenset(in_files)).preset(base, "abc")


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


OTLP = "OTEL_EXPORTER_OTLP_"


def test_nothing_set_means_that_everything_comes_here(tmp_path: Path) -> None:
    assert preset(tmp_path) == {
        "SENTRY_DSN": "http://k@127.0.0.1:4318/1",
        "SENTRY_RELEASE": "abc",
        "SENTRY_ENVIRONMENT": "production",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_HEADERS": "x-improver-key=k",
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=shop,service.version=abc,deployment.environment.name=production",
        "POSTHOG_HOST": "http://127.0.0.1:4318",
        "POSTHOG_KEY": "k",
        "POSTHOG_API_KEY": "k",
        "IMPROVER_FIXES_URL": "http://127.0.0.1:4318/fixes?key=p",
        "PYTHONFAULTHANDLER": "1",
    }


@pytest.mark.parametrize("where", ["environment", "file"])
@pytest.mark.parametrize(
    ("name", "gone"),
    [
        (f"{OTLP}ENDPOINT", {f"{OTLP}ENDPOINT", f"{OTLP}PROTOCOL", f"{OTLP}HEADERS"}),
        (f"{OTLP}TRACES_ENDPOINT", {f"{OTLP}ENDPOINT", f"{OTLP}PROTOCOL", f"{OTLP}HEADERS"}),
        (f"{OTLP}HEADERS", {f"{OTLP}ENDPOINT", f"{OTLP}PROTOCOL", f"{OTLP}HEADERS"}),
        ("OTEL_RESOURCE_ATTRIBUTES", {"OTEL_RESOURCE_ATTRIBUTES"}),
        ("POSTHOG_API_KEY", {"POSTHOG_HOST", "POSTHOG_KEY", "POSTHOG_API_KEY"}),
        ("NEXT_PUBLIC_POSTHOG_KEY", {"POSTHOG_HOST", "POSTHOG_KEY", "POSTHOG_API_KEY"}),
        ("SENTRY_RELEASE", {"SENTRY_RELEASE"}),
    ],
)
def test_what_belongs_together_is_left_alone_together(tmp_path: Path, where: str, name: str, gone: set[str]) -> None:
    found = preset(tmp_path, **{name: "theirs"}) if where == "environment" else preset(tmp_path, name)
    assert preset(tmp_path).keys() - found.keys() == gone


def test_an_app_that_reports_to_another_sentry_is_only_asked_for_a_copy(tmp_path: Path) -> None:
    for found in (preset(tmp_path, SENTRY_DSN="http://x@y/1"), preset(tmp_path, "SENTRY_DSN")):
        assert "SENTRY_DSN" not in found
        assert found["SENTRY_SPOTLIGHT"] == "http://127.0.0.1:4318/stream/k"
    assert "SENTRY_SPOTLIGHT" not in preset(tmp_path, SENTRY_DSN="x", SENTRY_SPOTLIGHT="1")


def test_an_sdk_that_a_person_switched_off_stays_off(tmp_path: Path) -> None:
    found = preset(tmp_path, SENTRY_DSN="")
    assert {"SENTRY_DSN", "SENTRY_SPOTLIGHT"} & found.keys() == set()


def test_the_apps_own_files_are_read_for_names_only(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# SENTRY_RELEASE=1\nexport POSTHOG_KEY='phc_x'\n\nSENTRY_DSN = http://x@y/1\nodd line\n"
    )
    (tmp_path / ".flaskenv").write_bytes(b"\xff\xfe=1\nFLASK_APP=shop\n")
    os.mkfifo(tmp_path / ".env.local")
    assert set_in_files(tmp_path) >= {"POSTHOG_KEY", "SENTRY_DSN", "FLASK_APP"}
    assert "SENTRY_RELEASE" not in set_in_files(tmp_path)


def test_what_was_set_and_what_was_not_is_said_without_any_key(wrapper: Wrapper, tmp_path: Path) -> None:
    wrapper.checkout.commit({".env": "SENTRY_DSN=http://mine@127.0.0.1:9/3\n"})
    watched = wrapper.python("", env={f"{OTLP}ENDPOINT": "http://127.0.0.1:9"})
    assert watched.wait() == 0
    (line,) = [line for line in watched.said.splitlines() if "set for the app" in line]
    assert "SENTRY_SPOTLIGHT" in line
    assert "POSTHOG_HOST" in line
    assert OTLP not in line
    assert "a copy comes here" in watched.said
    assert "OpenTelemetry goes there" in watched.said
    assert not any(key in watched.said for key in _keys(tmp_path))


def _keys(folder: Path) -> list[str]:
    return [key["value"] for key in tomllib.loads((folder / "data/keys.toml").read_text())["keys"]]


# Real SDKs in an app that says nothing of where to report.


@pytest.fixture
def here(tmp_path: Path) -> Iterator[tuple[Runtime, int]]:
    """improver with its doors open, on the wrapper's data folder."""
    settings = Settings(data_dir=tmp_path / "data", targets={"shop": {"repo": tmp_path}})
    with owned_runtime(settings) as runtime, serving(runtime) as (http, _):
        yield runtime, http


def rows(runtime: Runtime, sql: str) -> list[tuple[Any, ...]]:
    ingest.run(runtime)
    return [tuple(row.values()) for row in runtime.warehouse.telemetry.rows(sql)]


UNTOLD = """
import os, posthog, sentry_sdk
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
sentry_sdk.init()
sentry_sdk.capture_exception(KeyError("x"))
tracing = TracerProvider()
tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
tracing.get_tracer("t").start_span("work").end()
tracing.shutdown()
client = posthog.Posthog(os.environ["POSTHOG_API_KEY"], host=os.environ["POSTHOG_HOST"])
client.capture("ordered", distinct_id="u1")
client.shutdown()
"""


def test_three_sdks_that_were_told_nothing_report_here(wrapper: Wrapper, here: tuple[Runtime, int]) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="needs it: pip install 'improver[dev]'")
    runtime, port = here
    watched = wrapper.python(UNTOLD, port=port)
    assert watched.wait() == 0, watched.said
    commit = wrapper.checkout.git("rev-parse", "HEAD")
    known = ("shop", "server", commit)
    assert rows(runtime, "select target, trust, release from errors") == [known]
    assert rows(runtime, "select target, trust, release, service, name from spans") == [(*known, "shop", "work")]
    assert rows(runtime, "select target, trust, name from usage") == [("shop", "server", "ordered")]


def test_a_copy_of_what_goes_elsewhere_is_the_targets(wrapper: Wrapper, here: tuple[Runtime, int]) -> None:
    runtime, port = here
    code = "import sentry_sdk\nsentry_sdk.init(shutdown_timeout=0)\nsentry_sdk.capture_exception(KeyError('x'))"
    watched = wrapper.python(code, port=port, env={"SENTRY_DSN": "http://mine@127.0.0.1:9/3"})
    assert watched.wait() == 0, watched.said
    assert rows(runtime, "select target, trust from errors") == [("shop", "server")]


NODE = """
const { NodeSDK } = require("@opentelemetry/sdk-node");
const { trace } = require("@opentelemetry/api");
const Sentry = require("@sentry/node");
const sdk = new NodeSDK({ instrumentations: [] });
sdk.start();
trace.getTracer("t").startSpan("work").end();
Sentry.init({ skipOpenTelemetrySetup: true });
Sentry.captureException(new TypeError("x"));
sdk.shutdown().then(() => Sentry.close(5000));
"""


@pytest.mark.parametrize("dsn", ["", "http://mine@127.0.0.1:9/3"])
def test_an_app_in_node_reports_here_too(wrapper: Wrapper, here: tuple[Runtime, int], tmp_path: Path, dsn: str) -> None:
    runtime, port = here
    modules = js_clients.node_modules()
    (tmp_path / "app.js").write_text(NODE)
    (tmp_path / "node_modules").symlink_to(modules)
    env = {"SENTRY_DSN": dsn} if dsn else {}
    watched = wrapper.start("node", str(tmp_path / "app.js"), port=port, env=env)
    assert watched.wait() == 0, watched.said
    assert rows(runtime, "select target, trust, exception_type from errors") == [("shop", "server", "TypeError")]
    assert ("shop", "server", "work") in rows(runtime, "select target, trust, name from spans")
