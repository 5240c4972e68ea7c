"""What several raised at once is one bug if it is one, whoever tells of it and however it is printed."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from textwrap import dedent

import pytest

from improver.collectors._exception_groups import of_mechanisms
from improver.collectors._log_records import records
from improver.collectors._log_stacks import failure_in
from improver.collectors._sentry_events import error_or_log
from improver.collectors._stacks import chain_of
from improver.grouping import explain, group
from improver.model import ErrorEvent, Frame, Payload, Raised

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def error(raised, platform="python"):
    return ErrorEvent(payload_id="p", occurred_at=NOW, platform=platform, raised=tuple(raised))


def key(raised, platform="python"):
    return group(error(raised, platform)).key


def one(function, kind="KeyError", value="x", lineno=3, file="fleet.py"):
    return Raised(type=kind, value=value, frames=(Frame(filename=file, function=function, lineno=lineno, in_app=True),))


def sentry(tree):
    """As SDKs number an exception, a group's members and causes, and send them: what surfaced last."""
    raised, mechanisms = [], []

    def add(node, parent=None, source=""):
        what, members, cause = node
        number = len(raised)
        told = {"exception_id": number} | ({} if parent is None else {"parent_id": parent, "source": source})
        raised.append(what)
        mechanisms.append({"mechanism": told | ({"is_exception_group": True} if members else {})})
        if cause:
            add(cause, number, "__cause__")
        for index, member in enumerate(members):
            add(member, number, f"exceptions[{index}]")

    add(tree)
    return of_mechanisms(mechanisms[::-1], raised[::-1])


def leaf(*args, cause=None, **kw):
    return one(*args, **kw), (), cause


def grouped(*members, at="etas", kind="ExceptionGroup"):
    return one(at, kind, "unhandled errors in a TaskGroup"), members, None


def test_members_of_one_bug_are_that_bug_however_many_failed():
    alone = key([one("eta_of")])
    assert key(sentry(grouped(leaf("eta_of")))) == alone
    assert key(sentry(grouped(*(leaf("eta_of", value=str(n), lineno=n) for n in range(9))))) == alone
    assert sentry(grouped(leaf("eta_of"), leaf("eta_of")))[-1].frames[-1].function == "eta_of"


def test_where_the_group_was_raised_does_not_count_and_it_is_said_why():
    assert key(sentry(grouped(leaf("eta_of"), at="etas"))) == key(sentry(grouped(leaf("eta_of"), at="plans")))
    ignored = {part.text: part.ignored for part in explain(error(sentry(grouped(leaf("eta_of")))))}
    assert ignored["ExceptionGroup"] == ignored["fleet|etas"] == "only holds what others raised"
    assert ignored["fleet|eta_of"] == ""


def test_members_that_differ_count_each_once_in_any_order():
    a, b = leaf("eta_of"), leaf("toll_of", "TypeError")
    assert key(sentry(grouped(a, b))) == key(sentry(grouped(b, a, b)))
    assert len({key(sentry(grouped(*members))) for members in ((a,), (b,), (a, b))}) == 3


def test_a_group_within_a_group_holds_no_more_than_a_flat_one():
    a, b = leaf("eta_of"), leaf("toll_of", "TypeError")
    assert key(sentry(grouped(grouped(a), grouped(b, a)))) == key(sentry(grouped(a, b)))


def test_what_led_to_a_member_stays_with_it():
    cause = leaf("read", "OSError")
    chained = sentry(grouped(leaf("eta_of", cause=cause), leaf("eta_of", cause=cause)))
    assert [raised.type for raised in chained] == ["ExceptionGroup", "OSError", "KeyError"]
    assert key(chained) == key([one("read", "OSError"), one("eta_of")])


def test_what_was_raised_because_of_a_group_surfaced():
    chain = sentry((one("run", "RuntimeError"), (), grouped(leaf("eta_of"), leaf("eta_of"))))
    assert [raised.type for raised in chain] == ["ExceptionGroup", "KeyError", "RuntimeError"]
    assert key(chain) != key([one("eta_of")])


def test_members_without_a_stack_are_known_by_what_they_say():
    def failed(*said):
        members = ((Raised(type="Error", value=value), (), None) for value in said)
        return key(sentry((Raised(type="AggregateError", value="All promises were rejected"), tuple(members), None)))

    assert failed("van 3 is away", "van 4 is away") == failed("van 9 is away")
    assert failed("van 3 is away") != failed("no fuel left")
    assert failed("van 3 is away", "no fuel left") == failed("no fuel left", "van 5 is away")


