"""What telemetry tells of where in the code: of each Symptom itself, and of the Events behind it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from improver.locate import Clue
from improver.model import FAILURES, FindingKind, Frame, Symptom
from improver.runtime import Runtime

NEWEST = 3  # Events that are looked at of each
LONGEST = 2_000

# What OpenTelemetry's and Sentry's SDKs call a place in the code, newer names first: file, function, namespace, line.
_FILE = ("code.file.path", "code.filepath")
_FUNCTION = ("code.function.name", "code.function")
_LINE = ("code.line.number", "code.lineno")
_NAMESPACE = ("code.namespace",)
_METHOD = ("http.request.method", "http.method", "method")
_LANGUAGE = ("telemetry.sdk.language",)
_NAMES = (*_FILE, *_FUNCTION, *_LINE, *_NAMESPACE, *_METHOD, *_LANGUAGE)
_WITHIN = ("attributes", "data", "contexts.trace.data", "resource")
# Where a client says what it is written in, or who made it: Sentry's `platform`, the name of OpenTelemetry's scope.
_PLATFORM, _SCOPE = "$.platform", "$.scope.name"
_PATHS = [*(f'$.{within}."{name}"' for name in _NAMES for within in _WITHIN), _PLATFORM, _SCOPE]
_SCOPES = {
    "@": "nodejs",
    "opentelemetry.instrumentation.": "python",
    "io.opentelemetry.": "java",
    "go.opentelemetry.io/": "go",
    "OpenTelemetry::": "ruby",
    "io.opentelemetry.contrib.php": "php",
    "OpenTelemetry.": "dotnet",
}

SPANS = """
select event_id, trace_id, json_extract_string(data, $paths) as said from spans
where event_id in (select unnest($ids))
"""
ROOTS = """
select trace_id, any_value(name) as name, any_value(json_extract_string(data, $paths)) as said
from spans where root and trace_id in (select unnest($traces)) group by trace_id
"""
ERRORS = """
select event_id, message, exception_value, template, json_extract_string(data, $paths) as said from errors
where event_id in (select unnest($ids))
"""
LOGS = """
select event_id, body as message, '' as exception_value, template, json_extract_string(data, $paths) as said from logs
where event_id in (select unnest($ids))
"""

_SQL = re.compile(r"\s*(?:select|insert|update|delete|with|merge|replace)\b", re.IGNORECASE)
_ASSET = re.compile(r"[^?#]*\.(?:m?js|css|woff2?|png|jpe?g|gif|svg|webp|avif|mp4|json)(?:[?#].*)?", re.IGNORECASE)
_ELEMENT = re.compile(r"[a-zA-Z][\w-]*(?:$|[#\[. ]).*", re.DOTALL)


def of_symptom(one: Symptom) -> Clue:
    """What it says itself, by its kind."""
    if one.kind in FAILURES:
        return Clue(frames=one.frames)
    if one.kind == FindingKind.PERFORMANCE:
        asset = one.place if _ASSET.fullmatch(one.place) else ""
        statements = tuple(part for part in one.place.split("; ") if _SQL.match(part))
        return Clue(frames=one.frames, route=one.route, statements=statements, asset=asset)
    if one.kind == FindingKind.AGENT_FRICTION:
        return Clue(tool=one.place)
    page = one.place if one.place.startswith("/") else one.route
    if one.kind == FindingKind.FRICTION:
        element = one.place if not one.place.startswith("/") and _ELEMENT.fullmatch(one.place) else ""
        return Clue(element=element, route=page, method="GET" if page else "")
    named = one.place if one.place and not one.place.startswith("/") else ""
    element = named if re.search(r"[#\[]", named) else ""
    return Clue(route=page, method="GET" if page else "", tool=named, element=element)


def read(runtime: Runtime, symptoms: Mapping[str, Symptom]) -> dict[str, Clue]:
    """With what the newest Events of each say besides: one question to the telemetry for all of them."""
    clues = {key: of_symptom(one) for key, one in symptoms.items()}
    traced = {key: one for key, one in symptoms.items() if one.kind == FindingKind.PERFORMANCE}
    failed = {key: one for key, one in symptoms.items() if one.kind in FAILURES}
    _add_spans(runtime, clues, traced)
    _add_texts(runtime, clues, failed)
    return clues


def _add_spans(runtime: Runtime, clues: dict[str, Clue], symptoms: Mapping[str, Symptom]) -> None:
    spans = {row["event_id"]: row for row in _rows(runtime, SPANS, _ids(symptoms))}
    traces = sorted({row["trace_id"] for row in spans.values()})
    roots = _rows(runtime, ROOTS, traces, "traces")
    methods = {row["trace_id"]: _first(row["said"], _METHOD) or row["name"].partition(" ")[0] for row in roots}
    for key, one in symptoms.items():
        rows = [spans[event] for event in one.evidence[:NEWEST] if event in spans]
        told = [methods[row["trace_id"]] for row in rows if row["trace_id"] in methods]
        language = next((_language(row["said"]) for row in rows), "")
        method = next(iter(told), "")
        clues[key] = replace(clues[key], spanned=_places(rows), method=method[:10], language=language[:20])


def _add_texts(runtime: Runtime, clues: dict[str, Clue], symptoms: Mapping[str, Symptom]) -> None:
    """Of errors, what was said: it may stand in the code where no frame leads to it."""
    ids = _ids(symptoms)
    rows = {row["event_id"]: row for row in _rows(runtime, ERRORS, ids)}
    rows |= {row["event_id"]: row for row in _rows(runtime, LOGS, [one for one in ids if one not in rows])}
    for key, one in symptoms.items():
        found = [rows[event] for event in one.evidence[:NEWEST] if event in rows]
        texts = (row[name] for row in found for name in ("message", "exception_value", "template"))
        said = tuple(dict.fromkeys(text.partition("\n")[0][:LONGEST] for text in texts if text))
        clues[key] = replace(clues[key], spanned=_places(found), statements=said)


def _ids(symptoms: Mapping[str, Symptom]) -> list[str]:
    return [event for one in symptoms.values() for event in one.evidence[:NEWEST]]


def _rows(runtime: Runtime, query: str, wanted: list[str], name: str = "ids") -> list[dict[str, Any]]:
    return runtime.warehouse.telemetry.rows(query, {name: wanted, "paths": _PATHS}) if wanted else []


def _places(rows: Iterable[Mapping[str, Any]]) -> tuple[Frame, ...]:
    """The one place that all of them name; several decide nothing."""
    found = dict.fromkeys(frame for row in rows if (frame := _place(row["said"])))
    return tuple(found) if len(found) == 1 else ()


def _place(said: list[str | None]) -> Frame | None:
    file, function = _first(said, _FILE), _first(said, _FUNCTION)
    namespace, line = _first(said, _NAMESPACE), _first(said, _LINE)
    if not (file or namespace):
        return None
    return Frame(
        abs_path=file[:LONGEST],
        module=namespace[:LONGEST],
        function=function[:LONGEST],
        lineno=int(line) if line.isdigit() and len(line) < 9 else None,
    )


def _language(said: list[str | None]) -> str:
    by_path = dict(zip(_PATHS, said, strict=True))
    scope = by_path[_SCOPE] or ""
    by_scope = [language for start, language in _SCOPES.items() if scope.startswith(start)]
    return _first(said, _LANGUAGE) or by_path[_PLATFORM] or next(reversed(by_scope), "")


def _first(said: list[str | None], names: tuple[str, ...]) -> str:
    """The first of these attributes that is there, wherever a client keeps its attributes."""
    by_path = dict(zip(_PATHS, said, strict=True))
    values = (by_path[f'$.{within}."{name}"'] for name in names for within in _WITHIN)
    return next((value for value in values if value), "")
