"""What only GitLab asks for; what every Forge owes is in test_every_forge."""

import pytest

from improver.forges import gitlab
from improver.http import HttpxClient
from improver.model import PullRequest
from improver.repo import Repository
from tests.forges.fake_forge import TOKEN
from tests.forges.fake_gitlab import FakeGitLab

BRANCH, PROJECT = "improver/f1/1", "octo/web/shop"


@pytest.fixture
def fake(checkout, tmp_path, monkeypatch):
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    checkout.commit({"app.py": "1\n"})
    checkout.git("clone", "--quiet", "--bare", str(checkout.path), str(tmp_path / "shop.git"))
    Repository(checkout.path).push(str(tmp_path / "shop.git"), BRANCH, checkout.commit({"app.py": "2\n"}))
    with FakeGitLab(tmp_path / "shop.git", PROJECT) as made:
        yield made


@pytest.fixture
def http(fake):
    with HttpxClient(fake.url) as client:
        yield client


def opened(http, config=None, **changes):
    given = {"repository": PROJECT, "base": "main", "head": BRANCH, "title": "Fix it", "body": "Because."}
    return gitlab.open(http, PullRequest(**{**given, **changes}), config or gitlab.Config())


def test_a_project_in_a_subgroup_is_one_name_in_a_path(fake, http):
    url = opened(http)
    assert fake.requests[-1]["path"] == "/projects/octo%2Fweb%2Fshop/merge_requests"
    assert gitlab.status(http, url, gitlab.Config()).state == "open"


def test_a_slash_at_the_beginning_of_a_line_commands_nothing(fake, http):
    opened(http, body="It says:\n/merge\n  /approve\nsee a/b")
    assert fake.pulls[0]["body"] == "It says:\n\\/merge\n  \\/approve\nsee a/b"


def test_a_draft_is_told_by_its_title(fake, http):
    opened(http, draft=True)
    assert fake.pulls[0]["title"] == "Draft: Fix it"


def test_a_server_below_a_path_has_that_not_in_its_projects_names(fake, http):
    opened(http)
    config = gitlab.Config(base_url="https://example.org/git/api/v4")
    assert gitlab.status(http, f"https://example.org/git/{PROJECT}/-/merge_requests/1", config).state == "open"


def test_a_merge_request_from_a_fork_is_not_ours(fake, http):
    opened(http)
    theirs = {**fake._shown(fake.pulls[0]), "source_project_id": 2}
    fake.answers = [(200, [theirs])]
    assert gitlab.find(http, PROJECT, BRANCH, gitlab.Config()) == ""


@pytest.mark.parametrize(("level", "may"), [(20, False), (30, True), (50, True)])
def test_who_may_write_is_told_by_the_access_level(fake, http, level, may, monkeypatch):
    url = opened(http)
    fake.say(1, "/improver stop")
    monkeypatch.setattr(fake, "_member", lambda body, query, user: (200, {"access_level": level}))
    [comment] = gitlab.comments(http, url, 0, gitlab.Config())
    assert comment.may_write is may
