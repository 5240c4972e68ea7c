"""The three bugs planted in the to-do app, and what a visitor does to meet each."""

from collections.abc import Callable
from dataclasses import dataclass

from improver.demo.visitor import Visitor


@dataclass(frozen=True, kw_only=True, slots=True)
class Bug:
    name: str
    function: str  # where it is, in the to-do app's code
    visitors: int  # how many people meet it
    act: Callable[[Visitor], int]  # add a task and do what fails; the HTTP status


def mark_done(visitor: Visitor) -> int:
    return visitor.post(f"/tasks/{visitor.add('Water the plants')}/done")


def edit(visitor: Visitor) -> int:
    task = visitor.add("Bake bread")
    return visitor.post(f"/tasks/{task}/edit", title="Bake rye bread", notes="")


def delete(visitor: Visitor) -> int:
    return visitor.post(f"/tasks/{visitor.add('Call the plumber')}/delete")


BUGS = (
    Bug(name="mark done", function="mark_done", visitors=3, act=mark_done),
    Bug(name="edit", function="time_needed", visitors=2, act=edit),
    Bug(name="delete", function="delete", visitors=1, act=delete),
)
