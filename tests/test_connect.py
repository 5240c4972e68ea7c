"""What a person is told to set, tried with the real SDK."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from improver.config import Settings
from improver.connect import connect, ingest_origin
from improver.errors import ImproverError


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "shop").mkdir()
    return Settings(data_dir=tmp_path / "data", targets={"shop": {"repo": tmp_path / "shop"}})


def test_only_the_sdks_that_the_app_has_are_named(settings, tmp_path):
    (tmp_path / "shop" / "requirements.txt").write_text("sentry-sdk[flask]\n")
    (tmp_path / "shop" / "package.json").write_text('{"dependencies": {"@sentry/browser": "1"}}')
    ways = connect(settings, "shop").ways
    assert [(way.sdk, way.installed) for way in ways] == [("sentry-sdk", True), ("@sentry/browser", True)]


def test_an_app_without_an_sdk_is_told_how_to_get_the_one_of_its_language(settings, tmp_path):
    (tmp_path / "shop" / "requirements.txt").write_text("flask\n")
    (way,) = connect(settings, "shop").ways
    assert (way.sdk, way.installed, way.install) == ("sentry-sdk", False, "pip install sentry-sdk")


def test_the_lines_for_python_make_the_real_sdk_report_everything_here(settings, tmp_path):
    (tmp_path / "shop" / "requirements.txt").write_text("sentry-sdk\n")
    (way,) = connect(settings, "shop").ways
    look = "o = sentry_sdk.get_client().options; print(o['dsn'], o['traces_sample_rate'], o['environment'])"
    environment = {"PATH": os.environ["PATH"], **way.environment}
    done = subprocess.run(
        [sys.executable, "-c", f"{way.code}\n{look}"],
        env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.split() == [way.environment["SENTRY_DSN"], "1.0", "production"]


def test_a_browser_gets_a_key_of_its_own(settings, tmp_path):
    (tmp_path / "shop" / "package.json").write_text('{"dependencies": {"@sentry/browser": "1"}}')
    found = connect(settings, "shop")
    (way,) = found.ways
    assert way.environment == {}
    assert "http://" in way.code
    assert found.dsn.split("@")[0] not in way.code


def test_opentelemetry_is_known_by_any_of_its_packages(settings, tmp_path):
    (tmp_path / "shop" / "requirements.txt").write_text("opentelemetry-distro\n")
    (tmp_path / "shop" / "package.json").write_text('{"dependencies": {"@opentelemetry/api": "1"}}')
    ways = connect(settings, "shop").ways
    assert [(way.sdk, way.installed) for way in ways] == [
        ("opentelemetry-exporter-otlp-proto-http", True),
        ("@opentelemetry/sdk-node", True),
    ]
    for way in ways:
        assert way.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"
        assert way.environment["OTEL_SERVICE_NAME"] == "shop"


@pytest.fixture
def heard():
    """Requests to a port of this machine: each path, with its headers."""
    found = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            found.append((self.path, dict(self.headers)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *said):
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, found
        server.shutdown()


def test_the_lines_for_opentelemetry_make_the_real_exporter_report_here(tmp_path, heard):
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="needs it: pip install 'improver[dev]'")
    port, found = heard
    (tmp_path / "requirements.txt").write_text("opentelemetry-sdk\n")
    chosen = Settings(data_dir=tmp_path / "data", targets={"shop": {"repo": tmp_path}}, ingest={"port": port})
    (way,) = connect(chosen, "shop").ways
    work = "trace.get_tracer('t').start_span('s').end()\ntracing.shutdown()"
    environment = {"PATH": os.environ["PATH"], **way.environment}
    subprocess.run([sys.executable, "-c", f"{way.code}\n{work}"], env=environment, timeout=60, check=True)
    ((path, headers),) = found
    assert path == "/v1/traces"
    assert way.environment["OTEL_EXPORTER_OTLP_HEADERS"] == f"x-improver-key={headers['x-improver-key']}"


def test_posthogs_sdks_are_told_where_to_report(settings, tmp_path):
    (tmp_path / "shop" / "requirements.txt").write_text("posthog>=7\n")
    packages = {"dependencies": {"posthog-js": "1", "posthog-node": "5"}}
    (tmp_path / "shop" / "package.json").write_text(json.dumps(packages))
    python, node, npm, snippet = connect(settings, "shop").ways
    assert [way.sdk for way in (python, node, npm, snippet)] == ["posthog", "posthog-node", "posthog-js", "posthog-js"]
    assert node.environment["POSTHOG_HOST"] == "http://127.0.0.1:4318"
    assert all('api_host: "http://127.0.0.1:4318"' in way.code for way in (npm, snippet))
    assert not any(node.environment["POSTHOG_KEY"] in way.code for way in (npm, snippet))
    assert "[collectors.posthog]" in snippet.place


def test_the_lines_for_posthog_make_the_real_client_report_here(settings, tmp_path):
    (tmp_path / "shop" / "requirements.txt").write_text("posthog\n")
    (way,) = connect(settings, "shop").ways
    look = "c = posthog.default_client; print(c.api_key, c.host, c.exception_capture is not None)"
    environment = {"PATH": os.environ["PATH"], **way.environment}
    done = subprocess.run(
        [sys.executable, "-c", f"{way.code}\n{look}"],
        env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.split() == [way.environment["POSTHOG_KEY"], "http://127.0.0.1:4318", "True"]


def test_watch_needs_no_sdk(settings):
    assert connect(settings, "shop").watch == "improver watch --target shop -- CMD"


def test_an_unknown_target_is_refused_with_those_that_there_are(settings):
    with pytest.raises(ImproverError) as caught:
        connect(settings, "shopp")
    assert caught.value.hint == "targets: shop"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1", "http://127.0.0.1:4318"),
        ("0.0.0.0", "http://127.0.0.1:4318"),
        ("::1", "http://[::1]:4318"),
        ("10.0.0.5", "http://10.0.0.5:4318"),
    ],
)
def test_the_origin_is_one_that_this_machine_can_reach(tmp_path, host, origin):
    assert ingest_origin(Settings(data_dir=tmp_path, ingest={"host": host})) == origin


def test_a_port_that_nobody_can_know_is_refused(tmp_path):
    with pytest.raises(ImproverError, match=r"ingest\.port is 0"):
        ingest_origin(Settings(data_dir=tmp_path, ingest={"port": 0}))
