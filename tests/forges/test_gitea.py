"""What only Gitea asks for; what every Forge owes is in test_every_forge."""

import pytest

from improver.forges import gitea
from improver.http import HttpxClient
from improver.model import PullRequest
from improver.repo import Repository
from tests.forges.fake_forge import TOKEN
from tests.forges.fake_gitea import FakeGitea

BRANCH = "improver/f1/1"


@pytest.fixture
def fake(checkout, tmp_path, monkeypatch):
    monkeypatch.setenv("GITEA_TOKEN", TOKEN)
    checkout.commit({"app.py": "1\n"})
    checkout.git("clone", "--quiet", "--bare", str(checkout.path), str(tmp_path / "shop.git"))
    Repository(checkout.path).push(str(tmp_path / "shop.git"), BRANCH, checkout.commit({"app.py": "2\n"}))
    with FakeGitea(tmp_path / "shop.git", "octo/shop") as made:
        yield made


@pytest.fixture
def http(fake):
    with HttpxClient(fake.url) as client:
        yield client


def opened(http, **changes):
    given = {"repository": "octo/shop", "base": "main", "head": BRANCH, "title": "Fix it", "body": "Because."}
    return gitea.open(http, PullRequest(**{**given, **changes}), gitea.Config())


def test_labels_are_asked_for_by_their_numbers_and_unknown_ones_left_out(fake, http):
    opened(http, labels=("improver", "unheard-of"))
    assert fake.pulls[0]["labels"] == ["improver"]


def test_a_draft_is_told_by_its_title(fake, http):
    opened(http, draft=True)
    assert fake.pulls[0]["title"] == "WIP: Fix it"


def test_a_pull_request_is_found_behind_many_others(fake, http):
    url = opened(http)
    for number in range(2, 120):
        fake.pulls.append({**fake.pulls[0], "number": number, "head": {**fake.pulls[0]["head"], "ref": "other"}})
    assert gitea.find(http, "octo/shop", BRANCH, gitea.Config()) == url


def test_a_pull_request_from_a_fork_is_not_ours(fake, http):
    opened(http)
    fake.pulls[0]["head"]["repo"] = {"full_name": "mallory/shop"}
    assert gitea.find(http, "octo/shop", BRANCH, gitea.Config()) == ""
