"""Calls a function of `read` or `act` in the running daemon, or here when there is none."""

import json
import socket
import time
import typing
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter

from improver.config import Settings
from improver.datadir import DataDir
from improver.errors import ImproverError

Answer = TypeVar("Answer")
PATIENCE_S = 10.0


class Client:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._data = DataDir(settings.data_dir)

    def ask(self, function: Callable[..., Answer], **arguments: object) -> Answer:
        """The function's answer, from whoever owns the data folder."""
        give_up = time.monotonic() + PATIENCE_S
        while True:
            connection = self._data.call()
            if connection:
                with connection:
                    return _remote(connection, function, arguments)
            try:
                return self._here(function, arguments)
            except ImproverError as error:
                # Another command may own the folder for a moment; or a daemon that is about to listen.
                if not error.retryable or time.monotonic() > give_up:
                    raise
                time.sleep(0.1)

    def daemon_answers(self) -> bool:
        return self._data.served()

    def _here(self, function: Callable[..., Answer], arguments: dict[str, object]) -> Answer:
        from improver.opening import owned_runtime

        with owned_runtime(self._settings) as runtime:
            return function(runtime, **arguments)


def _remote(connection: socket.socket, function: Callable[..., Answer], arguments: dict[str, object]) -> Answer:
    with connection.makefile("rwb") as stream:
        stream.write(json.dumps({"call": function.__name__, "arguments": arguments}).encode() + b"\n")
        stream.flush()
        line = stream.readline()
    if not line:
        raise ImproverError("the daemon hung up without an answer", hint="look at its log", retryable=True)
    reply: dict[str, Any] = json.loads(line)
    if error := reply.get("error"):
        raise ImproverError(error["message"], hint=error["hint"], retryable=error["retryable"])
    returned = typing.get_type_hints(function)["return"]
    return typing.cast(Answer, TypeAdapter(returned).validate_python(reply["answer"]))
