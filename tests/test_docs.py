"""What is written about improver is true: generated pages are current, examples work, links lead somewhere."""

import importlib
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
import typer
from starlette.testclient import TestClient

from improver import listeners, pipeline, plugins, read
from improver.cli.main import app
from improver.config import load
from improver.config.settings import Price, Settings, Target
from improver.keys import Keys
from improver.model import TrustLabel
from improver.opening import owned_runtime

ROOT = Path(__file__).parent.parent
PAGES = sorted(path for path in (ROOT, ROOT / "docs") for path in path.glob("*.md"))
EXAMPLE = ROOT / "config.example.toml"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", generator().PAGES)
def test_a_generated_page_is_current(page):
    assert (ROOT / page).read_text() == generator().PAGES[page](), "the code has changed: `make docs`"


# The example config: checked against the settings themselves, not only against its generator.


def keys_of(table: dict, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in table.items():
        yield (*above, name)
        if isinstance(value, dict) and above[-1:] != ("analysis",):
            yield from keys_of(value, (*above, name))


def known_keys() -> Iterator[tuple[str, ...]]:
    for name, field in Settings.model_fields.items():
        yield (name,)
        for below in getattr(field.annotation, "model_fields", {}):
            yield name, below
    yield from (("models", "my-model-*", *below) for below in ((), *((name,) for name in Price.model_fields)))
    yield from (("targets", "shop", *below) for below in ((), *((name,) for name in Target.model_fields)))
    for kind in plugins.KINDS:
        for name in plugins.names(kind):
            yield kind, name
            if kind in ("collectors", "detectors"):
                yield kind, name, "enabled"
            yield from ((kind, name, field) for field in plugins.load(kind, name).Config.model_fields)


def example_with_what_is_commented_out() -> dict:
    """Settings without a value, and Channels, stand there as comments: `# key = …`, `# [channels.x]`."""
    text = re.sub(r"^# (?=(\w+ = |\[\w+\.))", "", EXAMPLE.read_text(), flags=re.MULTILINE)
    return tomllib.loads(text)


def test_the_example_loads_as_it_stands():
    assert load(EXAMPLE, {}).targets["shop"].branch == "main"


def test_the_example_shows_every_setting_and_none_that_there_is_not():
    shown = set(keys_of(example_with_what_is_commented_out()))
    assert shown == set(known_keys())


def test_the_example_shows_the_defaults():
    shown, defaults = load(EXAMPLE, {}), Settings()
    for name in ("ingest", "web", "spool", "warehouse", "analysis", "dispatch"):
        assert getattr(shown, name) == getattr(defaults, name)


def test_every_setting_has_its_docstring():
    models = [Target, *(field.annotation for field in Settings.model_fields.values())]
    for model in models:
        for name, field in getattr(model, "model_fields", {}).items():
            assert field.description, f"{model.__name__}.{name} has no docstring"


def test_every_setting_is_on_the_page_about_configuration():
    page = (ROOT / "docs/configuration.md").read_text()
    shown = page.replace("targets.NAME", "targets.shop").replace('models."PATTERN"', "models.my-model-*")
    for *section, key in known_keys():
        assert (
            f"`{key}`" in page
            or ".".join([*section, key]) in shown
            or (f"[{key}]" in page or key in plugins.KINDS or key == "targets")
        ), (*section, key)


# Commands.


def test_every_command_is_on_the_page_about_commands():
    page = (ROOT / "docs/commands.md").read_text()
    root = typer.main.get_command(app)
    for name, command in root.commands.items():
        below = getattr(command, "commands", None) or {"": command}
        for words in (f"improver {name} {one}".strip() for one in below):
            assert f"## `{words}" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_mentions_only_commands_that_there_are(page):
    root = typer.main.get_command(app)
    now = "\n".join(line for line in page.read_text().splitlines() if "*(later)*" not in line)
    for mentioned in re.findall(r"`improver ([a-z]+)", now):
        assert mentioned in root.commands, f"{page.name}: improver {mentioned}"


def test_the_readmes_two_commands_are_the_makefiles():
    readme = (ROOT / "README.md").read_text()
    for target in ("demo", "test"):
        assert f"make {target}" in readme
        dry = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, timeout=30)
        assert dry.returncode == 0


