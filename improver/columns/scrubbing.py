"""The Scrubber for columns: one linear look at all values, and the Scrubber itself for the few that it could change."""


import pyarrow as pa
import pyarrow.compute as pc

from improver.columns.arrays import mapped, or_
from improver.model.user import pseudonym
from improver.scrub import MAX_TEXT, Scrubber
from improver.suspicion import CARDS, LETTERS, TOKENS, WORDS

SUSPECT = "|".join((
    r"(?s)\x00|@|-----BEGIN |[/\\](?:home|Users)[/\\]",
    LETTERS,
    rf"(?i:{WORDS}).*[=:,]",
    r"(?i:bearer[\s\x0b]|(?:basic|token)[\s\x0b]+[\w.~+/=-]{16})",
    rf"(?:^|[^\w-])(?:{TOKENS}|[0-9]{{3}}-[0-9]{{2}}-[0-9]{{4}})",
    rf"(?:^|[^\w.-])(?:{CARDS})",
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
