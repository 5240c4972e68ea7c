"""`config` and `plugins` on the command line."""

import json

import jsonschema
import pytest

from improver import plugins
from tests import world


def test_check_names_the_file_it_read(improver, shop):
    assert improver("config", "check").stdout == f"ok: {shop / 'improver.toml'}\n"
    assert json.loads(improver("config", "check", "--json").stdout) == {
        "ok": True,
        "file": str(shop / "improver.toml"),
        "targets": ["shop"],
    }


def test_check_without_a_file_says_how_to_get_one(improver):
    assert "`improver init` writes one" in improver("config", "check").stdout


def test_check_never_prints_a_secret(improver, shop, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-live-1234")
    outputs = (improver("config", "check"), improver("config", "check", "--json"), improver("config", "schema"))
    assert not any("sk-live-1234" in done.stdout for done in outputs)


def test_schema_is_a_json_schema(improver):
    jsonschema.Draft202012Validator.check_schema(json.loads(improver("config", "schema").stdout))


def test_plugins_lists_every_one_with_what_it_does(improver):
    shown = improver("plugins").stdout
    found = json.loads(improver("plugins", "--json").stdout)
    assert len(found) == sum(len(plugins.names(kind)) for kind in plugins.KINDS)
    assert all(one["name"] in shown and one["help"] in shown for one in found)


@pytest.mark.parametrize("name", ["improver.toml", "Improver.toml"])
def test_a_config_that_the_repository_brings_is_refused_unless_it_is_named(improver, shop, name):
    file = shop / "improver.toml"
    blob = world.git(shop, "hash-object", "-w", str(file))
    world.git(shop, "update-index", "--add", "--cacheinfo", f"100644,{blob},{name}")
    for command in ("status", "doctor", "run"):
        refused = improver(command)
        assert refused.exit_code == 1
        assert f"error: {file}: this repository brings its own config" in refused.stderr
        assert "--config" in refused.stderr
    assert improver("--config", file, "config", "check").exit_code == 0


def test_a_brought_config_is_not_even_read(improver, shop):
    (shop / "improver.toml").write_text("[detectors.'a.strangers.module']\n")
    world.git(shop, "add", "--force", "improver.toml")
    assert "brings its own config" in improver("config", "check").stderr
