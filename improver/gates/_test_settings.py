"""What steers test runners: settings that only they read, and the parts about tests of files that hold more."""

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from improver.gates._line_rules import rules_for
from improver.gates._python_tests import FUNCTIONS, named
from improver.gates._refusals import Refusal
from improver.gates._tampering import Reason

ONLY_TESTS = re.compile(
    r"""
      \.?pytest\.(ini|toml) | tox\.(ini|toml) | noxfile\.py | \.coveragerc
    | (jest|vitest|playwright|cypress|ava|wdio)\.config\.[^/]* | jest\.setup\.[^/]* | vitest\.(setup|workspace)\.[^/]*
    | karma\.conf\.[^/]* | \.mocharc[^/]* | \.rspec | \.nycrc[^/]* | phpunit\.xml(\.dist)? | nextest\.toml
    """,
    re.VERBOSE | re.IGNORECASE,
)
TOOLS = ("pytest", "coverage", "tox", "nox", "hatch", "poe", "taskipy", "pdm")
PACKAGE_KEYS = ("jest", "vitest", "mocha", "ava", "nyc", "c8", "tap", "babel", "type", "imports", "exports")
SECTIONS = ("tool:pytest", "pytest", "coverage", "tox", "testenv", "aliases")
SCRIPTS = re.compile(r"(pre|post)?test|.*:test|test:.*|(pre|post)?(check|ci|verify)|prepare|(pre|post)install")

Part = Callable[[str], Any]


def changed(path: str, before: str | None, after: str | None, command: Sequence[str]) -> Iterator[Refusal]:
    """What is wrong with one changed file; `before` or `after` is None where it is absent, or is no text."""
    name = PurePosixPath(path).name
    if ONLY_TESTS.fullmatch(name):
        yield Refusal(reason=Reason.SETTINGS, path=path)
    elif path in {str(PurePosixPath(word)) for word in command} and before is not None and not _holds_tests(path):
        yield Refusal(reason=Reason.SETTINGS, path=path, said="the test command names it")
    elif name == "conftest.py":
        yield from _conftest(path, before or "", after or "")
    elif name in PARTS and _part(PARTS[name], before) != _part(PARTS[name], after):
        yield Refusal(reason=Reason.SETTINGS, path=path, said="its settings of tests differ")


def _holds_tests(path: str) -> bool:
    """A program that the command names may itself be the tests; a script of the shell only starts them."""
    return path.endswith(".py") or rules_for(path) is not None


def _part(of: Part, text: str | None) -> Any:
    """What a file says of tests; unparsable, it is all of its text."""
    if text is None:
        return None
    try:
        return of(text)
    except (ValueError, configparser.Error):
        return text


def _pyproject(text: str) -> Any:
    tools = tomllib.loads(text).get("tool", {})
    return {tool: tools.get(tool) for tool in TOOLS}


def _package(text: str) -> Any:
    found = json.loads(text)
    if not isinstance(found, dict):
        return found
    scripts = found.get("scripts") or {}
    steering = {name: line for name, line in scripts.items() if SCRIPTS.fullmatch(name)}
    return {"scripts": steering, **{key: found.get(key) for key in PACKAGE_KEYS}}


def _sections(text: str) -> Any:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections() if name.startswith(SECTIONS)}


PARTS: dict[str, Part] = {"pyproject.toml": _pyproject, "package.json": _package, "setup.cfg": _sections}


def _conftest(path: str, before: str, after: str) -> Iterator[Refusal]:
    """A new fixture that a test must ask for is harmless; everything else in a conftest can change other tests."""
    try:
        old, new = ast.parse(before), ast.parse(after)
    except SyntaxError:
        yield Refusal(reason=Reason.SETTINGS, path=path, said="it cannot be parsed")
        return
    had = {ast.dump(node) for node in old.body}
    names = {node.name for node in old.body if isinstance(node, FUNCTIONS)}
    if had - {ast.dump(node) for node in new.body}:
        yield Refusal(reason=Reason.SETTINGS, path=path, said="something that it held is gone or changed")
    for node in new.body:
        if ast.dump(node) not in had and not _is_harmless(node, names):
            yield Refusal(reason=Reason.SETTINGS, path=path, line=node.lineno, said="this can change other tests")


def _is_harmless(node: ast.stmt, names: set[str]) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if not isinstance(node, FUNCTIONS) or node.name in names or node.name.startswith("pytest_"):
        return False
    return all(_is_fixture(decorator) for decorator in node.decorator_list)


def _is_fixture(decorator: ast.expr) -> bool:
    call = decorator if isinstance(decorator, ast.Call) else None
    automatic = any(keyword.arg == "autouse" for keyword in call.keywords) if call else False
    return named(call.func if call else decorator) == "fixture" and not automatic
