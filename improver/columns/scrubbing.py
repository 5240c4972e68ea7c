"""The Scrubber for columns: one linear look at all values, and the Scrubber itself for the few that it could change."""


import pyarrow as pa
import pyarrow.compute as pc

from improver.columns.arrays import mapped, or_
from improver.model.user import pseudonym
from improver.scrub import MAX_TEXT, Scrubber

# What any of the Scrubber's patterns needs to match, and more: RE2 knows no look-behind, and other blanks than Python.
_WORDS = (
    r"passw|pwd|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|token|authorization|credential"
    r"|cookie|[cx]srf|sess(?:ion)?[_-]?id|jwt|card|cv[vc]|addr|forwarded|(?:real|client|remote)[_-]ip"
)
_TOKENS = (
    r"eyJ[\w-]{8}|gh[pousr]_\w{20}|github_pat_|glpat-|xox[abeprs]-|sk-[\w-]{16}|[sr]k_(?:live|test)_|phx_\w{16}"
    r"|AKIA[0-9A-Z]{16}|AIza"
)
_CARDS = r"[2-6][0-9]{12}|[2-6][0-9]{3}(?:[ -][0-9]{4}){2}[ -][0-9]|3[0-9]{3}[ -][0-9]{6}[ -][0-9]{5}"
SUSPECT = "|".join((
    r"(?s)\x00|@|-----BEGIN |[/\\](?:home|Users)[/\\]",
    # Letters that Python counts as i, s and k, if case does not matter.
    r"[\x{130}\x{131}\x{17f}\x{212a}]",
    rf"(?i:{_WORDS}).*[=:,]",
    r"(?i:bearer[\s\x0b]|(?:basic|token)[\s\x0b]+[\w.~+/=-]{16})",
    rf"(?:^|[^\w-])(?:{_TOKENS}|[0-9]{{3}}-[0-9]{{2}}-[0-9]{{4}})",
    rf"(?:^|[^\w.-])(?:{_CARDS})",
))  # fmt: skip
ADDRESS = r"[@:]|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+"


def suspects(values: pa.StringArray) -> pa.BooleanArray:
    """Whether the Scrubber could change a value, whatever it stands under; null for none."""
    return or_(pc.match_substring_regex(values, SUSPECT), pc.greater(pc.binary_length(values), MAX_TEXT))


def scrubbed(values: pa.StringArray, key: str, scrubber: Scrubber) -> pa.StringArray:
    return mapped(values, suspects(values), lambda text: scrubber.text(text, key))


def users(values: pa.StringArray) -> pa.StringArray:
    doubtful = or_(pc.match_substring_regex(values, ADDRESS), pc.greater(pc.binary_length(values), MAX_TEXT))
    return mapped(values, doubtful, lambda user: pseudonym(user)[:MAX_TEXT])