def test_without_own_code_in_any_member_the_groups_place_counts():
    foreign = Frame(filename="site-packages/httpx/_client.py", function="send", in_app=False)
    refused = Raised(type="ConnectError", value="refused", frames=(foreign,)), (), None
    assert key(sentry(grouped(refused, at="etas"))) != key(sentry(grouped(refused, at="plans")))


@pytest.mark.parametrize(
    ("group_type", "member", "cause", "platform"),
    [
        ("ExceptionGroup", "exceptions[{}]", "__context__", "python"),
        ("AggregateError", "errors[{}]", "cause", "javascript"),
        ("AggregateException", "InnerExceptions[{}]", "InnerException", "csharp"),
    ],
)
def test_each_sdk_of_sentry_tells_the_tree_in_its_own_words(group_type, member, cause, platform):
    def value(number, kind, function, **mechanism):
        frames = [{"filename": f"{function}.src", "function": function, "in_app": True, "lineno": number}]
        told = {"type": "chained", "exception_id": number, **mechanism}
        return {"type": kind, "value": "x", "stacktrace": {"frames": frames}, "mechanism": told}

    members = [value(n, "TimeoutError", "eta", parent_id=0, source=member.format(n)) for n in range(1, 70)]
    led = value(70, "IOError", "read", parent_id=0, source=cause)
    values = [led, *reversed(members), value(0, group_type, "all", is_exception_group=True)]
    payload = Payload(id="p", collector="sentry", path="/", received_at=NOW, body=b"")
    decoded = error_or_log({"platform": platform, "exception": {"values": values}}, payload)
    assert [raised.type for raised in decoded.raised if not raised.member][-1] == group_type
    assert (decoded.raised[-1].type, decoded.raised[-1].frames[-1].function) == ("TimeoutError", "eta")
    alone = error_or_log({"platform": platform, "exception": {"values": members[:1]}}, payload)
    first = {**members[0], "mechanism": {**members[0]["mechanism"], "source": member.format(0)}}
    one_only = {"platform": platform, "exception": {"values": [first, values[-1]]}}
    assert group(alone).key == group(error_or_log(one_only, payload)).key


@pytest.mark.parametrize(
    "told",
    [
        [{"exception_id": 0, "is_exception_group": True, "parent_id": 0}] * 3,
        [{"exception_id": 2, "parent_id": 1}, {"exception_id": 1, "parent_id": 2}, {"is_exception_group": True}],
        [{"exception_id": "x", "is_exception_group": 1}, {}, None],
        [{"exception_id": 1, "parent_id": 7}, {"exception_id": 0, "is_exception_group": True}, {"exception_id": 2}],
    ],
    ids=["one number", "in a circle", "no numbers", "no parent"],
)
def test_contradictory_numbers_lose_no_exception(told):
    raised = [one("a"), one("b"), one("c")]
    chain = of_mechanisms([{"mechanism": mechanism} for mechanism in told], raised)
    assert sorted(one.frames[-1].function for one in chain) == ["a", "b", "c"]


PYTHON = """
import asyncio, traceback
async def eta_of(van):
    if van % 2:
        raise LookupError(van)
    try:
        {}[van]
    except KeyError as error:
        raise ValueError(van) from error
async def main(*vans):
    async with asyncio.TaskGroup() as group:
        for van in vans:
            group.create_task(eta_of(van))
        if len(vans) == 4:
            group.create_task(main(1, 2))
def printed(*vans):
    try:
        asyncio.run(main(*vans))
    except ExceptionGroup:
        return traceback.format_exc()
"""


def printed(call, more=""):
    program = f"{PYTHON}\n{more}\nimport json\nprint(json.dumps({call}))"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    return json.loads(out)


def test_python_prints_a_group_as_a_tree():
    one_bug, twice, both, nested = printed("[printed(1), printed(1, 3), printed(1, 2), printed(2, 1, 4, 3)]")
    shown = [(raised.type, raised.group, raised.member) for raised in chain_of(nested, kind="ExceptionGroup")]
    assert shown == [
        ("ExceptionGroup", True, 0), ("LookupError", False, 1), ("KeyError", False, 2), ("ValueError", False, 2),
    ]  # fmt: skip
    assert key(chain_of(one_bug)) == key(chain_of(twice)) != key(chain_of(both)) == key(chain_of(nested))


def test_a_log_keeps_the_whole_tree_in_one_record():
    (nested,) = printed("[printed(2, 1, 4, 3)]")
    log = f"2026-01-01 10:00:00 ERROR etas failed\n{nested}2026-01-01 10:00:01 INFO next\n"
    first, second = _records(log)
    failure = failure_in(first)
    assert failure.above == "2026-01-01 10:00:00 ERROR etas failed"
    assert [raised.type for raised in failure.chain] == ["ExceptionGroup", "LookupError", "KeyError", "ValueError"]
    assert second.endswith("INFO next")


