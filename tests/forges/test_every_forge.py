"""What every Forge owes improver, over real HTTP and a real repository."""

from types import SimpleNamespace

import pytest

from improver.errors import ImproverError, RateLimited
from improver.forges import gitea, github, gitlab
from improver.http import HttpxClient
from improver.model import PullRequest
from improver.repo import Repository
from tests.forges.fake_forge import BOT, OPENER, TOKEN
from tests.forges.fake_gitea import FakeGitea
from tests.forges.fake_github import FakeGitHub
from tests.forges.fake_gitlab import FakeGitLab

BRANCH = "improver/f1/1"
FACES = {"github": (github, FakeGitHub), "gitlab": (gitlab, FakeGitLab), "gitea": (gitea, FakeGitea)}


@pytest.fixture(params=FACES)
def at(request, checkout, tmp_path, monkeypatch):
    """A Forge plugin, its configuration, a client, and the fake that it talks to."""
    plugin, face = FACES[request.param]
    monkeypatch.setenv("FORGE_TOKEN", TOKEN)
    checkout.commit({"app.py": "1\n"})
    checkout.git("clone", "--quiet", "--bare", str(checkout.path), str(tmp_path / "shop.git"))
    Repository(checkout.path).push(str(tmp_path / "shop.git"), BRANCH, checkout.commit({"app.py": "2\n"}))
    with face(tmp_path / "shop.git", "octo/shop") as fake, HttpxClient(fake.url) as http:
        yield SimpleNamespace(plugin=plugin, fake=fake, http=http, config=plugin.Config(token="env:FORGE_TOKEN"))


def opened(at, **changes):
    given = {"repository": "octo/shop", "base": "main", "head": BRANCH, "title": "Fix it", "body": "Because."}
    return at.plugin.open(at.http, PullRequest(**{**given, **changes}), at.config)


def knows_bots(at):
    """Gitea has none: what acts for a program there is a user like any other."""
    return at.plugin is not gitea


def status(at, url):
    return at.plugin.status(at.http, url, at.config)


def test_a_pull_request_is_opened_with_labels_and_reviewers(at):
    url = opened(at, labels=("improver",), reviewers=("@ann", "bob@example.org"))
    [made] = at.fake.pulls
    assert (url, made["title"], made["body"], made["draft"]) == (made["html_url"], "Fix it", "Because.", False)
    assert made["labels"] == ["improver"] and made["reviewers"] in (["ann"], [7])


def test_a_reviewer_whom_the_forge_does_not_take_does_not_lose_it(at):
    assert opened(at, reviewers=("@stranger", "@octo/backend"))
    assert len(at.fake.pulls) == 1


def test_a_duplicate_is_adopted(at):
    first = opened(at)
    assert opened(at, title="again") == first
    assert at.plugin.find(at.http, "octo/shop", BRANCH, at.config) == first
    assert len(at.fake.pulls) == 1


def test_one_of_several_is_found_the_open_one_first(at):
    assert at.plugin.find(at.http, "octo/shop", BRANCH, at.config) == ""
    first = opened(at)
    at.fake.close(1)
    assert at.plugin.find(at.http, "octo/shop", BRANCH, at.config) == first
    second = opened(at)
    assert at.plugin.find(at.http, "octo/shop", BRANCH, at.config) == second


def test_open_merged_and_closed_are_told_apart(at):
    url = opened(at)
    tip = at.fake.git("rev-parse", BRANCH)
    shown = status(at, url)
    assert (shown.state, shown.commit, shown.merged, shown.conflict) == ("open", tip, "", False)
    at.fake.close(1, "wontfix")
    assert (status(at, url).state, status(at, url).labels) == ("closed", ("wontfix",))
    again = opened(at)
    merged = at.fake.merge(2)
    assert (status(at, again).state, status(at, again).merged) == ("merged", merged)


def test_a_conflict_is_seen(at):
    url = opened(at)
    base = at.fake.git("rev-parse", "main")
    tree = at.fake.git("mktree", "--missing")  # everything deleted, what the branch changed as well
    at.fake.git("update-ref", "refs/heads/main", at.fake.git("commit-tree", tree, "-p", base, "-m", "gone"))
    assert status(at, url).conflict


@pytest.mark.parametrize(
    ("said", "checks", "failing"),
    [
        ({}, "none", ()),
        ({"lint": "success"}, "success", ()),
        ({"lint": "success", "test": "pending"}, "pending", ()),
        ({"lint": "success", "test": "pending", "types": "failure"}, "failure", ("types",)),
    ],
)
def test_checks_are_read_back(at, said, checks, failing):
    url = opened(at)
    for name, state in said.items():
        at.fake.check(1, name, state)
    assert (status(at, url).checks, status(at, url).failing) == (checks, failing)


def test_a_token_that_may_not_see_checks_still_sees_the_rest(at, monkeypatch):
    url = opened(at)
    hidden = [route for route in at.fake.routes() if "commits" not in route[1]]
    monkeypatch.setattr(at.fake, "routes", lambda: hidden)
    assert (status(at, url).state, status(at, url).checks) == ("open", "none")


def test_a_draft_is_made_ready(at):
    url = opened(at, draft=True)
    assert status(at, url).draft and not status(at, url).conflict
    at.plugin.ready(at.http, url, at.config)
    assert not status(at, url).draft
    changed = len([one for one in at.fake.requests if one["method"] != "GET"])
    at.plugin.ready(at.http, url, at.config)
    assert len([one for one in at.fake.requests if one["method"] != "GET"]) == changed


