"""Drives what else reads foreign bytes, from decompression to the files of the Spool."""

import asyncio
import atexit
import json
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError

from bench.fuzz.collecting import NOW, Broken, Run
from bench.fuzz.samples import Sample
from improver import mcp
from improver.bundles.sourcemaps import parse
from improver.bundles.symbolicate import SourceMaps, name_of_debug_id
from improver.config import Settings
from improver.errors import ImproverError
from improver.grouping import group
from improver.inflate import inflate
from improver.model import ErrorEvent, Frame, Raised
from improver.opening import owned_runtime
from improver.schedules import Schedule, timezone_of
from improver.scrub import DEFAULT
from improver.spool.segment import MAGIC, Damaged, mend, path_of, records

CAP = 4 << 20
DEBUG_ID = "0" * 32
TEXTS = ("filename", "abs_path", "module", "function", "context_line")
NUMBERS = ("lineno", "colno")


def inflated(sample: Sample) -> None:
    try:
        if len(inflate(sample.body, sample.encoding, cap=CAP)) > CAP:
            raise Broken("more than the cap")
    except ImproverError:
        return


def scrubbed(sample: Sample) -> None:
    value = _json(sample.body)
    text = sample.body.decode("utf-8", "surrogateescape")
    json.dumps(DEFAULT.value(value), allow_nan=False).encode()
    for key in ("", "stacktrace", "context_line"):
        once = DEFAULT.text(text, key)
        once.encode()


def grouped(sample: Sample) -> None:
    told = _json(sample.body)
    told = told if isinstance(told, dict) else {"message": str(told)}
    chain = told.get("raised")
    prints = told.get("client_fingerprint")
    error = ErrorEvent(
        payload_id="p",
        occurred_at=NOW,
        message=str(told.get("message", "")),
        raised=tuple(map(_raised, chain)) if isinstance(chain, list) else (),
        client_fingerprint=tuple(map(str, prints)) if isinstance(prints, list) else (),
    )
    if group(error) != group(error):
        raise Broken("two groups for one error")


def scheduled(sample: Sample) -> None:
    """A monitor's schedule and time zone, as a client tells them."""
    told = _json(sample.body)
    told = told if isinstance(told, dict) else {}
    try:
        Schedule(text=str(told.get("text")), timezone=timezone_of(str(told.get("timezone")))).next_after(NOW)
    except ImproverError:
        return


def mapped(folder: Path) -> Run:
    maps = SourceMaps(folder / "maps")

    def run(sample: Sample) -> None:
        try:
            found = parse(sample.body)
        except ImproverError:
            return
        for line in (0, 1, 7, -1):
            for column in (0, 1, 100, 5000, 1 << 40):
                found.original(line, column)
        maps.put(name_of_debug_id(DEBUG_ID), sample.body)
        maps.resolved(_minified(), "shop")

    return run


def tool_called(folder: Path) -> Run:
    """The sample is a tool's name and its arguments; telemetry and state are real, and empty."""

    @cache
    def server() -> Any:
        stack = ExitStack()
        atexit.register(stack.close)
        runtime = stack.enter_context(owned_runtime(Settings(data_dir=folder / "data")))
        return mcp.server(lambda function, **given: function(runtime, **given), lambda context: None)

    def run(sample: Sample) -> None:
        told = _json(sample.body)
        told = told if isinstance(told, dict) else {}
        arguments = told.get("arguments")
        try:
            asyncio.run(server().call_tool(str(told.get("name")), arguments if isinstance(arguments, dict) else {}))
        except UnexpectedToolError:
            raise
        except ToolError:
            return

    return run


def segment(folder: Path) -> Run:
    """What a damaged disk leaves of a segment: read as far as it goes, and mended."""
    spool = folder / "spool"
    spool.mkdir()
    path = path_of(spool, 1)

    def run(sample: Sample) -> None:
        path.write_bytes(sample.body)
        try:
            for _ in records(path, 0, len(sample.body)):
                pass
        except Damaged as damage:
            damaged = damage.start
        else:
            damaged = len(sample.body)
        end, _ = mend(spool, 1)
        if end < damaged and end > len(MAGIC):
            raise Broken("whole records are cut off")

    return run


def _minified() -> ErrorEvent:
    frames = tuple(Frame(filename="https://a/b.js", function="a", lineno=1, colno=column) for column in (1, 40, 900))
    image = {"type": "sourcemap", "code_file": "https://a/b.js", "debug_id": DEBUG_ID}
    raised = (Raised(type="E", value="v", frames=frames),)
    return ErrorEvent(payload_id="p", occurred_at=NOW, raised=raised, data={"debug_meta": {"images": [image]}})


def _raised(told: object) -> Raised:
    told = told if isinstance(told, dict) else {}
    frames = told.get("frames")
    listed = frames if isinstance(frames, list) else []
    return Raised(type=str(told.get("type")), value=str(told.get("value")), frames=tuple(map(_frame, listed)))


def _frame(told: object) -> Frame:
    told = told if isinstance(told, dict) else {}
    known: dict[str, Any] = {name: str(told[name]) for name in TEXTS if name in told}
    return Frame(**known, **{name: told[name] for name in NUMBERS if isinstance(told.get(name), int)})


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
