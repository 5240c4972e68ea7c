"""What real clients report to: a Target with its keys, both doors, and the Warehouse that all of it ends in."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from improver.config import Settings
from improver.keys import Key, Keys
from improver.model import TrustLabel
from improver.opening import owned_runtime
from improver.runtime import Runtime
from improver.stages import ingest
from tests.doors import serving


@dataclass(frozen=True)
class Reporting:
    runtime: Runtime
    url: str
    grpc: str
    key: Key
    public: Key

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """What the Warehouse says, once all that is in the Spool is in it."""
        ingest.run(self.runtime)
        return self.runtime.warehouse.telemetry.rows(sql)


@contextmanager
def reporting(folder: Path) -> Iterator[Reporting]:
    """To the one Target, "shop"."""
    (folder / "shop").mkdir()
    settings = Settings(data_dir=folder / "data", targets={"shop": {"repo": folder / "shop"}})
    with owned_runtime(settings) as runtime:
        secret = Keys.create(runtime.data.keys, "shop", TrustLabel.SERVER)
        public = Keys.create(runtime.data.keys, "shop", TrustLabel.PUBLIC)
        with serving(runtime) as (http, grpc):
            here = "http://127.0.0.1"
            yield Reporting(runtime=runtime, url=f"{here}:{http}", grpc=f"{here}:{grpc}", key=secret, public=public)


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An ASGI app on a free port of this machine; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
