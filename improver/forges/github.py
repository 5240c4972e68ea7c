"""GitHub, or a GitHub Enterprise Server: pull requests by its REST API."""

import logging
import re
from typing import Any
from urllib.parse import quote, urlencode

from improver.errors import ImproverError
from improver.model import Glossed, Http, PullRequest, PullState, PullStatus
from improver.model.configured import Configured, Secret, reveal

log = logging.getLogger(__name__)

REPOSITORY = re.compile(r"[\w-]+/(?!\.{1,2}$)[\w.-]+")
PULL_URL = re.compile(r"/([\w-]+/[\w.-]+)/pull/(\d+)$")
RATE_LIMIT = re.compile(r"rate limit|abuse detection", re.I)


class Config(Configured):
    token: Secret = "env:GITHUB_TOKEN"
    """A token that may write pull requests: "env:NAME" or "file:/path"."""
    base_url: str = "https://api.github.com"
    """The API's address; for a GitHub Enterprise Server https://HOST/api/v3."""


def open(http: Http, pull: PullRequest, config: Config) -> str:
    """Open a pull request, or adopt the one that is open for this branch already; its page's address."""
    _check(pull.repository)
    asked = {
        "title": pull.title, "head": pull.head, "base": pull.base, "body": pull.body, "draft": pull.draft,
        "maintainer_can_modify": False,
    }  # fmt: skip
    status, body = http.request("POST", f"/repos/{pull.repository}/pulls", headers=_headers(config), json=asked)
    if status == 422 and "already exists" in _said(body):
        return _adopted(http, pull, config)
    if status != 201:
        raise _refusal(status, body, pull.repository)
    _label(http, pull, str(body["number"]), config)
    return str(body["html_url"])


def find(http: Http, repository: str, head: str, config: Config) -> str:
    """The pull request for a branch, the open one first, else the newest; "" if there is none."""
    pulls = _pulls(http, repository, head, config)
    best = max(pulls, key=lambda pull: (pull["state"] == "open", pull["number"]), default=None)
    return str(best["html_url"]) if best else ""


def status(http: Http, url: str, config: Config) -> PullStatus:
    """What became of a pull request that `open` or `find` gave us."""
    named = PULL_URL.search(url)
    if named is None:
        raise ImproverError(f"{url!r} is no pull request's address", hint="it ends with OWNER/NAME/pull/NUMBER")
    repository, number = named.groups()
    code, body = http.request("GET", f"/repos/{repository}/pulls/{number}", headers=_headers(config))
    if code != 200:
        raise _refusal(code, body, repository)
    merged = bool(body.get("merged_at"))
    state = PullState.MERGED if merged else PullState.OPEN if body["state"] == "open" else PullState.CLOSED
    return PullStatus(
        state=state, commit=str(body["head"]["sha"]), merged=str(body.get("merge_commit_sha") or "") if merged else ""
    )


class Refusal(Glossed):
    """Why GitHub said no: the word that the error begins with, and what to do."""

    TOKEN = "bad_token", "set `token` under [forges.github] to a token that is still valid"
    FORBIDDEN = "forbidden", "the token needs write access to pull requests, and to contents, of this repository"
    RATE_LIMITED = "rate_limited", "wait: improver tries again by itself"
    UNKNOWN = "not_found", "check the Target's `repository`, and that the token may see it"
    INVALID = "invalid", "see what GitHub says about it; the branch must be pushed, and differ from its base"
    DOWN = "unavailable", "wait: improver tries again by itself"
    OTHER = "unexpected", "check `base_url` under [forges.github]"


def _refusal(status: int, body: Any, repository: str) -> ImproverError:
    said = _said(body)
    known = {401: Refusal.TOKEN, 403: Refusal.FORBIDDEN, 404: Refusal.UNKNOWN, 422: Refusal.INVALID}
    why = known.get(status, Refusal.OTHER)
    if status == 429 or (status == 403 and RATE_LIMIT.search(said)):
        why = Refusal.RATE_LIMITED
    if status >= 500:
        why = Refusal.DOWN
    message = f"{why}: GitHub answered {status} for {repository}: {said}"
    return ImproverError(message, hint=why.gloss, retryable=why in (Refusal.RATE_LIMITED, Refusal.DOWN))


def _adopted(http: Http, pull: PullRequest, config: Config) -> str:
    found = [one for one in _pulls(http, pull.repository, pull.head, config) if one["state"] == "open"]
    if not found:
        message = f"GitHub says that {pull.head} has a pull request in {pull.repository}, and shows none"
        raise ImproverError(message, hint="it may have been closed this moment", retryable=True)
    return str(found[0]["html_url"])


def _pulls(http: Http, repository: str, head: str, config: Config) -> list[dict[str, Any]]:
    """Those for our own branch: GitHub ignores a `head` that it does not understand and returns all there are."""
    _check(repository)
    owner = repository.partition("/")[0]
    query = urlencode({"head": f"{owner}:{head}", "state": "all", "per_page": "100"}, quote_via=quote)
    status, body = http.request("GET", f"/repos/{repository}/pulls?{query}", headers=_headers(config))
    if status != 200:
        raise _refusal(status, body, repository)
    return [pull for pull in body if _is_ours(pull, repository, head)]


def _is_ours(pull: dict[str, Any], repository: str, head: str) -> bool:
    source = pull["head"]
    # The repository of a deleted fork is null.
    name = str((source.get("repo") or {}).get("full_name", ""))
    return source["ref"] == head and name.casefold() == repository.casefold()


def _label(http: Http, pull: PullRequest, number: str, config: Config) -> None:
    """Labels are a courtesy: the pull request stands without them."""
    if not pull.labels:
        return
    path = f"/repos/{pull.repository}/issues/{number}/labels"
    status, body = http.request("POST", path, headers=_headers(config), json={"labels": list(pull.labels)})
    if status != 200:
        log.warning("labels were refused", extra={"repository": pull.repository, "status": status, "said": _said(body)})


def _headers(config: Config) -> dict[str, str]:
    token = reveal(config.token)
    if not token:
        raise ImproverError(f"no GitHub token in {config.token!r}", hint="set it, or `token` under [forges.github]")
    return {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "Authorization": f"Bearer {token}",
    }


def _said(body: Any) -> str:
    """GitHub's own words, on one line."""
    if not isinstance(body, dict):
        return "nothing"
    errors = body.get("errors") or []
    details = [str(error.get("message") or error) if isinstance(error, dict) else str(error) for error in errors]
    return " ".join(" ".join([str(body.get("message", "")), *details]).split())[:500]


def _check(repository: str) -> None:
    if not REPOSITORY.fullmatch(repository):
        raise ImproverError(f"{repository!r} is no GitHub repository", hint="set the Target's `repository`: octo/shop")
