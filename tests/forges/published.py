"""GitHub's own published descriptions of its REST and GraphQL APIs: what they have to say against requests."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate
from jsonschema import Draft202012Validator

from tests import js_clients

FORGES = Path(__file__).parent.parent / "js_forges"
FILE = "@octokit/openapi/generated/api.github.com.json"
GRAPHQL = "/graphql"
SCHEMA = Path(__file__).with_name("github_ready.graphql")
TOLD = ("method", "path", "body")


@cache
def schema() -> GraphQLSchema:
    # An excerpt has no queries, which a whole schema must have.
    return build_schema(SCHEMA.read_text(), assume_valid=True)


@cache
def description() -> dict:
    return json.loads((js_clients.node_modules(FORGES) / FILE).read_text())


def held_against(requests: Sequence[dict]) -> list[str]:
    """Nothing where the description cannot be had: test_github_published skips then, and says so."""
    try:
        description()
    except pytest.skip.Exception:
        return []
    asked = {json.dumps([one[name] for name in TOLD] + [one.get("answer")]) for one in requests}
    told = [dict(zip((*TOLD, "answer"), json.loads(one), strict=True)) for one in asked]
    return [complaint for request in told for complaint in complaints(request)]


def complaints(request: dict) -> Iterator[str]:
    method, target, body = request["method"], urlsplit(request["path"]), request["body"]
    if target.path == GRAPHQL:
        yield from (f"{method} {target.path}: {error.message}" for error in validate(schema(), parse(body["query"])))
        return
    operation = _operation(method, target.path)
    if operation is None:
        yield f"{method} {target.path}: there is no such operation"
        return
    answered = _unknown(_answer(operation), request.get("answer"), "answer")
    for problem in (*_query(operation, target.query), *_body(operation, body), *answered):
        yield f"{method} {target.path}: {problem}"


def _operation(method: str, path: str) -> dict | None:
    for pattern, operations in _paths():
        if pattern.fullmatch(path) and method.lower() in operations:
            return operations[method.lower()]
    return None


@cache
def _paths() -> list[tuple[re.Pattern[str], dict]]:
    return [
        (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))), operations)
        for template, operations in description()["paths"].items()
    ]


def _query(operation: dict, query: str) -> Iterator[str]:
    known = {one["name"]: one for one in map(_resolved, operation.get("parameters", [])) if one["in"] == "query"}
    given = dict(parse_qsl(query))
    for name, value in given.items():
        if name not in known:
            yield f"there is no parameter {name!r}"
            continue
        kind = known[name]["schema"].get("type")
        yield from _problems(known[name]["schema"], int(value) if kind == "integer" and value.isdecimal() else value)
    for name, one in known.items():
        if one.get("required") and name not in given:
            yield f"the parameter {name!r} is missing"


def _body(operation: dict, body: dict) -> Iterator[str]:
    if "requestBody" not in operation:
        if body:
            yield "it takes no body"
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    yield from _problems(schema, body)
    for name in body if "properties" in schema else ():
        if name not in schema["properties"]:
            yield f"there is no property {name!r}"


def _answer(operation: dict) -> dict:
    """What it answers where all is well."""
    well = next(_resolved(one) for code, one in operation["responses"].items() if code.startswith("2"))
    return well.get("content", {}).get("application/json", {}).get("schema", {})


def _unknown(schema: dict, value: object, place: str) -> Iterator[str]:
    """Fields that the description has none of: what our fake makes up, and a Forge could come to rely on."""
    shapes = [_resolved(one) for one in _shapes(schema)]
    if isinstance(value, list):
        for one in value:
            yield from _unknown({"anyOf": [shape["items"] for shape in shapes if "items" in shape]}, one, f"{place}[]")
    elif isinstance(value, dict):
        for key, inner in value.items():
            known = [shape["properties"][key] for shape in shapes if key in shape.get("properties", {})]
            if not known:
                yield f"{place} has no {key!r}"
            else:
                yield from _unknown({"anyOf": known}, inner, f"{place}.{key}")


def _shapes(schema: dict) -> Iterator[dict]:
    """A schema, with all that it is made of or can be."""
    schema = _resolved(schema)
    yield schema
    for word in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(word, ()):
            yield from _shapes(one)


def _resolved(one: dict) -> dict:
    for part in one.get("$ref", "").removeprefix("#/").split("/") if "$ref" in one else ():
        one = description()[part] if part == "components" else one[part]
    return one


def _problems(schema: dict, value: object) -> Iterator[str]:
    return (error.message for error in _validator(json.dumps(schema)).iter_errors(value))


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": description()["components"]})
