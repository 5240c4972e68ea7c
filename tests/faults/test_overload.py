"""More than the loader keeps up with: above the lag limit senders are told to wait, and all that was acked is there."""

import json
import urllib.error
import urllib.request

import pytest

from improver import pipeline
from improver.config.settings import Spool
from improver.keys import Keys
from improver.model import TrustLabel
from tests import world
from tests.doors import serving

MIB = 1 << 20
LIMIT_MB = 16


@pytest.fixture
def origin(tmp_path):
    """Where nobody digests what comes in, unless the test does."""
    settings = world.settings(tmp_path, world.make_shop(tmp_path / "shop"), tmp_path / "none.json")
    small = settings.model_copy(update={"spool": Spool(max_mb=LIMIT_MB, min_free_mb=0)})
    with world.opened(small, world.Clock(world.NOW)) as runtime, serving(runtime) as (port, _):
        yield runtime, f"http://127.0.0.1:{port}"


def post(url, key, body):
    headers = {"authorization": f"Bearer {key}", "x-improver-key": key, "content-type": "application/json"}
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


def logs(words):
    record = {"timeUnixNano": "1", "body": {"stringValue": words}}
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}).encode()


def test_above_the_lag_limit_each_protocol_is_told_to_wait_and_below_it_all_go_on(origin):
    runtime, url = origin
    key = Keys.create(runtime.data.keys, "shop", TrustLabel.SERVER).value

    def otlp(words):
        return post(f"{url}/v1/logs", key, logs(words))

    acked = 0
    while (told := otlp(f"{acked} {'x' * 4 * MIB}"))[0] == 200:
        acked += 1
        assert acked <= LIMIT_MB
    assert (told[0], told[1]["retry-after"]) == (503, "5")
    status, headers = post(f"{url}/api/1/envelope/?sentry_key={key}", key, b'{}\n{"type":"event"}\n{}')
    assert (status, headers["x-sentry-rate-limits"]) == (429, "10::organization")
    batch = json.dumps({"api_key": key, "batch": [{"event": "e", "distinct_id": "u"}]}).encode()
    assert post(f"{url}/batch/", key, batch)[0] == 503
    assert pipeline.digest(runtime) == acked
    assert otlp("at last")[0] == 200
    assert post(f"{url}/batch/", key, batch)[0] == 200
    assert pipeline.digest(runtime) == 2
