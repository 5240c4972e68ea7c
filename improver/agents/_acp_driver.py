"""Talks the Agent Client Protocol to one agent, inside the box, and says what happens in JSON lines."""

# Started as `python -I -S _acp_driver.py`, its order on stdin: the standard library is all there is.

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

PROTOCOL = 1
CLIENT = {"protocolVersion": PROTOCOL, "clientCapabilities": {}, "clientInfo": {"name": "improver", "version": "1"}}
UNKNOWN_METHOD = -32601
WORKING = {"read", "edit", "delete", "move", "search", "think"}
# What a shell would make more of than one command.
SHELL = set("\n\r;&|<>$`(){}*?[]!#~\\\"'")


class Orders(TypedDict):
    argv: list[str]
    prompt: str
    tree: str
    folders: list[str]
    session: str
    login: str
    test: list[str]


class Refused(Exception):
    """The agent answered with an error, or not at all."""


class Conversation:
    """JSON-RPC over the agent's stdio: one request of ours at a time, its own answered in between."""

    def __init__(self, agent: "subprocess.Popen[str]", orders: Orders) -> None:
        self._agent = agent
        self._orders = orders
        self._number = 0

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        for message in self._messages():
            if "method" in message:
                self._hear(message)
            elif message.get("id") == self._number:
                return _result(method, message)
        raise Refused(f"the agent ended during {method}")

    def _hear(self, message: dict[str, Any]) -> None:
        method, params = message["method"], message.get("params") or {}
        if method == "session/update":
            say(update=params.get("update"))
        elif method == "session/request_permission":
            self._answer({"id": message.get("id"), "result": {"outcome": self._permission(params)}})
        elif "id" in message:
            error = {"code": UNKNOWN_METHOD, "message": f"{method} is not offered"}
            self._answer({"id": message["id"], "error": error})

    def _answer(self, message: dict[str, Any]) -> None:
        """What an agent says that ends without waiting for its answer still counts: it is read to its end."""
        try:
            self._send(message)
        except Refused as error:
            say(printed=str(error))

    def _permission(self, params: dict[str, Any]) -> dict[str, str]:
        call = params.get("toolCall") or {}
        granted = allowed(call, self._orders)
        say(asked=str(call.get("title") or call.get("kind") or "something"), granted=granted)
        kinds = ("allow_once", "allow_always") if granted else ("reject_once", "reject_always")
        options = params.get("options") or []
        chosen = next((o["optionId"] for kind in kinds for o in options if o.get("kind") == kind), "")
        return {"outcome": "selected", "optionId": chosen} if chosen else {"outcome": "cancelled"}

    def _send(self, message: dict[str, Any]) -> None:
        assert self._agent.stdin
        try:
            self._agent.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            self._agent.stdin.flush()
        except BrokenPipeError as error:
            raise Refused("the agent does not listen any more") from error

    def _messages(self) -> Iterator[dict[str, Any]]:
        assert self._agent.stdout
        for line in self._agent.stdout:
            try:
                message = json.loads(line)
            except (ValueError, RecursionError):
                message = None
            if isinstance(message, dict):
                yield message
            elif line.strip():
                say(printed=line[:2000])


def main() -> int:
    orders: Orders = json.load(sys.stdin)
    with subprocess.Popen(
        orders["argv"], cwd=orders["tree"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, errors="replace"
    ) as agent:
        try:
            converse(Conversation(agent, orders), orders)
        except Refused as error:
            return say(failed=str(error)[:2000])
        finally:
            agent.kill()
    return 0


def converse(agent: Conversation, orders: Orders) -> None:
    can = agent.ask("initialize", **CLIENT).get("agentCapabilities") or {}
    if orders["login"]:
        agent.ask("authenticate", methodId=orders["login"])
    session = loaded(agent, orders) or str(agent.ask("session/new", **place(orders)).get("sessionId") or "")
    say(session=session if can.get("loadSession") else "")
    prompt = [{"type": "text", "text": orders["prompt"]}]
    ended = agent.ask("session/prompt", sessionId=session, prompt=prompt)
    say(stopped=str(ended.get("stopReason")), usage=ended.get("usage"))


def loaded(agent: Conversation, orders: Orders) -> str:
    """The session of an earlier round, if the agent still has it: the prompt says everything once more anyway."""
    if not orders["session"]:
        return ""
    try:
        agent.ask("session/load", sessionId=orders["session"], **place(orders))
    except Refused as error:
        say(printed=str(error)[:2000])
        return ""
    return orders["session"]


def place(orders: Orders) -> dict[str, object]:
    return {"cwd": orders["tree"], "mcpServers": []}


def allowed(call: dict[str, Any], orders: Orders) -> bool:
    """The box is the wall; this keeps an honest agent from walking into it, and from running what nobody asked for."""
    kind = call.get("kind")
    if kind == "execute":
        return _is_test(call, orders["test"])
    places = [str(place.get("path")) for place in call.get("locations") or [] if isinstance(place, dict)]
    return kind in WORKING and all(_inside(place, orders) for place in places)


def _is_test(call: dict[str, Any], test: list[str]) -> bool:
    given = call.get("rawInput")
    # Some agents say what they are about to run in the title only.
    command = given.get("command") if isinstance(given, dict) else call.get("title")
    words = command.split() if isinstance(command, str) and not SHELL & set(command) else command
    return isinstance(words, list) and bool(test) and words[: len(test)] == test


def _inside(path: str, orders: Orders) -> bool:
    real = (Path(orders["tree"]) / path).resolve()
    return any(real.is_relative_to(Path(folder).resolve()) for folder in (orders["tree"], *orders["folders"]))


def _result(method: str, message: dict[str, Any]) -> dict[str, Any]:
    if "error" in message:
        raise Refused(f"{method}: {json.dumps(message['error'])}")
    return message.get("result") or {}


def say(**said: object) -> int:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    return 1 if "failed" in said else 0


if __name__ == "__main__":
    sys.exit(main())
