"""One of each kind of telemetry through a real daemon, a Collector of somebody else's among them."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from improver import examples, pipeline, read
from improver.client import Client
from improver.config import Settings, load
from improver.doctor import Check, Health, reach
from improver.keys import Keys
from improver.model import DOCTOR, TrustLabel
from improver.opening import owned_runtime
from tests import world
from tests.doctor.conftest import free_port

# As docs/plugins.md has it, with one word that no decoder of ours understands.
TOY = '''"""Words, one a request."""
from improver.model import Batch, LogEvent, Reply, Request
from improver.model.configured import Configured

ROUTES = (("POST", "/toy"),)


class Config(Configured):
    """There is nothing to set."""


def key_of(request):
    return request.headers.get("x-toy", "")


def check(request, config):
    return None if request.body else Reply(status=400, reason="empty", body=b'{"detail": "say a word \\\\u001b[2J"}')


def accepted(request):
    return Reply(status=202)


def decode(payloads, config):
    found = [p for p in payloads if not p.body.startswith(b"nothing")]
    assert not any(p.body == b"poison" for p in found), "a word that is poison"
    return Batch.of([LogEvent(payload_id=p.id, occurred_at=p.received_at, body=p.body.decode()) for p in found])
'''
EXAMPLE = """

def example(key, id, now):
    words = {"good": b"hello", "silent": b"nothing", "bad": b"poison", "refused": b""}
    return {
        name: Request(method="POST", path="/toy", query={}, headers={"x-toy": key}, body=body)
        for name, body in words.items()
    }
"""


@dataclass(frozen=True)
class Examined:
    settings: Settings
    checks: dict[str, Check]


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examined]:
    """A daemon is examined twice: the second time, nothing may be left of the first."""
    folder = tmp_path_factory.mktemp("d", numbered=True)
    with pytest.MonkeyPatch.context() as patch:
        (folder / "toys_of_doctor").mkdir()
        (folder / "toys_of_doctor" / "toy.py").write_text(TOY + EXAMPLE)
        (folder / "toys_of_doctor" / "mute.py").write_text(TOY.replace("/toy", "/mute"))
        (folder / "toys_of_doctor" / "broken.py").write_text(
            TOY.replace("/toy", "/broken") + "\n\ndef example(key, id, now):\n    return 1 // 0\n"
        )
        patch.syspath_prepend(folder)
        patch.setenv("PYTHONPATH", str(folder))
        settings = load(_config(folder), {})
        daemon = subprocess.Popen([*COMMAND, "--config", str(folder / "improver.toml"), "run"])
        try:
            give_up = time.monotonic() + 60
            while not Client(settings).daemon_answers() and time.monotonic() < give_up:
                time.sleep(0.1)
            list(reach.examine(settings))
            yield Examined(settings, {one.name: one for one in reach.examine(settings)})
        finally:
            daemon.terminate()
            daemon.wait(timeout=60)


COMMAND = (sys.executable, "-c", "from improver.cli.main import app; app()")


def _config(folder: Path) -> Path:
    file = folder / "improver.toml"
    file.write_text(f"""data_dir = "data"
[ingest]
port = 0
grpc_port = {free_port()}
[web]
port = 0
[collectors.agent_sessions]
enabled = false
[collectors."toys_of_doctor.toy"]
[collectors."toys_of_doctor.mute"]
[collectors."toys_of_doctor.broken"]
[targets.shop]
repo = "{world.make_shop(folder / "shop")}"
agent = "rehearsed"
""")
    return file


@pytest.mark.parametrize(
    ("collector", "sent", "kinds"),
    [
        ("crash", 1, ["crash file"]),
        ("feedback", 1, ["remark"]),
        ("otlp", 6, ["traces as protobuf", "traces as JSON", "logs as JSON", "metrics as protobuf"]),
        ("posthog", 1, ["2 Events", "batch"]),
        ("sentry", 5, ["error", "transaction", "session", "log", "Spotlight"]),
    ],
)
def test_one_of_each_kind_arrives(examined, collector, sent, kinds):
    found = examined.checks[collector]
    assert found.health == Health.OK, found.said
    assert f"{sent} sent, {sent} acked, arrived as " in found.said
    assert all(kind in found.said for kind in kinds)
    assert "0 Events" not in found.said


def test_grpc_is_tried_with_the_same_bytes(examined):
    pytest.importorskip("grpc", reason="needs grpcio: pip install 'improver[grpc]'")
    assert "3 sent, 3 acked, arrived as 3 Events" in examined.checks["otlp over gRPC"].said


def test_a_collector_that_is_switched_off_is_said_to_be(examined):
    assert "switched off" in examined.checks["agent_sessions"].said


def test_a_collector_that_looks_for_itself_says_what_it_has_brought(examined):
    assert "no example" in examined.checks["logs"].said
    assert "0 Payloads" in examined.checks["logs"].said


def test_a_collector_of_somebody_elses_takes_part_and_each_failure_is_told_apart(examined):
    found = examined.checks["toys_of_doctor.toy"]
    assert found.health == Health.FAIL
    assert "4 sent, 3 acked, arrived as 1 Event." in found.said
    assert "good:" not in found.said
    assert "silent: taken, and no Event came of it" in found.said
    assert "bad: taken, and not understood: AssertionError: a word that is poison" in found.said
    assert "refused: refused with status 400: say a word" in found.said


def test_a_collector_without_an_example_and_one_whose_example_fails_are_told(examined):
    assert "no example: it is sent to" in examined.checks["toys_of_doctor.mute"].said
    assert "ZeroDivisionError" in examined.checks["toys_of_doctor.broken"].said


def test_nothing_of_it_is_left_and_nothing_was_found(examined):
    client = Client(examined.settings)
    assert client.ask(read.findings) == []
    assert client.ask(examples.examples_arrived) == ()
    counted = client.ask(read.status).collectors.values()
    assert [(one.payloads, one.events, one.quarantined) for one in counted if one.payloads] == []


def test_what_the_doctor_sends_counts_nowhere_even_while_it_is_there(settings):
    heeding_all = {"detectors": {"errors": {"ignored_environments": []}}}
    with owned_runtime(settings().model_copy(update=heeding_all)) as runtime:
        key = Keys.create(runtime.data.keys, DOCTOR, TrustLabel.SERVER)
        world.send(runtime, key.id, world.error("v1", at=runtime.clock()))
        pipeline.analyse(runtime)
        assert read.findings(runtime) == []
        assert read.deployments(runtime) == []
        rows = runtime.warehouse.telemetry.rows("select target, environment, release from errors")
        assert rows == [{"target": DOCTOR, "environment": DOCTOR, "release": ""}]
        assert examples.forget_examples(runtime) == 1
        assert runtime.warehouse.telemetry.value("select count(*) from errors") == 0


def test_only_what_was_found_on_this_machine_may_call_itself_the_doctors(settings):
    """A sender who shows no key can name any service: it is not taken away with the doctor's."""
    record = {**world.error("v1"), "tags": {"service": DOCTOR}}
    with owned_runtime(settings()) as runtime:
        world.send(runtime, "", record, trust=TrustLabel.PUBLIC)
        assert examples.forget_examples(runtime) == 0
        assert runtime.warehouse.telemetry.value("select target from errors") == "unassigned"
