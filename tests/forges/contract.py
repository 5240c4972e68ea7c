"""What Gitea's and GitLab's own published descriptions have to say against requests, and against what our fakes answer.

Each is kept as names and types only, of what improver asks for: `contracts/NAME.json` says where they come from.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FOLDER = Path(__file__).parent / "contracts"
PLAIN = {"string": str, "integer": int, "boolean": bool}


@cache
def contract(name: str) -> Mapping[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text())


def complaints(name: str, request: Mapping[str, Any]) -> Iterator[str]:
    """`answer` is given where what was answered is to be held against the description too."""
    method, target = request["method"], urlsplit(request["path"])
    operation = _operation(name, method, target.path)
    if operation is None:
        yield f"{method} {target.path}: there is no such operation"
        return
    for problem in (*_query(operation, target.query), *_body(name, operation, request["body"])):
        yield f"{method} {target.path}: {problem}"
    if "answer" in request:
        for problem in _problems(name, operation["answer"], request["answer"], "answer"):
            yield f"{method} {target.path}: {problem}"


def _operation(name: str, method: str, path: str) -> Mapping[str, Any] | None:
    for known, operation in contract(name)["operations"].items():
        verb, _, template = known.partition(" ")
        if verb == method and re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path):
            return operation
    return None


def _query(operation: Mapping[str, Any], query: str) -> Iterator[str]:
    for key, value in parse_qsl(query):
        kind = operation["query"].get(key)
        if kind is None:
            yield f"there is no parameter {key!r}"
        elif isinstance(kind, dict) and value not in kind["enum"]:
            yield f"{key} is none of {kind['enum']}: {value!r}"
        elif kind == "integer" and not value.isdecimal():
            yield f"{key} is no integer: {value!r}"


def _body(name: str, operation: Mapping[str, Any], body: Any) -> Iterator[str]:
    if operation["body"] is None:
        if body:
            yield "it takes no body"
        return
    for missing in set(contract(name)["required"].get(operation["body"], ())) - body.keys():
        yield f"{missing!r} is missing"
    yield from _problems(name, operation["body"], body, "body")


def _problems(name: str, kind: Any, value: Any, place: str) -> Iterator[str]:
    """Null is never a problem: what is absent is answered so."""
    if value is None or kind == "any":
        return
    if isinstance(kind, dict):
        if value not in kind["enum"]:
            yield f"{place} is none of {kind['enum']}: {value!r}"
    elif isinstance(kind, list):
        if not isinstance(value, list):
            yield f"{place} is no list: {value!r}"
            return
        for one in value:
            yield from _problems(name, kind[0], one, f"{place}[]")
    elif kind in PLAIN:
        if type(value) is not PLAIN[kind]:
            yield f"{place} is no {kind}: {value!r}"
    elif not isinstance(value, dict):
        yield f"{place} is no {kind}: {value!r}"
    else:
        yield from _fields(name, kind, value, place)


def _fields(name: str, kind: str, value: Mapping[str, Any], place: str) -> Iterator[str]:
    fields = contract(name)["records"][kind]
    for key, inner in value.items():
        if key not in fields:
            yield f"{place} has no {key!r}: there is none in {kind}"
        else:
            yield from _problems(name, fields[key], inner, f"{place}.{key}")
