"""Writes the reference pages and config.example.toml from the code: `make docs`; tests/test_docs.py compares."""

import inspect
import json
import re
import typing
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from improver import plugins
from improver.cli.main import app
from improver.config.schema import SWITCH, SWITCHED
from improver.config.settings import Price, Settings, Target
from improver.dispatching import briefing
from improver.model import FindingKind
from improver.stages.verify import SLOW

ROOT = Path(__file__).parent.parent
WIDTH = 110

# What an example shows instead of a default, because there is none or because it would say nothing.
EXAMPLE_MODEL = "my-model-*"
EXAMPLES: dict[str, Any] = {
    f"models.{EXAMPLE_MODEL}.input": 3.0,
    f"models.{EXAMPLE_MODEL}.output": 15.0,
    f"models.{EXAMPLE_MODEL}.cache_read": 0.3,
    f"models.{EXAMPLE_MODEL}.cache_write": 3.75,
    "targets.shop.repo": "/srv/shop",
    "targets.shop.services": ["shop-web", "shop-worker"],
    "targets.shop.test": ["/srv/shop/.venv/bin/python", "-m", "pytest", "-q"],
    "targets.shop.readable": ["/srv/shop/.venv"],
    "channels.file.path": "improver-messages.md",
}
KINDS = {
    "collectors": (
        "receive or fetch telemetry in one format. All are on unless `enabled = false`; those that pull from"
        " somebody's API once they have a section"
    ),
    "detectors": "turn a window of Events into Symptoms. All are on unless `enabled = false`",
    "agents": "adapt a coding agent. A Target names the one it uses",
    "gates": "check a change before it is delivered. None can be switched off",
    "forges": "open pull requests. A Target names the one it uses",
    "channels": "take messages to people. Only those that the config names are used",
}
KIND_OF_THE_OTHERS = {"errors": "error, crash"}


def main() -> None:
    for path, page in PAGES.items():
        (ROOT / path).write_text(page())


# config.example.toml


def example() -> str:
    lines = [
        "# Every setting of improver, with its default or an example. `improver init` writes a short config for one",
        "# repository; take from here what you need besides. Relative paths are meant from the config's own folder.",
        "# Each can be set by the environment too: IMPROVER_INGEST__PORT=4400. Secrets are named, never written here:",
        '# "env:NAME" or "file:/path". `improver config check` says what is wrong, with the line.',
    ]
    lines += [line for name, field in _top_level().items() for line in ("", *_setting(name, name, field))]
    for name, section in _sections().items():
        lines += ["", f"[{name}]", *_settings(name, section)]
    lines += ["", *_comment(_described(Settings.model_fields["models"]))]
    lines += [f'[models."{EXAMPLE_MODEL}"]', *_settings(f"models.{EXAMPLE_MODEL}", Price)]
    lines += ["", *_comment(f"{_described(Settings.model_fields['targets'])} This one is called shop.")]
    lines += ["[targets.shop]", *_settings("targets.shop", Target)]
    for kind, name, plugin in _plugins():
        lines += ["", *_comment(plugins.describe(plugin)), *_plugin_section(kind, name, plugin.Config)]
    return "\n".join(lines) + "\n"


def _plugin_section(kind: str, name: str, config: type[BaseModel]) -> list[str]:
    lines = [f"[{kind}.{name}]"]
    if kind in SWITCHED:
        lines += [*_comment(str(SWITCH["description"])), "enabled = true"]
    lines += _settings(f"{kind}.{name}", config)
    # A Channel that is named is used, so an example only shows how.
    return [f"# {line}" for line in lines] if kind == "channels" else lines


def _settings(prefix: str, model: type[BaseModel]) -> list[str]:
    return [line for name, field in model.model_fields.items() for line in _setting(f"{prefix}.{name}", name, field)]


