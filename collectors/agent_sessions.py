"""Transcripts that coding and operator agents leave: the tool calls in those of Claude Code and Codex."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from improver.collectors import _claude_transcripts as claude
from improver.collectors import _codex_transcripts as codex
from improver.collectors._agent_calls import MAX_NAME, Calls
from improver.collectors._lenient import clamped, count, mapping, moment, number, text
from improver.collectors._rotation import Pattern, matching
from improver.collectors._tail import Chunk, follow
from improver.errors import ImproverError
from improver.model import Batch, Payload, Polled, ToolCallEvent, TrustLabel
from improver.model.configured import Configured
from improver.model.ids import digest

EVERY = 2.0
# One record is one call, with its result.
LINE_PATH = "/agent_sessions"

MAX_SESSIONS = 100
WINDOW = 8 << 20  # results with pictures make long lines
MAX_CONTEXT = 128 * 1024
MAX_CONTEXTS = 4 << 20

Take = Callable[[dict[str, Any], Calls, int], Iterator[dict[str, Any]]]
FORMATS: tuple[tuple[Callable[[dict[str, Any]], bool], Take], ...] = (
    (claude.is_claude, claude.take),
    (codex.is_codex, codex.take),
)


class Config(Configured):
    files: list[Pattern] = []
    """Transcripts: ["~/.claude/projects/**/*.jsonl", "~/.codex/sessions/**/*.jsonl"].
    The hundred last written to are followed."""
    service: str = ""
    """The service whose Target their calls belong to."""
    environment: str = ""
    """Where these agents work."""


def poll(state: Mapping[str, Any], config: Config) -> Polled:
    if not config.files:
        return Polled(payloads=(), state=state)
    found = matching(config.files)
    followed = follow(found, state.get("tail", {}), _all_of_it, window=WINDOW, limit=MAX_SESSIONS)
    contexts: dict[str, Any] = dict(state.get("contexts", {}))
    payloads: list[Payload] = []
    rejected = Counter(truncated=followed.lost)
    for chunk in followed.chunks:
        calls = Calls(json.loads(contexts.pop(chunk.file, "{}")))
        payloads += [_payload(call, chunk, config) for call in _calls(chunk, calls, rejected)]
        contexts[chunk.file] = _bounded(calls)
        rejected["no_result"] += calls.given_up
    trouble = Counter(unreadable=followed.unreadable)
    return Polled(
        payloads=tuple(payloads),
        state={"tail": followed.state, "contexts": _kept(contexts, followed.state), "trouble": dict(trouble)},
        rejected=+(rejected + (trouble - Counter(state.get("trouble", {})))),
    )


def decode(payloads: Iterable[Payload], config: Configured) -> Batch:
    return Batch.of([_event(payload) for payload in payloads])


def records(path: Path, lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """How `improver analyze` cuts a transcript: the number of the line that asks for a call, and the call."""
    calls, rejected = Calls(), Counter[str]()
    for number_, line in enumerate(lines, 1):
        for call in _completed(line, calls, number_, rejected):
            yield call["line"], json.dumps(call).encode()


def _all_of_it(body: bytes, pattern: str) -> int:
    return len(body)


def _calls(chunk: Chunk, calls: Calls, rejected: Counter[str]) -> Iterator[dict[str, Any]]:
    if chunk.cut:
        rejected["line_too_long"] += 1
        return
    for line in BytesIO(chunk.body):
        yield from _completed(line, calls, 0, rejected)


def _completed(line: bytes, calls: Calls, at: int, rejected: Counter[str]) -> Iterator[dict[str, Any]]:
    try:
        record = json.loads(line) if line.strip() else None
        take = next((take for fits, take in FORMATS if isinstance(record, dict) and fits(record)), None)
        completed = list(take(record, calls, at)) if take and isinstance(record, dict) else []
    except (ValueError, RecursionError):
        rejected["malformed_line"] += 1
        return
    yield from completed


def _payload(call: dict[str, Any], chunk: Chunk, config: Config) -> Payload:
    """The same call in another file, where a session was resumed, is the same Payload."""
    said = {"service": config.service, "environment": config.environment, "file": chunk.path}
    return Payload(
        id=digest("agent_sessions", call["agent"], call["id"], call["called_at"] or call["session"], length=32),
        collector="agent_sessions",
        path=f"{LINE_PATH}?{urlencode({name: value for name, value in said.items() if value}, errors='replace')}",
        received_at=chunk.written_at,
        body=json.dumps(call).encode(),
        trust=TrustLabel.SERVER,
        content_type="application/json",
    )


def _bounded(calls: Calls) -> str:
    """As text: what was read of a transcript is not to be changed by reading on, until that is remembered."""
    while calls.pending and calls.size() > MAX_CONTEXT:
        calls.pending.pop(next(iter(calls.pending)))
        calls.given_up += 1
    return json.dumps(calls.context)


def _kept(contexts: dict[str, str], tail: Mapping[str, Any]) -> dict[str, str]:
    """Those of files that are still there, the ones last written to first, as far as they fit."""
    there = {entry["id"] for entry in tail["files"]}
    kept: dict[str, str] = {}
    room = MAX_CONTEXTS
    for file, context in reversed(contexts.items()):
        room -= len(context)
        if file in there and room > 0:
            kept[file] = context
    return dict(reversed(kept.items()))


def _event(payload: Payload) -> ToolCallEvent:
    call = _call(payload.body)
    origin = dict(parse_qsl(payload.path.partition("?")[2]))
    begun, ended = moment(call.get("called_at")), moment(call.get("answered_at"))
    result, failed = text(call.get("result")), call.get("failed") is True
    return ToolCallEvent(
        payload_id=payload.id,
        occurred_at=clamped(call.get("called_at"), payload.received_at),
        service=origin.get("service", ""),
        environment=origin.get("environment", ""),
        session=text(call.get("session"), MAX_NAME),
        agent=text(call.get("agent"), MAX_NAME),
        conversation=text(call.get("session"), MAX_NAME),
        call_id=text(call.get("id"), MAX_NAME),
        tool=text(call.get("tool"), MAX_NAME),
        arguments=text(call.get("arguments")),
        result="" if failed else result,
        error=(result or "failed") if failed else "",
        duration_ms=max(0.0, (ended - begun).total_seconds() * 1000) if begun and ended else 0.0,
        model=text(call.get("model"), MAX_NAME),
        input_tokens=count(call.get("input_tokens")),
        output_tokens=count(call.get("output_tokens")),
        usd=max(0.0, number(call.get("usd")) or 0.0),
        data=mapping(call.get("data")) | ({"file": origin["file"]} if "file" in origin else {}),
    )


def _call(body: bytes) -> dict[str, Any]:
    try:
        call = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ImproverError("a tool call is not JSON", hint="transcripts are read by poll and analyze") from error
    if not isinstance(call, dict) or not {"agent", "id", "tool"} <= call.keys():
        raise ImproverError("a record is no tool call", hint="transcripts are read by poll and analyze")
    return call
