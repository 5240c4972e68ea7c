"""Hostile text through every medium."""

import csv
import io
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markdown_it import MarkdownIt
from markdown_it.token import Token

from improver import render

NOW = datetime(2025, 11, 21, 12, tzinfo=UTC)
PIECES = [
    "@octocat", "@org/team", "#1", "GH-1", "octo/shop#12", "PROJ-7", "Fixes #1", "closes", "!3", "%4", "~bug", "$5",
    "https://evil.example/x", "www.evil.example", "mailto:a@b.example", "a@b.example", "<https://evil.example>",
    "![x](https://evil.example/p.png)", "[x](javascript:alert(1))", "[x]: https://evil.example", "/close", "&6",
    "<img src=x onerror=alert(1)>", "<!--", "-->", "</details>", "`", "``", "```", "~~~", "|", "||", "\\", "\\|",
    "*", "**", "_", "#", "##", "- ", "+ ", "1.", "23)", "===", "---", "> ", "    ", "\t", "\n", "\r\n", "\n\n", " ",
    "&amp;", "&#64;", "$$", "[^1]", "{{7*7}}", "\x1b[31m", "\x1b]8;;https://evil.example\x07", "\x9b2J", "\x00",
    "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u2028", "\U000e0041", "\ufe0f", "\u3164", "\ud800",
    "word", "naïve", "漢字", "😀", "7",
]
hostile = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
# What GitHub and GitLab make of the text of a rendered paragraph, outside code.
REFERENCES = re.compile(
    r"@\w|[#!%$~&]\d|~[A-Za-z]|\bGH-\d|\b[A-Z]+-\d|://|www\.|mailto:[^\s\u200b]", re.IGNORECASE | re.ASCII
)


def inline_of(markdown: str) -> list[Token]:
    """What a paragraph holds; anything but one paragraph is a failure."""
    blocks = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    assert [block.type for block in blocks] == ["paragraph_open", "inline", "paragraph_close"], markdown
    return blocks[1].children or []


def cell_of(markdown: str) -> list[Token]:
    """What a table cell holds; a cell that broke its row is a failure."""
    table = f"| a | b |\n|---|---|\n| {markdown} | last |\n"
    blocks = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(table)
    cells = [blocks[i + 1] for i, block in enumerate(blocks) if block.type == "td_open"]
    assert len(cells) == 2 and cells[1].content == "last", markdown
    return cells[0].children or []


def invisible(text: str) -> list[str]:
    return [c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]


@given(hostile)
def test_a_terminal_line_holds_no_control_bidi_or_invisible_character(text: str) -> None:
    assert invisible(render.terminal(text)) == []


@given(hostile)
def test_terminal_lines_keep_line_ends_and_tabs_only(text: str) -> None:
    assert set(invisible(render.terminal_lines(text))) <= {"\n", "\t"}


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_ordinary_text_reaches_the_terminal_unchanged(text: str) -> None:
    assert render.terminal(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("abc\u202etxt.exe", "abc\\u202etxt.exe"),
        ("pass\u200bword", "pass\\u200bword"),
        ("a\nb", "a\\nb"),
        ("\U000e0049", "\\U000e0049"),
        ("Größe 漢字 😀", "Größe 漢字 😀"),
    ],
)
def test_what_is_escaped_stays_readable(text: str, shown: str) -> None:
    assert render.terminal(text) == shown


