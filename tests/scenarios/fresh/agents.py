"""Operators at a help desk's tickets and at a team's calendar, as spans and as transcripts tell of them."""

from functools import partial

from tests.scenarios.drives import sessions
from tests.scenarios.label import Expected, Play, Scenario
from tests.scenarios.operators import Operator, as_spans, as_transcript

MONTH = (Play(take="session", times=24, since=14, visitors=8),)
label = partial(Scenario, family="agents", plays=MONTH)
DAYS = ("2026-12-07", "2026-12-08", "2026-12-09", "2026-12-10", "2026-12-11")


async def looks_for_a_slot(operator: Operator) -> None:
    person = await operator.call("find_person", name="Rosa")
    address = person.split(",")[0]
    for day in DAYS:
        await operator.call("free_slots", person=address, day=day, think=(2, 4))
    other = (await operator.call("find_person", name="Milan")).split(",")[0]
    for day in DAYS:
        await operator.call("free_slots", person=other, day=day, think=(2, 4))
    event = await operator.call("create_event", title="Handover", start="2026-12-09T11:00", zone="UTC")
    await operator.call("invite", event=event.split()[0], people=[address, other])


async def arranges_a_day(operator: Operator) -> None:
    rosa = (await operator.call("find_person", name="Rosa")).split(",")[0]
    await operator.call("free_slots", person=rosa, day=DAYS[1])
    event = (await operator.call("create_event", title="Interview", start="2026-12-08T12:00", zone="UTC")).split()[0]
    await operator.call("invite", event=event, people=[rosa])
    await operator.call("book_room", event=event, room="Douro")
    # She calls in between, and would rather have it later.
    await operator.call("move_event", event=event, start="2026-12-08T14:00", think=(40, 70))


async def closes_tickets(operator: Operator) -> None:
    await operator.call("search_tickets", query="open")
    for ticket in ("T-410", "T-413"):
        seen = await operator.call("get_ticket", ticket=ticket)
        await operator.call("update_ticket", ticket=ticket, version=int(seen.split()[-1]), status="solved")
        seen = await operator.call("get_ticket", ticket=ticket)
        await operator.call("update_ticket", ticket=ticket, version=int(seen.split()[-1]), status="solved")
        await operator.call("send_reply", ticket=ticket, text="It is solved")


async def triages(operator: Operator) -> None:
    """All pages of what was found, those that matter are read, and one of them is answered."""
    cursor = ""
    while True:
        found = await operator.call("search_tickets", query="hardware", cursor=cursor)
        if "next cursor" not in found:
            break
        cursor = found.split()[-1]
    await operator.call("get_ticket", ticket="T-410")
    await operator.call("read_knowledge", article="printers")
    await operator.call("add_comment", ticket="T-410", text="Asked the user to switch it off and on")
    await operator.call("get_ticket", ticket="T-415", think=(6, 14))
    await operator.call("send_reply", ticket="T-410", text="Please switch it off and on")


async def waits_when_told(operator: Operator) -> None:
    await operator.call("get_ticket", ticket="T-412")
    await operator.call("list_assets", department="sales")
    await operator.call("read_knowledge", article="laptops")
    found = await operator.call("list_assets", department="legal")
    if "429" in found:
        await operator.call("list_assets", department="legal", think=(10.5, 12))
    await operator.call("add_comment", ticket="T-412", text="28 laptops, 4 printers")


SCENARIOS = [
    label(
        name="slots_day_by_day",
        drive=sessions(looks_for_a_slot, as_spans, "diary"),
        expected=(Expected(kinds=("agent_friction", "suggestion"), where=("free_slots",)),),
        story="A week's free slots are asked for day by day, for each of two people, in every session: offer a span"
        " of days.",
    ),
    label(
        name="always_out_of_date",
        drive=sessions(closes_tickets, as_spans, "board"),
        expected=(Expected(kinds=("agent_friction", "error"), where=("update_ticket", "get_ticket")),),
        story="The first update of each ticket is refused, as its version is out of date by the reading itself; it is"
        " read again and updated again: one cause.",
    ),
    label(
        name="queue_is_triaged",
        drive=sessions(triages, as_transcript, "board"),
        story="Two pages of a search, two tickets and an article are read, a comment and a reply are written.",
    ),
    label(
        name="waits_for_the_inventory",
        drive=sessions(waits_when_told, as_spans, "board"),
        story="An inventory is asked twice within ten seconds: 429, with the time to wait. It is waited, and answered.",
    ),
    label(
        name="interview_arranged",
        drive=sessions(arranges_a_day, as_transcript, "diary"),
        story="An appointment with invitation and room, moved once because somebody asked for it.",
    ),
]
