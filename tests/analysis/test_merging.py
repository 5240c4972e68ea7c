"""Findings become one, or stay two, for a reason that is kept; a person has the last word."""

import pytest

from improver import act, pipeline, read
from improver.errors import ImproverError
from tests.world import error, make_shop, opened, plan, send, server_key, settings

FAR = "".join(f"f{n} " for n in range(30)).split()


@pytest.fixture
def runtime(tmp_path):
    with opened(settings(tmp_path, make_shop(tmp_path / "shop"), plan(tmp_path), dispatch={"auto": False})) as runtime:
        yield runtime


def raised(*functions, in_app=True, kind="ValueError"):
    """An error whose stack has these functions, the innermost last; `in_app` may be said of each."""
    told = in_app if isinstance(in_app, list) else [in_app] * len(functions)
    frames = [
        {"filename": "shop.py", "abs_path": "/srv/shop/shop.py", "module": "shop", "function": f, "in_app": own}
        for f, own in zip(functions, told, strict=True)
    ]
    record = error("shop@1")
    record["exception"]["values"] = [{"type": kind, "value": "bad", "stacktrace": {"frames": frames}}]
    return record


def on_lines(*functions, kind="ValueError", first=10):
    """The same with the lines they stood at."""
    record = raised(*functions, kind=kind)
    for frame in record["exception"]["values"][0]["stacktrace"]["frames"]:
        frame["lineno"] = first + len(frame["function"])
    return record


def told(runtime, *records):
    send(runtime, server_key(runtime), *records)
    pipeline.analyse(runtime)
    return read.findings(runtime)


def test_what_a_client_calls_its_own_does_not_make_two_of_one(runtime):
    told(runtime, raised("main", "pay"))
    (only,) = told(runtime, raised("main", "pay", in_app=[False, True]))
    assert only.events == 2
    (related,) = read.finding(runtime, id=only.id).together.related
    assert (related.kin, "whole stacks" in related.because) == ("merged", True)


def test_nearly_the_same_long_stack_is_one_and_another_failure_is_not(runtime):
    found = told(runtime, raised("job", *FAR), raised("view", *FAR), raised("job", *FAR[:-1], "other"))
    assert sorted(finding.events for finding in found) == [1, 2]


def test_what_is_only_alike_is_suggested_and_stays_two(runtime):
    found = told(runtime, raised("a", "b", "c", "d", "pay"), raised("x", "b", "c", "d", "pay"))
    assert len(found) == 2
    (related,) = read.finding(runtime, id=found[0].id).together.related
    assert (related.kin, related.id) == ("alike", found[1].id)
    assert 0.7 <= related.likeness < 0.9


def test_what_was_logged_where_it_was_caught_is_what_surfaced_and_counts_once(runtime):
    caught = [on_lines("price", "net") for _ in range(2)]
    surfaced = [on_lines("view", "order", "price", "net") for _ in range(3)]
    (only,) = told(runtime, *caught, *surfaced)
    assert only.events == 3
    (related,) = read.finding(runtime, id=only.id).together.related
    assert (related.kin, "inner end" in related.because) == ("merged", True)


@pytest.mark.parametrize(
    "other",
    [
        on_lines("price", "net", kind="KeyError"),
        on_lines("price", "net", first=40),
        on_lines("batch", "price", "net"),
        raised("price", "net"),
    ],
    ids=["another type", "another line", "another way", "no lines"],
)
def test_what_only_ends_in_the_same_function_is_not_what_surfaced(runtime, other):
    assert len(told(runtime, on_lines("view", "order", "price", "net"), other)) == 2


def refused(caller, said="502 Server Error: Bad Gateway for url: https://bank.example/transfers/7", line=30):
    """A failure below `ask`, which tells of it in its own words."""
    def at(function, lineno):
        place = {"filename": "shop.py", "abs_path": "/srv/shop/shop.py", "module": "shop", "in_app": True}
        return place | {"function": function, "lineno": lineno}

    record = error("shop@1")
    record["exception"]["values"] = [
        {"type": "HTTPError", "value": said, "stacktrace": {"frames": [at("ask", 28), at("outside", 12)]}},
        {"type": "Refused", "value": f"no {caller}", "stacktrace": {"frames": [at(caller, 50), at("ask", line)]}},
    ]
    return record


def test_what_one_line_tells_of_the_same_failure_is_one_whoever_asked(runtime):
    (only,) = told(runtime, refused("pay"), refused("refund", "502 Server Error: Bad Gateway for url: https://bank.example/x"))
    assert only.events == 2
    (related,) = read.finding(runtime, id=only.id).together.related
    assert (related.kin, "one line tells" in related.because) == ("merged", True)


@pytest.mark.parametrize("other", [refused("refund", "no such account"), refused("refund", line=44)])
def test_another_failure_or_another_line_that_tells_of_it_is_another(other, runtime):
    assert len(told(runtime, refused("pay"), other)) == 2


