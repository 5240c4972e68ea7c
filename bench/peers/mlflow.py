"""MLflow's tracking server with SQLite and its default of four workers: OTLP spans."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.peers.install import environment
from bench.peers.peer import Peer, count, free_port, process, wait_until_up

VERSION = "3.17.2"  # 3.18.0 asks for a package of its own that is not everywhere yet
WORKERS = 4


@contextmanager
def running(folder: Path) -> Iterator[Peer]:
    venv, port = environment(f"mlflow=={VERSION}"), free_port()
    store = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts"]
    command = [f"{venv}/bin/mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS)]
    with process([*command, *store], folder, MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true"):
        wait_until_up(f"http://127.0.0.1:{port}/health", folder)
        yield Peer(
            name=f"MLflow {VERSION}",
            url=f"http://127.0.0.1:{port}",
            format="otlp",
            requests=16,
            stored=lambda: count(folder / "mlflow.db", "select count(*) from spans"),
            headers={"x-mlflow-experiment-id": "0"},
        )
