"""Operator agents of a deployment tool, as OpenTelemetry's GenAI spans tell it."""

from functools import partial

from tests.scenarios import drives
from tests.scenarios.label import Expected, Play, Scenario, agent_friction
from tests.scenarios.operators import Operator, as_spans

sessions = partial(drives.sessions, keep=as_spans, server="deploys")


async def works_around(operator: Operator) -> None:
    await operator.call("find_service", name="billing")
    await operator.call("deploy", service="billing")
    await operator.call("clear_cache")
    await operator.call("restart_worker")
    await operator.call("deploy", service="billing")


async def straight(operator: Operator) -> None:
    await operator.call("find_service", name="billing")
    await operator.call("read_config", name="region")
    await operator.call("report", text="the region is the default one")


async def verifies(operator: Operator) -> None:
    for name in ("region", "size", "log_level", "quota"):
        await operator.call("write_config", name=name, value="high")
        await operator.call("read_config", name=name)
    await operator.call("report", text="four settings changed")


async def changes_its_mind(operator: Operator) -> None:
    await operator.call("find_service", name="billing")
    for card in ("C-1", "C-2"):
        await operator.call("move_card", card=card, column="Done")
        await operator.call("move_card", card=card, column="Review")
        await operator.call("move_card", card=card, column="Done")
        await operator.call("move_card", card=card, column="Review")


async def finds_again(operator: Operator) -> None:
    for name in ("billing", "billing", "billing service", "billing"):
        await operator.call("find_service", name=name)
    await operator.call("fetch_metrics", service="billing")
    await operator.call("fetch_metrics", service="billing")
    await operator.call("report", text="fine")


async def knocks(operator: Operator) -> None:
    for _ in range(5):
        await operator.call("deploy", service="billing", think=(2, 3))
    await operator.call("report", text="could not deploy")


async def asks_owners(operator: Operator) -> None:
    owners = [await operator.call("owner_of", service=name) for name in ("billing", "search", "mail", "stock", "web")]
    await operator.call("report", text="\n".join(owners))


async def leafs(operator: Operator) -> None:
    for cursor in range(8):
        await operator.call("list_logs", cursor=cursor)
    await operator.call("report", text="nothing in the logs")


async def waits(operator: Operator) -> None:
    for _ in range(5):
        await operator.call("rollout_status", rollout=3, think=(14, 16))


async def tries_once_more(operator: Operator) -> None:
    await operator.call("fetch_metrics", service="search")
    await operator.call("fetch_metrics", service="search")
    await operator.call("report", text="fine")


async def tells_people(operator: Operator) -> None:
    await operator.call("find_service", name="billing")
    await operator.call("notify", person="ann", text="billing moves on Monday")
    await operator.call("notify", person="bo", text="please look at the invoices after that")


label = partial(Scenario, family="agents")
MONTH = (Play(take="session", times=24, since=14, visitors=8),)

SCENARIOS = [
    label(
        name="cache_before_every_deployment",
        drive=sessions(works_around),
        plays=MONTH,
        expected=(agent_friction("workaround", "deploy", "clear_cache"),),
        story="Every first deployment fails; every session clears the cache, restarts the worker and tries again.",
    ),
    label(
        name="reads_what_it_wrote",
        drive=sessions(verifies),
        plays=MONTH,
        expected=(agent_friction("write_then_verify", "write_config"),),
        story='`write_config` says only "ok", so every write is followed by a read of the same.',
    ),
    label(
        name="cards_to_and_fro",
        drive=sessions(changes_its_mind),
        plays=MONTH,
        expected=(agent_friction("undo_redo", "move_card"),),
        story="Cards are moved to a column, back, there again and back again.",
    ),
    label(
        name="finds_the_same_again",
        drive=sessions(finds_again),
        plays=MONTH,
        expected=(agent_friction("redundant_calls", "find_service"),),
        story="Each session asks four times for one service and is told the same two; a metric that times"
        " out once is no matter.",
    ),
    label(
        name="knocks_five_times",
        drive=sessions(knocks),
        plays=MONTH,
        expected=(agent_friction("error_retry_loop", "deploy"),),
        story="A deployment fails with the same words five times in a row, and then it is given up.",
    ),
    label(
        name="owners_for_a_report",
        drive=sessions(asks_owners),
        plays=MONTH,
        expected=(Expected(kinds=("agent_friction", "suggestion"), pattern="batch_candidate", where=("owner_of",)),),
        story="The owners of five services are asked for one by one and written into one report.",
    ),
    label(
        name="leafs_through_logs",
        drive=sessions(leafs),
        plays=MONTH,
        story="A log is read page by page, by its cursor.",
    ),
    label(
        name="rollout_progress",
        drive=sessions(waits),
        plays=MONTH,
        story="A rollout of five machines is watched, machine by machine.",
    ),
    label(
        name="once_more_after_a_timeout",
        drive=sessions(tries_once_more),
        plays=(Play(take="session", times=6, since=14, visitors=4),),
        story="A metric times out, and is there at the second try.",
    ),
    label(
        name="tells_two_people",
        drive=sessions(tells_people),
        plays=MONTH,
        story="Two people are told two things, in two calls.",
    ),
    label(name="straight_to_it", drive=sessions(straight), plays=MONTH, story="Find, read, report."),
]
