"""Answers of every model API, whole and in pieces: what they cost is read from them and they are not touched."""

import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver.sandbox.usage import MOST, Reading, Usage

SSE = "text/event-stream; charset=utf-8"
JSON = "application/json"


def events(*records: object) -> bytes:
    return b"".join(b"event: x\r\ndata: " + json.dumps(r).encode() + b"\r\n\r\n" for r in records)


ANTHROPIC = {"input_tokens": 100, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 3000}
MESSAGES = events(
    {"type": "message_start", "message": {"model": "claude-x", "usage": {**ANTHROPIC, "output_tokens": 1}}},
    {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "hello"}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 77}},
    {"type": "message_stop"},
)
OPENAI = {
    "input_tokens": 500, "input_tokens_details": {"cached_tokens": 400}, "output_tokens": 60, "total_tokens": 560,
}  # fmt: skip
RESPONSES = events(
    {"type": "response.created", "response": {"model": "gpt-x", "usage": None}},
    {"type": "response.output_text.delta", "delta": "hello"},
    {"type": "response.completed", "response": {"model": "gpt-x-2026", "output": [], "usage": OPENAI}},
)
CHATTED = {"prompt_tokens": 500, "completion_tokens": 60, "prompt_tokens_details": {"cached_tokens": 400}}
CHAT = events(
    {"object": "chat.completion.chunk", "model": "gpt-x", "choices": [{"delta": {"content": "hello"}}], "usage": None},
    {"object": "chat.completion.chunk", "model": "gpt-x", "choices": [], "usage": CHATTED},
) + b"data: [DONE]\n\n"
COUNTED = {
    "promptTokenCount": 500, "cachedContentTokenCount": 400, "candidatesTokenCount": 50, "thoughtsTokenCount": 10,
}  # fmt: skip
GEMINI = (
    {"candidates": [{"content": {"parts": [{"text": "hel"}]}}], "usageMetadata": {"promptTokenCount": 500}},
    {"candidates": [{"content": {"parts": [{"text": "lo"}]}}], "usageMetadata": COUNTED, "modelVersion": "gemini-x"},
)
OF_OPENAI = Usage(model="gpt-x", input=100, output=60, cache_read=400)
OF_GEMINI = Usage(model="gemini-x", input=100, output=60, cache_read=400)
OF_ANTHROPIC = Usage(model="claude-x", input=100, output=77, cache_read=3000, cache_write=20)


def read(answer: Iterable[bytes], kind: str = SSE, *, asked: int = 4000) -> Usage:
    reading = Reading(model="asked-for", asked=asked)
    reading.begin(kind)
    for piece in answer:
        reading.feed(piece)
    reading.end()
    return reading.usage


@pytest.mark.parametrize(
    ("kind", "answer", "usage"),
    [
        (SSE, MESSAGES, OF_ANTHROPIC),
        (JSON, json.dumps({"model": "claude-x", "usage": {**ANTHROPIC, "output_tokens": 77}}).encode(), OF_ANTHROPIC),
        (SSE, RESPONSES, Usage(model="gpt-x-2026", input=100, output=60, cache_read=400)),
        (JSON, json.dumps({"object": "response", "model": "gpt-x", "usage": OPENAI}).encode(), OF_OPENAI),
        (SSE, CHAT, OF_OPENAI),
        (JSON, json.dumps({"object": "chat.completion", "model": "gpt-x", "usage": CHATTED}).encode(), OF_OPENAI),
        (SSE, events(*GEMINI), OF_GEMINI),
        (JSON, json.dumps(GEMINI).encode(), OF_GEMINI),
        (JSON, json.dumps(GEMINI[1], indent=1).encode(), OF_GEMINI),
    ],
)
def test_every_api_says_what_an_answer_cost(kind: str, answer: bytes, usage: Usage) -> None:
    assert read([answer], kind) == usage
    assert read([answer[n : n + 1] for n in range(len(answer))], kind) == usage


def test_a_stream_that_was_cut_costs_what_is_known_and_what_was_said() -> None:
    cut = events(
        {"type": "message_start", "message": {"model": "claude-x", "usage": {**ANTHROPIC, "output_tokens": 1}}},
        *[{"type": "content_block_delta", "delta": {"type": "text_delta", "text": "x" * 400}}] * 10,
    )
    assert read([cut]) == Usage(
        model="claude-x", input=100, output=1000, cache_read=3000, cache_write=20, estimated=True
    )  # fmt: skip


def test_a_stream_without_usage_is_estimated_by_its_bytes_and_says_so() -> None:
    said = events(*[{"model": "m", "choices": [{"delta": {"content": "x" * 400}}]}] * 10)
    assert read([said]) == Usage(model="asked-for", input=1000, output=1000, estimated=True)
    done = {"type": "response.output_text.done", "text": "x" * 4000}
    deltas = [{"type": "response.output_text.delta", "delta": "x" * 400}] * 10
    assert read([events(*deltas, done)]).output == 1000
    assert read([b"x" * 4000], "text/plain") == Usage(model="asked-for", input=1000, output=1000, estimated=True)


def test_an_answer_that_no_model_gave_costs_nothing() -> None:
    reading = Reading(model="m", asked=4000)
    assert reading.usage.tokens == 1000  # while it is on its way
    reading.cost_nothing()
    reading.end()
    assert reading.usage == Usage(model="m")


@pytest.mark.parametrize("odd", [-1, True, "9", None, 1.5, [], {"a": 1}])
def test_what_is_no_count_counts_nothing(odd: object) -> None:
    assert read([json.dumps({"usage": {"input_tokens": odd, "output_tokens": 5}}).encode()], JSON).input == 0


def test_a_huge_count_is_held_to_what_can_be_added_up() -> None:
    assert read([json.dumps({"usage": {"input_tokens": 10**30}}).encode()], JSON).input == MOST


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([SSE, JSON, ""]))
def test_no_answer_trips_it(noise: bytes, kind: str) -> None:
    usage = read([b'data: {"type": "message_start"', noise, b"}\n\n", noise], kind)
    assert usage.tokens >= 0
