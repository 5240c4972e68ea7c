"""A crash in an app that nothing is installed in, and in one that has an SDK as well."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import improver
from improver import pipeline, polling, read
from improver.model import Payload, TrustLabel
from tests import world

HOOK = Path(improver.__file__).parent / "watch_hook"
APP = """
import json, os, sys
import sentry_sdk
from sentry_sdk.transport import Transport
import shop

class Kept(Transport):
    def capture_envelope(self, envelope):
        event = envelope.get_event()
        if event:
            print(json.dumps(event), flush=True)

if os.environ.get("WITH_SDK"):
    sentry_sdk.init("http://k@127.0.0.1:1/1", transport=Kept, environment="production", release="r1")
shop.average([])
"""


def crash(shop, data, **more):
    (shop / "main.py").write_text(APP)
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{HOOK}:{shop}",
        "IMPROVER_CRASH_DIR": str(data.crashes),
        "IMPROVER_RUN_ID": "r",
        "IMPROVER_SERVICE": "shop",
        "SENTRY_ENVIRONMENT": "production",
        "SENTRY_RELEASE": "r1",
    }
    return subprocess.run([sys.executable, "main.py"], cwd=shop, env=env | more, capture_output=True, text=True)


def test_a_crash_file_becomes_a_located_finding_once(tmp_path):
    shop = world.make_shop(tmp_path / "shop")
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path), dispatch={"auto": False})) as runtime:
        runtime = replace(runtime, clock=world.Clock(world.datetime.now(world.UTC)))
        assert crash(shop, runtime.data).returncode == 1
        assert polling.poll(runtime, "crash") == 1
        pipeline.digest(runtime)
        polling.poll(runtime, "crash")
        pipeline.digest(runtime)
        pipeline.analyse(runtime)
        [row] = read.findings(runtime)
        assert (row.kind, row.events, row.location, row.target) == ("crash", 1, "shop.py:6 average", "shop")
        assert not list(runtime.data.crashes.glob("*.json"))


def test_one_death_told_by_the_sdk_and_by_the_hook_is_one_finding_counted_once(tmp_path):
    shop = world.make_shop(tmp_path / "shop")
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path), dispatch={"auto": False})) as runtime:
        runtime = replace(runtime, clock=world.Clock(world.datetime.now(world.UTC)))
        done = crash(shop, runtime.data, WITH_SDK="1")
        event = json.loads(done.stdout.splitlines()[-1])
        payload = Payload(
            id="sdk", collector="sentry", path="/api/0/store/", received_at=runtime.clock(), trust=TrustLabel.SERVER,
            body=json.dumps(event).encode(), key_id=world.server_key(runtime),
        )  # fmt: skip
        runtime.spool.append_now([payload])
        polling.poll(runtime, "crash")
        pipeline.digest(runtime)
        pipeline.analyse(runtime)
        [row] = read.findings(runtime)
        assert (row.kind, row.events, row.sources) == ("crash", 1, ("crash", "sentry"))
