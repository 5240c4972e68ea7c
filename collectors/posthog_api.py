"""Events that are in PostHog already, pulled from its query API: set a project and a personal API key."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field

from improver.collectors._lenient import mapping, moment, text, whole
from improver.collectors._posthog_events import Sending, events
from improver.collectors._waiting import wait
from improver.errors import ImproverError
from improver.inflate import TooLarge
from improver.model import Answer, Batch, Event, Http, Payload, Polled
from improver.model.configured import Configured, Secret, reveal
from improver.model.ids import digest

# One query each: half of what PostHog allows the projects that it allows least, 120 an hour.
EVERY = 60
# One line of a file is one row.
LINE_PATH = "/api/query"

MAX_ROWS = 2000
LATE_DAYS = 30
LATEST_MS = 4_102_444_800_000  # the year 2100
COLUMNS = ("id", "event", "distinct_id", "properties", "elements_chain", "happened_ms", "taken_ms")
# In the order in which PostHog took them in, so that what comes late is found; of equal times, by id. The newest are
# left for later: they are not all in place yet. A bound on the event's own time keeps PostHog from reading everything.
QUERY = """
select toString(uuid) as id, event, distinct_id, properties, elements_chain,
    toUnixTimestamp64Milli(timestamp) as happened_ms, toUnixTimestamp64Milli(created_at) as taken_ms
from events
where timestamp > now() - toIntervalDay({days})
    and created_at < now() - toIntervalMinute(2)
    and (toUnixTimestamp64Milli(created_at) > {after_ms}
        or (toUnixTimestamp64Milli(created_at) = {after_ms} and toString(uuid) > {after_id}))
order by toUnixTimestamp64Milli(created_at), toString(uuid)
limit %d
"""


class Config(Configured):
    project: str = Field("", pattern=r"^[0-9]*$")
    """The project's number, from PostHog's project settings."""
    token: Secret = "env:POSTHOG_PERSONAL_API_KEY"
    """A personal API key (phx_…) with the scope Query Read: "env:NAME" or "file:/path"."""
    base_url: str = "https://us.posthog.com"
    """Where the project lives: https://eu.posthog.com, or your own server; not the address that events are sent to."""
    backfill_days: int = Field(7, ge=0, le=365)
    """How far back the first pull begins."""
    service: str = ""
    """The service its events belong to where they name none: a Target's name, or one of its `services`."""


