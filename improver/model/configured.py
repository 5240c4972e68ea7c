"""What a section of the config is made of: unknown keys refused, every field documented, secrets by reference."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from improver.errors import ImproverError


class Configured(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def _reference(value: str) -> str:
    if value and not value.startswith(("env:", "file:")):
        # The value itself may be the secret: it is not repeated.
        raise ValueError('must be "env:NAME" or "file:/path", never the secret itself')
    return value


Secret = Annotated[str, AfterValidator(_reference)]


def _pattern(value: str) -> str:
    import re2  # only once somebody writes a pattern of their own

    try:
        re2.compile(value)
    except re2.error as error:
        raise ValueError(f"is no pattern that RE2 takes: {error}") from error
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]


def reveal(reference: str) -> str:
    """The secret that a reference names; an empty reference reveals an empty string."""
    scheme, _, name = reference.partition(":")
    if scheme == "env":
        return os.environ.get(name, "")
    if scheme == "file":
        try:
            return Path(name).expanduser().read_text().strip()
        except OSError as error:
            raise ImproverError(
                f"cannot read the secret file {name}: {error.strerror}", hint="check its path and mode"
            ) from error
    return ""
