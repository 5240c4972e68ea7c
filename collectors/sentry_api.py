"""Errors that are in Sentry already, pulled from its API: set an organization and an auth token."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from pydantic import Field

from improver.collectors._lenient import mapping, moment, text
from improver.collectors._sentry_api_events import as_sent
from improver.collectors._sentry_events import error_or_log
from improver.collectors._sentry_sweep import Sweep, begun, finished, resumed
from improver.collectors._waiting import wait
from improver.errors import ImproverError
from improver.inflate import TooLarge
from improver.model import Answer, Batch, Event, Http, Payload, Polled
from improver.model.configured import Configured, Secret, reveal
from improver.model.ids import digest

EVERY = 60
# One line of a file is one event, as the API tells it.
LINE_PATH = "/api/0/events"

MAX_ASKS = 20  # in one pull, which is well below what Sentry allows
MAX_BYTES = 16 << 20
REST = timedelta(minutes=5)  # between two looks at what is new
MAX_ISSUES = 100
READ = ("error", "default")
UNSUPPORTED = ("csp", "nel", "hpkp", "expectct", "expectstaple", "transaction", "generic", "feedback")
_ISSUE = re.compile(r"[0-9]{1,20}")


class Config(Configured):
    organization: str = Field("", pattern=r"^[A-Za-z0-9_-]*$")
    """The organization's slug: what stands in the address of its Sentry pages."""
    token: Secret = "env:SENTRY_AUTH_TOKEN"
    """A token with the scope event:read: "env:NAME" or "file:/path"."""
    base_url: str = "https://sentry.io"
    """Where the organization lives: https://de.sentry.io, or your own server."""
    projects: list[str] = []
    """Slugs or ids of the projects to pull from. Empty: all that the token may read."""
    backfill_days: int = Field(7, ge=0, le=90)
    """How far back the first pull begins."""
    service: str = ""
    """The service of events that name none: a Target's name, or one of its `services`. Empty: their project's slug."""


@dataclass
class Pulled:
    """What one pull has found so far, and where it is."""

    sweep: Sweep
    payloads: list[Payload] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    not_before: datetime | None = None
    asked: int = 0

    @property
    def full(self) -> bool:
        size = sum(len(payload.body) for payload in self.payloads)
        return self.sweep.done or self.asked >= MAX_ASKS or self.not_before is not None or size > MAX_BYTES


def pull(state: Mapping[str, object], config: Config, http: Http, now: datetime) -> Polled:
    """Some pages of a sweep. The state says where it goes on, and before when Sentry wants no question."""
    not_before, until = moment(state.get("not_before")), moment(state.get("until"))
    sweep = resumed(state)
    if (not_before and now < not_before) or (not sweep and until and now < until + REST):
        return Polled(payloads=(), state=state)
    pulled = Pulled(sweep=sweep or begun(state, timedelta(days=config.backfill_days), now))
    while not pulled.full:
        try:
            _step(pulled, config, http, now)
        except ImproverError:
            # What came before it is kept; the next pull meets it first, and says so.
            if not pulled.asked:
                raise
            break
    return Polled(payloads=tuple(pulled.payloads), state=_state(pulled, until), rejected=dict(pulled.rejected))


def decode(payloads: Iterable[Payload], config: Config) -> Batch:
    events: list[Event] = []
    rejected: Counter[str] = Counter()
    for payload in payloads:
        told = _told(payload.body)
        kind = text(told.get("type") or told.get("event.type")) or "error"
        if kind not in READ:
            rejected[f"unsupported_{kind}" if kind in UNSUPPORTED else "unsupported_item"] += 1
            continue
        event = error_or_log(as_sent(told), payload)
        events.append(replace(event, service=event.service or config.service or text(told.get("projectSlug"))))
    return Batch.of(events, rejected)


