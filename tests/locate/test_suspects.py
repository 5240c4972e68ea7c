"""Who last touched the function, and first of all what came with the release that brought the Finding."""

from datetime import UTC, datetime

from improver.locate import Spot
from improver.locate.suspects import suspects
from improver.model import Introduced, LocatedBy
from improver.repo import Repository

SOURCE = "def a():\n    return 1\n\n\ndef b():\n    x = 1\n    y = 2\n    z = 3\n    u = 4\n    return x\n"


def test_commits_between_the_two_releases_come_first(checkout):
    first = checkout.commit({"a.py": SOURCE}, "first")
    slow = checkout.commit({"a.py": SOURCE.replace("u = 4", "u = 5")}, "slower")
    other = checkout.commit({"a.py": SOURCE.replace("u = 4", "u = 5").replace("x = 1", "x = 9")}, "later")
    repository = Repository(checkout.path)
    spot = Spot(file="a.py", told_by=LocatedBy.ROUTE, function="b", line=5, first=5, last=10)

    def told(**commits):
        since = Introduced(release="r2", at=datetime(2026, 1, 1, tzinfo=UTC), after="r1", **commits)
        return [(one.subject, one.introducing) for one in suspects(repository, other, spot, since)]

    assert told(commit=slow, after_commit=first)[0] == ("slower", True)
    assert sorted(told(commit=slow, after_commit=first)[1:]) == [("first", False), ("later", False)]
    assert {introducing for _, introducing in told()} == {False}


def test_a_commit_whose_lines_are_gone_since_is_still_a_suspect(checkout):
    first = checkout.commit({"a.py": SOURCE}, "first")
    gone = checkout.commit({"a.py": SOURCE + "\n\ndef c():\n    pass\n"}, "added c")
    spot = Spot(file="a.py", told_by=LocatedBy.TOOL, function="a", line=1, first=1, last=2)
    since = Introduced(release="2", at=datetime(2026, 1, 1, tzinfo=UTC), commit=gone, after_commit=first)
    found = suspects(Repository(checkout.path), gone, spot, since)
    assert [(one.subject, one.introducing) for one in found] == [("added c", True), ("first", False)]