def test_closing_says_why(at):
    url = opened(at)
    at.plugin.close(at.http, url, "It is old.", at.config)
    assert status(at, url).state == "closed"
    assert at.fake.comments[-1]["text"] == "It is old."


def test_comments_that_address_improver_are_read_once_with_who_may_write(at):
    url = opened(at)
    for by, text in (("mallory", "/improver stop"), ("ann", "what a mess"), ("ann", "/improver retry with None")):
        at.fake.say(1, text, by=by)
    found = at.plugin.comments(at.http, url, 0, at.config)
    assert [(one.text, one.may_write) for one in found] == [
        ("/improver stop", False),
        ("/improver retry with None", True),
    ]
    assert at.plugin.comments(at.http, url, found[-1].id, at.config) == []


def test_who_opened_it_a_bot_and_who_edits_may_ask_and_not_approve(at):
    url = opened(at)
    for by in ("ann", OPENER, BOT, "mallory"):
        at.fake.say(1, "/improver approve", by=by)
    at.fake.say(1, "/improver approve", by="ann", edited=True)
    found = at.plugin.comments(at.http, url, 0, at.config)
    assert [one.may_approve for one in found] == [True, False, not knows_bots(at), False, False]
    assert [one.may_write for one in found] == [True, True, True, False, True]
    assert found[0].by == "ann"


def test_a_stranger_who_says_much_is_looked_up_once(at):
    url = opened(at)
    for _ in range(20):
        at.fake.say(1, "/improver approve", by="mallory")
    asked = len(at.fake.requests)
    at.plugin.comments(at.http, url, 0, at.config)
    assert len(at.fake.requests) - asked <= 3


@pytest.mark.parametrize(
    ("said", "approve"),
    [
        ([("ann", "approved")], ["ann"]),
        ([("ann", "approved"), ("ann", "commented")], ["ann"]),
        ([("ann", "approved"), ("ann", "dismissed")], []),
        ([("ann", "approved"), ("ann", "changes")], []),
        ([("mallory", "approved"), (OPENER, "approved")], []),
        ([], []),
    ],
)
def test_what_each_reviewer_said_last_counts_if_they_may_approve(at, said, approve):
    url = opened(at)
    for by, state in said:
        at.fake.review(1, state, by)
    tip = at.fake.git("rev-parse", BRANCH)
    found = at.plugin.reviews(at.http, url, at.config)
    assert [one.by for one in found if one.approves and one.may_approve and one.commit == tip] == approve


def test_a_long_discussion_is_read_to_its_end(at):
    url = opened(at)
    for number in range(205):
        at.fake.say(1, f"comment {number}")
    at.fake.say(1, "/improver stop")
    assert [one.text for one in at.plugin.comments(at.http, url, 0, at.config)] == ["/improver stop"]


@pytest.mark.parametrize(
    ("code", "body", "word", "retryable"),
    [
        (401, {"message": "no"}, "bad_token", False),
        (403, {"message": "no"}, "forbidden", False),
        (404, {"message": "no"}, "not_found", False),
        (422, {"message": "no"}, "invalid", False),
        (429, {}, "rate_limited", True),
        (500, {}, "unavailable", True),
        (503, {"message": "down"}, "unavailable", True),
        (418, ["odd"], "unexpected", False),
    ],
)
def test_every_refusal_says_what_to_do_and_whether_to_retry(at, code, body, word, retryable):
    url = opened(at)
    for ask in (
        lambda: opened(at),
        lambda: at.plugin.find(at.http, "octo/shop", BRANCH, at.config),
        lambda: status(at, url),
        lambda: at.plugin.comments(at.http, url, 0, at.config),
        lambda: at.plugin.close(at.http, url, "why", at.config),
        lambda: at.plugin.ready(at.http, url, at.config),
    ):
        at.fake.answers = [(code, body)]
        with pytest.raises(ImproverError, match=f"^{word}: ") as refused:
            ask()
        assert refused.value.retryable is retryable and refused.value.hint


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"RateLimit-Reset": "1", "Retry-After": "5"}, 5),
        ({"Retry-After": "99999999"}, 3600),
        ({"Retry-After": "soon"}, 60),
        ({}, 60),
    ],
)
def test_how_long_to_wait_is_what_the_forge_says_within_reason(at, headers, seconds):
    url = opened(at)
    at.fake.answers = [(429, {}, headers)]
    with pytest.raises(RateLimited) as refused:
        status(at, url)
    assert refused.value.wait_s == seconds


@pytest.mark.parametrize("repository", ["", "shop", "octo/shop/..", "octo/shop?x=", "../x", "octo/shop%2f", "-"])
def test_what_is_no_repository_is_refused_before_anything_is_sent(at, repository):
    with pytest.raises(ImproverError, match="is no "):
        opened(at, repository=repository)
    assert at.fake.requests == []


def test_a_missing_token_is_said_before_anything_is_sent(at, monkeypatch):
    monkeypatch.delenv("FORGE_TOKEN")
    with pytest.raises(ImproverError, match="token in 'env:FORGE_TOKEN'"):
        opened(at)
    assert at.fake.requests == []


def test_an_address_that_is_no_pull_request_is_refused(at):
    with pytest.raises(ImproverError, match="address"):
        status(at, "https://example.org/octo/shop")
