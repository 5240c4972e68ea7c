"""Operators at a firm's books and at a newsletter tool, as transcripts and as spans tell of them."""

from functools import partial
from typing import Any

from tests.scenarios.drives import sessions
from tests.scenarios.label import Expected, Play, Scenario
from tests.scenarios.operators import Operator, as_spans, as_transcript

MONTH = (Play(take="session", times=24, since=14, visitors=8),)
label = partial(Scenario, family="agents", plays=MONTH)


async def files_receipts(operator: Operator) -> None:
    month = operator.dice.choice(("2026-08", "2026-09", "2026-10"))
    found = await operator.call("list_transactions", account="card", month=month)
    for line in found.splitlines():
        transaction = line.split()[0]
        await operator.call("attach_receipt", transaction=transaction, file=f"{transaction}.pdf", think=(2, 4))
    await operator.call("close_month", month=month)


async def bills(operator: Operator) -> None:
    for name, amount in (("Oak and Sons", 840.0), ("Mill Bakery", 95.5)):
        customer = (await operator.call("find_customer", name=name)).split()[0]
        await operator.call("create_invoice", customer=customer, amount=amount, text="Service in November")
        number = (await operator.call("list_invoices", customer=customer)).split()[0]
        await operator.call("send_invoice", number=number)


async def pays_back(operator: Operator) -> None:
    """One in four is so much that somebody has to agree."""
    payment, amount = operator.dice.choice((("pm-77", 30), ("pm-94", 640), ("pm-81", 120), ("pm-90", 64)))
    await operator.call("get_payment", payment=payment)
    answer = await operator.call("pay_back", payment=payment, amount=amount, reason="came back unopened")
    if "need an approval" in answer:
        await operator.call("request_approval", payment=payment, reason="came back unopened", think=(5, 9))
        await operator.call("pay_back", payment=payment, amount=amount, reason="came back unopened", think=(90, 140))
    await operator.call("write_to_customer", payment=payment, text=f"{amount} EUR are on their way to you")


async def reports(operator: Operator) -> None:
    await operator.call("sign_in")
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("campaign_stats", {"campaign": "cp-7"}), ("audience_growth", {"audience": "shop"}),
        ("bounce_report", {"month": "2026-10"}), ("top_links", {"campaign": "cp-7"}),
        ("best_hour", {"audience": "shop"}), ("spam_score", {"campaign": "cp-7"}),
        ("campaign_stats", {"campaign": "cp-8"}), ("top_links", {"campaign": "cp-8"}),
    )  # fmt: skip
    for tool, about in asked:
        if "expired" in await operator.call(tool, **about):
            await operator.call("sign_in", think=(2, 3))
            await operator.call(tool, **about)
    await operator.call("write_report", text="October was better than September")


async def sends_with_care(operator: Operator) -> None:
    campaign = (await operator.call("create_campaign", subject="Winter sale", audience="shop")).split()[0]
    await operator.call("set_text", campaign=campaign, text="All coats at half their price until Sunday")
    await operator.call("preview", campaign=campaign)
    await operator.call("count_recipients", campaign=campaign)
    await operator.call("send_test", campaign=campaign, to="marketing@example.org")
    await operator.call("send_campaign", campaign=campaign, think=(60, 120))


async def writes_with_a_person(operator: Operator) -> None:
    """Who asks, reads each draft for a minute or two, and then wants it otherwise."""
    campaign = (await operator.call("create_campaign", subject="Open evening", audience="neighbours")).split()[0]
    wishes = (
        "Come and see us on Thursday", "Come and see us on Thursday, there is soup",
        "On Thursday there is soup, and our doors are open from six",
    )  # fmt: skip
    for text in wishes[: operator.dice.choice((2, 3))]:
        await operator.call("set_text", campaign=campaign, text=text, think=(60, 130))
    await operator.call("count_recipients", campaign=campaign)
    await operator.call("send_test", campaign=campaign, to="anna@example.org")


SCENARIOS = [
    label(
        name="receipts_filed_singly",
        drive=sessions(files_receipts, as_transcript, "bookkeeping"),
        expected=(Expected(kinds=("agent_friction", "suggestion"), where=("attach_receipt",)),),
        story="Each month's nine receipts are attached in nine calls, one after the other: offer one for all of them.",
        # Why: the list is known before the first call, and eight of eleven calls would be saved.
    ),
    label(
        name="invoice_without_its_number",
        drive=sessions(bills, as_spans, "bookkeeping"),
        expected=(Expected(kinds=("agent_friction", "suggestion"), where=("create_invoice", "list_invoices")),),
        story='`create_invoice` says "ok" and no number; the customer\'s invoices are listed after each to learn it.',
        # Why: one call of four is there only because the answer of another lacks a word.
    ),
    label(
        name="signed_in_every_three_calls",
        drive=sessions(reports, as_transcript, "mailings"),
        expected=(
            Expected(kinds=("agent_friction", "error"), where=("sign_in", "expired", "top_links", "campaign_stats")),
        ),
        story="A session is good for three calls; then whatever is called fails, the operator signs in and calls again,"
        " twice in every report. Whichever tool it meets, it is one cause.",
        # Why: four of fourteen calls are lost to it in every session, and longer sessions would end it.
    ),
    label(
        name="checked_before_thousands_read_it",
        drive=sessions(sends_with_care, as_transcript, "mailings"),
        story="A mailing to twelve thousand people is written, previewed, counted and tested before it is sent.",
        # Why: it cannot be taken back; each check says what no other call does.
    ),
    label(
        name="refund_above_the_limit",
        drive=sessions(pays_back, as_spans, "bookkeeping", runs=8),
        story="Small refunds are paid at once; a large one is refused until somebody agrees, is agreed to, and paid.",
        # Why: the limit is a control that somebody wanted; the refusal says what to do, and it is done once.
    ),
    label(
        name="drafts_for_a_person",
        drive=sessions(writes_with_a_person, as_spans, "mailings"),
        story="A text is set two or three times in a session, minutes apart, as somebody reads it and wants it"
        " otherwise.",
        # Why: that is writing; no call repeats another, and none undoes one.
    ),
]
