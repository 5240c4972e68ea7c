"""The demo's stage: one folder with the app's repository, a config and the processes of a real set-up."""

import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from improver import plugins, repo, shipped_demo
from improver.config import load, plugin_config
from improver.demo.api import Api
from improver.errors import ImproverError
from improver.repo import Repository

NEEDED = ("flask", "pytest", "sentry_sdk")
READY_WITHIN_S = 30
STOP_WITHIN_S = 20
LOG_LINES = 25
# Settings of the person's own set-up would make the demo's processes report there; an Agent's may be needed.
NOT_PASSED_ON = ("IMPROVER_", "SENTRY_")
PASSED_ON = "IMPROVER_AGENTS__"

# The installed command by way of this very interpreter; -P keeps the app's folder out of its imports.
IMPROVER = "from improver.cli.main import app; app()"

CONFIG = """\
# Written by `improver demo`.
data_dir = {data}

[ingest]
grpc_port = 0
port = {ingest}

[web]
port = {web}

[dispatch]
backoff_minutes = 0

[targets.todo]
repo = {repo}
branch = "main"
autonomy = "commit"
agent = {agent}
test = [{python}, "-m", "pytest", "-q"]
readable = [{environment}]
clean_exposures = 3

[agents.rehearsed]
plan = {plan}
"""


@dataclass
class Stage:
    folder: Path
    agent: str
    ingest_port: int
    web_port: int
    app_port: int
    _processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "improver.toml"

    @property
    def app_folder(self) -> Path:
        return self.folder / "todo"

    @property
    def app_origin(self) -> str:
        return f"http://127.0.0.1:{self.app_port}"

    @property
    def web_origin(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def environment(self) -> dict[str, str]:
        return {k: v for k, v in os.environ.items() if k.startswith(PASSED_ON) or not k.startswith(NOT_PASSED_ON)}

    def build(self) -> Repository:
        for name, content in shipped_demo.files().items():
            path = self.app_folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.config.write_text(self._config())
        self._check_agent()
        return repo.create(self.app_folder, "main", "A small to-do app")

    def start(self) -> None:
        """The daemon, then the app under `improver watch`; returns when both answer."""
        self._start("daemon", ["run"])
        self._wait_for("daemon", self.web_origin, "/readyz")
        health = f"{self.app_origin}/healthz"
        command = ["watch", "--target", "todo", "--health", health, "--", sys.executable, "app.py"]
        self._start("app", command, PORT=str(self.app_port), TODO_DB=str(self.folder / "todo.db"))
        self._wait_for("app", self.app_origin, "/healthz")

    def check(self) -> None:
        """Both processes must still be there."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise ImproverError(f"the {name} ended with exit code {process.returncode}", hint=self.last_lines(name))

    def stop(self) -> None:
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until = time.monotonic() + STOP_WITHIN_S
        for process in self._processes.values():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def last_lines(self, name: str) -> str:
        try:
            said = self.log(name).read_text(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(said.splitlines()[-LOG_LINES:])

    def _check_agent(self) -> None:
        settings = load(self.config, self.environment)
        plugin = plugins.load("agents", self.agent)
        if missing := plugin.missing(plugin_config(settings, "agents", self.agent, plugin)):
            raise ImproverError(f"the agent {self.agent!r} cannot be used: {missing}", hint="see `improver doctor`")

    def _config(self) -> str:
        # A JSON string is a TOML string too.
        return CONFIG.format(
            data=json.dumps(str(self.folder / "data")),
            ingest=self.ingest_port,
            web=self.web_port,
            repo=json.dumps(str(self.app_folder)),
            agent=json.dumps(self.agent),
            python=json.dumps(sys.executable),
            environment=json.dumps(sys.prefix),
            plan=json.dumps(str(shipped_demo.plan())),
        )

    def _start(self, name: str, command: Sequence[str], **more: str) -> None:
        argv = [sys.executable, "-P", "-c", IMPROVER, "--config", str(self.config), *command]
        with self.log(name).open("wb") as log:
            self._processes[name] = subprocess.Popen(
                argv, env={**self.environment, **more}, cwd=self.app_folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip

    def _wait_for(self, name: str, origin: str, path: str) -> None:
        until = time.monotonic() + READY_WITHIN_S
        while not Api(origin).answers(path):
            self.check()
            if time.monotonic() > until:
                problem = f"the {name} does not answer {origin}{path} within {READY_WITHIN_S} s"
                raise ImproverError(problem, hint=self.last_lines(name))
            time.sleep(0.1)


def check_needed(agent: str) -> None:
    """Refuses before anything is said or made: an Agent that there is not, or an app that could not start."""
    plugins.load("agents", agent)
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ImproverError(f"the demo needs {', '.join(missing)}", hint="pip install 'improver[demo]'")


@contextlib.contextmanager
def staged(folder: Path, agent: str) -> Iterator[Stage]:
    """Everything is set up below `folder`; at the end of the block no process is left."""
    ingest, web, app = free_ports(3)
    stage = Stage(folder=folder, agent=agent, ingest_port=ingest, web_port=web, app_port=app)
    try:
        yield stage
    finally:
        stage.stop()


def free_ports(count: int) -> list[int]:
    """Held all at once, so that they differ; somebody may still be quicker, and is told of as a port in use."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
