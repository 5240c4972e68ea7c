"""What holds for every command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from improver.cli.commands import ORDER
from improver.cli.main import app

ROOT = typer.main.get_command(app)


def run(*args: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    command = [sys.executable, "-c", "from improver.cli.main import app; app()", *args]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def every_command() -> list[tuple[str, ...]]:
    found = []
    for name in ROOT.list_commands(None):
        found.append((name,))
        found += [(name, below) for below in getattr(ROOT.commands[name], "commands", {})]
    return found


def test_help_lists_every_command_in_the_order_of_use(improver):
    shown = improver("--help").stdout
    places = [shown.index(f"\n  {name} ") for name in ORDER]
    assert places == sorted(places)


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_command_and_option_says_what_it_is_for(improver, command):
    assert improver(*command, "--help").exit_code == 0
    found = ROOT
    for name in command:
        found = found.commands[name]
    assert found.help
    assert all(one.help for one in found.params if one.name != "help")


def test_no_help_text_is_cut_off_at_eighty_columns(improver):
    assert "..." not in improver("--help").stdout.replace("[ARGS]...", "")


def test_the_version_is_shown(improver):
    assert improver("--version").stdout.startswith("improver 0.")


def test_a_failure_is_one_line_and_a_hint_on_stderr_and_exit_code_1(tmp_path):
    done = run("findings", "show", "nonsuch", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: there is no finding 'nonsuch'\nhint: `improver findings` lists them\n"


def test_wrong_usage_is_exit_code_2_with_the_nearest_command(tmp_path):
    done = run("findngs", folder=tmp_path)
    assert done.returncode == 2
    assert "Did you mean 'findings'?" in done.stderr


def test_a_config_that_is_wrong_stops_a_command_with_its_line(tmp_path):
    (tmp_path / "improver.toml").write_text("[ingest]\nprot = 1\n")
    done = run("status", folder=tmp_path)
    assert done.returncode == 1
    assert "line 2: unknown key ingest.prot" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_config_can_be_named(improver, tmp_path):
    (tmp_path / "other.toml").write_text("[web]\nport = 5\n")
    assert "other.toml" in improver("--config", tmp_path / "other.toml", "config", "check").stdout


def test_text_in_an_error_is_made_inert(improver):
    shown = improver("findings", "show", "\x1b[31mred").stderr
    assert "\x1b" not in shown
    assert r"\x1b[31mred" in shown
