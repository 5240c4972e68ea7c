"""Errors that were caught and told in other words: known by what failed below, and by the line that tells of it."""

import re
from collections.abc import Sequence

from improver.grouping.messages import parameterize
from improver.grouping.ownership import is_in_app
from improver.model import Frame, Raised
from improver.model.ids import digest

# Nobody answered, or not properly: which address was asked says nothing more than whose it is.
_UNANSWERED = re.compile(
    r"\b50[0-4]\b|\btimed? ?-?out\b|\brefused\b|\breset\b|\bunreachable\b|\bunavailable\b|\bclosed the connection\b"
    r"|\bECONN|\bETIMEDOUT\b|\bMax retries exceeded\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]{0,15}://[^\s/?#\"'<>]{1,256})([^\s\"'<>]{0,1024})", re.IGNORECASE)
_VALUE = re.compile(r"[^/?&=#]{0,200}\d[^/?&=#]{0,200}")


def key(chain: Sequence[Raised]) -> str:
    """Who asked for it is no part of this. Empty where nothing was translated, or it is not known where and what."""
    if len(chain) < 2 or any(raised.member or raised.group for raised in chain) or not chain[-1].frames:
        return ""
    teller = chain[-1].frames[-1]
    caught = _below(chain[-2].frames, teller)
    if not caught or teller.lineno is None or not is_in_app(teller):
        return ""
    stacks = [*(_below(raised.frames, teller) or raised.frames for raised in chain[:-2]), caught]
    below = [
        f"{raised.type}: {_said(raised.value)} {' '.join(map(_line, frames))}"
        for raised, frames in zip(chain, stacks, strict=False)
    ]
    return digest("translated", chain[-1].type, _line(teller), *below)


def _below(frames: Sequence[Frame], teller: Frame) -> Sequence[Frame]:
    """From the function that tells of it inwards; nothing where it was not raised below that."""
    place = _place(teller)
    first = max((index for index, frame in enumerate(frames) if _place(frame) == place), default=-1)
    return frames[first:] if first >= 0 else ()


def _place(frame: Frame) -> tuple[str, str]:
    return frame.abs_path or frame.filename, frame.function


def _line(frame: Frame) -> str:
    return f"{frame.abs_path or frame.filename}|{frame.function}|{frame.lineno}"


def _said(value: str) -> str:
    """Without its values; whose the addresses in it are stays, and their paths do where they were answered."""
    owners = [owner.lower() for owner, _ in _ADDRESS.findall(value)]
    paths = [] if _UNANSWERED.search(value) else [_VALUE.sub("*", path) for _, path in _ADDRESS.findall(value)]
    return " ".join([parameterize(value), *owners, *paths])
