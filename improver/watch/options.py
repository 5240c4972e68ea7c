"""What a person asks of `improver watch`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchOptions:
    argv: tuple[str, ...]
    target: str = ""  # empty: the only Target, or the one whose checkout holds the working folder
    environment: str = "production"  # what SDKs say when nobody tells them
    health: str = ""  # a URL that answers 2xx once the app is up
    health_seconds: float = 2.0  # without a URL: staying alive this long counts as up
    health_deadline: float = 30.0  # with a URL: not up after this long
    drain_seconds: float = 10.0
    any_commit: bool = False  # restart on people's commits too
    first_backoff: float = 1.0
    longest_backoff: float = 60.0
    quick_seconds: float = 10.0  # a crash within this long is a quick one
    most_quick_crashes: int = 5  # in a row, before giving up
