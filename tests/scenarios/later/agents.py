"""Operators at a spreadsheet's MCP server, as OpenTelemetry's spans and Claude Code's transcripts tell it."""

from functools import partial

from tests.scenarios.drives import sessions
from tests.scenarios.label import Expected, Play, Scenario
from tests.scenarios.operators import Operator, as_spans, as_transcript

MONTH = (Play(take="session", times=24, since=14, visitors=8),)
told_by_spans = partial(sessions, keep=as_spans, server="sheets")
told_by_transcripts = partial(sessions, keep=as_transcript, server="sheets")
label = partial(Scenario, family="agents", plays=MONTH)


async def fills_in(operator: Operator) -> None:
    await operator.call("open_sheet", name="budget")
    for row in range(2, 10):
        await operator.call("set_cell", cell=f"B{row}", value=str(100 * row), think=(2, 4))
    await operator.call("send", file="budget", to="ann")


async def wants_pdf(operator: Operator) -> None:
    await operator.call("open_sheet", name="budget")
    await operator.call("export_pdf", name="budget")
    file = await operator.call("export_html", name="budget")
    paper = await operator.call("convert", file=file, to="pdf")
    await operator.call("send", file=paper, to="ann")


async def follows_references(operator: Operator) -> None:
    await operator.call("open_sheet", name="budget")
    for name in ("start.md", "rules.md", "exceptions.md", "minutes-2024.md"):
        await operator.call("read_note", name=name)
    await operator.call("set_cell", cell="B7", value="310")


async def until_checks_pass(operator: Operator) -> None:
    await operator.call("open_sheet", name="budget")
    await operator.call("run_checks")
    await operator.call("set_cell", cell="B4", value="400")
    await operator.call("run_checks")
    await operator.call("set_cell", cell="C9", value="EUR")
    await operator.call("run_checks")


SCENARIOS = [
    label(
        name="cells_one_by_one",
        drive=told_by_spans(fills_in),
        expected=(Expected(kinds=("agent_friction", "suggestion"), pattern="batch_candidate", where=("set_cell",)),),
        story="Eight cells of a column are set in eight calls, in every session: offer set_cells.",
    ),
    label(
        name="pdf_by_a_detour",
        drive=told_by_transcripts(wants_pdf),
        expected=(Expected(kinds=("agent_friction", "error"), where=("export_pdf",)),),
        story="export_pdf always fails; every session exports HTML and converts it instead.",
    ),
    label(
        name="one_note_leads_to_another",
        drive=told_by_transcripts(follows_references),
        story="Four notes are read with one tool, each because the one before names it.",
    ),
    label(
        name="until_checks_pass",
        drive=told_by_spans(until_checks_pass),
        story="Checks fail for one reason, then for another, and pass, with a cell mended before each: that is work.",
    ),
]
