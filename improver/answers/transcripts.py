"""What an Agent printed during its Attempt: text of its own making."""

from dataclasses import dataclass

from improver.dispatching import attempts
from improver.runtime import Runtime

SHOWN = 1 << 20  # bytes: the newest


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    attempt: str
    lines: tuple[str, ...]
    left_out: int  # bytes before these lines
    file: str  # where all of it is; empty once it is past its time, or before it began


def transcript(runtime: Runtime, *, id: str) -> Transcript:
    """What an Attempt's Agent printed, round after round; the newest of it, if it is long."""
    one = attempts.named(runtime, id)
    path = runtime.data.attempts / one.id / "transcript.jsonl"
    if not path.is_file():
        return Transcript(attempt=one.id, lines=(), left_out=0, file="")
    with path.open("rb") as file:
        size = file.seek(0, 2)
        skipped = file.seek(max(0, size - SHOWN))
        if skipped:
            skipped += len(file.readline())  # half a line says nothing
        lines = file.read().decode(errors="replace").split("\n")
    return Transcript(attempt=one.id, lines=tuple(line for line in lines if line), left_out=skipped, file=str(path))
