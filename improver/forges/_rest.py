"""What the REST APIs of forges have in common: asking, refusals in our words, pages, checks."""

import hmac
import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from improver import render
from improver.errors import ImproverError, RateLimited
from improver.model import Answer, Checks, Glossed, Http
from improver.model.configured import reveal

log = logging.getLogger(__name__)

RATE_LIMIT = re.compile(r"rate limit|abuse detection|too many requests", re.I)
PAGE, MOST_PAGES = 100, 10
USUAL_WAIT_S, LONGEST_WAIT_S = 60.0, 3600.0
LONGEST_NAME, MOST_NAMES = 100, 10


class Refusal(Glossed):
    """Why a forge said no: the word that the error begins with, and what to do."""

    TOKEN = "bad_token", "set its `token` to one that is still valid"
    FORBIDDEN = "forbidden", "the token needs write access to pull requests, and to contents, of this repository"
    RATE_LIMITED = "rate_limited", "wait: improver tries again by itself"
    UNKNOWN = "not_found", "check the Target's `repository`, and that the token may see it"
    INVALID = "invalid", "see what the forge says about it; the branch must be pushed, and differ from its base"
    DOWN = "unavailable", "wait: improver tries again by itself"
    OTHER = "unexpected", "check its `base_url`"


KNOWN = {
    400: Refusal.INVALID, 401: Refusal.TOKEN, 403: Refusal.FORBIDDEN, 404: Refusal.UNKNOWN, 409: Refusal.INVALID,
    422: Refusal.INVALID,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """One forge's API, asked about one repository."""

    http: Http
    name: str  # "GitHub"
    section: str  # of the config: "github"
    repository: str
    headers: Mapping[str, str]

    def ask(self, method: str, path: str, json: object | None = None, *, ok: Collection[int] = (200,)) -> Any:
        answer = self.answer(method, path, json)
        if answer.status not in ok:
            raise self.refusal(answer)
        return answer.body

    def answer(self, method: str, path: str, json: object | None = None) -> Answer:
        return self.http.ask(method, path, headers=self.headers, json=json)

    def try_to(self, what: str, method: str, path: str, json: object | None = None) -> Any:
        """A courtesy: the pull request stands without it. None where it was refused."""
        answer = self.answer(method, path, json)
        if answer.status in (200, 201):
            return answer.body
        refused = self.refusal(answer)
        if refused.retryable:
            raise refused
        log.warning(f"{what} were refused", extra={"repository": self.repository, "said": refused.message})
        return None

    def pages(self, path: str, *, size: int = PAGE, name: str = "per_page") -> Iterator[dict[str, Any]]:
        """What a list holds, up to so many pages."""
        mark = "&" if "?" in path else "?"
        for number in range(1, MOST_PAGES + 1):
            found = self.ask("GET", f"{path}{mark}{name}={size}&page={number}")
            yield from found
            if len(found) < size:
                return

    def refusal(self, answer: Answer) -> ImproverError:
        words = said(answer.body)
        why = KNOWN.get(answer.status, Refusal.OTHER)
        if answer.status == 429 or (answer.status == 403 and RATE_LIMIT.search(words)):
            why = Refusal.RATE_LIMITED
        if answer.status >= 500:
            why = Refusal.DOWN
        message = f"{why}: {self.name} answered {answer.status} for {self.repository}: {words}"
        hint = f"{why.gloss} ([forges.{self.section}])"
        if why == Refusal.RATE_LIMITED:
            return RateLimited(message, hint=hint, wait_s=_wait_s(answer.headers))
        return ImproverError(message, hint=hint, retryable=why == Refusal.DOWN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How one forge names what it holds."""

    name: str  # "GitHub"
    section: str  # of the config: "github"
    repository: re.Pattern[str]
    example: str
    pull: re.Pattern[str]  # the path of a pull request's page: its repository, and its number
    ending: str  # what such an address ends with, for people

    def api(self, http: Http, repository: str, token: str, headers: Callable[[str], Mapping[str, str]]) -> Api:
        """The API, asked about one repository, with the token that this reference names."""
        if not self.repository.fullmatch(repository):
            hint = f"set the Target's `repository`: {self.example}"
            raise ImproverError(f"{repository!r} is no {self.name} repository", hint=hint)
        secret = reveal(token)
        if not secret:
            hint = f"set it, or `token` under [forges.{self.section}]"
            raise ImproverError(f"no {self.name} token in {token!r}", hint=hint)
        return Api(
            http=http, name=self.name, section=self.section, repository=repository, headers=headers(secret)
        )

    def named(self, url: str) -> tuple[str, str]:
        """The repository and the number that the address of a pull request names."""
        named = self.pull.search(url)
        if named is None:
            raise ImproverError(f"{url!r} is no pull request's address", hint=f"it ends with {self.ending}")
        return named[1], named[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A pull request for our own branch, as a list shows it."""

    number: int
    url: str
    open: bool


def best(listed: Iterable[Listed]) -> str:
    """The open one first, else the newest; "" if there is none."""
    found = max(listed, key=lambda one: (one.open, one.number), default=None)
    return found.url if found else ""


def adopted(api: Api, head: str, listed: Iterable[Listed]) -> str:
    """The one because of which no other was opened."""
    found = best(one for one in listed if one.open)
    if not found:
        message = f"{api.name} says that {head} has a pull request in {api.repository}, and shows none"
        raise ImproverError(message, hint="it may have been closed this moment", retryable=True)
    return found


def is_ours(pull: Mapping[str, Any], repository: str, head: str) -> bool:
    source = pull["head"]
    # The repository of a deleted fork is null.
    name = str((source.get("repo") or {}).get("full_name", ""))
    return source["ref"] == head and name.casefold() == repository.casefold()


def ask_reviewers(api: Api, number: str, owners: Iterable[str]) -> None:
    people, teams = split_owners(owners)
    if people or teams:
        asked = {"reviewers": people, "team_reviewers": teams}
        api.try_to("reviewers", "POST", f"/repos/{api.repository}/pulls/{number}/requested_reviewers", asked)


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether a webhook's bytes carry the HMAC that only who knows the secret can make; without one none does."""
    made = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return bool(secret) and hmac.compare_digest(made.encode(), signature.encode())


def said(body: Any) -> str:
    """The forge's own words, on one line."""
    if not isinstance(body, dict):
        return "nothing"
    errors = body.get("errors") or []
    details = [str(error.get("message") or error) if isinstance(error, dict) else str(error) for error in errors]
    first = body.get("message") or body.get("error") or ""
    words = [str(word) for word in first] if isinstance(first, list) else [str(first)]
    return render.terminal(" ".join(" ".join([*words, *details]).split())[:500])[:500]


def folded(results: Iterable[tuple[str, Checks]]) -> tuple[Checks, tuple[str, ...]]:
    """What all checks come to, and the names of those that failed."""
    known = list(results)
    failing = tuple(name[:LONGEST_NAME] for name, result in known if result == Checks.FAILURE)
    for worst in (Checks.FAILURE, Checks.PENDING, Checks.SUCCESS):
        if any(result == worst for _, result in known):
            return worst, failing[:MOST_NAMES]
    return Checks.NONE, ()


def split_owners(owners: Iterable[str]) -> tuple[list[str], list[str]]:
    """People and teams, as an API names them: an e-mail address names neither."""
    names = [owner.removeprefix("@") for owner in owners if owner.startswith("@")]
    return [name for name in names if "/" not in name], [name.rpartition("/")[2] for name in names if "/" in name]


def _wait_s(headers: Mapping[str, str]) -> float:
    """In its own clock, where it says until when."""
    asked = headers.get("retry-after", "")
    until = headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset") or ""
    now = _date(headers.get("date", ""))
    wait = float(asked) if asked.isdecimal() else USUAL_WAIT_S
    if not asked and until.isdecimal() and now:
        wait = float(until) - now.timestamp()
    return min(LONGEST_WAIT_S, max(1.0, wait))


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
