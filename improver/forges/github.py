"""GitHub, or a GitHub Enterprise Server: pull requests by its REST API."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlencode

from improver.errors import ImproverError
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
    name="GitHub",
    section="github",
    repository=re.compile(r"[\w-]+/(?!\.{1,2}$)[\w.-]+"),
    example="octo/shop",
    pull=re.compile(r"/([\w-]+/[\w.-]+)/pull/(\d+)$"),
    ending="OWNER/NAME/pull/NUMBER",
)
# A check that ended so keeps nobody from merging.
WELL = ("success", "neutral", "skipped")
# Only its GraphQL API can make a draft ready.
READY = "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }"


class Config(Configured):
    token: Secret = "env:GITHUB_TOKEN"
    """A token that may write pull requests: "env:NAME" or "file:/path"."""
    base_url: str = "https://api.github.com"
    """The API's address; for a GitHub Enterprise Server https://HOST/api/v3."""
    webhook_secret: Secret = ""
    """What signs its webhooks at /hooks/github, which only make improver look sooner: "env:NAME" or "file:/path"."""


def open(http: Http, pull: PullRequest, config: Config) -> str:
    """Open a pull request, or adopt the one that is open for this branch already; its page's address."""
    api = _api(http, pull.repository, config)
    asked = {
        "title": pull.title, "head": pull.head, "base": pull.base, "body": pull.body, "draft": pull.draft,
        "maintainer_can_modify": False,
    }  # fmt: skip
    answer = api.answer("POST", f"/repos/{pull.repository}/pulls", asked)
    if answer.status == 422 and "already exists" in said(answer.body):
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
    merged, commit = bool(body.get("merged_at")), str(body["head"]["sha"])
    state = PullState.MERGED if merged else PullState.OPEN if body["state"] == "open" else PullState.CLOSED
    checks, failing = folded(_checks(api, commit)) if state == PullState.OPEN else (Checks.NONE, ())
    return PullStatus(
        state=state,
        commit=commit,
        merged=str(body.get("merge_commit_sha") or "") if merged else "",
        draft=bool(body.get("draft")),
        conflict=body.get("mergeable") is False,
        labels=tuple(str(label["name"]) for label in body.get("labels", []) if isinstance(label, dict)),
        checks=checks,
        failing=failing,
    )


def comments(http: Http, url: str, after: int, config: Config) -> list[Comment]:
    """Those below the pull request that say something to improver, oldest first."""
    api, number = _named(http, url, config)
    return commands(api, number, api.pages(f"/repos/{api.repository}/issues/{number}/comments"), after)


def reviews(http: Http, url: str, config: Config) -> list[Review]:
    """What each reviewer decided last."""
    api, number = _named(http, url, config)
    return newest_reviews(api, number, api.pages(f"/repos/{api.repository}/pulls/{number}/reviews"))


def close(http: Http, url: str, why: str, config: Config) -> None:
    """Close it, and say why."""
    api, number = _named(http, url, config)
    api.ask("PATCH", f"/repos/{api.repository}/pulls/{number}", {"state": "closed"})
    api.ask("POST", f"/repos/{api.repository}/issues/{number}/comments", {"body": why}, ok=(201,))


def ready(http: Http, url: str, config: Config) -> None:
    """Make a draft ready for review."""
    api, number = _named(http, url, config)
    body = api.ask("GET", f"/repos/{api.repository}/pulls/{number}")
    if not body.get("draft"):
        return
    graphql = "/../graphql" if config.base_url.rstrip("/").endswith("/api/v3") else "/graphql"
    done = api.ask("POST", graphql, {"query": READY, "variables": {"id": body["node_id"]}})
    if done.get("errors"):
        raise ImproverError(f"GitHub does not make {url} ready: {said(done)}", hint="press its button")


def signed(headers: Mapping[str, str], body: bytes, config: Config) -> bool:
    """Whether a webhook is from who knows our secret."""
    signature = headers.get("x-hub-signature-256", "").removeprefix("sha256=")
    return is_signed(reveal(config.webhook_secret), body, signature)


def _checks(api: Api, commit: str) -> Iterator[tuple[str, Checks]]:
    """Check runs, and the older commit statuses; a token that may not see them is told nothing."""
    runs = api.try_to("check runs", "GET", f"/repos/{api.repository}/commits/{commit}/check-runs?per_page=100") or {}
    for run in runs.get("check_runs", []):
        ended = run["status"] == "completed"
        well = Checks.SUCCESS if run["conclusion"] in WELL else Checks.FAILURE
        yield str(run["name"]), well if ended else Checks.PENDING
    statuses = api.try_to("statuses", "GET", f"/repos/{api.repository}/commits/{commit}/status?per_page=100") or {}
    known = {"success": Checks.SUCCESS, "pending": Checks.PENDING}
    for one in statuses.get("statuses", []):
        yield str(one["context"]), known.get(one["state"], Checks.FAILURE)


def _introduce(api: Api, pull: PullRequest, number: str) -> None:
    if pull.labels:
        api.try_to("labels", "POST", f"/repos/{pull.repository}/issues/{number}/labels", {"labels": list(pull.labels)})
    ask_reviewers(api, number, pull.reviewers)


def _pulls(api: Api, head: str) -> list[Listed]:
    """Those for our own branch: GitHub ignores a `head` that it does not understand and returns all there are."""
    owner = api.repository.partition("/")[0]
    query = urlencode({"head": f"{owner}:{head}", "state": "all", "per_page": "100"}, quote_via=quote)
    found = api.ask("GET", f"/repos/{api.repository}/pulls?{query}")
    return [
        Listed(number=one["number"], url=str(one["html_url"]), open=one["state"] == "open")
        for one in found
        if is_ours(one, api.repository, head)
    ]


def _named(http: Http, url: str, config: Config) -> tuple[Api, str]:
    repository, number = DIALECT.named(url)
    return _api(http, repository, config), number


def _api(http: Http, repository: str, config: Config) -> Api:
    return DIALECT.api(http, repository, config.token, _headers)


def _headers(token: str) -> dict[str, str]:
    return {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "Authorization": f"Bearer {token}",
    }
