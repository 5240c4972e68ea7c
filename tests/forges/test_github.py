"""Pull requests on a GitHub that speaks real HTTP and holds a real repository."""

import logging

import pytest

from improver.errors import ImproverError
from improver.forges import github
from improver.http import HttpxClient
from improver.model import PullRequest
from improver.repo import Repository
from tests.forges.fake_github import TOKEN, FakeGitHub

BRANCH = "improver/f1/1"


@pytest.fixture
def config(monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    return github.Config()


@pytest.fixture
def fake(checkout, tmp_path):
    checkout.commit({"app.py": "1\n"})
    checkout.git("clone", "--quiet", "--bare", str(checkout.path), str(tmp_path / "shop.git"))
    repository = Repository(checkout.path)
    repository.push(str(tmp_path / "shop.git"), BRANCH, checkout.commit({"app.py": "2\n"}))
    with FakeGitHub(tmp_path / "shop.git", "octo/shop") as made:
        yield made


@pytest.fixture
def http(fake):
    with HttpxClient(fake.url) as client:
        yield client


def pull(**changes):
    given = {"repository": "octo/shop", "base": "main", "head": BRANCH, "title": "Fix it", "body": "Because."}
    return PullRequest(**{**given, **changes})


def test_a_pull_request_is_opened_as_asked(fake, http, config):
    url = github.open(http, pull(draft=True, labels=("improver",)), config)
    assert url == f"{fake.url}/octo/shop/pull/1"
    made = fake.pulls[0]
    assert (made["title"], made["body"], made["draft"], made["labels"]) == ("Fix it", "Because.", True, ["improver"])
    headers = fake.requests[0]["headers"]
    assert headers["x-github-api-version"] == "2022-11-28"
    assert headers["accept"] == "application/vnd.github+json"
    assert headers["user-agent"] == "improver"
    assert not fake.requests[0]["body"]["maintainer_can_modify"]


def test_a_pull_request_that_was_not_recorded_is_adopted(fake, http, config):
    first = github.open(http, pull(), config)
    assert github.open(http, pull(title="again"), config) == first
    assert len(fake.pulls) == 1


def test_a_pull_request_is_found_open_or_closed(fake, http, config):
    assert github.find(http, "octo/shop", BRANCH, config) == ""
    first = github.open(http, pull(), config)
    fake.close(1)
    assert github.find(http, "octo/shop", BRANCH, config) == first
    second = github.open(http, pull(), config)
    assert github.find(http, "octo/shop", BRANCH, config) == second
    assert github.find(http, "Octo/Shop", BRANCH, config) == second


def test_pull_requests_of_other_branches_and_forks_are_not_ours(fake, http, config):
    github.open(http, pull(), config)
    ours = fake.pulls[0]
    fork = {**ours, "number": 7, "head": {**ours["head"], "repo": {"full_name": "mallory/shop"}}}
    deleted = {**ours, "number": 8, "head": {**ours["head"], "repo": None}}
    other = {**ours, "number": 9, "head": {**ours["head"], "ref": "improver/f1/10"}}
    fake.answers = [(200, [other, deleted, fork])]
    assert github.find(http, "octo/shop", BRANCH, config) == ""


def test_open_merged_and_closed_are_told_apart(fake, http, config):
    url = github.open(http, pull(), config)
    status = github.status(http, url, config)
    assert (status.state, status.merged) == ("open", "")
    assert status.commit == fake.pulls[0]["head"]["sha"]
    fake.close(1)
    assert github.status(http, url, config).state == "closed"
    again = github.open(http, pull(), config)
    merged = fake.merge(2)
    status = github.status(http, again, config)
    assert (status.state, status.merged) == ("merged", merged)


def test_a_branch_that_was_not_pushed_is_refused_with_what_github_says(http, config):
    with pytest.raises(ImproverError, match="invalid: GitHub answered 422 for octo/shop: Validation Failed") as refused:
        github.open(http, pull(head="improver/absent/1"), config)
    assert not refused.value.retryable
    with pytest.raises(ImproverError, match="No commits between main and main"):
        github.open(http, pull(head="main"), config)


@pytest.mark.parametrize(
    ("status", "body", "word", "retryable"),
    [
        (401, {"message": "Bad credentials"}, "bad_token", False),
        (403, {"message": "Resource not accessible by integration"}, "forbidden", False),
        (403, {"message": "API rate limit exceeded for user 1"}, "rate_limited", True),
        (403, {"message": "You have exceeded a secondary rate limit"}, "rate_limited", True),
        (429, {}, "rate_limited", True),
        (404, {"message": "Not Found"}, "not_found", False),
        (500, {}, "unavailable", True),
        (503, {"message": "down"}, "unavailable", True),
        (418, ["odd"], "unexpected", False),
    ],
)
def test_every_refusal_says_what_to_do_and_whether_to_retry(fake, http, config, status, body, word, retryable):
    for ask in (
        lambda: github.open(http, pull(), config),
        lambda: github.find(http, "octo/shop", BRANCH, config),
        lambda: github.status(http, "https://github.com/octo/shop/pull/1", config),
    ):
        fake.answers = [(status, body)]
        with pytest.raises(ImproverError, match=f"^{word}: ") as refused:
            ask()
        assert refused.value.retryable is retryable
        assert refused.value.hint


def test_labels_that_are_refused_do_not_lose_the_pull_request(fake, http, config, caplog):
    opened = {"number": 1, "html_url": "https://github.com/octo/shop/pull/1"}
    fake.answers = [(201, opened), (403, {"message": "no"})]
    with caplog.at_level(logging.WARNING):
        assert github.open(http, pull(labels=("improver",)), config) == opened["html_url"]
    assert "labels were refused" in caplog.text


def test_a_duplicate_that_is_gone_may_be_tried_again(fake, http, config):
    fake.answers = [(422, {"message": "Validation Failed", "errors": [{"message": "A pull request already exists"}]})]
    with pytest.raises(ImproverError) as refused:
        github.open(http, pull(), config)
    assert refused.value.retryable


def test_a_missing_token_is_said_before_anything_is_sent(fake, http, monkeypatch):
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    with pytest.raises(ImproverError, match="no GitHub token in 'env:GITHUB_TOKEN'"):
        github.open(http, pull(), github.Config())
    assert fake.requests == []


@pytest.mark.parametrize("repository", ["", "shop", "octo/shop/..", "octo/shop?x=", "../x"])
def test_what_is_no_repository_is_refused_before_anything_is_sent(fake, http, config, repository):
    with pytest.raises(ImproverError, match="no GitHub repository"):
        github.find(http, repository, BRANCH, config)
    with pytest.raises(ImproverError, match="no GitHub repository"):
        github.open(http, pull(repository=repository), config)
    assert fake.requests == []


def test_an_address_that_is_no_pull_request_is_refused(http, config):
    with pytest.raises(ImproverError, match="no pull request's address"):
        github.status(http, "https://github.com/octo/shop", config)


def test_a_draft_that_cannot_be_made_ready_is_told_in_githubs_words(fake, http, config):
    url = github.open(http, pull(draft=True), config)
    kept = fake.pulls[0]
    fake.answers = [(200, {**fake._shown(1), "node_id": "PR_elsewhere"})]
    with pytest.raises(ImproverError, match="Could not resolve to a node") as refused:
        github.ready(http, url, config)
    assert (kept["draft"], refused.value.hint) == (True, "press its button")


def test_an_enterprise_server_has_its_graphql_beside_its_rest(fake, config):
    ours = config.model_copy(update={"base_url": f"{fake.url}/api/v3"})
    fake.answers = [(200, {"draft": True, "node_id": "PR_1"}), (200, {"data": {}})]
    with HttpxClient(ours.base_url) as http:
        github.ready(http, "https://git.example/octo/shop/pull/1", ours)
    assert [one["path"] for one in fake.requests] == ["/api/v3/repos/octo/shop/pulls/1", "/api/graphql"]
    fake.requests.clear()  # nothing for GitHub's own description
