"""Gitea or Forgejo: pull requests by their REST API."""

import re
from collections.abc import Iterator, Mapping

from improver.forges._people import commands, newest_reviews
from improver.forges._rest import (
    Api,
    Dialect,
    Listed,
    adopted,
    ask_reviewers,
    best,
    folded,
    is_ours,
    is_signed,
    said,
)
from improver.model import Checks, Comment, Http, PullRequest, PullState, PullStatus, Review
from improver.model.configured import Configured, Secret, reveal

DIALECT = Dialect(
    name="Gitea",
    section="gitea",
    repository=re.compile(r"(?!\.{1,2}/)[\w.-]+/(?!\.{1,2}$)[\w.-]+"),
    example="octo/shop",
    pull=re.compile(r"/([\w.-]+/[\w.-]+)/pulls/(\d+)$"),
    ending="OWNER/NAME/pulls/NUMBER",
)
DRAFT = "WIP: "
PAGE = 50  # more it does not give at once
RESULTS = {"success": Checks.SUCCESS, "warning": Checks.SUCCESS, "skipped": Checks.SUCCESS, "pending": Checks.PENDING}


class Config(Configured):
    token: Secret = "env:GITEA_TOKEN"
    """A token with scopes `write:repository` and `write:issue`: "env:NAME" or "file:/path"."""
    base_url: str = "https://codeberg.org/api/v1"
    """The API's address: https://HOST/api/v1."""
    webhook_secret: Secret = ""
    """What signs its webhooks at /hooks/gitea, which only make improver look sooner: "env:NAME" or "file:/path"."""


def open(http: Http, pull: PullRequest, config: Config) -> str:
    """Open a pull request, or adopt the one that is open for this branch already; its page's address."""
    api = _api(http, pull.repository, config)
    title = f"{DRAFT if pull.draft else ''}{pull.title}"
    asked = {"title": title, "head": pull.head, "base": pull.base, "body": pull.body}
    answer = api.answer("POST", f"/repos/{pull.repository}/pulls", asked)
    if answer.status == 409 and "already exists" in said(answer.body):
        return adopted(api, pull.head, _pulls(api, pull.head))
    if answer.status != 201:
        raise api.refusal(answer)
    _introduce(api, pull, str(answer.body["number"]))
    return str(answer.body["html_url"])


def find(http: Http, repository: str, head: str, config: Config) -> str:
    """The pull request for a branch, the open one first, else the newest; "" if there is none."""
    return best(_pulls(_api(http, repository, config), head))


def status(http: Http, url: str, config: Config) -> PullStatus:
    """What became of a pull request that `open` or `find` gave us."""
    api, number = _named(http, url, config)
    body = api.ask("GET", f"/repos/{api.repository}/pulls/{number}")
    merged, commit, draft = bool(body.get("merged")), str(body["head"]["sha"]), bool(body.get("draft"))
    state = PullState.MERGED if merged else PullState.OPEN if body["state"] == "open" else PullState.CLOSED
    checks, failing = folded(_checks(api, commit)) if state == PullState.OPEN else (Checks.NONE, ())
    return PullStatus(
        state=state,
        commit=commit,
        merged=str(body.get("merge_commit_sha") or "") if merged else "",
        draft=draft,
        # Of a draft it never says that it can be merged.
        conflict=state == PullState.OPEN and not draft and body.get("mergeable") is False,
        labels=tuple(str(label["name"]) for label in body.get("labels") or []),
        checks=checks,
        failing=failing,
    )


def comments(http: Http, url: str, after: int, config: Config) -> list[Comment]:
    """Those below the pull request that say something to improver, oldest first."""
    api, number = _named(http, url, config)
    # All of them at once: this list has no pages.
    return commands(api, number, api.ask("GET", f"/repos/{api.repository}/issues/{number}/comments"), after)


def reviews(http: Http, url: str, config: Config) -> list[Review]:
    """What each reviewer decided last."""
    api, number = _named(http, url, config)
    listed = api.pages(f"/repos/{api.repository}/pulls/{number}/reviews", size=PAGE, name="limit")
    return newest_reviews(api, number, listed)


def close(http: Http, url: str, why: str, config: Config) -> None:
    """Close it, and say why."""
    api, number = _named(http, url, config)
    api.ask("PATCH", f"/repos/{api.repository}/pulls/{number}", {"state": "closed"}, ok=(200, 201))
    api.ask("POST", f"/repos/{api.repository}/issues/{number}/comments", {"body": why}, ok=(201,))


def ready(http: Http, url: str, config: Config) -> None:
    """Make a draft ready for review."""
    api, number = _named(http, url, config)
    title = str(api.ask("GET", f"/repos/{api.repository}/pulls/{number}")["title"])
    if title.startswith(DRAFT):
        asked = {"title": title.removeprefix(DRAFT)}
        api.ask("PATCH", f"/repos/{api.repository}/pulls/{number}", asked, ok=(200, 201))


def signed(headers: Mapping[str, str], body: bytes, config: Config) -> bool:
    """Whether a webhook is from who knows our secret."""
    return is_signed(reveal(config.webhook_secret), body, headers.get("x-gitea-signature", ""))


def _checks(api: Api, commit: str) -> Iterator[tuple[str, Checks]]:
    """A token that may not see them is told nothing."""
    found = api.try_to("statuses", "GET", f"/repos/{api.repository}/commits/{commit}/status") or {}
    for one in found.get("statuses") or []:
        yield str(one["context"]), RESULTS.get(one["status"], Checks.FAILURE)


def _introduce(api: Api, pull: PullRequest, number: str) -> None:
    if pull.labels:
        known = api.try_to("labels", "GET", f"/repos/{pull.repository}/labels?limit={PAGE}") or []
        ids = [label["id"] for label in known if label["name"] in pull.labels]
        api.try_to("labels", "POST", f"/repos/{pull.repository}/issues/{number}/labels", {"labels": ids})
    ask_reviewers(api, number, pull.reviewers)


def _pulls(api: Api, head: str) -> list[Listed]:
    """Those for our own branch; it lists all there are, the newest first."""
    listed = api.pages(f"/repos/{api.repository}/pulls?state=all&sort=recentupdate", size=PAGE, name="limit")
    return [
        Listed(number=one["number"], url=str(one["html_url"]), open=one["state"] == "open")
        for one in listed
        if is_ours(one, api.repository, head)
    ]


def _named(http: Http, url: str, config: Config) -> tuple[Api, str]:
    repository, number = DIALECT.named(url)
    return _api(http, repository, config), number


def _api(http: Http, repository: str, config: Config) -> Api:
    return DIALECT.api(http, repository, config.token, lambda token: {"Authorization": f"token {token}"})
