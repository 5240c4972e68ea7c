"""Bugsink as its guide sets it up on one server: gunicorn, its own queue, SQLite; Sentry's errors."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench.peers.install import environment
from bench.peers.peer import Peer, count, free_port, process, wait_until_up

VERSION = "2.6.2"
WORKERS = 4
# Plain HTTP on loopback, no calls home, and quotas out of the way: they would refuse the load.
OVERRIDES = """
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SECURE_PROXY_SSL_HEADER = None
USE_X_REAL_IP = False
ALLOWED_HOSTS = ["*"]
BUGSINK["BASE_URL"] = "http://127.0.0.1:{port}"
BUGSINK["PHONEHOME"] = False
for quota in (
    "MAX_EVENTS_PER_PROJECT_PER_5_MINUTES", "MAX_EVENTS_PER_PROJECT_PER_HOUR", "MAX_EVENTS_PER_PROJECT_PER_MONTH",
    "MAX_EVENTS_PER_5_MINUTES", "MAX_EVENTS_PER_HOUR", "MAX_EVENTS_PER_MONTH",
):
    BUGSINK[quota] = 1_000_000_000
"""
PROJECT = """
from projects.models import Project
from teams.models import Team
team = Team.objects.create(name="bench")
print(Project.objects.create(name="bench", slug="bench", team=team, retention_max_event_count=100_000_000).dsn)
"""


@contextmanager
def running(folder: Path) -> Iterator[Peer]:
    venv, port = environment(f"bugsink=={VERSION}"), free_port()
    dsn = urlsplit(_prepared(venv, folder, port))
    settings = {"DJANGO_SETTINGS_MODULE": "bugsink_conf", "PYTHONPATH": str(folder)}
    # Workers are renewed now and then, as in its guide.
    gunicorn = [f"{venv}/bin/gunicorn", f"--bind=127.0.0.1:{port}", f"--workers={WORKERS}", "--timeout=6",
                "--max-requests=1000", "--max-requests-jitter=100", "bugsink.wsgi"]  # fmt: skip
    with process(gunicorn, folder, **settings), process([venv / "bin/bugsink-runsnappea"], folder, **settings):
        wait_until_up(f"http://127.0.0.1:{port}/accounts/login/", folder)
        yield Peer(
            name=f"Bugsink {VERSION}",
            url=f"http://127.0.0.1:{port}",
            format="sentry",
            requests=800,
            key=dsn.username or "",
            project=int(dsn.path.strip("/")),
            stored=lambda: count(folder / "db.sqlite3", "select sum(digested_event_count) from projects_project"),
        )


def _prepared(venv: Path, folder: Path, port: int) -> str:
    """Its databases and a project; the project's DSN."""
    template = ["--template=singleserver", "--host=127.0.0.1", f"--base-dir={folder}", "-o", "bugsink_conf.py"]
    _run(venv, folder, "bugsink-create-conf", *template)
    with (folder / "bugsink_conf.py").open("a") as config:
        config.write(OVERRIDES.format(port=port))
    _run(venv, folder, "bugsink-manage", "migrate", "--verbosity", "0")
    _run(venv, folder, "bugsink-manage", "migrate", "snappea", "--database=snappea", "--verbosity", "0")
    said = _run(venv, folder, "bugsink-manage", "shell", "--command", PROJECT)
    return next(line for line in said.splitlines() if line.startswith("http://"))


def _run(venv: Path, folder: Path, program: str, *arguments: str) -> str:
    settings = {"DJANGO_SETTINGS_MODULE": "bugsink_conf", "PYTHONPATH": str(folder)}
    command = [str(venv / "bin" / program), *arguments]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{program} failed: {done.stderr[-2000:]}")
    return done.stdout
