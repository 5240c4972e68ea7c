"""What each SDK keeps and loses while improver is away or full: `make outages` prints a table in four minutes."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from improver.config import load
from improver.connect import sender_key
from improver.model import TrustLabel

SENDERS = Path(__file__).with_name("senders")
COUNT, PACE = 40, 0.25
AWAY_S = 5.0
MIB = 1 << 20
DISK, KEEP_FREE, BALLAST = 96 * MIB, 48, 64 * MIB
CONFIG = """data_dir = "disk/data"
[ingest]
port = {ingest}
grpc_port = 0
[web]
port = {web}
[spool]
min_free_mb = {keep_free}
[dispatch]
auto = false
[targets.bench]
repo = "."
"""


@dataclass(frozen=True, kw_only=True)
class Sdk:
    """`collector` is where its Events are counted."""

    name: str
    collector: str
    program: str

    def command(self) -> list[str]:
        return ["node" if self.program.endswith(".js") else sys.executable, str(SENDERS / self.program)]


PYTHON = (
    Sdk(name="sentry-sdk", collector="sentry", program="sentry_python.py"),
    Sdk(name="posthog (Python)", collector="posthog", program="posthog_python.py"),
    Sdk(name="OTLP (Python)", collector="otlp", program="otlp_python.py"),
)
NODE = (
    Sdk(name="@sentry/node", collector="sentry", program="sentry_node.js"),
    Sdk(name="posthog-node", collector="posthog", program="posthog_node.js"),
    Sdk(name="OTLP (Node)", collector="otlp", program="otlp_node.js"),
)


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """Of one SDK's Events: those that got in, those that came again and count once, and how long its own end took."""

    events: int
    again: int
    seconds: str


@dataclass
class Place:
    """A config and a data folder; the daemon that uses them may come and go."""

    folder: Path
    wrapper: Sequence[str] = ()
    given: Path | None = None  # read by the wrapper
    ingest: int = field(default_factory=lambda: _free_port())
    web: int = field(default_factory=lambda: _free_port())
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.config = self.folder / "improver.toml"
        self.config.write_text(CONFIG.format(ingest=self.ingest, web=self.web, keep_free=KEEP_FREE))
        self.key = sender_key(load(self.config, {}), "bench", TrustLabel.SERVER).value

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.ingest}"

    def start(self) -> None:
        command = [*self.wrapper, sys.executable, "-m", "improver", "--config", str(self.config), "run"]
        with (self.folder / "daemon.log").open("ab") as log, (self.given or Path(os.devnull)).open("rb") as given:
            self.process = subprocess.Popen(command, stdin=given, stdout=log, stderr=log)
        wait_for(lambda: self.status() is not None)

    def stop(self, number: int) -> None:
        if self.process:
            self.process.send_signal(number)
            self.process.wait(timeout=30)
            self.process = None

    def status(self) -> dict[str, Any] | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/api/status", timeout=5) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            return None

    def settled(self) -> dict[str, Any]:
        """The status once all that is in the Spool is digested."""
        settled: dict[str, Any] = wait_for(lambda: (found := self.status()) and found["spool"]["bytes"] == 0 and found)
        return settled


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What happens before the SDKs begin to send, and while they do."""

    name: str
    before: Callable[[Place], None]
    during: Callable[[Place], None]
    own_disk: bool = False
    pace: float = PACE  # seconds from one Event to the next


def nothing(place: Place) -> None:
    pass


def come_late(place: Place) -> None:
    time.sleep(AWAY_S)
    place.start()


def come_very_late(place: Place) -> None:
    time.sleep(6 * AWAY_S)
    place.start()


def stop_and_start(place: Place) -> None:
    _start_again(place, signal.SIGTERM)


def kill_and_start(place: Place) -> None:
    _start_again(place, signal.SIGKILL)


def start_full(place: Place) -> None:
    """A file on the daemon's disk leaves too little room."""
    place.start()
    _ballast(place).write_bytes(b"\0" * BALLAST)


def make_room(place: Place) -> None:
    time.sleep(AWAY_S)
    _ballast(place).unlink()