def _setting(path: str, name: str, field: FieldInfo) -> list[str]:
    value = EXAMPLES.get(path, None if field.is_required() else field.get_default(call_default_factory=True))
    empty = "0" if typing.get_args(field.annotation)[:1] in ((int,), (float,)) else '""'
    line = f"{name} = {_toml(value)}" if value is not None else f"# {name} = {empty}"
    return [*_comment(_described(field)), line]


def _comment(text: str) -> list[str]:
    words, lines = text.split(), ["#"]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > WIDTH:
            lines.append("#")
        lines[-1] += f" {word}"
    return lines


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return _toml(value.value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_plain(key)} = {_toml(item)}' for key, item in value.items())} }}" if value else "{}"
    return str(value) if isinstance(value, int | float) else json.dumps(str(value), ensure_ascii=False)


def _plain(key: object) -> str:
    return str(key.value if isinstance(key, Enum) else key)


# docs/configuration.md


def configuration() -> str:
    parts = [
        "# Configuration",
        GENERATED,
        "improver reads one TOML file: the one that `--config` or `$IMPROVER_CONFIG` names, else `improver.toml` in the"
        " working folder or one above it, else `~/.config/improver/config.toml`. Without any, the defaults hold."
        " Relative paths are meant from the config's folder. An unknown key is refused, with its line and the nearest"
        " known one.",
        "The environment wins over the file: `IMPROVER_` and the key in capitals, `__` between section and key, JSON"
        " for lists: `IMPROVER_INGEST__PORT=4400`.",
        'Secrets are never written into the config: a setting that needs one takes `"env:NAME"` or `"file:/path"`.',
        "`improver config check` reads the config as the daemon would; `improver config schema` prints the JSON Schema."
        " [config.example.toml](../config.example.toml) shows every setting in place.",
        "## Top level",
        _table(_top_level()),
    ]
    for name, section in _sections().items():
        parts += [f"## [{name}]", _table(section.model_fields)]
    parts += ['## [models."PATTERN"]', _described(Settings.model_fields["models"]), _table(Price.model_fields)]
    parts += ["## [targets.NAME]", _described(Settings.model_fields["targets"]), _table(Target.model_fields)]
    for kind, name, plugin in _plugins():
        switch = f"`enabled` (default `true`): {SWITCH['description']}" if kind in SWITCHED else ""
        parts += [f"## [{kind}.{name}]", plugins.describe(plugin), switch, _table(plugin.Config.model_fields)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(fields: dict[str, FieldInfo]) -> str:
    rows = [f"| `{name}` | {_default(field)} | {_cell(_described(field))} |" for name, field in fields.items()]
    return "\n".join(["| key | default | meaning |", "|---|---|---|", *rows]) if rows else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    return "none" if value is None else f"`{_cell(_toml(value))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


# docs/commands.md


def commands() -> str:
    root = typer.main.get_command(app)
    parts = [
        "# Commands",
        GENERATED,
        "Every command works whether or not the daemon runs. Those that read take `--json`; the shapes are a contract:"
        " keys are only ever added. Exit codes: 0 ok, 1 failed, 2 wrong usage. A failure is one line and a hint, on"
        " stderr.",
        _options(root),
    ]
    for words, command in _walk(root, ()):
        arguments = [_argument(one) for one in command.params if one.param_type_name == "argument"]
        usage = " ".join(("improver", *words, *arguments))
        parts += [f"## `{usage}`", inspect.cleandoc(command.help or ""), _options(command)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _walk(group: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name in group.list_commands(None):
        command = group.commands[name]
        if getattr(command, "commands", None):
            if command.invoke_without_command:
                yield (*above, name), command
            yield from _walk(command, (*above, name))
        else:
            yield (*above, name), command


def _argument(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper()
    shown = f"{name}..." if parameter.nargs == -1 else name
    return shown if parameter.required or name.startswith("[") else f"[{shown}]"


def _options(command: Any) -> str:
    shown = [p for p in command.params if p.param_type_name == "option" and p.name not in ("json", "help")]
    rows = [f"| `{' '.join((*p.opts, p.metavar or '')).strip()}` | {_cell(p.help or '')} |" for p in shown]
    if any(p.name == "json" for p in command.params):
        rows.append("| `--json` | Print JSON. |")
    return "\n".join(["| option | meaning |", "|---|---|", *rows]) if rows else ""


# docs/plugins.md: written by hand, but for its table.


def plugins_page() -> str:
    page = (ROOT / "docs/plugins.md").read_text()
    rows = [f"| {kind} | `{name}` | {_cell(plugins.describe(plugin))} |" for kind, name, plugin in _plugins()]
    table = "\n".join(["| kind | name | what it does |", "|---|---|---|", *rows])
    kinds = "\n".join(f"* **{kind}** {what}." for kind, what in KINDS.items())
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{kinds}\n\n{table}\n{END}{rest.partition(END)[2]}"


# docs/detectors.md


def detectors_page() -> str:
    found = [(name, plugin) for kind, name, plugin in _plugins() if kind == "detectors"]
    rows = [f"| [`{name}`](#{name}) | {_kind_of(one)} | {_cell(plugins.describe(one))} |" for name, one in found]
    parts = [
        "# Detectors",
        GENERATED,
        "What improver looks for. Each is one file in `improver/detectors/`; its thresholds are its section of the"
        " config, and `enabled = false` there switches it off. Examples of what each finds, and of what only looks like"
        " it, are in its test, `tests/detectors/test_NAME.py`. How to write one: [plugins](plugins.md#detector).",
        "\n".join(["| name | kind | what it finds |", "|---|---|---|", *rows]),
    ]
    for name, plugin in found:
        parts += [f"## {name}", plugins.describe(plugin), _looks_at(plugin), _table(plugin.Config.model_fields)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _kind_of(plugin: Any) -> str:
    """Its own word for it, or every kind of Finding that its source names."""
    if hasattr(plugin, "KIND"):
        return str(plugin.KIND)
    named = re.findall(r"\bFindingKind\.([A-Z_]+)", inspect.getsource(plugin))
    return ", ".join(dict.fromkeys(str(FindingKind[name]) for name in named))


def _looks_at(plugin: Any) -> str:
    if hasattr(plugin, "OVER"):
        return f"Looks at whole {plugin.OVER}, each as soon as something of it came in."
    return "Looks at everything on every pass." if not plugin.EVERY else f"Runs every {plugin.EVERY // 60} minutes."


GENERATED = "<!-- Written by docs/generate.py: `make docs`. -->"
BEGIN, END = "<!-- from the code -->", "<!-- end -->"


def spec_schema() -> str:
    return json.dumps(briefing.front_matter_schema(), indent=2) + "\n"


# docs/gates.md


def gates_page() -> str:
    found = [plugin for kind, _, plugin in _plugins() if kind == "gates"]
    found.sort(key=lambda gate: (gate.ORDER, gate.__name__))
    parts = [
        "# Gates",
        GENERATED,
        "Every change that an Agent leaves is judged by these, in this order, on what improver took from git: its files"
        " with `--raw -z --no-renames`, its diff, clean checkouts of it and of its base. None can be switched off.",
        f"The Gates whose order is below {SLOW} only read: all of them judge, so that a second try hears at once of all"
        " that is wrong. The others run programs, in the sandbox: only if nothing was refused so far, and until one"
        " refuses. A Gate that cannot judge refuses with `gate_broken`.",
        "Each Verdict has one of the Gate's reason words, which are stable, and a sentence that says where. The first"
        " that applies, from the top of each table, is the Verdict's. Examples of what each refuses, and of what only"
        " looks like it, are in its test, `tests/gates/test_NAME.py`. What they cannot see is at the end.",
        "\n".join(["| order | gate | what it asks for |", "|---|---|---|", *map(_gate_row, found)]),
    ]
    for gate in found:
        name = gate.__name__.rpartition(".")[2]
        reasons = [f"| `{reason}` | {_cell(reason.gloss)} |" for reason in gate.Reason]
        table = "\n".join(["| reason | meaning |", "|---|---|", *reasons])
        parts += [f"## {name}", plugins.describe(gate), table, _built_in(gate), _table(gate.Config.model_fields)]
    return "\n\n".join(part for part in (*parts, KNOWN_LIMITS) if part) + "\n"


def _gate_row(gate: Any) -> str:
    name = gate.__name__.rpartition(".")[2]
    return f"| {gate.ORDER} | [`{name}`](#{name}) | {_cell(plugins.describe(gate))} |"


def _built_in(gate: Any) -> str:
    globs = getattr(gate, "BUILT_IN", ())
    return f"Built in: {', '.join(f'`{glob}`' for glob in globs)}." if globs else ""


KNOWN_LIMITS = """\
## What Gates cannot see

* A test shares its process with the code that it tests. The report of each pytest run is kept in memory, written last
  of all, and must agree with the exit code; the base's own tests run in processes that load no test of the change;
  `tests_untouched` refuses what reaches into the runner in plain sight. What passed is run once more asserting the
  contrary (the last assertion of each test negated), and must be reported as failed: that ends reports that are forged
  by name or by outcome, unless the forger reads the tests to see which ones they are. All of this is for pytest. Other
  runners (`node --test`, jest, vitest, `go test`, …) are judged by their exit code alone: their tests are not made to
  assert the contrary, and code that ends the process with the exit code it likes is believed.
* A test may look at the code instead of using it in ways that no rule names, and a fix may be made for exactly the
  input that its test has. Taking a fix apart shows that a test needs each part of it, not that each is right, and what
  the limits leave untried passes. First its files and git's hunks are taken away one by one, then what those are made
  of: lines that stand for others, statements that were added, calls and checks that were removed. Python is read as a
  syntax tree, thirteen other kinds of source file by their brackets; of pages, styles and data only whole hunks are
  tried. Not asked for are comments, imports, docstrings, annotations, calls of a logger that call nothing else,
  assertions that call nothing, a last `return None`, and statements that only give the base's own values new names.
* Python's tests are read as syntax trees. Those of JavaScript, TypeScript, Go, Ruby, Java, Kotlin, C#, PHP and Rust are
  read line by line: of an assertion over several lines only those that look like one are compared. Other languages are
  not read at all, and left to the tests that the base has.
* `lint` compares what is printed; a change may silence its linter with a comment.
* `review` is a model's opinion, and can be talked into one.
* Evidence that is plausible and false ("remove this check") passes every Gate: that is what Autonomy, trust labels and
  approval are for."""


PAGES: dict[str, Callable[[], str]] = {
    "config.example.toml": example,
    "docs/configuration.md": configuration,
    "docs/commands.md": commands,
    "docs/plugins.md": plugins_page,
    "docs/detectors.md": detectors_page,
    "docs/gates.md": gates_page,
    "docs/spec.schema.json": spec_schema,
}


def _plugins() -> Iterator[tuple[str, str, Any]]:
    for kind in plugins.KINDS:
        for name in plugins.names(kind):
            yield kind, name, plugins.load(kind, name)


def _top_level() -> dict[str, FieldInfo]:
    apart = {*_sections(), *plugins.KINDS, "models", "targets"}
    return {name: field for name, field in Settings.model_fields.items() if name not in apart}


def _sections() -> dict[str, type[BaseModel]]:
    found = {name: _section_of(field) for name, field in Settings.model_fields.items()}
    return {name: section for name, section in found.items() if section}


def _section_of(field: FieldInfo) -> type[BaseModel] | None:
    model = typing.get_origin(field.annotation) or field.annotation
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


def _described(field: FieldInfo) -> str:
    return " ".join((field.description or "").split())


if __name__ == "__main__":
    main()
