"""Makes untrusted text inert for the medium it is shown in, and words numbers and times the same way everywhere."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from jinja2.nodes import EvalContext
    from markupsafe import Markup

# Drawn as nothing, or as a blank, though their category says letter, mark or symbol: used to hide text from readers.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_UNUSUAL = re.compile("[^ -~]")
_UNUSUAL_IN_LINES = re.compile("[^ -~\n\t]")
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_BREAK = "\u200b"

_MARKUP = re.compile(r"[\\`*_\[\]<>|~&#$^]")
_LEADING_MARKUP = re.compile(r"^(?:[-+=/:]|\d+(?=[.)]))")
# What forges turn into links, mentions, notifications or commands although it is plain text once rendered.
_REFERENCE = re.compile(
    r"(?:(?<=@)|(?<=[#!%])|(?<=\\[#&$~]))(?=\w)"  # @user, #1, GitLab's !1 %1 &1 $1 ~label
    r"|(?<=:)(?=//)|(?<=www)(?=\.)|(?:(?<=mailto:)|(?<=xmpp:))(?=\S)"
    r"|(?<=[A-Za-z0-9])(?=-\d)",  # GH-1, PROJ-12
    re.IGNORECASE,
)
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_TICKED = re.compile(r"`([^`]+)`")
_FORMULA = re.compile(r"^\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]")


def terminal(text: str) -> str:
    """One line for a terminal: control, bidi and invisible characters become visible escapes."""
    return _UNUSUAL.sub(_shown, text)


def terminal_lines(text: str) -> str:
    """Like `terminal`, keeping line ends and tabs."""
    return _UNUSUAL_IN_LINES.sub(_shown, text.replace("\r\n", "\n"))


def inline(text: str, limit: int) -> str:
    """One short line: white space folded, cut with an ellipsis."""
    folded = terminal(" ".join(text.split()))
    return folded if len(folded) <= limit else folded[: max(0, limit - 1)].rstrip() + "…"


def markdown(text: str) -> str:
    """Plain words inside a Markdown paragraph, list item or table cell: no markup, link, mention or command."""
    folded = terminal(" ".join(text.split()))
    escaped = _MARKUP.sub(r"\\\g<0>", folded)
    return _REFERENCE.sub(_BREAK, _LEADING_MARKUP.sub(_leading, escaped))


def code(text: str) -> str:
    """A Markdown code span: nothing inside is interpreted, and what is copied from it is the text itself."""
    # A table cell ends at a pipe even inside a code span.
    folded = terminal(" ".join(text.split())).replace("|", "\\|") or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", folded)), default=0))
    padding = " " if folded.startswith("`") or folded.endswith("`") else ""
    return f"{fence}{padding}{folded}{padding}{fence}"


def code_block(text: str, language: str = "") -> str:
    """A fenced Markdown block that its content cannot close."""
    lines = terminal_lines(text).rstrip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", lines)), default=0))
    return f"{fence}{language}\n{lines}\n{fence}"


def csv(text: str) -> str:
    """One cell that no spreadsheet takes for a formula; quoting is the writer's."""
    shown = terminal(text)
    return f"'{shown}" if _FORMULA.match(text) else shown


def ago(when: datetime, now: datetime) -> str:
    seconds = max(0.0, (now - when).total_seconds())
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 48 * 3600:
        return f"{seconds // 3600:.0f} h ago"
    if seconds < 60 * 86400:
        return f"{seconds // 86400:.0f} days ago"
    return f"{when:%d %b %Y}"


def minutes(value: float) -> str:
    """Minutes lost a week, in the unit a person would use."""
    if value <= 0:
        return "0 min/week"
    if value < 1:
        return "< 1 min/week"
    if value < 100:
        return f"{value:.0f} min/week"
    hours = value / 60
    return f"{hours:.1f} h/week" if hours < 100 else f"{hours:,.0f} h/week"


def number(value: float) -> str:
    """Three digits that matter, however large: never an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def revision(release: str) -> str:
    """A release as people tell it: a commit's whole hash by how it begins."""
    return release[:12] if _HASH.fullmatch(release) else release


def ticked(text: str) -> "Markup":
    """Words for a page: what stands between backticks is code."""
    from markupsafe import Markup, escape

    parts = (escape(terminal(part)) for part in _TICKED.split(text))
    return Markup("").join(Markup("<code>%s</code>") % part if odd % 2 else part for odd, part in enumerate(parts))


def size(count: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


def jinja(template: str, package: str = "improver") -> "Template":
    """A template of a package: HTML escapes everything by itself, Markdown and text say `|md`, `|code` or `|tty`."""
    return _environment(package).get_template(template)


@cache
def _environment(package: str) -> "Environment":
    import jinja2  # every command imports this module, few render a template

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package),
        undefined=jinja2.StrictUndefined,
        autoescape=_is_html,
        finalize=jinja2.pass_eval_context(_visible_in_html),
        keep_trailing_newline=True,
    )
    environment.filters |= _FILTERS
    return environment


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    if character in _BLANK or unicodedata.category(character) in _UNSAFE_CATEGORIES or _selects_variation(character):
        return character.encode("unicode_escape").decode("ascii")
    return character


def _selects_variation(character: str) -> bool:
    return any(ord(character) in block for block in _VARIATION_SELECTORS)


def _leading(match: re.Match[str]) -> str:
    """Keeps a paragraph from becoming a list, a heading's underline or a GitLab quick action."""
    found = match[0]
    return f"{found}\\" if found.isdigit() else f"\\{found}"


def _is_html(name: str | None) -> bool:
    return name is None or name.endswith((".html", ".html.j2"))


def _visible_in_html(context: "EvalContext", value: object) -> object:
    if not context.autoescape or not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return terminal_lines(value)


_FILTERS: Mapping[str, object] = {
    "md": markdown,
    "code": code,
    "code_block": code_block,
    "tty": terminal,
    "inline": inline,
    "ago": ago,
    "minutes": minutes,
    "number": number,
    "counted": counted,
    "revision": revision,
    "ticked": ticked,
    "size": size,
}
