"""Operator agents at MCP servers, as Claude Code's transcripts tell it."""

from functools import partial

from tests.scenarios import drives
from tests.scenarios.label import Expected, Play, Scenario, agent_friction
from tests.scenarios.operators import Operator, as_transcript

sessions = partial(drives.sessions, keep=as_transcript, server="tickets")


async def asks_again(operator: Operator) -> None:
    await operator.call("list_rooms")
    for query in ("printer broken", "broken printer", "printer broken room", "printer broken", "printer is broken"):
        await operator.call("search_tickets", query=query)
    await operator.call("get_ticket", ticket="T-17")


async def one_by_one(operator: Operator) -> None:
    await operator.call("search_tickets", query="printer")
    texts = [await operator.call("get_ticket", ticket=f"T-{n}") for n in (17, 18, 21, 22, 25, 30)]
    await operator.call("write_summary", text="\n".join(texts))


async def wrong_word(operator: Operator) -> None:
    await operator.call("get_ticket", ticket="T-17")
    for status in ("done", "Done", "DONE", "closed"):
        await operator.call("set_status", ticket="T-17", status=status)
    await operator.call("set_status", ticket="T-17", status="st_done")


async def waits_for_export(operator: Operator) -> None:
    await operator.call("start_export")
    for _ in range(6):
        await operator.call("export_status", export=9, think=(9, 11))


async def looks_around(operator: Operator) -> None:
    await operator.call("list_rooms")
    await operator.call("search_tickets", query="paper")
    await operator.call("get_ticket", ticket="T-18")
    await operator.call("set_status", ticket="T-18", status="st_done")


async def corrects_itself(operator: Operator) -> None:
    await operator.call("get_ticket", ticket="T-21")
    await operator.call("set_status", ticket="T-21", status="finished")
    await operator.call("set_status", ticket="T-21", status="st_done")


async def unlocks_first(operator: Operator) -> None:
    await operator.call("search_tickets", query="printer")
    await operator.call("merge", ticket="T-17", into="T-18")
    await operator.call("close_editor", ticket="T-17")
    await operator.call("release_lock", ticket="T-17")
    await operator.call("merge", ticket="T-17", into="T-18")


async def reads_after_writing(operator: Operator) -> None:
    for number in (17, 18, 21):
        await operator.call("get_ticket", ticket=f"T-{number}")
        await operator.call("write_note", ticket=f"T-{number}", note=f"call room {number}")
        await operator.call("read_note", ticket=f"T-{number}")


async def hands_to_and_fro(operator: Operator) -> None:
    await operator.call("get_ticket", ticket="T-17")
    for person in ("ann", "bo", "ann", "bo"):
        await operator.call("assign", ticket="T-17", person=person)


MONTH = (Play(take="session", times=24, since=14, visitors=8),)
label = partial(Scenario, family="agents")

SCENARIOS = [
    label(
        name="the_same_search",
        drive=sessions(asks_again),
        plays=MONTH,
        expected=(agent_friction("redundant_calls", "search_tickets"),),
        story="In every session the same thing is searched for five times in other words, with the same answer.",
    ),
    label(
        name="tickets_one_by_one",
        drive=sessions(one_by_one),
        plays=MONTH,
        expected=(Expected(kinds=("agent_friction", "suggestion"), pattern="batch_candidate", where=("get_ticket",)),),
        story="Six tickets are fetched one by one to be put into one summary.",
    ),
    label(
        name="status_by_guessing",
        drive=sessions(wrong_word),
        plays=MONTH,
        expected=(agent_friction("error_retry_loop", "set_status"),),
        story='`set_status` says only "invalid status"; four guesses fail before one is right.',
    ),
    label(
        name="locked_by_its_editor",
        drive=sessions(unlocks_first),
        plays=MONTH,
        expected=(agent_friction("workaround", "merge", "release_lock"),),
        story="Merging always fails on a lock first; every session closes the editor, releases the lock and"
        " merges again.",
    ),
    label(
        name="note_read_again",
        drive=sessions(reads_after_writing),
        plays=MONTH,
        expected=(agent_friction("write_then_verify", "write_note"),),
        story='`write_note` says "ok"; the note is read after each writing to see what it did.',
    ),
    label(
        name="assigned_to_and_fro",
        drive=sessions(hands_to_and_fro),
        plays=MONTH,
        expected=(agent_friction("undo_redo", "assign"),),
        story="A ticket is given to one, to another, and back, twice, in every session.",
    ),
    label(
        name="export_progress",
        drive=sessions(waits_for_export),
        plays=MONTH,
        story="An export says 20 %, 40 %, 60 %: asking how far it is was what the tool is for.",
    ),
    label(
        name="three_different_reads",
        drive=sessions(looks_around),
        plays=MONTH,
        story="A list, a search, a ticket, and the ticket is closed: nothing was in the way.",
    ),
    label(
        name="corrected_at_once",
        drive=sessions(corrects_itself),
        plays=(Play(take="session", times=5, since=14, visitors=4),),
        story="One wrong word, and the right one at the second try, five times in two weeks.",
    ),
]
