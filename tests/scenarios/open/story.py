"""The seeds' story: an operator agent and a site builder that clears a page's theme with every edit."""

from tests.scenarios.label import Expected, Play, Scenario
from tests.scenarios.operators import Operator, as_transcript, work
from tests.scenarios.stage import Stage

AGENT = ("agent_friction", "error", "feedback", "suggestion")


async def renews_the_site(operator: Operator) -> None:
    """Twelve of 35 calls are spent on the theme, as the seeds tell it: 30 to 40 in a hundred."""
    await operator.call("list_pages")
    for number in range(1, 7):
        await operator.call("get_page", page=f"page-{number}")
        await operator.call("edit_page", page=f"page-{number}", text=f"Better text {number}")
        await operator.call("set_theme", page=f"page-{number}", theme="autumn")
        await operator.call("get_theme", page=f"page-{number}")
    for number in range(1, 7):
        await operator.call("publish", page=f"page-{number}", think=(2, 4))
    for number in (1, 6):
        await operator.call("browser_navigate", url=f"https://site.example/page-{number}", think=(2, 3))
        await operator.call("browser_snapshot", think=(1, 2))


def renewal(stage: Stage) -> None:
    work(stage, "session", renews_the_site, as_transcript, "cms", runs=4)
    for blocker in (
        "edit_page clears the theme, so I set it again after every edit",
        "the theme is gone after each edit",
    ):
        with stage.round("said"):
            stage.remark(
                user="visitor-1",
                about="edit_page",
                goal="renew the texts of six pages",
                blocker=blocker,
                calls_wasted=12,
            )
    with stage.round("wished"):
        stage.remark(user="visitor-2", about="publish", suggestion="offer publish_multiple: I publish pages one by one")


SCENARIOS = [
    Scenario(
        name="theme_cleared_by_edits",
        family="story",
        drive=renewal,
        in_order=True,
        plays=(
            Play(take="session", times=20, since=13, visitors=8),
            Play(take="said", times=6, since=12, visitors=6),
            Play(take="wished", times=2, since=12, visitors=2),
        ),
        expected=(
            Expected(kinds=AGENT, where=("theme",), at_most=2),
            Expected(kinds=AGENT, where=("publish",)),
            Expected(kinds=AGENT, where=("browser", "preview")),
        ),
        story="Every edit clears the theme, so a third of all calls restore it; pages are published one by"
        " one; a browser"
        " is opened to see them. First the bug, then a way to publish many, then a preview.",
    ),
]
