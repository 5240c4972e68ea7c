"""The seeds' story in another shop: an operator agent and a library that drops captions with every save."""

from tests.scenarios.label import Expected, Play, Scenario
from tests.scenarios.operators import Operator, as_spans, work
from tests.scenarios.stage import Stage

AGENT = ("agent_friction", "error", "feedback", "suggestion")


async def renews_lessons(operator: Operator) -> None:
    await operator.call("list_lessons")
    for number in range(1, 6):
        lesson = f"lesson-{number}"
        await operator.call("save_lesson", lesson=lesson, text=f"Better lesson {number}")
        await operator.call("get_captions", lesson=lesson)
        await operator.call("set_captions", lesson=lesson, captions=f"captions {number}")
        await operator.call("get_captions", lesson=lesson)
    for number in range(1, 6):
        await operator.call("share", lesson=f"lesson-{number}", think=(1, 2))


def renewal(stage: Stage) -> None:
    work(stage, "session", renews_lessons, as_spans, "library", runs=4)
    with stage.round("said"):
        stage.remark(
            user="visitor-1", about="save_lesson", goal="renew lessons", blocker="saving a lesson loses its captions",
            suggestion="keep the captions when the text changes", calls_wasted=15,
        )  # fmt: skip


SCENARIOS = [
    Scenario(
        name="captions_dropped_by_saves",
        family="story",
        drive=renewal,
        in_order=True,
        plays=(Play(take="session", times=22, since=13, visitors=7), Play(take="said", times=5, since=12, visitors=5)),
        expected=(Expected(kinds=AGENT, where=("captions",), at_most=2), Expected(kinds=AGENT, where=("share",))),
        story="Every save drops the captions, which are restored with three calls; lessons are shared one by one.",
    ),
]
