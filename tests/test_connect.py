"""What a person is told to set: the right keys in the right places, and lines that make the real SDKs report here."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from improver import pipeline, polling
from improver.cli.setup_layout import ways as laid_out
from improver.config import Settings, load
from improver.config.settings import Ingest
from improver.connect import Connection, Way, connect, ingest_origin
from improver.errors import ImproverError
from improver.keys import Keys
from improver.model import TrustLabel
from improver.opening import owned_runtime
from improver.runtime import Runtime
from improver.sdks import SDKS
from tests import js_clients, world
from tests.doors import serving

PATIENCE_S = 30
ELSEWHERE = "A Sentry SDK that reports elsewhere already"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "shop").mkdir()
    return Settings(data_dir=tmp_path / "data", targets={"shop": {"repo": tmp_path / "shop"}})


def ask_for(settings: Settings, python: str = "", **node: str) -> None:
    root = settings.targets["shop"].repo
    (root / "requirements.txt").write_text(python)
    (root / "package.json").write_text(json.dumps({"dependencies": dict(node)}))


def named(found: Connection, name: str) -> Way:
    return next(way for way in (*found.ways, *found.anyway) if way.sdk == name)


def as_printed(found: Connection) -> str:
    return "\n".join(str(part) for part in laid_out(found))


# Which SDKs are named, and with which keys.


def test_only_the_sdks_that_the_app_has_are_named_and_where_it_asks_for_them(settings):
    ask_for(settings, "sentry-sdk[flask]\n", **{"@sentry/browser": "1"})
    ways = connect(settings, "shop").ways
    assert [(way.sdk, way.installed, way.found_in) for way in ways] == [
        ("sentry-sdk", True, "requirements.txt"),
        ("@sentry/browser", True, "package.json"),
    ]


@pytest.mark.parametrize(
    ("file", "said", "sdk"),
    [
        ("requirements.txt", "flask\n", "sentry-sdk"),
        ("package.json", '{"dependencies": {"express": "5"}}', "@sentry/node"),
        ("go.mod", "module shop\nrequire github.com/x/y v1.0.0\n", "sentry-go"),
        ("pom.xml", "<groupId>a</groupId><artifactId>b</artifactId>", "sentry-java"),
    ],
)
def test_an_app_without_an_sdk_is_told_how_to_get_the_one_of_its_language(settings, file, said, sdk):
    (settings.targets["shop"].repo / file).write_text(said)
    found = connect(settings, "shop")
    (way,) = found.ways
    assert (way.sdk, way.installed, bool(way.install)) == (sdk, False, True)
    assert "None of the SDKs known here" in as_printed(found)


def test_where_nothing_is_recognised_there_is_still_something_to_do(settings):
    found = connect(settings, "shop")
    assert found.ways == ()
    assert found.watch == "improver watch --target shop -- CMD"
    printed = as_printed(found)
    for part in (found.watch, "[[collectors.logs.sources]]", "CLAUDE_CODE_ENABLE_TELEMETRY", "claude mcp add", "curl"):
        assert part in printed


def test_every_sdk_is_found_by_a_package_of_its_language(settings):
    for sdk in SDKS:
        name = (sdk.packages or (sdk.name,))[0].replace("*", "x")
        assert sdk.among([name]) == name
        assert sdk.among(["x" + name]) == ""


@pytest.mark.parametrize("sdk", [sdk for sdk in SDKS if sdk.trust is TrustLabel.PUBLIC], ids=lambda sdk: sdk.place)
def test_what_stands_in_a_page_names_no_secret(settings, sdk):
    ask_for(settings, **{(sdk.packages or (sdk.name,))[0].replace("*", "x"): "1"})
    ways = [way for way in connect(settings, "shop").ways if way.sdk == sdk.name and way.place == sdk.place]
    keys = Keys.load(settings.data_dir / "keys.toml")
    secret, public = (keys.of_target("shop", trust).value for trust in (TrustLabel.SERVER, TrustLabel.PUBLIC))
    (way,) = ways
    assert way.environment == {}
    assert public in way.code
    assert secret not in f"{way}"


def test_nothing_is_left_unfilled_and_only_the_environment_has_a_servers_key(settings):
    repo = settings.targets["shop"].repo
    (repo / "requirements.txt").write_text("sentry-sdk\nposthog\nopentelemetry-sdk\n")
    (repo / "package.json").write_text(json.dumps({"dependencies": {sdk.name: "1" for sdk in SDKS}}))
    found = connect(settings, "shop")
    secret = Keys.load(settings.data_dir / "keys.toml").of_target("shop", TrustLabel.SERVER).value
    assert not re.search(r"\{(dsn|key|origin|web|target|logs|otlp|protocol|door)\}", f"{found}")
    assert [way.sdk for way in found.ways if secret in way.code] == []


def test_a_framework_with_a_server_and_pages_gets_a_key_for_each(settings):
    ask_for(settings, **{"@sentry/nextjs": "11"})
    server, page = connect(settings, "shop").ways
    assert server.environment["SENTRY_DSN"] not in page.code
    assert "on the server" in server.place
    assert "in the page" in page.place


def test_opentelemetry_is_known_by_any_of_its_packages(settings):
    ask_for(settings, "opentelemetry-distro\n", **{"@opentelemetry/api": "1"})
    ways = connect(settings, "shop").ways
    assert [way.sdk for way in ways] == ["opentelemetry-sdk", "@opentelemetry/sdk-node"]
    for way in ways:
        assert way.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"
        assert way.environment["OTEL_SERVICE_NAME"] == "shop"


def test_an_exporter_that_speaks_only_grpc_is_sent_to_its_port(settings):
    pytest.importorskip("grpc", reason="needs grpcio: pip install 'improver[grpc]'")
    ask_for(settings, "opentelemetry-exporter-otlp-proto-grpc\n")
    (way,) = connect(settings, "shop").ways
    assert way.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4317"
    assert way.environment["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc"
    assert "proto.grpc.trace_exporter" in way.code


def test_an_app_that_reports_to_sentry_already_can_send_a_copy(settings):
    ask_for(settings, "sentry-sdk\n")
    found = connect(settings, "shop")
    key = Keys.load(settings.data_dir / "keys.toml").of_target("shop", TrustLabel.SERVER)
    assert named(found, ELSEWHERE).environment == {
        "SENTRY_SPOTLIGHT": f"http://127.0.0.1:4318/stream/{key.value}"
    }
    ask_for(settings, "flask\n")
    assert "SENTRY_SPOTLIGHT" not in as_printed(connect(settings, "shop"))


def test_a_name_that_a_shell_would_read_otherwise_is_quoted(tmp_path):
    (tmp_path / "requirements.txt").write_text("opentelemetry-sdk\n")
    found = connect(
        Settings(data_dir=tmp_path / "data", targets={"my shop; $(id)": {"repo": tmp_path}}), "my shop; $(id)"
    )
    assert found.watch == "improver watch --target 'my shop; $(id)' -- CMD"
    assert found.ways[0].environment["OTEL_SERVICE_NAME"] == "'my shop; $(id)'"


def test_what_a_manifest_says_can_do_nothing_to_a_terminal(settings):
    folder = settings.targets["shop"].repo / "web\x1b[2J"
    folder.mkdir()
    (folder / "package.json").write_text(
        json.dumps({"dependencies": {"@sentry/node": "\x1b]0;owned\x07", "\x1b[2J": ""}})
    )
    found = connect(settings, "shop")
    assert found.ways[0].found_in == "web\x1b[2J/package.json"
    assert "\x1b" not in as_printed(found)


# The lines as they are printed, run with the real SDKs.


@dataclass(frozen=True)
class Shop:
    """An app's checkout, and improver with its doors open."""

    settings: Settings
    runtime: Runtime
    repo: Path

    def run(
        self, way: Way, work: str, argv: tuple[str, ...] = (sys.executable, "app.py"), file: str = "app.py"
    ) -> None:
        (self.repo / file).write_text(f"{way.code}\n{work}\n")
        exports = "\n".join(line for line in self._printed(way) if line.startswith("export "))
        script = f"{exports}\nexec {' '.join(argv)}"
        env = {"PATH": os.environ["PATH"], "HOME": str(self.repo)}
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.repo, env=env, capture_output=True, text=True, timeout=90
        )
        assert done.returncode == 0, done.stderr

    def _printed(self, way: Way) -> list[str]:
        lines = [line.strip() for line in as_printed(connect(self.settings, "shop")).splitlines()]
        assert {line.strip() for line in way.code.splitlines()} <= set(lines)
        return lines[next(n for n, line in enumerate(lines) if way.sdk in line) :][: 4 + len(way.environment)]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Once there are some."""
        give_up = time.monotonic() + PATIENCE_S
        while True:
            pipeline.digest(self.runtime)
            found = [tuple(row.values()) for row in self.runtime.warehouse.telemetry.rows(sql)]
            if found or time.monotonic() > give_up:
                return found
            time.sleep(0.05)

    @property
    def commit(self) -> str:
        return world.git(self.repo, "rev-parse", "HEAD")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    repo = world.make_shop(tmp_path / "shop")
    settings = Settings(data_dir=tmp_path / "data", targets={"shop": {"repo": repo}})
    with owned_runtime(settings) as runtime, serving(runtime) as (http, grpc):
        here = settings.model_copy(update={"ingest": Ingest(port=http, grpc_port=grpc or 0)})
        yield Shop(here, runtime, repo)


ERRORS = "select target, trust, environment, release, exception_type from errors"


def test_sentry_in_python(shop):
    ask_for(shop.settings, "sentry-sdk\n")
    way = named(connect(shop.settings, "shop"), "sentry-sdk")
    shop.run(
        way, "with sentry_sdk.start_transaction(name='t', op='test'):\n    sentry_sdk.capture_exception(KeyError('x'))"
    )
    assert shop.rows(ERRORS) == [("shop", "server", "production", shop.commit, "KeyError")]
    assert shop.rows("select target, trust, route from spans where root") == [("shop", "server", "t")]


def test_sentry_in_python_that_reports_elsewhere_sends_a_copy(shop):
    ask_for(shop.settings, "sentry-sdk\n")
    way = named(connect(shop.settings, "shop"), ELSEWHERE)
    work = "import sentry_sdk\nsentry_sdk.init('http://k@127.0.0.1:9/1', shutdown_timeout=0)"
    shop.run(way, f"{work}\nsentry_sdk.capture_exception(KeyError('x'))")
    assert [row[:2] for row in shop.rows(ERRORS)] == [("shop", "server")]


def test_posthog_in_python(shop):
    ask_for(shop.settings, "posthog\n")
    way = named(connect(shop.settings, "shop"), "posthog")
    shop.run(way, "posthog.capture('ordered', distinct_id='u1')\nposthog.shutdown()")
    assert shop.rows('select target, trust, name, "user" from usage') == [("shop", "server", "ordered", "u1")]


@pytest.mark.parametrize("door", ["http", "grpc"])
def test_opentelemetry_in_python(shop, door):
    pytest.importorskip(f"opentelemetry.exporter.otlp.proto.{door}", reason="needs it: pip install 'improver[dev]'")
    ask_for(shop.settings, f"opentelemetry-exporter-otlp-proto-{door}\n")
    way = named(connect(shop.settings, "shop"), "opentelemetry-sdk")
    shop.run(way, "trace.get_tracer('t').start_span('work').end()\ntracing.shutdown()")
    found = shop.rows("select target, trust, service, environment, release, name from spans")
    assert found == [("shop", "server", "shop", "production", shop.commit, "work")]


def test_a_log_file_that_is_named_as_printed_is_followed(shop):
    (shop.repo / "logs").mkdir()
    line = {"level": "error", "event": "no stock", "timestamp": "2026-11-21T10:00:00Z"}
    (shop.repo / "logs" / "app.log").write_text(f"{json.dumps(line)}\n" * 2)
    ask_for(shop.settings, "structlog\n")
    way = named(connect(shop.settings, "shop"), "Logs: plain text, structlog, JSON lines, journald")
    assert way.found_in == "requirements.txt"
    file = shop.repo / "improver.toml"
    file.write_text(f'data_dir = "{shop.settings.data_dir}"\n[targets.shop]\nrepo = "."\n{way.code}\n')
    here = replace(shop.runtime, settings=load(file, {}))
    give_up = time.monotonic() + PATIENCE_S
    # The last record of a file may go on: it is waited for.
    while not polling.poll(here, "logs") and time.monotonic() < give_up:
        time.sleep(0.1)
    found = shop.rows("select target, trust, service from logs union select target, trust, service from errors")
    assert found == [("shop", "server", "shop")]


def test_feedback_by_curl(shop):
    way = named(connect(shop.settings, "shop"), "Feedback")
    subprocess.run(["bash", "-c", way.code], check=True, capture_output=True, timeout=60)
    assert shop.rows("select target, trust, said from remarks") == [("shop", "public", "the export is slow")]


def test_claude_codes_variables_are_those_of_an_exporter_that_works(shop):
    """Its exporters are OpenTelemetry's for Node, which read the same variables."""
    modules = js_clients.node_modules()
    (shop.repo / "node_modules").symlink_to(modules)
    found = connect(shop.settings, "shop")
    way = named(found, "Claude Code's own telemetry")
    work = (
        'const { NodeSDK } = require("@opentelemetry/sdk-node");\n'
        'const { logs } = require("@opentelemetry/api-logs");\n'
        "const sdk = new NodeSDK({ instrumentations: [] }); sdk.start();\n"
        'logs.getLogger("com.anthropic.claude_code").emit({ body: "claude_code.tool_result", attributes: '
        '{ "event.name": "tool_result", tool_name: "Bash", success: "false", "session.id": "s1" } });\n'
        "sdk.shutdown();"
    )
    shop.run(way, work, ("node", "app.js"), "app.js")
    assert shop.rows("select target, trust, tool from tool_calls") == [("shop", "server", "Bash")]


