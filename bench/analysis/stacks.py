"""Which crashes ClusterFuzz calls the same: printed stacks of C++, Go, Java, Python, kernels and JavaScript."""

import itertools
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from improver import grouping
from improver.collectors import _log_stacks
from improver.model import ErrorEvent

SET = "clusterfuzz-stacks"
PEERS = "peers, grouping P/R: raw regex .52/.85, with an ignore list .67/.88; ClusterFuzz 1/1 by construction"
TOP = 3


def measure(folder: Path) -> Iterator[str]:
    cases = [case for case in map(json.loads, (folder / "cases.jsonl").read_text().splitlines()) if _scored(case)]
    expected = {case["file"]: case["expected_state"].strip() for case in cases}
    frames = {file: top(_read(folder / "data" / file)) for file in expected}
    keys = {file: key(_read(folder / "data" / file)) for file in expected}
    exact = sum(list(frames[file]) == state.split("\n")[: len(frames[file])] for file, state in expected.items())
    yield f"{SET}: {len(expected)} stacks, exact top {TOP} {exact / len(expected):.3f} ({PEERS})"
    yield f"{SET}: pairs by the top {TOP} frames that count: {_pairs(expected, frames)}"
    yield f"{SET}: pairs by our whole grouping key: {_pairs(expected, keys)}"


def _scored(case: dict[str, Any]) -> bool:
    return (case["expected_state"] or "").strip() not in ("", "NULL") and not case["needs_env"]


def _read(path: Path) -> str:
    return path.read_text(errors="replace")


def _error(text: str) -> ErrorEvent | None:
    failure = _log_stacks.failure_in(text)
    if failure is None:
        return None
    platform = _log_stacks.platform_of(failure.chain)
    then = datetime(2026, 1, 1, tzinfo=UTC)
    return ErrorEvent(payload_id="", occurred_at=then, platform=platform, raised=failure.chain)


def top(text: str) -> tuple[str, ...]:
    """The innermost frames that count, of the exception that surfaced."""
    error = _error(text)
    counting = [p.text for p in grouping.explain(error) if p.what == "frame" and not p.ignored] if error else []
    return tuple(part.partition("|")[2] or part for part in reversed(counting[-TOP:]))


def key(text: str) -> tuple[str, ...]:
    error = _error(text)
    return (grouping.group(error).key,) if error else ()


def _pairs(expected: dict[str, str], told: dict[str, Sequence[str]] | dict[str, tuple[str, ...]]) -> str:
    right = wrong = missed = 0
    for one, other in itertools.combinations(expected, 2):
        same = expected[one] == expected[other]
        ours = bool(told[one]) and told[one] == told[other]
        right, wrong, missed = right + (same and ours), wrong + (ours and not same), missed + (same and not ours)
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / (right + missed) if right + missed else 1.0
    return f"precision {precision:.3f}, recall {recall:.3f}"
