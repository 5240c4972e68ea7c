"""What the environment sets: IMPROVER_SECTION__KEY wins over the file."""

import json
import typing
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from improver.errors import ImproverError

PREFIX, INNER = "IMPROVER_", "__"
PARTED = (list, dict, tuple, BaseModel)


def overlaid(values: Mapping[str, Any], environment: Mapping[str, str], model: type[BaseModel]) -> dict[str, Any]:
    """The values of a file, with those that variables set in their place."""
    found = deepcopy(dict(values))
    for variable, path in _settings(environment, model):
        _put(found, path, _value(variable, environment[variable], type_at(model, path)))
    return found


def _put(section: dict[str, Any], path: list[str], value: Any) -> None:
    """One key at a time: what a section as JSON does not name stays as it is."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            _put(section, [*path, name], inner)
        return
    for name in path[:-1]:
        if not isinstance(section.get(name), dict):
            section[name] = {}
        section = section[name]
    section[path[-1]] = value


def _settings(environment: Mapping[str, str], model: type[BaseModel]) -> Iterator[tuple[str, list[str]]]:
    """Variables that name a setting, and where it is; a section comes before its keys."""
    for variable in sorted(environment):
        path = variable.removeprefix(PREFIX).lower().split(INNER)
        if variable.startswith(PREFIX) and path[0] in model.model_fields:
            yield variable, path


def type_at(model: type[BaseModel], path: Sequence[str]) -> Any:
    """What a setting is to be, through nested sections and tables of them; Any for what is unknown, or a plugin's."""
    here: Any = model
    for name in path:
        if isinstance(here, type) and issubclass(here, BaseModel) and name in here.model_fields:
            here = here.model_fields[name].annotation
        elif typing.get_origin(here) is dict:
            here = typing.get_args(here)[1]
        else:
            return Any
    return here


def _value(variable: str, text: str, wanted: Any) -> Any:
    if not _has_parts(wanted):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        if wanted is Any:
            return text
        raise ImproverError(f"{variable}: not valid JSON: {error}", hint='like ["a", "b"], or {"key": 1}') from error


def _has_parts(wanted: Any) -> bool:
    """What cannot be told by one plain word."""
    kinds = [typing.get_origin(one) or one for one in (wanted, *typing.get_args(wanted))]
    return wanted is Any or any(isinstance(one, type) and issubclass(one, PARTED) for one in kinds)