def pull(state: Mapping[str, object], config: Config, http: Http, now: datetime) -> Polled:
    """One page. The state says where the next begins, how long it may be, and before when PostHog wants no question."""
    not_before = moment(state.get("not_before"))
    if not_before and now < not_before:
        return Polled(payloads=(), state=state)
    rows = whole(state.get("rows")) or MAX_ROWS
    try:
        answer = _asked(state, config, http, now, rows)
    except TooLarge:
        if rows == 1:
            raise
        return Polled(payloads=(), state={**_cursor(state, config, now), "rows": rows // 2})
    if answer.status == 429:
        later = now + wait(answer.headers.get("retry-after", ""), now)
        return Polled(payloads=(), state={**_cursor(state, config, now), "not_before": later.isoformat()})
    page = _page(_records(answer), _cursor(state, config, now), config, now)
    return page if rows == MAX_ROWS else replace(page, state={**page.state, "rows": min(MAX_ROWS, 2 * rows)})


def decode(payloads: Iterable[Payload], config: Config) -> Batch:
    found: list[Event] = []
    rejected: Counter[str] = Counter()
    for payload in payloads:
        made = events(_record(payload.body), Sending(payload=payload))
        if isinstance(made, str):
            rejected[made] += 1
        else:
            found += (event if event.service else replace(event, service=config.service) for event in made)
    return Batch.of(found, rejected)


def _asked(state: Mapping[str, object], config: Config, http: Http, now: datetime, rows: int) -> Answer:
    if not config.project:
        raise ImproverError("collectors.posthog_api.project is empty", hint="see PostHog's project settings")
    token = reveal(config.token)
    if not token:
        hint = "set it, or `token` under [collectors.posthog_api]"
        raise ImproverError(f"no PostHog key in {config.token!r}", hint=hint)
    cursor = _cursor(state, config, now)
    age = now - datetime.fromtimestamp(cursor["after_ms"] / 1000, UTC)
    values = {**cursor, "days": max(0, age.days) + LATE_DAYS}
    query = {"kind": "HogQLQuery", "query": QUERY % rows, "values": values}
    path = f"/api/projects/{config.project}/query/"
    # Asked again before anything new has come, it would otherwise answer from its cache.
    asked = {"query": query, "refresh": "force_blocking", "name": "improver"}
    return http.ask("POST", path, headers={"Authorization": f"Bearer {token}"}, json=asked)


def _cursor(state: Mapping[str, object], config: Config, now: datetime) -> dict[str, Any]:
    begin = int((now - timedelta(days=config.backfill_days)).timestamp() * 1000)
    after = _milliseconds(state.get("after_ms"))
    return {"after_ms": begin if after is None else after, "after_id": text(state.get("after_id"))}


def _records(answer: Answer) -> list[dict[str, Any]]:
    if answer.status != 200:
        raise _refusal(answer)
    rows = mapping(answer.body).get("results")
    if not isinstance(rows, list):
        raise ImproverError("PostHog answered without results", hint="is `base_url` PostHog's own?", retryable=True)
    return [_row(row) for row in rows]


def _row(row: object) -> dict[str, Any]:
    record = dict(zip(COLUMNS, row, strict=False)) if isinstance(row, list) else {}
    if not text(record.get("id")) or _milliseconds(record.get("taken_ms")) is None:
        raise ImproverError("PostHog answered with a row that was not asked for", hint="is `base_url` PostHog's own?")
    return record


def _page(records: list[dict[str, Any]], cursor: dict[str, Any], config: Config, now: datetime) -> Polled:
    if not records:
        return Polled(payloads=(), state=cursor)
    last = records[-1]
    state = {"after_ms": _milliseconds(last["taken_ms"]), "after_id": text(last["id"])}
    return Polled(payloads=tuple(_payload(record, config, now) for record in records), state=state)


def _payload(record: dict[str, Any], config: Config, now: datetime) -> Payload:
    """One for each event: pulled twice, it has the same id. Anybody can send to PostHog, so it is public evidence."""
    taken = datetime.fromtimestamp((_milliseconds(record["taken_ms"]) or 0) / 1000, UTC)
    return Payload(
        id=digest("posthog_api", config.base_url, config.project, record["id"], length=32),
        collector="posthog_api",
        path=LINE_PATH,
        received_at=min(taken, now),
        body=json.dumps(record).encode(),
        content_type="application/json",
    )


def _record(body: bytes) -> dict[str, Any]:
    """A row as the SDKs would have sent it."""
    try:
        row = json.loads(body)
        properties = row["properties"]
        properties = json.loads(properties) if isinstance(properties, str) else properties
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ImproverError("not a row of PostHog's events", hint=f"a row has {', '.join(COLUMNS)}") from error
    happened = _milliseconds(row.get("happened_ms"))
    return {
        "uuid": row.get("id"),
        "event": row.get("event"),
        "distinct_id": row.get("distinct_id"),
        "timestamp": happened / 1000 if happened is not None else None,
        "elements_chain": row.get("elements_chain"),
        "properties": properties,
    }


def _milliseconds(value: object) -> int | None:
    known = isinstance(value, int) and not isinstance(value, bool) and abs(value) < LATEST_MS
    return value if known else None  # type: ignore[return-value]


def _refusal(answer: Answer) -> ImproverError:
    said = text(mapping(answer.body).get("detail"))[:300]
    hints = {
        401: "set `token` to a personal API key that is still valid",
        403: "the key needs the scope Query Read, and access to this project",
        404: "check `project`, and that `base_url` is where the project lives",
    }
    hint = hints.get(answer.status, "see what PostHog says about it; improver asks again by itself")
    return ImproverError(f"PostHog answered {answer.status}: {said}", hint=hint, retryable=answer.status >= 500)
