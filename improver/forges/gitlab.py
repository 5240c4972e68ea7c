"""GitLab: merge requests by its REST API."""

import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from improver.forges._people import is_command
from improver.forges._rest import Api, Dialect, Listed, adopted, best, folded, said, split_owners
from improver.model import Checks, Comment, Http, PullRequest, PullState, PullStatus, Review
from improver.model.configured import Configured, Secret, reveal

DIALECT = Dialect(
    name="GitLab",
    section="gitlab",
    repository=re.compile(r"(?!\.{1,2}/)[\w.-]+(/(?!\.{1,2}(/|$))[\w.-]+){1,20}"),
    example="group/shop",
    pull=re.compile(r"^/([\w.-]+(?:/[\w.-]+)+)/-/merge_requests/(\d+)$"),
    ending="/-/merge_requests/NUMBER",
)
# At the beginning of a line a slash commands GitLab, with the rights of our token.
QUICK_ACTION = re.compile(r"^([ \t]*)/", re.MULTILINE)
DRAFT = "Draft: "
DEVELOPER = 30  # the least access level that may push
# What acts for a token of a project or a group, as GitLab names it.
BOT = re.compile(r"(project|group)_\d+_bot(_[0-9a-f]+)?|service_account_\w+")
ENDED = {"success": Checks.SUCCESS, "skipped": Checks.SUCCESS, "failed": Checks.FAILURE, "canceled": Checks.FAILURE}


class Config(Configured):
    token: Secret = "env:GITLAB_TOKEN"
    """A token with scope `api` and the role Developer: "env:NAME" or "file:/path"."""
    base_url: str = "https://gitlab.com/api/v4"
    """The API's address; for a server of your own https://HOST/api/v4."""
    webhook_secret: Secret = ""
    """What signs its webhooks at /hooks/gitlab, which only make improver look sooner: "env:NAME" or "file:/path"."""


def open(http: Http, pull: PullRequest, config: Config) -> str:
    """Open a merge request, or adopt the one that is open for this branch already; its page's address."""
    api = _api(http, pull.repository, config)
    body = QUICK_ACTION.sub(r"\1\\/", pull.body)
    asked: dict[str, object] = {
        "title": f"{DRAFT if pull.draft else ''}{pull.title}", "source_branch": pull.head, "target_branch": pull.base,
        "description": body, "labels": list(pull.labels), "allow_collaboration": False,
    }  # fmt: skip
    if reviewers := _reviewers(api, pull.reviewers):
        asked["reviewer_ids"] = reviewers
    answer = api.answer("POST", f"{_project(api)}/merge_requests", asked)
    if answer.status == 409 and "already exists" in said(answer.body):
        return adopted(api, pull.head, _pulls(api, pull.head))
    if answer.status != 201:
        raise api.refusal(answer)
    return str(answer.body["web_url"])


def find(http: Http, repository: str, head: str, config: Config) -> str:
    """The merge request for a branch, the open one first, else the newest; "" if there is none."""
    return best(_pulls(_api(http, repository, config), head))


def status(http: Http, url: str, config: Config) -> PullStatus:
    """What became of a merge request that `open` or `find` gave us."""
    api, place = _named(http, url, config)
    body = api.ask("GET", place)
    known = {"merged": PullState.MERGED, "closed": PullState.CLOSED}
    state, commit = known.get(body["state"], PullState.OPEN), str(body["sha"] or "")
    checks, failing = folded(_checks(api, commit)) if state == PullState.OPEN else (Checks.NONE, ())
    merged = body.get("merge_commit_sha") or body.get("squash_commit_sha") or commit
    return PullStatus(
        state=state,
        commit=commit,
        merged=str(merged) if state == PullState.MERGED else "",
        draft=bool(body.get("draft")),
        conflict=bool(body.get("has_conflicts")),
        labels=tuple(str(label) for label in body.get("labels", [])),
        checks=checks,
        failing=failing,
    )


def comments(http: Http, url: str, after: int, config: Config) -> list[Comment]:
    """Those below the merge request that say something to improver, oldest first."""
    api, place = _named(http, url, config)
    found = [
        one
        for one in api.pages(f"{place}/notes?sort=asc&order_by=created_at")
        if one["id"] > after and not one.get("system") and is_command(one["body"] or "")
    ]
    if not found:
        return []
    may_write, may_approve = _judges(api, place)
    return [
        Comment(
            id=one["id"],
            text=one["body"],
            by=str(one["author"]["username"]),
            may_write=may_write(one["author"]["id"]),
            # Of an edited one nobody knows who wrote what it says now.
            may_approve=may_approve(one["author"]) and one["created_at"] == one["updated_at"],
        )
        for one in found
    ]


