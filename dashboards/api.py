"""The JSON API: one address for each function of `read` and `act`, generated from their signatures."""

import inspect
import json
import typing
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from improver import act, read
from improver.dashboards.answers import body, failure, plain, runtime_of
from improver.dashboards.token import refusal
from improver.errors import ImproverError

Function = Callable[..., Any]


def routes(*, token: str) -> list[Route]:
    """Reading is for whoever reaches the listener; an action needs the token."""
    questions = [Route(_question_path(f), _question(f), methods=["GET"]) for f in read.questions().values()]
    actions = [Route(_action_path(f), _action(f, token), methods=["POST"]) for f in act.ACTIONS.values()]
    return [*questions, *actions, Route("/api/schema", _schema, methods=["GET"])]


def _question_path(function: Function) -> str:
    return f"/api/{function.__name__}s/{{id}}" if "id" in _parameters(function) else f"/api/{function.__name__}"


def _action_path(function: Function) -> str:
    return f"/api/findings/{{id}}/{function.__name__}" if "id" in _parameters(function) else f"/api/{function.__name__}"


def _question(function: Function) -> Callable[[Request], typing.Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return await _call(function, request, dict(request.query_params))

    return answer


def _action(function: Function, token: str) -> Callable[[Request], typing.Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        refused = refusal(token, request.headers.get("authorization", ""))
        if refused:
            told = failure(request.url.path, refused.status, refused.problem, refused.hint)
            told.headers.update({"www-authenticate": "Bearer"} if refused.status == 401 else {})
            return told
        return await _call(function, request, await _body(request))

    return answer


async def _call(function: Function, request: Request, given: Mapping[str, object]) -> Response:
    arguments = _arguments(function, {**given, **request.path_params})
    result = await run_in_threadpool(function, runtime_of(request), **arguments)
    return plain(_adapter(function).dump_python(result, mode="json"))


async def _body(request: Request) -> dict[str, object]:
    sent = await body(request)
    try:
        given = json.loads(sent or b"{}")
    except (ValueError, RecursionError) as error:
        raise ImproverError(
            f"the body is no JSON: {error}", hint='send an object, e.g. {"reason": "duplicate"}'
        ) from error
    if not isinstance(given, dict):
        raise ImproverError("the body is no JSON object", hint='send an object, e.g. {"reason": "duplicate"}')
    return given


def _arguments(function: Function, given: Mapping[str, object]) -> dict[str, object]:
    """The call's keyword arguments; what is unknown, missing or of the wrong kind is named."""
    known = _parameters(function)
    hint = f"known: {', '.join(known) or 'none'}"
    for name in given:
        if name not in known:
            raise ImproverError(f"there is no parameter {name!r}", hint=hint)
    for name, parameter in known.items():
        if parameter.default is parameter.empty and name not in given:
            raise ImproverError(f"the parameter {name!r} is missing", hint=hint)
    return {name: _value(name, known[name].annotation, value) for name, value in given.items()}


def _value(name: str, kind: Any, value: object) -> object:
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise ImproverError(f"{value!r} does not fit {name!r}", hint=error.errors()[0]["msg"]) from error


def _parameters(function: Function) -> dict[str, inspect.Parameter]:
    signature = inspect.signature(function, eval_str=True)
    return {name: parameter for name, parameter in signature.parameters.items() if name != "runtime"}


def _adapter(function: Function) -> TypeAdapter[Any]:
    return TypeAdapter(typing.get_type_hints(function)["return"])


async def _schema(request: Request) -> Response:
    described = {
        **{f"GET {_question_path(f)}": _described(f) for f in read.questions().values()},
        **{f"POST {_action_path(f)}": _described(f) for f in act.ACTIONS.values()},
    }
    return plain(described)


def _described(function: Function) -> dict[str, Any]:
    parameters = {
        name: TypeAdapter(parameter.annotation).json_schema()
        | ({"default": parameter.default} if parameter.default is not parameter.empty else {})
        for name, parameter in _parameters(function).items()
    }
    return {
        "description": inspect.getdoc(function),
        "parameters": parameters,
        "answer": _adapter(function).json_schema(mode="serialization"),
    }
