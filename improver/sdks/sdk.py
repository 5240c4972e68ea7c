"""What there is to say of one SDK: how to get it, and what makes it report everything."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from improver.model import TrustLabel

REVISION = "$(git rev-parse HEAD)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sdk:
    """`packages` are the names it is asked for by, if there are more than its own; "x-*" is any that begins so.

    In its code and its environment stand "{dsn}", "{origin}", "{key}", "{web}", "{target}", "{logs}", "{otlp}",
    "{protocol}" and "{door}" for what they are of a Target. Who reads the code of a PUBLIC one reads its key too.
    """

    name: str
    language: str
    trust: TrustLabel
    install: str
    place: str
    code: str
    packages: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def among(self, names: Collection[str]) -> str:
        """The name that it is asked for by, or nothing."""
        wanted = self.packages or (self.name,)
        return next((name for name in sorted(names) if any(_fits(one, name) for one in wanted)), "")


def _fits(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
