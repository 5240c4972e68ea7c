"""The two documents an Agent works from: the Spec and the prompt. Nothing that came over the wire is in either."""

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from improver import render
from improver.config import Target
from improver.model import FAILURES, Finding, Spec

NON_GOALS = (
    "No refactoring, renaming, reformatting or dependency change that the fix does not need.",
    "No weakening, skipping or deleting of tests; no catching and hiding of the error.",
    "No change to what other callers of this code rely on.",
)


def spec_markdown(spec: Spec, finding: Finding) -> str:
    parts = {"front": front_matter(spec), "finding": finding, **_common(spec)}
    return str(render.jinja("spec.md.j2").render(parts))


def front_matter(spec: Spec) -> dict[str, Any]:
    """What stands, as YAML, at the head of the Spec; docs/spec.schema.json describes it."""
    plain: dict[str, Any] = TypeAdapter(Spec).dump_python(spec, mode="json")
    del plain["markdown"]
    return plain


def front_matter_schema() -> dict[str, Any]:
    """The JSON Schema of the front matter, published as docs/spec.schema.json."""
    schema = TypeAdapter(Spec).json_schema()
    del schema["properties"]["markdown"]
    schema["required"].remove("markdown")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "additionalProperties": False}


def prompt(spec: Spec, target: Target, side: Path, feedback: str, refused: str = "") -> str:
    """Our own words, resolved names and numbers; `feedback` is the reason words of an earlier try, `refused` of this.

    Where this try's own change was refused, the Agent is to mend it; the whole of the task is said once more, for
    Agents that remember nothing.
    """
    test = " ".join(target.test)
    parts = {"side": side, "test": test, "feedback": feedback, "refused": refused, **_common(spec)}
    return str(render.jinja("prompt.md.j2").render(parts))


def _common(spec: Spec) -> dict[str, Any]:
    return {"spec": spec, "fails": spec.kind in FAILURES, "non_goals": NON_GOALS}
