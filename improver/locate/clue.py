"""What telemetry says of a place in the code, and the place that it leads to."""

from dataclasses import dataclass

from improver.model import Frame, LocatedBy


@dataclass(frozen=True, kw_only=True, slots=True)
class Clue:
    """Text from outside, all of it: it may choose among places that exist, and is nothing else."""

    frames: tuple[Frame, ...] = ()  # the stack of an error, or the one place that a span names
    spanned: tuple[Frame, ...] = ()
    route: str = ""
    method: str = ""
    language: str = ""  # what the service that answers the route is written in, as OpenTelemetry calls it
    statements: tuple[str, ...] = ()  # SQL, or the text of a message, with or without its values
    element: str = ""
    asset: str = ""
    tool: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A place that exists; `first` and `last` are the lines of its function, where that is known."""

    file: str
    told_by: LocatedBy
    function: str = ""
    line: int | None = None
    first: int | None = None
    last: int | None = None