# Plugins.


def examples() -> Iterator[tuple[str, str]]:
    blocks = re.findall(r"```python\n# (\S+)\n(.*?)```", (ROOT / "docs/plugins.md").read_text(), re.DOTALL)
    yield from blocks


@pytest.mark.parametrize(("file", "source"), list(examples()), ids=[file for file, _ in examples()])
def test_an_example_plugin_keeps_its_contract(file, source, tmp_path, monkeypatch):
    kind, name = Path(file).parent.name, Path(file).stem
    (tmp_path / f"example_{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    plugin = importlib.import_module(f"example_{name}")
    assert plugins.violations(kind, plugin) == []
    assert plugins.describe(plugin).endswith(".")
    assert plugin.Config()


def test_the_example_collector_works_by_being_there(tmp_path, monkeypatch):
    """One file of under 40 lines, no other edit: received, digested, counted, listed."""
    [(file, source)] = [(file, source) for file, source in examples() if file.startswith("collectors/")]
    assert len(source.splitlines()) < 40
    (tmp_path / Path(file).name).write_text(source)
    package = importlib.import_module("improver.collectors")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "improver.collectors.plain", raising=False)
    settings = Settings(data_dir=tmp_path / "data", collectors={"plain": {"level": "fatal"}})
    with owned_runtime(settings) as runtime:
        key = Keys.create(runtime.data.keys, "shop", TrustLabel.SERVER)
        client = TestClient(listeners.receiver(runtime))
        bearer = {"authorization": f"Bearer {key.value}"}
        assert client.post("/plain/shop", content="one\ntwo", headers=bearer).status_code == 202
        assert client.post("/plain/shop", content=" ", headers=bearer).status_code == 400
        assert client.post("/plain/shop", content="one").status_code == 401
        assert pipeline.digest(runtime) == 2
        rows = runtime.warehouse.telemetry.rows("select message, service, level, trust from errors order by seq")
        assert [tuple(row.values()) for row in rows] == [(line, "shop", "fatal", "server") for line in ("one", "two")]
        assert read.status(runtime).collectors["plain"].events == 2


def test_the_example_of_the_example_is_taken_by_the_collector_it_is_for(tmp_path, monkeypatch):
    [(_, source)] = [(file, source) for file, source in examples() if file.startswith("collectors/")]
    page = (ROOT / "docs/plugins.md").read_text()
    [verb] = re.findall(r"```python\n(def example\(.*?)```", page, re.DOTALL)
    (tmp_path / "plain_with_example.py").write_text(f"{source}\n\nfrom datetime import datetime\n\n\n{verb}")
    monkeypatch.syspath_prepend(tmp_path)
    plugin = importlib.import_module("plain_with_example")
    [request] = plugin.example("secret", "0" * 32, datetime.now(UTC)).values()
    assert plugin.key_of(request) == "secret"
    assert plugin.check(request, plugin.Config()) is None
    assert (request.method, "/plain/{service}") in plugin.ROUTES


def test_there_is_an_example_of_every_kind():
    assert {Path(file).parent.name for file, _ in examples()} == set(plugins.KINDS)


# Pages.


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_to_a_file_leads_to_one(page):
    for link in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if "://" not in link:
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_no_file_depends_on_a_place_outside_the_repository():
    """No registry, no machine of ours: what is here stands alone."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("needs a git checkout: git clone")
    outside = re.compile(r"(?<![\w.])/work/|\.\./shared|pypi\.org|pythonhosted|registry\.npmjs|index-url")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in (".py", ".md", ".toml", ".j2", ".html", ".js", ".css", "") and path != Path(__file__):
            found = outside.search(path.read_text(errors="replace")) if path.is_file() else None
            assert not found, f"{name}: {found[0]}"


def test_the_changelog_has_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_python_versions_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"
    assert "(3, 11)" in (ROOT / "Makefile").read_text()
    assert sys.version_info >= (3, 11)
