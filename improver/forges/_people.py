"""What people say about a pull request on GitHub and Gitea, and what they may."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from improver.forges._rest import Api
from improver.model import Comment, Review

COMMAND = "/improver"
WRITERS = ("owner", "admin", "write")
# What a review decides; one that only comments leaves what its author said before.
DECIDES = {"APPROVED": True, "CHANGES_REQUESTED": False, "REQUEST_CHANGES": False}


def is_command(text: str) -> bool:
    return text.lstrip().startswith(COMMAND)


def commands(api: Api, number: str, listed: Iterable[Mapping[str, Any]], after: int) -> list[Comment]:
    """Those that address improver, each with what its author may."""
    found = [one for one in listed if one["id"] > after and is_command(one["body"] or "")]
    judge = _judge(api, number) if found else None
    return [
        Comment(
            id=one["id"],
            text=one["body"],
            by=_login(one),
            may_write=judge.may_write(_login(one)),
            # Of an edited one nobody knows who wrote what it says now.
            may_approve=judge.may_approve(one) and one["created_at"] == one["updated_at"],
        )
        for one in found
        if judge
    ]


def newest_reviews(api: Api, number: str, listed: Iterable[Mapping[str, Any]]) -> list[Review]:
    """What each reviewer decided last; what was dismissed since decides nothing."""
    decided = {
        _login(one): one for one in listed if one["state"] in (*DECIDES, "DISMISSED") and not one.get("stale")
    }
    standing = [one for one in decided.values() if one["state"] in DECIDES and not one.get("dismissed")]
    judge = _judge(api, number) if standing else None
    return [
        Review(
            by=_login(one), commit=str(one["commit_id"]), approves=DECIDES[one["state"]],
            may_approve=judge.may_approve(one),
        )
        for one in standing
        if judge
    ]  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judge:
    """Who may do what; asked once for each person."""

    opener: str
    may_write: Callable[[str], bool]

    def may_approve(self, one: Mapping[str, Any]) -> bool:
        login = _login(one)
        return login != self.opener and one["user"].get("type") != "Bot" and self.may_write(login)


def _judge(api: Api, number: str) -> _Judge:
    @cache
    def may_write(login: str) -> bool:
        path = f"/repos/{api.repository}/collaborators/{quote(login, safe='')}/permission"
        found = api.try_to("permissions", "GET", path) if login else None
        return (found or {}).get("permission") in WRITERS

    opener = _login(api.ask("GET", f"/repos/{api.repository}/pulls/{number}"))
    return _Judge(opener=opener, may_write=may_write)


def _login(one: Mapping[str, Any]) -> str:
    """Whose account is deleted has none."""
    return str((one.get("user") or {}).get("login") or "")
