"""One contract, checked on every plugin file: a new one is covered the moment it exists."""

import inspect
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from improver import plugins
from improver.errors import ImproverError
from improver.model.configured import Configured

ROOT = Path(__file__).parent.parent
EVERY = [(kind, name) for kind in plugins.KINDS for name in plugins.names(kind)]
VERBS = {
    "collectors": ("decode", "poll", "check", "accepted", "key_of"),
    "detectors": ("detect",),
    "agents": ("missing", "command", "parse", "ended"),
    "gates": ("judge",),
    "forges": ("open", "find", "status"),
    "channels": ("deliver",),
}

each_plugin = pytest.mark.parametrize(("kind", "name"), EVERY, ids=[f"{kind}/{name}" for kind, name in EVERY])


def test_there_is_a_plugin_of_every_kind():
    assert {kind for kind, _ in EVERY} == set(plugins.KINDS)


@each_plugin
def test_a_plugin_keeps_its_contract(kind, name):
    plugin = plugins.load(kind, name)
    assert plugins.violations(kind, plugin) == []
    assert issubclass(plugin.Config, Configured)


@each_plugin
def test_a_plugins_first_line_is_its_help(kind, name):
    said = plugins.describe(plugins.load(kind, name))
    assert said.endswith("."), said
    assert len(said) <= 120


def test_a_detector_that_looks_at_units_says_what_would_help():
    for name in plugins.names("detectors"):
        plugin = plugins.load("detectors", name)
        said = plugins.remedy(plugin)
        assert said.endswith(".") or not hasattr(plugin, "QUERY"), name
        assert len(said) <= 120


@each_plugin
def test_a_plugins_verbs_are_typed(kind, name):
    plugin = plugins.load(kind, name)
    for verb in (getattr(plugin, verb) for verb in VERBS[kind] if hasattr(plugin, verb)):
        signature = inspect.signature(verb)
        assert signature.return_annotation is not inspect.Signature.empty
        assert all(one.annotation is not inspect.Parameter.empty for one in signature.parameters.values())


@pytest.mark.parametrize("name", plugins.names("gates"))
def test_a_gates_reasons_are_words_with_a_meaning(name):
    reasons = list(plugins.load("gates", name).Reason)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]+", reason) and reason.gloss for reason in reasons)
    page = (ROOT / "docs/gates.md").read_text()
    assert all(f"| `{reason}` |" in page for reason in reasons)


@each_plugin
def test_a_plugins_settings_are_documented_and_refuse_unknown_keys(kind, name):
    config = plugins.load(kind, name).Config
    assert all(field.description for field in config.model_fields.values())
    with pytest.raises(ValidationError):
        config(nonsuch=1)


@each_plugin
def test_a_plugin_has_its_test_file(kind, name):
    assert (ROOT / "tests" / kind / f"test_{name}.py").is_file()


def test_an_unknown_name_lists_those_that_there_are():
    with pytest.raises(ImproverError) as caught:
        plugins.load("detectors", "nonsuch")
    assert "'nonsuch'" in caught.value.message
    assert "errors" in caught.value.hint


def test_a_private_sibling_is_no_plugin():
    assert not any(name.startswith("_") for _, name in EVERY)


CHANNEL = '''"""Says nothing."""
from improver.model.configured import Configured


class Config(Configured):
    pass


def deliver(message, config): ...
'''


def test_a_dotted_name_loads_somebody_elses_plugin(tmp_path, monkeypatch):
    (tmp_path / "their_tools").mkdir()
    (tmp_path / "their_tools" / "quiet.py").write_text(CHANNEL)
    monkeypatch.syspath_prepend(tmp_path)
    assert plugins.describe(plugins.load("channels", "their_tools.quiet")) == "Says nothing."


def test_a_module_that_is_no_plugin_is_refused_with_what_it_lacks():
    with pytest.raises(ImproverError, match=r"lacks deliver, Config"):
        plugins.load("channels", "email.message")


def test_a_module_that_is_not_installed_is_refused():
    with pytest.raises(ImproverError, match=r"cannot import the plugin 'no_such\.module'"):
        plugins.load("channels", "no_such.module")


def test_a_broken_call_is_told_and_stops_nobody(caplog):
    result, failure = plugins.guarded("gates", "size", lambda: 1 // 0)
    assert (result, failure) == (None, "ZeroDivisionError: integer division or modulo by zero")
    assert caplog.records[0].plugin == "size"


def test_a_call_that_works_gives_its_result():
    assert plugins.guarded("gates", "size", lambda: 42) == (42, "")


def test_a_dotted_section_adds_a_plugin_and_enabled_false_takes_one_away():
    sections = {"our_tools.ours": {}, "their_tools.theirs": {"enabled": False}, "sentry": {"enabled": False}}
    ours = [name for name in plugins.names("collectors") if name != "sentry"]
    assert plugins.enabled("collectors", sections) == [*ours, "our_tools.ours"]