SCENARIOS = (
    Scenario(name="always there", before=Place.start, during=nothing),
    Scenario(name=f"away for the first {AWAY_S:g} s", before=nothing, during=come_late),
    Scenario(name=f"away for the first {6 * AWAY_S:g} s", before=nothing, during=come_very_late, pace=1.0),
    Scenario(name="stopped and started again", before=Place.start, during=stop_and_start),
    Scenario(name="killed (-9) and started again", before=Place.start, during=kill_and_start),
    Scenario(name=f"disk full for the first {AWAY_S:g} s", before=start_full, during=make_room, own_disk=True),
    Scenario(name="never there", before=nothing, during=nothing),
)


def measure() -> Iterator[str]:
    yield f"{COUNT} Events of each SDK, with its defaults; (+n) came again and count once:"
    for scenario in SCENARIOS:
        yield f"  {scenario.name}, one Event each {scenario.pace:g} s"
        for sdks, env in ((PYTHON, {}), _node()):
            for name, one in run(scenario, sdks, env=env).items():
                again = f"(+{one.again})" if one.again else ""
                yield f"    {name:18} {one.events:3} {again:6} its end took {one.seconds} s"


def run(
    scenario: Scenario,
    sdks: Sequence[Sdk],
    *,
    count: int = COUNT,
    env: Mapping[str, str] | None = None,
) -> dict[str, Arrived]:
    """What arrived of each SDK; each needs a Collector of its own, where its Events are counted."""
    with tempfile.TemporaryDirectory(prefix="outages-") as folder, _place(Path(folder), scenario.own_disk) as place:
        scenario.before(place)
        arguments = [place.address, place.key, str(count), str(scenario.pace)]
        senders = {
            sdk: subprocess.Popen(
                [*sdk.command(), *arguments], env=os.environ | (env or {}), text=True,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )
            for sdk in sdks
        }  # fmt: skip
        scenario.during(place)
        seconds = {sdk: sender.communicate(timeout=180)[0].strip() for sdk, sender in senders.items()}
        if place.process is None:
            place.start()
        collectors = place.settled()["collectors"]
    return {sdk.name: _arrived(collectors[sdk.collector], seconds[sdk]) for sdk in sdks}


def _arrived(counted: Mapping[str, Any], seconds: str) -> Arrived:
    return Arrived(events=counted["events"], again=counted["reasons"].get("duplicate", 0), seconds=seconds)


def wait_for(true: Callable[[], Any], seconds: float = 60) -> Any:
    give_up = time.monotonic() + seconds
    while not (found := true()):
        if time.monotonic() > give_up:
            raise SystemExit("the daemon did not come up, or did not get done")
        time.sleep(0.05)
    return found


@contextmanager
def _place(folder: Path, own_disk: bool) -> Iterator[Place]:
    place = Place(folder)
    if own_disk:
        keys = folder / "disk" / "data" / "keys.toml"
        place.wrapper = (
            "bwrap", "--die-with-parent", "--dev-bind", "/", "/", "--size", str(DISK), "--tmpfs", str(folder / "disk"),
            "--dir", str(keys.parent), "--perms", "0600", "--file", "0", str(keys),
        )  # fmt: skip
        place.given = Path(shutil.copy(keys, folder))
    try:
        yield place
    finally:
        place.stop(signal.SIGKILL)


def _start_again(place: Place, number: int) -> None:
    time.sleep(AWAY_S / 2)
    place.stop(number)
    place.start()


def _ballast(place: Place) -> Path:
    """On the disk that only the daemon sees, through its eyes."""
    pid = place.status()["daemon"]["pid"]  # type: ignore[index]
    return Path(f"/proc/{pid}/root{place.folder}/disk/ballast")


def _node() -> tuple[Sequence[Sdk], Mapping[str, str]]:
    """Without the JavaScript SDKs where they cannot be had."""
    import pytest

    from tests.js_clients import node_modules

    try:
        return NODE, {"NODE_PATH": str(node_modules())}
    except pytest.skip.Exception:
        return (), {}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def main() -> int:
    for line in measure():
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