def reviews(http: Http, url: str, config: Config) -> list[Review]:
    """Who approves it now: GitLab does not say of which commit, so that is the one that it shows by then."""
    api, place = _named(http, url, config)
    given = (api.try_to("approvals", "GET", f"{place}/approvals") or {}).get("approved_by") or []
    if not given:
        return []
    commit, (_, may_approve) = str(api.ask("GET", place)["sha"] or ""), _judges(api, place)
    people = [one["user"] for one in given]
    return [
        Review(by=str(one["username"]), commit=commit, approves=True, may_approve=may_approve(one)) for one in people
    ]


def close(http: Http, url: str, why: str, config: Config) -> None:
    """Close it, and say why."""
    api, place = _named(http, url, config)
    api.ask("PUT", place, {"state_event": "close"})
    api.ask("POST", f"{place}/notes", {"body": why}, ok=(201,))


def ready(http: Http, url: str, config: Config) -> None:
    """Make a draft ready for review."""
    api, place = _named(http, url, config)
    title = str(api.ask("GET", place)["title"])
    if title.startswith(DRAFT):
        api.ask("PUT", place, {"title": title.removeprefix(DRAFT)})


def signed(headers: Mapping[str, str], body: bytes, config: Config) -> bool:
    """Whether a webhook is from who knows our secret: GitLab signs nothing, it sends it along."""
    secret = reveal(config.webhook_secret)
    return bool(secret) and hmac.compare_digest(secret.encode(), headers.get("x-gitlab-token", "").encode())


def _checks(api: Api, commit: str) -> Iterator[tuple[str, Checks]]:
    """Jobs of pipelines, and what other tools say; a token that may not see them is told nothing."""
    path = f"{_project(api)}/repository/commits/{commit}/statuses?per_page=100"
    for one in api.try_to("statuses", "GET", path) or []:
        result = ENDED.get(one["status"], Checks.PENDING)
        tolerated = result == Checks.FAILURE and one.get("allow_failure")
        yield str(one["name"]), Checks.SUCCESS if tolerated else result


def _judges(api: Api, place: str) -> tuple[Callable[[int], bool], Callable[[Mapping[str, Any]], bool]]:
    """Who may write, and who of them may approve as well; asked once for each person."""
    opener = api.ask("GET", place)["author"]["id"]

    @cache
    def may_write(user: int) -> bool:
        answer = api.answer("GET", f"{_project(api)}/members/all/{user}")
        if answer.status not in (200, 404):
            raise api.refusal(answer)
        return answer.status == 200 and answer.body.get("access_level", 0) >= DEVELOPER

    def may_approve(user: Mapping[str, Any]) -> bool:
        return user["id"] != opener and not BOT.fullmatch(user["username"]) and may_write(user["id"])

    return may_write, may_approve


def _reviewers(api: Api, owners: tuple[str, ...]) -> list[int]:
    """People only: groups review nothing here. A name that nobody has is left out."""
    found = []
    for name in split_owners(owners)[0]:
        users = api.try_to("reviewers", "GET", f"/users?{urlencode({'username': name})}") or []
        found += [int(user["id"]) for user in users[:1]]
    return found


def _pulls(api: Api, head: str) -> list[Listed]:
    """Those for our own branch, not for one of that name in a fork."""
    query = urlencode({"source_branch": head, "state": "all", "per_page": "100"}, quote_via=quote)
    found = api.ask("GET", f"{_project(api)}/merge_requests?{query}")
    return [
        Listed(number=one["iid"], url=str(one["web_url"]), open=one["state"] == "opened")
        for one in found
        if one["source_branch"] == head and one["source_project_id"] == one["project_id"]
    ]


def _project(api: Api) -> str:
    return f"/projects/{quote(api.repository, safe='')}"


def _named(http: Http, url: str, config: Config) -> tuple[Api, str]:
    """A server may live below a path: that is no part of the project's name."""
    below = urlsplit(config.base_url).path.rstrip("/").removesuffix("/api/v4")
    path = urlsplit(url).path
    repository, number = DIALECT.named(path[len(below) :] if path.startswith(f"{below}/") else path)
    api = _api(http, repository, config)
    return api, f"{_project(api)}/merge_requests/{number}"


def _api(http: Http, repository: str, config: Config) -> Api:
    return DIALECT.api(http, repository, config.token, lambda token: {"PRIVATE-TOKEN": token})
