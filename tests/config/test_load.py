"""Config files as people write them, and what they are told about their mistakes."""

import os
from pathlib import Path

import pytest

from improver.config import load
from improver.config.load import find
from improver.errors import ImproverError
from improver.model import Autonomy

TARGET = '[targets.shop]\nrepo = "shop"\n'


@pytest.fixture
def config(tmp_path: Path):
    def write(text: str) -> Path:
        file = tmp_path / "improver.toml"
        file.write_text(text)
        return file

    return write


def refusal(file: Path, environment: dict[str, str] | None = None) -> ImproverError:
    with pytest.raises(ImproverError) as caught:
        load(file, environment or {})
    return caught.value


def test_without_a_file_the_defaults_hold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load(environment={"XDG_CONFIG_HOME": str(tmp_path)})
    assert settings.source is None
    assert (settings.ingest.port, settings.web.port, settings.targets) == (4318, 4319, {})


def test_a_file_sets_what_it_names_and_nothing_else(config):
    settings = load(config(f'{TARGET}autonomy = "commit"\n[ingest]\nport = 5000\n'), {})
    assert settings.targets["shop"].autonomy is Autonomy.COMMIT
    assert (settings.ingest.port, settings.ingest.host, settings.web.port) == (5000, "127.0.0.1", 4319)


def test_paths_are_meant_from_the_configs_own_folder(config, tmp_path):
    settings = load(config(f'data_dir = "data"\n{TARGET}readable = [".venv", "~/tools"]\n'), {})
    assert settings.data_dir == tmp_path / "data"
    assert settings.targets["shop"].repo == tmp_path / "shop"
    assert settings.targets["shop"].readable == [tmp_path / ".venv", Path.home() / "tools"]


def test_the_environment_wins_over_the_file_one_key_at_a_time(config, monkeypatch):
    monkeypatch.setenv("IMPROVER_INGEST__PORT", "6000")
    settings = load(config("[ingest]\nport = 5000\nmax_body_mb = 7\n"))
    assert (settings.ingest.port, settings.ingest.max_body_mb) == (6000, 7)


def test_the_environment_sets_lists_sections_and_what_only_a_plugin_knows(config):
    set_to = {
        "IMPROVER_WEB__ALLOWED_HOSTS": '["a.example"]',
        "IMPROVER_INGEST": '{"port": 6000}',
        "IMPROVER_INGEST__MAX_BODY_MB": "9",
        "IMPROVER_TARGETS__SHOP__AUTONOMY": "branch",
        "IMPROVER_COLLECTORS__SENTRY__ENABLED": "false",
    }
    settings = load(config(f'{TARGET}autonomy = "commit"\n[ingest]\nport = 5000\nhost = "127.0.0.2"\n'), set_to)
    assert settings.web.allowed_hosts == ["a.example"]
    assert (settings.ingest.port, settings.ingest.max_body_mb, settings.ingest.host) == (6000, 9, "127.0.0.2")
    assert settings.targets["shop"].autonomy is Autonomy.BRANCH
    assert settings.collectors == {"sentry": {"enabled": False}}


def test_a_variable_that_is_no_json_is_named(config):
    error = refusal(config(TARGET), {"IMPROVER_WEB__ALLOWED_HOSTS": "a.example"})
    assert error.message.startswith("IMPROVER_WEB__ALLOWED_HOSTS: not valid JSON: ")


@pytest.mark.parametrize(
    ("text", "line", "key", "nearest"),
    [
        ("[ingest]\nprot = 5000\n", 2, "ingest.prot", "port"),
        ("data_dri = 'x'\n", 1, "data_dri", "data_dir"),
        (f'{TARGET}\nautonomi = "pr"\n', 4, "targets.shop.autonomi", "autonomy"),
        ("[detectors.errors]\nwindow_day = 30\n", 2, "detectors.errors.window_day", "window_days"),
    ],
)
def test_an_unknown_key_is_refused_with_its_line_and_the_nearest_name(config, text, line, key, nearest):
    file = config(text)
    error = refusal(file)
    assert error.message == f"{file}, line {line}: unknown key {key}"
    assert error.hint == f"did you mean {nearest}?"


def test_a_wrong_value_is_named_with_its_line(config):
    error = refusal(config("# a comment\n[ingest]\nport = 99999\n"))
    assert "line 3: ingest.port:" in error.message
    assert "99999" in error.message


def test_a_pattern_that_cannot_be_searched_for_is_refused(config):
    error = refusal(config('[artificial]\nmonitors = ["ours", "up(time"]\n'))
    assert "RE2" in f"{error.message} {error.hint}"
    assert load(config('[artificial]\nmonitors = ["ours"]\n'), {}).artificial.monitors == ["ours"]


