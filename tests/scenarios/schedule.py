"""When each copy of each take is played: documented in the scenario's plays, and the same in every run."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.scenarios.label import Play, Scenario
from tests.scenarios.recording import Recording, Sent, Written
from tests.scenarios.shift import DAY, Shift

# The last thing that happened was a minute ago.
SINCE_THE_END = 60.0


@dataclass(frozen=True, kw_only=True)
class Copy:
    """Some of what was recorded, and how it is to be changed."""

    sent: tuple[Sent, ...]
    written: tuple[Written, ...]
    shift: Shift


def copies(scenario: Scenario, recording: Recording, now: float) -> Iterator[Copy]:
    """`now` in seconds since the epoch."""
    if not scenario.plays:
        shift = Shift(by=now - SINCE_THE_END - recording.ended, around=recording.ended)
        yield Copy(sent=recording.sent, written=recording.written, shift=shift)
        return
    for number, play in enumerate(scenario.plays):
        yield from _played(f"{scenario.name} {number}", play, recording, now)


def _played(seed: str, play: Play, recording: Recording, now: float) -> Iterator[Copy]:
    dice = random.Random(seed)
    rounds = _rounds(play.take, recording)
    begin, end = now - play.since * DAY, now - play.until * DAY - SINCE_THE_END
    step = (end - begin) / play.times
    for number in range(play.times):
        sent, written = rounds[dice.randrange(len(rounds))]
        some = (*sent, *written)
        last, length = max(one.at for one in some), max(one.at for one in some) - min(one.at for one in some)
        at = min(begin + (number + dice.random()) * step + length, end)
        yield Copy(
            sent=sent, written=written,
            shift=Shift(
                by=at - last, around=last, copy=f"{seed} {number}",
                visitor=f"visitor-{play.first_visitor + dice.randrange(play.visitors)}",
            ),
        )  # fmt: skip


def _rounds(take: str, recording: Recording) -> list[tuple[tuple[Sent, ...], tuple[Written, ...]]]:
    numbers = sorted({one.round for one in (*recording.sent, *recording.written) if one.take == take})
    if not numbers:
        raise ValueError(f"nothing was recorded of the take {take!r}")
    return [
        (
            tuple(one for one in recording.sent if (one.take, one.round) == (take, number)),
            tuple(one for one in recording.written if (one.take, one.round) == (take, number)),
        )
        for number in numbers
    ]