def _step(pulled: Pulled, config: Config, http: Http, now: datetime) -> None:
    """One question, and what follows from its answer."""
    sweep = pulled.sweep
    try:
        answer = _asked(sweep, config, http)
    except TooLarge:
        if not sweep.issues or sweep.rows == 1:
            raise
        pulled.sweep = replace(sweep, rows=sweep.rows // 2)
        pulled.asked += 1
        return
    pulled.not_before = _not_before(answer, now)
    if answer.status == 429:
        pulled.not_before = pulled.not_before or now + wait("", now)
    elif answer.status == 404 and sweep.issues:
        pulled.rejected["issue_gone"] += 1
        pulled.sweep = sweep.next_issue()
    else:
        _take(pulled, answer, config, now)
    pulled.asked += 1


def _take(pulled: Pulled, answer: Answer, config: Config, now: datetime) -> None:
    sweep, link = pulled.sweep, answer.headers.get("link", "")
    records = _records(answer)
    if not sweep.issues:
        pulled.sweep = sweep.with_issues([_issue(record) for record in records], link)
        return
    project = sweep.issues[0][1]
    pulled.payloads += [_payload({**record, "projectSlug": project}, config, now) for record in records]
    if sweep.truncated(link):
        pulled.rejected["issue_too_long"] += 1
    pulled.sweep = sweep.with_events(link)


def _asked(sweep: Sweep, config: Config, http: Http) -> Answer:
    if not config.organization:
        raise ImproverError("collectors.sentry_api.organization is empty", hint="see the address of your Sentry pages")
    token = reveal(config.token)
    if not token:
        hint = "set it, or `token` under [collectors.sentry_api]"
        raise ImproverError(f"no Sentry token in {config.token!r}", hint=hint)
    issues = f"/api/0/organizations/{config.organization}/issues/"
    window: dict[str, object] = {"start": sweep.start, "end": sweep.end}
    if sweep.issues:
        path = f"{issues}{sweep.issues[0][0]}/events/"
        query = {**window, "full": "true", "per_page": sweep.rows, "cursor": sweep.event_cursor}
    else:
        path = issues
        # Without a query Sentry would leave out what somebody resolved.
        query = {**window, "query": "", "sort": "date", "limit": MAX_ISSUES, "project": config.projects}
        query |= {"collapse": ["stats", "lifetime"], "cursor": sweep.issue_cursor}
    query = {name: value for name, value in query.items() if value != "" or name == "query"}
    headers = {"Authorization": f"Bearer {token}"}
    return http.ask("GET", f"{path}?{urlencode(query, doseq=True)}", headers=headers)


def _not_before(answer: Answer, now: datetime) -> datetime | None:
    """When Sentry may be asked again, if not at once: its own headers say when the last question was asked."""
    reset = moment(answer.headers.get("x-sentry-rate-limit-reset"))
    if answer.status == 429 and "retry-after" in answer.headers:
        return now + wait(answer.headers["retry-after"], now)
    spent = answer.status == 429 or answer.headers.get("x-sentry-rate-limit-remaining") == "0"
    return min(reset, now + timedelta(days=1)) if spent and reset and reset > now else None


def _records(answer: Answer) -> list[dict[str, Any]]:
    if answer.status != 200:
        raise _refusal(answer)
    if not isinstance(answer.body, list) or not all(isinstance(record, dict) for record in answer.body):
        raise ImproverError("Sentry answered without a list", hint="is `base_url` Sentry's own?", retryable=True)
    return answer.body


def _issue(record: dict[str, Any]) -> tuple[str, str]:
    number = text(record.get("id"))
    if not _ISSUE.fullmatch(number):
        raise ImproverError(f"Sentry named an issue {number[:40]!r}", hint="is `base_url` Sentry's own?")
    return number, text(mapping(record.get("project")).get("slug"))


def _payload(record: dict[str, Any], config: Config, now: datetime) -> Payload:
    """One for each event: pulled twice, it has the same id. Anybody can send to Sentry, so it is public evidence."""
    taken = moment(record.get("dateReceived")) or moment(record.get("dateCreated")) or now
    return Payload(
        id=digest("sentry_api", config.base_url, config.organization, text(record.get("eventID")), length=32),
        collector="sentry_api",
        path=LINE_PATH,
        received_at=min(taken.astimezone(UTC), now),
        body=json.dumps(record).encode(),
        content_type="application/json",
    )


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ImproverError("not an event of Sentry's API", hint="it is a JSON object with an eventID") from error
    if not isinstance(told, dict) or not text(told.get("eventID")):
        raise ImproverError("not an event of Sentry's API", hint="it is a JSON object with an eventID")
    return told


def _state(pulled: Pulled, until: datetime | None) -> dict[str, object]:
    waiting = {"not_before": pulled.not_before.isoformat()} if pulled.not_before else {}
    if pulled.sweep.done:
        return {**finished(pulled.sweep), **waiting}
    past = {"until": until.isoformat()} if until else {}
    return {**past, "sweep": pulled.sweep.as_state(), **waiting}


def _refusal(answer: Answer) -> ImproverError:
    said = text(mapping(answer.body).get("detail"))[:300]
    hints = {
        400: "check `projects`",
        401: "set `token` to a token that is still valid",
        403: "the token needs the scope event:read, and access to the projects",
        404: "check `organization`, and that `base_url` is where it lives",
    }
    hint = hints.get(answer.status, "see what Sentry says about it; improver asks again by itself")
    return ImproverError(f"Sentry answered {answer.status}: {said}", hint=hint, retryable=answer.status >= 500)