@pytest.mark.parametrize(
    ("package", "work", "sql", "expected"),
    [
        ("@sentry/node", 'Sentry.captureException(new TypeError("x"));\nSentry.close(5000);', ERRORS, "TypeError"),
        (
            "posthog-node",
            'posthog.capture({ distinctId: "u1", event: "ordered" });\nposthog.shutdown();',
            "select target, trust, name from usage",
            "ordered",
        ),
    ],
)
def test_in_node(shop, package, work, sql, expected):
    (shop.repo / "node_modules").symlink_to(js_clients.node_modules())
    ask_for(shop.settings, **{package: "1"})
    shop.run(named(connect(shop.settings, "shop"), package), work, ("node", "app.js"), "app.js")
    (row,) = shop.rows(sql)
    assert (*row[:2], row[-1]) == ("shop", "server", expected)


@pytest.mark.parametrize("package", ["@sentry/browser", "posthog-js"])
def test_what_stands_in_a_page_is_bundled_without_anything_missing(shop, package):
    modules = js_clients.node_modules()
    (shop.repo / "node_modules").symlink_to(modules)
    ask_for(shop.settings, **{package: "1"})
    (shop.repo / "page.js").write_text(connect(shop.settings, "shop").ways[0].code)
    argv = [str(modules / ".bin/esbuild"), "page.js", "--bundle", "--outfile=out.js", "--log-level=warning"]
    done = subprocess.run(argv, cwd=shop.repo, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


# Where to.


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
