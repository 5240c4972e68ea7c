from dataclasses import replace
from pathlib import Path

import pytest

from improver.agents import command
from improver.agents.command import Config
from improver.model import AgentReport, AgentStatus, Isolation, Job
from improver.sandbox import Order, run


def test_a_missing_program_is_named() -> None:
    assert "argv is empty" in command.missing(Config())
    assert command.missing(Config(argv=("no-such-agent", "-x"))).startswith("'no-such-agent' is not installed")
    assert command.missing(Config(argv=("sh", "-c", "true"))) == ""


def test_a_key_that_is_not_there_is_named_before_anything_starts() -> None:
    config = Config(argv=("sh",), key="env:NO_SUCH_KEY_ANYWHERE")
    assert command.missing(config).startswith("env:NO_SUCH_KEY_ANYWHERE holds no key")


def test_places_are_filled_in_word_by_word(job: Job) -> None:
    config = Config(argv=("agent", "--file={prompt_file}", "{tree}/a b", "{side}", "$(whoami); {other}"))
    launch = command.command(job, config)
    prompt_file = launch.argv[1].removeprefix("--file=")
    assert launch.argv[2:] == (f"{job.tree}/a b", str(job.side), "$(whoami); {other}")
    assert Path(prompt_file) == job.papers / "prompt.md"
    assert launch.papers == {"prompt.md": job.prompt} and launch.stdin.decode() == job.prompt


def test_only_named_variables_are_passed(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANTED", "1")
    monkeypatch.setenv("UNWANTED", "1")
    launch = command.command(job, Config(argv=("sh",), env=("WANTED", "ABSENT")))
    assert launch.env == {"WANTED": "1", "HOME": str(job.home)}
    assert launch.upstream == ""


def test_the_real_key_stays_outside(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REAL_KEY", "sk-real")
    config = Config(
        argv=("sh",), upstream="https://api.example.invalid", key="env:REAL_KEY",
        key_env="OPENAI_API_KEY", base_url_env="OPENAI_BASE_URL",
    )  # fmt: skip
    launch = command.command(job, config)
    assert launch.env["OPENAI_API_KEY"] == "made-up"
    assert launch.env["OPENAI_BASE_URL"] == job.base_url
    assert launch.upstream_headers == {"authorization": "Bearer sk-real"}
    bare = command.command(job, config.model_copy(update={"key_header": "X-Api-Key"}))
    assert bare.upstream_headers == {"x-api-key": "sk-real"}
    assert "sk-real" not in repr((launch.argv, launch.env, launch.stdin))


def test_it_may_ask_for_the_paths_of_its_config_only(job: Job) -> None:
    assert "/v1/messages/batches" not in command.command(job, Config(argv=("sh",))).upstream_paths
    config = Config(argv=("sh",), upstream="https://api.example.invalid", paths=("/v1beta/models/",))
    launch = command.command(job, config)
    assert launch.upstream_paths == ("/v1beta/models/",)


@pytest.mark.parametrize(
    ("code", "status"), [(0, AgentStatus.COMPLETED), (3, AgentStatus.FAILED), (137, AgentStatus.CRASHED)]
)
def test_its_exit_code_decides(code: int, status: AgentStatus) -> None:
    report = command.parse(command.parse(AgentReport(), "thinking"), "I changed app.py")
    ended = command.ended(command.parse(report, "  "), code)
    assert (ended.status, ended.summary) == (status, "I changed app.py")
    assert bool(ended.detail) == bool(code)


def test_it_works_in_its_tree(job: Job) -> None:
    launch = command.command(job, Config(argv=("sh", "-c", 'cat > "$1"; echo wrote it', "agent", "{tree}/prompt")))
    report = AgentReport()

    def heard(line: str) -> None:
        nonlocal report
        report = command.parse(report, line)

    order = Order(argv=launch.argv, tree=job.tree, env=launch.env, stdin=launch.stdin, wall_clock_s=10)
    boxed = run(order, Isolation.HOST, on_line=heard)
    assert command.ended(report, boxed.code or 0) == replace(
        AgentReport(), status=AgentStatus.COMPLETED, summary="wrote it"
    )
    assert (job.tree / "prompt").read_text() == job.prompt
