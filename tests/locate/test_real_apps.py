"""The apps of the scenarios, written for another end: what their telemetry named is where it was answered."""

import shutil
from pathlib import Path

import pytest

from improver.locate import Clue
from improver.locate.atlas import Atlas
from improver.repo import Repository
from tests import world

APPS = Path(__file__).parents[1] / "scenarios" / "open" / "apps"
STATEMENT = "select name from books where parent = ?"
YEARLY = "\nselect count(*) from days left join books on books.id = days.n where books.name like ?"


@pytest.fixture(scope="module")
def apps(tmp_path_factory):
    repo = tmp_path_factory.mktemp("apps") / "repo"
    shutil.copytree(APPS, repo, ignore=shutil.ignore_patterns("__pycache__"))
    world.git(repo, "init", "-q", "-b", "main")
    world.git(repo, "add", "-A")
    world.git(repo, "commit", "-qm", "The apps")
    repository = Repository(repo)
    return Atlas(repository, repository.resolve("main"))


PLACES = {
    Clue(tool="publish"): ("tool", "cms.py", "publish"),
    Clue(tool="set_status"): ("tool", "tickets.py", "set_status"),
    Clue(route="/authors", method="GET", statements=(STATEMENT,)): ("statement", "books.py", "authors"),
    Clue(route="/yearly", method="GET", statements=(YEARLY,)): ("statement", "books.py", ""),
    Clue(route="/shipping/{order}", method="GET"): ("route", "books.py", "shipping"),
    Clue(route="POST /publish/{book}"): ("route", "books.py", "publish"),
    Clue(element='button#coupon "Apply coupon"', route="/cart.html", method="GET"): ("element", "pages/cart.html", ""),
    Clue(element="input#tax", route="/signup.html", method="GET"): ("element", "pages/signup.html", ""),
    Clue(route="/search.html", method="GET"): ("route", "pages/search.html", ""),
}


def test_each_is_found(apps):
    apps.prepare(PLACES)
    found = {clue: apps.spot(clue) for clue in PLACES}
    assert {clue: (spot.told_by, spot.file, spot.function) for clue, spot in found.items()} == PLACES
