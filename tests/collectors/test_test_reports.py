"""CI: what GitHub Actions marks as errors, and the failures in JUnit XML, are errors of a service."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver.errors import ImproverError
from improver.model import ErrorEvent, Raised
from tests.logged import ACTIONS, AT, CHAINS, JUNIT, PYTHON, events, frame, logs


def test_what_a_github_action_marks_as_an_error_is_one():
    lines = ["##[group]Run pytest", PYTHON.rstrip(), "##[error]src/app.ts(12,5): error TS2322: no type",
             "##[error]Process completed with exit code 1.", "Post job cleanup.",
             "FAILED tests/test_cart.py::TestPay::test_none[x] - ValueError: no price"]  # fmt: skip
    text = "".join(f"{ACTIONS}{line}\n" for line in "\n".join(lines).split("\n"))
    found = events(text)
    assert [type(event).__name__ for event in found] == [
        "LogEvent", "ErrorEvent", "ErrorEvent", "LogEvent", "LogEvent", "ErrorEvent",
    ]  # fmt: skip
    assert {event.service for event in found} == {"ci"}
    assert found[1].raised == CHAINS["python"]
    assert found[2].raised == (
        Raised(type="error", value="error TS2322: no type", frames=(frame("src/app.ts", "", 12),)),
    )
    # What only sums up counts where nothing else tells of it.
    assert (found[3].severity, found[3].body) == (17, "Process completed with exit code 1.")
    place = frame("tests/test_cart.py", "TestPay::test_none[x]", None)
    assert found[5].raised == (Raised(type="ValueError", value="no price", frames=(place,)),)


def test_a_test_report_gives_one_error_for_each_failure():
    first, second = events(JUNIT)
    assert first == ErrorEvent(
        payload_id="p", occurred_at=AT, service="ci", platform="python",
        data={"classname": "tests.test_cart", "name": "test_none", "time": "0.001"},
        raised=(Raised(type="ZeroDivisionError", value="division by zero", frames=(
            frame("tests/test_cart.py", "tests.test_cart.test_none", 5), frame("shop.py", "average", 6))),),
    )  # fmt: skip
    assert second.raised == (
        Raised(type="IllegalStateException", value="empty cart", frames=(
            frame("CartTest.java", "com.shop.CartTest.pays", 3),
            frame("Cart.java", "pay", 9, module="com.shop.Cart"))),
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite>&a;</testsuite>',
        "<?xml version='1.0'?><project/>",
        "<testsuite><testcase>",
        "<testsuite>" + "<a>" * 100,
    ],
)
def test_what_is_no_test_report_is_refused(body):
    with pytest.raises(ImproverError):
        events(body)


def test_a_report_is_taken_whole_once_it_stays_as_it_is_and_again_when_it_is_rewritten(tmp_path):
    report, config = tmp_path / "report.xml", logs.Config(files=[str(tmp_path / "*.xml")])
    bodies, state = [], {}
    for written in (JUNIT[:200], JUNIT, None, None, JUNIT + "\n", None, None):
        if written:
            report.write_text(written)
        polled = logs.poll(state, config)
        state = json.loads(json.dumps(dict(polled.state)))
        bodies += [payload.body.decode() for payload in polled.payloads]
    assert bodies == [JUNIT, JUNIT + "\n"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([JUNIT[:150], *JUNIT.splitlines(), "<failure>", "</testcase>", "<testcase>", "&#x1;"])))
def test_no_report_does_more_harm_than_to_be_refused(pieces):
    try:
        events("<testsuite>" + "".join(pieces))
    except ImproverError as error:
        assert error.hint