def test_a_missing_value_is_named(config):
    error = refusal(config('[targets.shop]\nbranch = "main"\n'))
    assert "targets.shop.repo" in error.message


def test_a_secret_in_the_file_is_refused_and_never_repeated(config):
    error = refusal(config('[web]\ntoken = "hunter2-hunter2"\n'))
    assert "web.token" in error.message
    assert "env:NAME" in error.message
    assert "hunter2" not in error.message + error.hint


def test_a_secret_of_a_plugin_is_refused_and_never_repeated(config):
    error = refusal(config('[agents.claude]\napi_key = "sk-live-1234"\n'))
    assert "line 2: agents.claude.api_key" in error.message
    assert "1234" not in error.message + error.hint


def test_an_unknown_plugin_is_refused_with_those_that_there_are(config):
    error = refusal(config("[detectors.erors]\n"))
    assert "line 1" in error.message
    assert "errors" in error.hint


def test_an_unknown_agent_of_a_target_is_refused_with_those_that_there_are(config):
    error = refusal(config(f'{TARGET}agent = "claud"\n'))
    assert "line 3: targets.shop.agent" in error.message
    assert "claude" in error.hint


def test_text_that_is_no_toml_is_refused_with_the_place(config):
    assert "not valid TOML" in refusal(config("[ingest\n")).message


def test_a_file_that_is_not_there_is_named(tmp_path):
    error = refusal(tmp_path / "nonsuch.toml")
    assert "nonsuch.toml" in error.message
    assert "improver init" in error.hint


def test_an_environment_variable_that_names_no_setting_is_refused(config):
    error = refusal(config(""), {"IMPROVER_INGST__PORT": "1"})
    assert "IMPROVER_INGST__PORT" in error.message
    assert "IMPROVER_INGEST" in error.hint


def test_what_watch_sets_for_an_app_is_no_mistake(config):
    watched = ("IMPROVER_CRASH_DIR", "IMPROVER_RUN_ID", "IMPROVER_FIXES_URL", "IMPROVER_SERVICE")
    assert load(config(""), dict.fromkeys(watched, "x"))


def test_the_nearest_config_above_the_folder_is_found(config, tmp_path):
    file = config("")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find(below, {}) == file


def test_a_config_named_in_the_environment_comes_first(config, tmp_path):
    config("")
    assert find(tmp_path, {"IMPROVER_CONFIG": "/etc/improver.toml"}) == Path("/etc/improver.toml")


def test_the_persons_own_config_comes_last(tmp_path):
    own = tmp_path / "config" / "improver" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert find(tmp_path / "elsewhere", {"XDG_CONFIG_HOME": str(tmp_path / "config")}) == own


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o602])
def test_a_found_config_that_others_can_change_is_refused_and_a_named_one_is_not(config, tmp_path, monkeypatch, mode):
    file = config("[web]\nport = 5\n")
    file.chmod(mode)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImproverError, match=f"{file} can be changed by others") as refused:
        load(environment={})
    assert "chmod go-w" in refused.value.hint
    assert load(file, {}).web.port == load(environment={"IMPROVER_CONFIG": str(file)}).web.port == 5


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: to give a file to another user")
def test_a_found_config_of_another_user_is_refused(config, tmp_path, monkeypatch):
    file = config("")
    file.chmod(0o600)
    os.chown(file, 65534, 65534)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    with pytest.raises(ImproverError, match="another user") as refused:
        load(environment={})
    assert "--config" in refused.value.hint
    assert load(file, {}).source == file


def test_every_mistake_is_told_at_once(config):
    error = refusal(config(f'{TARGET}autonomy = "brunch"\nbrnch = "main"\n[ingest]\nport = 99999\n'))
    assert [line.partition(": ")[2].partition(":")[0] for line in error.message.splitlines()] == [
        "ingest.port", "targets.shop.autonomy", "unknown key targets.shop.brnch",
    ]  # fmt: skip


def test_a_mistake_in_the_environment_is_not_blamed_on_the_file(config, monkeypatch):
    monkeypatch.setenv("IMPROVER_WEB__PORT", "abc")
    error = refusal(config(TARGET), dict(os.environ))
    assert error.message.startswith("IMPROVER_WEB__PORT: web.port: ")


def test_a_config_that_is_not_there_is_named_once(tmp_path):
    assert refusal(tmp_path / "none.toml").message == (
        f"cannot read the config {tmp_path / 'none.toml'}: No such file or directory"
    )
