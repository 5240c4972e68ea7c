"""How well failed calls and calls in vain are told from the others, and whether friction tells a failed run."""

import json
import runpy
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from improver.analysis import windows
from improver.config import Settings
from improver.model import Payload, TrustLabel
from improver.opening import passing_runtime
from improver.runtime import Runtime
from improver.stages import detect, ingest

SET = "tau-bench-airline"
PEERS = "peers: AUROC #errors .566, #redundant .520, #calls .653, #messages .683"
START = datetime(2026, 1, 5, 12, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)
CALLS = "select unit, step - 1 as place, event_id, error from window_calls"
WASTED = "select unit, detail from sightings where detector = 'redundant_calls' and detail::varchar <> 'null'"
FRICTION = "select unit, sum(minutes) as minutes from sightings where detail::varchar <> 'null' group by unit"


def measure(folder: Path) -> Iterator[str]:
    runs = [json.loads(line) for line in (folder / "trajectories.jsonl").read_text().splitlines()]
    end = START + AN_HOUR * (len(runs) + 1)
    with (
        tempfile.TemporaryDirectory(prefix="improver-bench-") as data,
        passing_runtime(Settings(data_dir=Path(data)), clock=lambda: end) as runtime,
    ):
        ingest.load(runtime, [payload for number, run in enumerate(runs) for payload in _payloads(number, run)])
        detect.run(runtime, ended_by=end)
        told = _told(runtime, len(runs), end)
    score = runpy.run_path(str(folder / "score.py"))["score"](told)
    figures = ", ".join(f"{name} {value:.3f}" for name, value in score.items() if name != "n")
    yield f"{SET}: {len(runs)} runs, {figures} ({PEERS})"


def _payloads(number: int, run: dict[str, Any]) -> Iterator[Payload]:
    """Whether a call failed is not told: that is to be found."""
    for place, call in enumerate(run["calls"]):
        at = START + AN_HOUR * number + timedelta(seconds=8 * place)
        said = {
            "agent": "airline", "session": f"run {number}", "id": f"{number}-{place}", "tool": call["name"],
            "arguments": call["arguments"], "result": call["result"], "failed": False,
            "called_at": at.isoformat(), "answered_at": (at + timedelta(seconds=2)).isoformat(),
        }  # fmt: skip
        yield Payload(
            id=said["id"], collector="agent_sessions", path="/agent_sessions", received_at=at, trust=TrustLabel.SERVER,
            body=json.dumps(said).encode(), content_type="application/json",
        )  # fmt: skip


def _told(runtime: Runtime, runs: int, end: datetime) -> list[dict[str, Any]]:
    telemetry, scope = runtime.warehouse.telemetry, windows.SCOPES["conversations"]
    with windows.opened(telemetry, scope, detect.NEVER, windows.ends(telemetry, scope, 0)[-1], end) as window:
        calls = window.rows(CALLS)
    again = {event for row in telemetry.rows(WASTED) for event in json.loads(row["detail"])["again"]}
    minutes = {row["unit"]: row["minutes"] for row in telemetry.rows(FRICTION)}
    told: dict[str, Any] = defaultdict(lambda: {"errors": [], "redundant": []})
    count = Counter(row["unit"] for row in calls)
    for row in calls:
        told[row["unit"]]["errors"] += [row["place"]] if row["error"] else []
        told[row["unit"]]["redundant"] += [row["place"]] if row["event_id"] in again else []
    return [
        {**told[unit], "friction": count[unit] + 6 * minutes.get(unit, 0.0)}
        for unit in (f"run {number}" for number in range(runs))
    ]
