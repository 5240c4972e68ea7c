"""What many scenarios drive in the same way: takes of visits, sessions of operators, remarks, programs that log."""

from collections.abc import Callable

from tests.scenarios.label import Play
from tests.scenarios.operators import Keep, Script, work
from tests.scenarios.stage import Stage
from tests.scenarios.visits import Visit, visit

Drive = Callable[[Stage], None]


def takes(rounds: int, **what: Callable[[Visit], None]) -> Drive:
    """Each take a few times in one browser."""

    def drive(stage: Stage) -> None:
        site = stage.pages("pages")
        with stage.browser() as page:
            for take, act in what.items():
                for number in range(1, rounds + 1):
                    with visit(stage, page, site, take, number) as visitor:
                        act(visitor)

    return drive


def sessions(script: Script, keep: Keep, server: str, runs: int = 4) -> Drive:
    """Rounds of the take "session": the same work of an operator."""

    def drive(stage: Stage) -> None:
        work(stage, "session", script, keep, server, runs)

    return drive


def said(service: str, **fields: tuple[str, ...]) -> Drive:
    """Each text by somebody else, as a take of its own: "said 1", "said 2", …"""

    def drive(stage: Stage) -> None:
        number = 0
        for field, texts in fields.items():
            for text in texts:
                number += 1
                with stage.round(f"said {number}"):
                    stage.remark(**{field: text, "user": f"visitor-{number}", "service": service})

    return drive


def spread(count: int) -> tuple[Play, ...]:
    """Everything that was said, by two people each within six days."""
    return tuple(
        Play(take=f"said {n}", times=2, since=6, visitors=2, first_visitor=10 * n) for n in range(1, count + 1)
    )


def logged(program: str, what: str, name: str) -> Drive:
    """Two rounds of the take "run": the log file that the program was told to write."""

    def drive(stage: Stage) -> None:
        for number in range(2):
            with stage.round("run"):
                file = stage.folder / f"{number}-{name}"
                stage.run(program, what, str(file))
                stage.file("logs", name, file.read_text())

    return drive
