"""The daemon's side of client.py: one JSON line asks, one answers, on a socket that only its owner can open."""

import asyncio
import json
import logging
import os
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from improver import act, examples, read
from improver.errors import ImproverError
from improver.machine import unix
from improver.runtime import Runtime
from improver.upkeep import backups, forgetting

log = logging.getLogger(__name__)

# Not for the web, where a page that somebody visits could ask them too: they cost much, or name files.
ON_THIS_MACHINE = (read.sql, read.tables, act.export, backups.backup, forgetting.forget)
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **read.questions(),
    **act.ACTIONS,
    **examples.CALLS,
    **{function.__name__: function for function in ON_THIS_MACHINE},
}
LINE_LIMIT = 1 << 20


async def listen(runtime: Runtime, path: Path) -> asyncio.Server:
    path.unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        with unix.address(path) as address:
            return await asyncio.start_unix_server(lambda r, w: _serve(runtime, r, w), address, limit=LINE_LIMIT)
    finally:
        os.umask(before)


async def _serve(runtime: Runtime, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        line = await reader.readline()
        if line:
            writer.write(json.dumps(await asyncio.to_thread(_answer, runtime, line)).encode() + b"\n")
            await writer.drain()
    except (ConnectionError, ValueError) as error:
        log.info("a client of the control socket went away", extra={"error": str(error)})
    finally:
        writer.close()


def _answer(runtime: Runtime, line: bytes) -> dict[str, Any]:
    try:
        question = json.loads(line)
        function = FUNCTIONS[question["call"]]
        answer = function(runtime, **question["arguments"])
    except ImproverError as error:
        return {"error": {"message": error.message, "hint": error.hint, "retryable": error.retryable}}
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        log.exception("a call over the control socket failed")
        hint = "are the command line and the daemon of one version? restart the daemon"
        return {"error": {"message": f"the daemon could not answer: {error}", "hint": hint, "retryable": False}}
    returned = typing.get_type_hints(function)["return"]
    return {"answer": TypeAdapter(returned).dump_python(answer, mode="json")}
