"""The report, as people get it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from improver import report as layout
from improver.answers.findings import FindingRow, ScoreView
from improver.answers.report import EnvironmentReport, Line, Report
from improver.cli import report_layout
from improver.model import Introduced

Layout = Callable[[Report], str]
NOW = datetime(2025, 11, 21, 12, tzinfo=UTC)
HOSTILE = "@octocat Fixes #1 </details><script>alert(1)</script> `x` | [a](http://evil.example)\x1b[31m\u202e\n# Head"


def row(finding_id: str = "3f2a9c1b77aa", **fields: object) -> FindingRow:
    made = FindingRow(
        id=finding_id,
        kind="error",
        target="shop",
        environment="production",
        location="shop/cart.py:42 total",
        title="ZeroDivisionError: division by zero",
        fingerprint="v1:00aa11bb22cc33dd",
        status="open",
        minutes_per_week=252.0,
        events=84,
        users=7,
        first_seen=NOW - timedelta(days=2),
        last_seen=NOW - timedelta(minutes=5),
        trend="new",
        score=ScoreView(value=504.0, reasons=("252 min a week: 84 × 3 min each (error)", "trend × 2: it grows")),
        sources=("sentry",),
        skipped=None,
        pattern="error",
        place="",
        advice="",
        hourly=(0,) * 168,
        severity="P2",
        cause="",
        located_by="frame",
        unlocated="",
        owners=("@octo/shop",),
        introduced=Introduced(release="shop@1.4", at=NOW, after="shop@1.3"),
        forecast=(),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def line(finding_id: str, because: str, **fields: object) -> Line:
    return Line(finding=row(finding_id, **fields), because=because)


def environment(**fields: object) -> EnvironmentReport:
    empty = EnvironmentReport(
        target="shop", environment="production", new=(), worse=(), held=(), failed=(), proposed=(), waiting=(),
        top=(), open=0, minutes_per_week=0.0,
    )  # fmt: skip
    return replace(empty, **fields)  # type: ignore[arg-type]


def report(*environments: EnvironmentReport, attempts: int = 0, usd: float = 0.0) -> Report:
    return Report(since=NOW - timedelta(days=7), until=NOW, environments=environments, attempts=attempts, usd=usd)


@pytest.fixture
def busy() -> Report:
    production = environment(
        new=(line("aaaaaaaaaaaa", "first seen Wed 19 Nov 12:00"),),
        worse=(line("bbbbbbbbbbbb", "more in the last day", title="KeyError: 'sku'", location="shop/stock.py:7 take"),),
        held=(line("cccccccccccc", "120 clean runs since a1b2c3", title="TypeError: None", location="shop/pay.py:3"),),
        failed=(line("dddddddddddd", "came back after 3 runs", title="OSError: disk full", location="shop/io.py:9"),),
        proposed=(line("999999999999", "a pull request is open", title="ValueError: no SKU", location="shop/a.py:1"),),
        waiting=(
            line("aaaaaaaaaaaa", "every try was used: this one needs a person"),
            line("eeeeeeeeeeee", "no frame resolves", title="Segmentation fault", location=""),
        ),
        top=(row("aaaaaaaaaaaa"), row("bbbbbbbbbbbb", title="KeyError: 'sku'", location="shop/stock.py:7 take")),
        open=4,
        minutes_per_week=504.0,
    )
    seen_today = line("ffffffffffff", "first seen today", title="Dev only")
    development = environment(environment="development", new=(seen_today,))
    return report(production, development, attempts=3, usd=1.417)


def shown(made: Report, *, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=True, color_system=None)
    console.print(report_layout.terminal(made))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


LAYOUTS = pytest.mark.parametrize("lay_out", [layout.markdown, layout.text, shown])


@LAYOUTS
def test_the_change_comes_before_the_ranking(lay_out: Layout, busy: Report) -> None:
    page = lay_out(busy)
    order = ["New", "Worse", "Fixed and held", "Fixed but failed", "On its way", "Waiting", "Worst now"]
    assert sorted(order, key=lambda title: page.index(f"{title}")) == order


@LAYOUTS
def test_every_change_names_its_place_in_the_code_its_id_and_its_reason(lay_out: Layout, busy: Report) -> None:
    page = lay_out(busy)
    for said in (
        "shop/cart.py:42 total", "aaaaaaaaaaaa", "first seen Wed 19 Nov 12:00",
        "shop/stock.py:7 take", "bbbbbbbbbbbb", "more in the last day",
        "shop/pay.py:3", "cccccccccccc", "120 clean runs since a1b2c3",
        "shop/io.py:9", "dddddddddddd", "came back after 3 runs",
        "shop/a.py:1", "999999999999", "a pull request is open",
        "eeeeeeeeeeee", "no place in the target's code", "every try was used: this one needs a person",
    ):  # fmt: skip
        assert said in page


@LAYOUTS
def test_the_report_opens_with_one_sentence_of_counts_and_costs(lay_out: Layout, busy: Report) -> None:
    opening = " ".join(" ".join(lay_out(busy).splitlines()[:4]).split())
    assert "2 new, 1 worse, 1 fixed and held, 1 fixed but failed, 1 on its way. 3 attempts, $1.42." in opening
    assert "4 findings are not fixed and cost 8.4 h/week." in opening


@LAYOUTS
def test_the_ranking_says_why(lay_out: Layout, busy: Report) -> None:
    page = lay_out(busy)
    assert "252 min a week: 84 × 3 min each (error)" in page[page.index("Worst now") :]
    assert "504" in page


@LAYOUTS
def test_the_ranking_says_what_would_help(lay_out: Layout) -> None:
    page = lay_out(report(environment(new=(line("aaaaaaaaaaaa", "today"),), top=(row(advice="offer a batch call"),))))
    assert "what would help: offer a batch call" in page


@LAYOUTS
def test_many_of_a_kind_are_counted_and_not_told_one_by_one(lay_out: Layout) -> None:
    lines = tuple(line(f"{number:012d}", "first seen today") for number in range(30))
    page = " ".join(lay_out(report(environment(new=lines, waiting=lines))).split())
    assert "30 new." in page
    assert "and 20 more: `improver findings` lists all" in page
    assert "and 27 more: `improver findings` lists all" in page
    assert "000000000010" not in page


@LAYOUTS
def test_a_commit_is_named_by_how_it_begins(lay_out: Layout) -> None:
    introduced = Introduced(release="1234567890ab" + "c" * 28, at=NOW, after="")
    page = lay_out(report(environment(new=(line("aaaaaaaaaaaa", "today", introduced=introduced),))))
    assert "since 1234567890ab," in page


@LAYOUTS
def test_environments_are_not_mixed(lay_out: Layout, busy: Report) -> None:
    page = lay_out(busy)
    second = page.lower().index("shop · development")
    assert "Dev only" not in page[:second]
    assert "cccccccccccc" not in page[second:]


@LAYOUTS
def test_a_quiet_week_is_one_line(lay_out: Layout) -> None:
    page = lay_out(report(environment(top=(row(),))))
    assert page.split("\n") == [
        "shop · production, 14 – 21 Nov 2025: quiet; the worst that is open costs 4.2 h/week (3f2a9c1b77aa).", ""
    ]  # fmt: skip


@LAYOUTS
def test_an_environment_that_is_quiet_beside_a_busy_one_is_one_line(lay_out: Layout, busy: Report) -> None:
    page = lay_out(replace(busy, environments=(environment(environment="staging"), *busy.environments)))
    assert [said for said in page.splitlines() if "staging" in said] == ["shop · staging: quiet; nothing is open."]


@LAYOUTS
def test_before_anything_was_seen_the_report_says_how_to_connect(lay_out: Layout) -> None:
    assert "improver connect TARGET" in lay_out(report())


@LAYOUTS
def test_no_layout_lets_a_control_or_bidi_character_through(lay_out: Layout) -> None:
    bad = row("bad0bad0bad0", title=HOSTILE, location=HOSTILE)
    page = lay_out(report(environment(target=HOSTILE, new=(Line(finding=bad, because=HOSTILE),), top=(bad,))))
    assert not {"\x1b", "\u202e", "\x07"} & set(page)
    assert "bad0bad0bad0" in page


def test_hostile_text_in_markdown_is_only_text() -> None:
    bad = row("bad0bad0bad0", title=HOSTILE, location=HOSTILE)
    bad = replace(bad, score=ScoreView(value=1.0, reasons=(HOSTILE,)))
    bad_line = Line(finding=bad, because=HOSTILE)
    made = report(environment(target=HOSTILE, new=(bad_line,), waiting=(bad_line,), top=(bad,)))
    blocks = MarkdownIt("gfm-like", {"linkify": False}).parse(layout.markdown(made))
    inline = [token for block in blocks for token in block.children or []]
    assert not {token.type for token in inline} & {"link_open", "image", "html_inline"}
    assert "html_block" not in {block.type for block in blocks}
    prose = "".join(token.content for token in inline if token.type.startswith("text"))
    assert "@octocat" not in prose
    assert "#1" not in prose


def test_markdown_links_each_finding_to_the_dashboard(busy: Report) -> None:
    page = layout.markdown(busy, web="http://127.0.0.1:4319/")
    assert "[`aaaaaaaaaaaa`](http://127.0.0.1:4319/findings/aaaaaaaaaaaa)" in page


def test_markdown_keeps_every_finding_a_list_item_of_its_own(busy: Report) -> None:
    blocks = MarkdownIt("commonmark").parse(layout.markdown(busy))
    items = [blocks[i + 2].content for i, block in enumerate(blocks) if block.type == "list_item_open"]
    assert sum("aaaaaaaaaaaa" in item for item in items) == 3


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_terminal_report_fits_its_width(busy: Report, width: int) -> None:
    assert max(len(text) for text in shown(busy, width=width).splitlines()) <= width
