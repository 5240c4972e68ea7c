"""What people and operators say, by an app's own form."""

from functools import partial

from tests.scenarios import drives
from tests.scenarios.drives import spread
from tests.scenarios.label import Expected, Play, Scenario

said = partial(drives.said, "shop")

BLOCKERS = (
    "The export button does nothing, I never get a file",
    "export to CSV: I click and no file comes",
    "Nothing happens when I export my list to csv",
    "csv export is broken, no download",
)
WISHES = (
    "Please add a dark mode",
    "a dark theme for the evening would be lovely",
    "Could you offer dark mode? The white hurts my eyes",
)
THANKS = ("Thanks, works great!", "I love the new look", "all good, nothing to complain about", "test", "asdf")


SCENARIOS = [
    Scenario(
        name="export_is_broken",
        family="feedback",
        drive=said(blocker=BLOCKERS),
        plays=spread(4),
        expected=(Expected(kinds=("feedback",), where=("export",)),),
        story="Eight people say in four ways that the CSV export gives no file: one Finding.",
    ),
    Scenario(
        name="dark_mode",
        family="feedback",
        drive=said(suggestion=WISHES),
        plays=spread(3),
        expected=(Expected(kinds=("suggestion",), where=("dark",)),),
        story="Several people wish for a dark mode in words of their own: one suggestion.",
    ),
    Scenario(
        name="only_thanks",
        family="feedback",
        drive=said(said=THANKS),
        plays=(
            Play(take="said 1", times=5, since=6, visitors=5),
            Play(take="said 2", times=3, since=6),
            Play(take="said 3", times=2, since=6),
            Play(take="said 4", times=2, since=6),
            Play(take="said 5", times=2, since=6),
        ),
        story="Thanks, praise and keyboard tests: nothing is to be changed.",
    ),
]