@given(hostile, st.integers(1, 60))
def test_inline_text_is_one_line_within_its_limit(text: str, limit: int) -> None:
    shown = render.inline(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown


@given(hostile)
@example("1. x")
@example("- \\| `a` | @x")
def test_markdown_renders_to_the_very_text_and_nothing_else(text: str) -> None:
    expected = render.terminal(" ".join(text.split()))
    if not expected:
        return
    for tokens in (inline_of(render.markdown(text)), cell_of(render.markdown(text))):
        assert {token.type for token in tokens} <= {"text", "text_special"}
        shown = "".join(token.content for token in tokens)
        assert shown.replace("\u200b", "") == expected
        assert not REFERENCES.search(shown)
    assert not render.markdown(text).startswith("/")  # GitLab reads its quick actions from the source


@given(hostile)
@example("`")
@example("a` | @octocat `b")
def test_a_code_span_holds_all_of_the_text_in_a_paragraph_and_in_a_table(text: str) -> None:
    expected = render.terminal(" ".join(text.split()))
    (span,) = inline_of(render.code(text))
    (cell,) = cell_of(render.code(text))
    assert (span.type, cell.type) == ("code_inline", "code_inline")
    assert cell.content.strip() == expected
    assert span.content.strip() == expected.replace("|", "\\|")


@given(hostile)
def test_a_code_block_cannot_be_closed_by_its_content(text: str) -> None:
    blocks = MarkdownIt("commonmark").parse(render.code_block(text, "diff"))
    assert [(block.type, block.info) for block in blocks] == [("fence", "diff")]


@given(hostile)
def test_a_csv_cell_is_never_a_formula_and_stays_one_cell(text: str) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([render.csv(text), "last"])
    (row,) = csv.reader(io.StringIO(buffer.getvalue()))
    assert len(row) == 2
    assert not row[0].lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))


def test_times_are_worded_by_their_distance() -> None:
    past = {"seconds": 59, "minutes": 5, "hours": 47, "days": 59}
    shown = [render.ago(NOW - timedelta(**{unit: n}), NOW) for unit, n in past.items()]
    assert shown == ["just now", "5 min ago", "47 h ago", "59 days ago"]
    assert render.ago(NOW - timedelta(days=365), NOW) == "21 Nov 2024"


def test_a_time_ahead_of_the_clock_is_just_now() -> None:
    assert render.ago(NOW + timedelta(seconds=5), NOW) == "just now"


def test_minutes_become_hours_when_there_are_many() -> None:
    shown = [render.minutes(value) for value in (0, 0.4, 36.4, 252, 100_000)]
    assert shown == ["0 min/week", "< 1 min/week", "36 min/week", "4.2 h/week", "1,667 h/week"]


def test_numbers_are_worded_with_their_noun_and_unit() -> None:
    assert [render.counted(n, "user") for n in (0, 1, 1200)] == ["0 users", "1 user", "1,200 users"]
    assert [render.number(n) for n in (0, 0.1234, 36.4, 1284.0, 2e7)] == ["0", "0.123", "36.4", "1,284", "20,000,000"]
    assert [render.size(n) for n in (12, 2048, 5 * 1024**2, 3 * 1024**3)] == ["12 B", "2.0 KiB", "5.0 MiB", "3.0 GiB"]


def test_a_commit_is_told_by_how_it_begins_and_a_version_whole() -> None:
    told = [render.revision(text) for text in ("1234567890ab" + "0" * 28, "shop@1.4.2", "1234567", "")]
    assert told == ["1234567890ab", "shop@1.4.2", "1234567", ""]


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("run `improver doctor` now", "run <code>improver doctor</code> now"),
        ("`<b>`\u202e", "<code>&lt;b&gt;</code>\\u202e"),
        ("a lone ` & no more", "a lone ` &amp; no more"),
    ],
)
def test_what_stands_between_backticks_is_code_on_a_page(text: str, page: str) -> None:
    assert render.ticked(text) == page


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    templates = tmp_path / "shown_here" / "templates"
    templates.mkdir(parents=True)
    (tmp_path / "shown_here" / "__init__.py").touch()
    (templates / "page.html").write_text("<p>{{ text }}</p>")
    (templates / "page.md.j2").write_text("{{ text|md }} {{ text|code }}\n")
    monkeypatch.syspath_prepend(tmp_path)
    return "shown_here"


def test_html_templates_escape_markup_and_show_what_is_invisible(package: str) -> None:
    page = render.jinja("page.html", package).render(text="<b>\u202e\x1b&")
    assert page == "<p>&lt;b&gt;\\u202e\\x1b&amp;</p>"


def test_text_templates_neutralise_by_filter(package: str) -> None:
    page = render.jinja("page.md.j2", package).render(text="<b>@x")
    assert page == "\\<b\\>@\u200bx `<b>@x`\n"


@pytest.mark.parametrize("name", ["page.html", "page.md.j2"])
def test_a_template_that_lacks_a_value_fails(package: str, name: str) -> None:
    with pytest.raises(UndefinedError):
        render.jinja(name, package).render()