def _records(log):
    lines = log.encode().splitlines(keepends=True)
    return [b"".join(record.raw).decode().rstrip("\n") for record in records(lines, "auto")]


NODE = """\
[AggregateError: All promises were rejected] {
  [errors]: [
    TypeError: no van 3
        at etaOf (/srv/fleet/vans.js:1:39)
        at async Promise.any (index 0)
        at async etas (/srv/fleet/main.js:2:30),
    TypeError: no van 4
        at etaOf (/srv/fleet/vans.js:1:39)
        at async Promise.any (index 1)
        at async etas (/srv/fleet/main.js:2:30) {
      [cause]: Error: away
          at gps (/srv/fleet/gps.js:7:1)
    }
  ]
}
"""
DOTNET = """\
System.AggregateException: One or more errors occurred. (no van 3) (no van 4)
 ---> System.InvalidOperationException: no van 3
   at Fleet.Vans.Eta(Int32 van) in /src/Vans.cs:line 12
   --- End of inner exception stack trace ---
   at System.Threading.Tasks.Task.WaitAll(Task[] tasks)
   at Fleet.Plans.Run() in /src/Plans.cs:line 3
 ---> (Inner Exception #1) System.InvalidOperationException: no van 4
   at Fleet.Vans.Eta(Int32 van) in /src/Vans.cs:line 14<---

"""
ALONE = """\
System.InvalidOperationException: no van 3
   at Fleet.Vans.Eta(Int32 van) in /src/Vans.cs:line 12
"""


def test_node_prints_what_all_promises_were_rejected_with():
    chain = failure_in(NODE).chain
    assert [(raised.type, raised.value, raised.member) for raised in chain] == [
        ("AggregateError", "All promises were rejected", 0),
        ("TypeError", "no van 3", 1),
        ("Error", "away", 2),
        ("TypeError", "no van 4", 2),
    ]
    assert [frame.function for frame in chain[1].frames] == ["etas", "Promise.any", "etaOf"]
    same = NODE.partition(" {\n      [cause]")[0] + "\n  ]\n}"
    alone = dedent(NODE.split("[errors]: [\n")[1].split(",\n")[0])
    assert key(failure_in(same).chain, "node") == key(failure_in(alone).chain, "node")


@pytest.mark.parametrize("read", [chain_of, lambda text: failure_in(f"fail: it broke\n{text}").chain])
def test_dotnet_prints_an_aggregate_with_its_inner_exceptions(read):
    chain = read(DOTNET)
    assert [raised.type for raised in chain] == ["AggregateException", *["InvalidOperationException"] * 2]
    assert [frame.function for frame in chain[1].frames] == ["Eta"]
    assert key(chain, "csharp") == key(read(ALONE), "csharp")


def test_an_inner_exception_of_dotnet_does_not_take_the_frames_of_the_outer_one():
    outer = DOTNET.replace("AggregateException", "ApplicationException").partition(" ---> (Inner")[0]
    inner, surfaced = chain_of(outer)
    assert [frame.function for frame in inner.frames] == ["Eta"]
    assert [frame.function for frame in surfaced.frames] == ["Run", "System.Threading.Tasks.Task.WaitAll"]


def test_what_a_record_says_of_a_group_is_not_said_of_its_members():
    chain = chain_of(DOTNET, kind="System.AggregateException", said="One or more errors occurred.")
    assert (chain[0].type, chain[-1].type) == ("AggregateException", "InvalidOperationException")
    assert (chain[0].value, chain[-1].value) == ("One or more errors occurred.", "no van 4")


@pytest.mark.parametrize(
    "text",
    ["".join(f"{'  ' * n}[errors]: [\n{'  ' * n}  Error: x\n    at f (a.js:1:1)\n" for n in range(2000)),
     "X: y\n" + " ---> (Inner Exception #1) A: b\n   at F() in a.cs:line 1\n" * 2000,
     "X: y\n   at F() in a.cs:line 1\n" + "Caused by: A: b\n" * 4000],
    ids=["errors in errors", "inner exceptions", "causes"],
)  # fmt: skip
def test_a_hostile_tree_has_an_end(text):
    assert len(chain_of(text)) <= 102


def test_a_hostile_python_tree_has_an_end():
    bars = "".join(f"{' ' * n}+---------------- {n} ----------------\n{' ' * n}| a\n" for n in range(2, 60))
    text = "Traceback (most recent call last):\nValueError: x\n" + bars * 40
    assert [raised.type for raised in chain_of(text)] == ["ValueError"]
