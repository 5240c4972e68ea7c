"""What one examination found."""

from dataclasses import dataclass

from improver.errors import ImproverError
from improver.model import Glossed


class Health(Glossed):
    OK = "ok", "it works"
    WARN = "warn", "it works less well than it could"
    FAIL = "fail", "it does not work"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """`todo` says what to do; it is empty when there is nothing to do."""

    name: str
    health: Health
    said: str
    todo: str = ""


def ok(name: str, said: str) -> Check:
    return Check(name=name, health=Health.OK, said=said)


def warn(name: str, said: str, todo: str) -> Check:
    return Check(name=name, health=Health.WARN, said=said, todo=todo)


def fail(name: str, said: str, todo: str) -> Check:
    return Check(name=name, health=Health.FAIL, said=said, todo=todo)


def failed(name: str, error: ImproverError) -> Check:
    return fail(name, error.message, error.hint)
