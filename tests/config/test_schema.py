"""The published JSON Schema of the config."""

import tomllib
from pathlib import Path

import jsonschema
import pytest

from improver import plugins
from improver.config.schema import schema

EXAMPLE = Path(__file__).parent.parent.parent / "config.example.toml"


def test_it_is_valid_and_the_example_keeps_it():
    described = schema()
    jsonschema.Draft202012Validator.check_schema(described)
    jsonschema.validate(tomllib.loads(EXAMPLE.read_text()), described)


def test_it_refuses_an_unknown_key():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"ingest": {"prot": 1}}, schema())


def test_it_describes_every_section_of_every_plugin():
    described = schema()["properties"]
    for kind in plugins.KINDS:
        assert sorted(described[kind]["properties"]) == plugins.names(kind)
        for name, section in described[kind]["properties"].items():
            assert section["description"] == plugins.describe(plugins.load(kind, name))


def test_every_setting_carries_its_docstring():
    described = schema()
    sections = [one for name, one in described["$defs"].items() if "properties" in one]
    sections += [one for kind in plugins.KINDS for one in described["properties"][kind]["properties"].values()]
    for section in sections:
        for name, field in section.get("properties", {}).items():
            assert field.get("description"), f"{section['title']}.{name} has no docstring"


def test_no_secret_is_in_it(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-live-1234")
    assert "sk-live-1234" not in str(schema())
