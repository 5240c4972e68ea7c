"""Values in messages become placeholders."""

import time

import pytest

from improver.grouping import parameterize


@pytest.mark.parametrize(
    ("message", "template"),
    [
        ("order 17 failed", "order <int> failed"),
        ("took 12.5 ms", "took <float> ms"),
        ("took 30ms", "took <duration>"),
        ("no user ann@example.org", "no user <email>"),
        ("GET https://x.example/a?b=1 failed", "GET <url> failed"),
        ("from 10.0.0.7", "from <ip>"),
        ("id 0b9f3f0e-6a55-4b7e-9f43-0a5d2c1f9e11 gone", "id <uuid> gone"),
        ("at 2026-11-21T03:00:00Z", "at <date>"),
        ("pointer 0x7fdf", "pointer <hex>"),
        ("commit 1a2b3c4d missing", "commit <sha> missing"),
        ("name='Ann' ok=true", "name=<quoted_str> ok=<bool>"),
        ("at Mon, 02 Jan 2006 15:04:05 MST", "at <date>"), ("at 3:04PM", "at <date>"),
        ("from 2001:db8:0:0:0:0:0:1", "from <ip>"), ("db.example.com down", "<hostname> down"),
        ("token VdLchF7iDo8sVkg9 bad", "token <uniq_id> bad"), ("{'user': 'ann'}", "{'user': <json_str_val>}"),
        ("java.io.IOException: abc123 python3", "java.io.IOException: abc123 python3"),
        ("no such column: done_on", "no such column: done_on"),
        ("version v2 of decade", "version v2 of decade"),
    ],
)
def test_values_become_placeholders(message, template):
    assert parameterize(message) == template


@pytest.mark.parametrize("hostile", ["a@" * 40_000, "a." * 40_000, "1." * 40_000, "='" * 40_000, "http://" * 20_000])
def test_parameterizing_is_quick_whatever_the_message(hostile):
    begun = time.perf_counter()
    parameterize(hostile)
    assert time.perf_counter() - begun < 0.25