def missing(view, said):
    record = raised(view, "connect", in_app=[True, False], kind="OperationalError")
    record["exception"]["values"][0]["value"] = said
    return record


def test_what_was_not_there_is_one_wherever_it_was_needed(runtime):
    (only,) = told(runtime, *(missing(view, "unable to open database file") for view in ("huts", "search", "book")))
    assert only.events == 3
    assert "was not there" in read.finding(runtime, id=only.id).together.related[0].because


def test_what_failed_again_while_it_was_tidied_up_is_the_same_outage(runtime):
    once, again = missing("upload", full := "[Errno 28] No space left on device"), missing("export", full)
    for record in (once, again):
        record["exception"]["values"][0]["type"] = "OSError"
    again["exception"]["values"] *= 2
    assert len(told(runtime, once, again)) == 1


def stops(caller, text="return joined.replace(year=year)", said="day is out of range for month", service="site"):
    """One line that is always the same, below another caller."""
    record = on_lines(caller, "renewal")
    (only,) = record["exception"]["values"]
    only["value"], only["stacktrace"]["frames"][-1]["context_line"] = said, text
    return record | {"tags": {"service": service}}


def test_a_line_that_cannot_do_what_it_does_is_one_bug_whoever_comes_to_it(runtime):
    (only,) = told(runtime, stops("page"), stops("page"), stops("job", service="nightly"))
    assert only.events == 3
    (related,) = read.finding(runtime, id=only.id).together.related
    assert (related.kin, "only who came to it differs" in related.because) == ("merged", True)


@pytest.mark.parametrize(
    "other",
    [
        stops("job", said="year 0 is out of range"),
        stops("job", text="return joined + YEAR"),
        raised("job", "renewal"),
    ],
    ids=["other words", "another line", "a line that nobody knows"],
)
def test_a_line_that_fails_in_another_way_is_another(runtime, other):
    assert len(told(runtime, stops("page"), other)) == 2


def test_a_line_that_refuses_has_as_many_bugs_as_callers(runtime):
    text = 'raise ValueError("a year must be given")'
    assert len(told(runtime, stops("page", text), stops("job", text))) == 2


def test_a_line_that_fails_in_many_ways_passes_on_what_its_callers_do_wrong(runtime):
    ways = [stops(f"{caller}{number}", "return bill[key]", f"no {caller}") for caller in "abc" for number in "12"]
    assert len(told(runtime, *ways)) == 6


def test_what_the_code_asks_wrongly_in_several_places_is_several(runtime):
    assert len(told(runtime, *(missing(view, f"no such column: {view}") for view in ("huts", "search")))) == 2


def test_other_types_of_exception_are_never_one(runtime):
    assert len(told(runtime, raised(*FAR), raised(*FAR, kind="KeyError"))) == 2


def test_a_person_merges_and_it_is_remembered(runtime):
    one, other = told(runtime, raised("pay"), raised("load"))
    act.merge(runtime, id=one.id, into=other.id)
    (only,) = told(runtime, raised("pay"))
    assert (only.id, only.fingerprint, only.events) == (other.id, other.fingerprint, 3)
    assert read.finding(runtime, id=one.id).together.merged_into == other.id
    assert [finding.id for finding in read.findings(runtime, status="merged")] == [one.id]
    with pytest.raises(ImproverError, match="one already"):
        act.merge(runtime, id=other.id, into=one.id)


def test_a_person_splits_and_it_is_never_undone_by_itself(runtime):
    told(runtime, raised("main", "pay"))
    (only,) = told(runtime, raised("main", "pay", in_app=[False, True]))
    act.split(runtime, id=only.id)
    pipeline.analyse(runtime)
    assert [finding.events for finding in read.findings(runtime)] == [1, 1]
    assert len(told(runtime, raised("main", "pay"))) == 2
    with pytest.raises(ImproverError, match="not made of several"):
        act.split(runtime, id=only.id)


def test_a_second_pass_changes_nothing(runtime):
    found = told(runtime, raised("job", *FAR), raised("view", *FAR), raised("a", "b", "c", "d", "pay"))
    kept = runtime.warehouse.state.rows("select * from kinships order by id")
    pipeline.analyse(runtime)
    assert runtime.warehouse.state.rows("select * from kinships order by id") == kept
    assert read.findings(runtime) == found


def test_findings_of_several_environments_cannot_be_merged(runtime):
    elsewhere = raised("load") | {"environment": "staging"}
    one, other = told(runtime, raised("pay"), elsewhere)
    with pytest.raises(ImproverError, match="different targets or environments"):
        act.merge(runtime, id=one.id, into=other.id)


def test_the_key_is_explained_frame_by_frame(runtime):
    (only,) = told(runtime, raised("main", "pay", in_app=[False, True]))
    parts = [(p.what, p.text, p.ignored) for p in read.finding(runtime, id=only.id).together.parts]
    assert parts == [("type", "ValueError", ""), ("frame", "shop|main", "a library's"), ("frame", "shop|pay", "")]
