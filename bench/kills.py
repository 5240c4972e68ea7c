"""Kills a daemon under load, again and again, and looks for what was acked: `make kills ARGS="--times 1000"`."""

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from bench.daemon import CONFIG, Daemon
from bench.figure import Figure, Target, print_table
from bench.sender import Order, Sending
from improver.config import load
from improver.errors import ImproverError
from improver.opening import owned_runtime
from improver.runtime import Runtime
from improver.warehouse import days

# Requests a second of each format, and items in each: enough that every kill falls into work.
PACE = {"otlp": (40, 16), "otlp-json": (5, 8), "sentry": (20, 1), "posthog": (10, 20)}
STORED = {
    "otlp": "select trace_id || span_id as id from spans",
    "otlp-json": "select trace_id || span_id as id from spans",
    "sentry": "select client_id as id from errors where collector = 'sentry'",
    "posthog": "select client_id as id from usage where collector = 'posthog'",
}
STARTING, LOADING, CLOSING = "starting", "loading", "closing days and checkpointing"
STUCK_S = 120.0
LOADED_S = 60.0  # a daemon that has loaded nothing by then is killed all the same


@dataclass(kw_only=True)
class Campaign:
    """What happened, by the moment of the kill."""

    kills: Counter[str] = field(default_factory=Counter)
    loaded: int = 0  # Payloads that could be queried in daemons that were killed while loading
    acked: int = 0
    lost: int = 0
    doubled: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def exact(self) -> bool:
        return not (self.lost or self.doubled or self.failures)


def run(times: int, seed: int, say: "Say") -> Campaign:
    random = Random(seed)
    campaign = Campaign()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        daemon = prepared(Path(folder))
        with closing(daemon), _senders(daemon) as sendings:
            start_s = daemon.start()
            daemon.kill()
            for number in range(times):
                moment = random.choices((STARTING, LOADING, CLOSING), (2, 5, 2))[0]
                if problem := _kill(daemon, moment, random, start_s, campaign):
                    campaign.failures.append(problem)
                    say.at_once(problem)
                campaign.kills[moment] += 1
                say(f"{number + 1:,} of {times:,} kills, {_acked_so_far(daemon):,} spans and events acked")
            daemon.start()
            for sending in sendings:
                sending.enough()
            for sending in sendings:
                sending.result()
            if problem := _settle(daemon):
                campaign.failures.append(problem)
        compare(daemon, campaign)
    return campaign


def prepared(folder: Path) -> Daemon:
    config = folder / "improver.toml"
    config.write_text(CONFIG.replace("port = 0", f"port = {_free_port()}", 1))
    return Daemon(folder, load(config, {}))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def _senders(daemon: Daemon) -> Iterator[list[Sending]]:
    """One process for each format, which outlive every daemon and send again what was not acked."""
    ingest = daemon.settings.ingest
    sendings = [
        Sending(
            Order(
                url=f"http://{ingest.host}:{ingest.port}",
                format=name,
                key=daemon.key.value,
                project=daemon.key.project,
                seed=number,
                items=items,
                per_second=per_second,
                connections=4,
                seconds=1e9,
                acked=str(acked(daemon, name)),
            )
        )
        for number, (name, (per_second, items)) in enumerate(PACE.items(), 1)
    ]
    try:
        for sending in sendings:
            sending.go()
        yield sendings
    finally:
        for sending in sendings:
            sending.stop()


def acked(daemon: Daemon, name: str) -> Path:
    return daemon.folder / f"acked-{name}"


def _acked_so_far(daemon: Daemon) -> int:
    files = (acked(daemon, name) for name in PACE)
    return sum(file.read_bytes().count(b"\n") for file in files if file.exists())


def _kill(daemon: Daemon, moment: str, random: Random, start_s: float, campaign: Campaign) -> str:
    """What went wrong before the daemon was killed, if anything did; where it starts later, the kills come later."""
    problem = ""
    if moment == CLOSING:
        _kill_closing(daemon, random)
        return problem
    daemon.launch()
    if moment == LOADING:
        try:
            daemon.wait_until_up()
            campaign.loaded += _loaded(daemon)
        except ImproverError as error:
            problem = f"{error.message}: {daemon.log()[-3000:]}"
    time.sleep(random.uniform(0.0, 1.0 if moment == LOADING else 1.5 * start_s))
    daemon.kill()
    return problem


def _loaded(daemon: Daemon) -> int:
    """How many Payloads this daemon has loaded, as soon as it is more than none."""
    before = daemon.persisted().payloads
    give_up = time.monotonic() + LOADED_S
    while not (more := daemon.persisted().payloads - before) and time.monotonic() < give_up:
        time.sleep(0.02)
    return more


def _kill_closing(daemon: Daemon, random: Random) -> None:
    """The same code on the same files in a process whose clock is days ahead, as no daemon's here can be."""
    command = [sys.executable, "-m", "bench.kills", "--close", str(daemon.folder / "improver.toml")]
    with (daemon.folder / "closing.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout
    process.stdout.readline()  # the files are open
    time.sleep(random.uniform(0.0, 0.4))
    process.kill()
    process.communicate()


def close_days(config: Path) -> None:
    with owned_runtime(load(config, {}), 30.0) as runtime:
        sys.stdout.write("open\n")
        sys.stdout.flush()
        while True:
            days.close(runtime.warehouse.telemetry, runtime.clock() + timedelta(days=2), runtime.clock())
            runtime.warehouse.telemetry.checkpoint()
            time.sleep(0.01)


def _settle(daemon: Daemon) -> str:
    """Until all that was spooled is loaded; what is not is said, for it would be counted as lost."""
    left, progress = daemon.status().spool.bytes, time.monotonic()
    while left and time.monotonic() < progress + STUCK_S:
        time.sleep(0.1)
        before, left = left, daemon.status().spool.bytes
        if left < before:
            progress = time.monotonic()
    daemon.stop()
    return f"{left:,} bytes of the Spool are not loaded, and none were in the last {STUCK_S:.0f} s" if left else ""


def compare(daemon: Daemon, campaign: Campaign) -> None:
    with owned_runtime(daemon.settings) as runtime:
        for sql in dict.fromkeys(STORED.values()):
            names = [name for name in PACE if STORED[name] == sql]
            stored = _stored(runtime, sql)
            for name in names:
                told = list(dict.fromkeys(acked(daemon, name).read_text().splitlines()))
                lost = [place for place, id in enumerate(told) if id not in stored]
                campaign.acked += len(told)
                campaign.lost += len(lost)
                if lost:
                    ends = f"from the {lost[0] + 1:,}th to the {lost[-1] + 1:,}th of {len(told):,} acked"
                    campaign.failures.append(f"{name}: {len(lost):,} lost, {ends}")
            campaign.doubled += sum(count - 1 for count in stored.values())
        campaign.doubled += runtime.warehouse.telemetry.value(
            "select count(*) - count(distinct payload_id) from payloads"
        )
        campaign.failures += [f"in quarantine: {row['reason']}" for row in _quarantined(runtime)]


def _stored(runtime: Runtime, sql: str) -> Counter[str]:
    return Counter(
        {r["id"]: r["n"] for r in runtime.warehouse.telemetry.rows(f"select id, count(*) n from ({sql}) group by 1")}
    )


def _quarantined(runtime: Runtime) -> list[dict[str, str]]:
    return runtime.warehouse.telemetry.rows("select distinct reason from quarantine")


class Say:
    """Progress, a line every now and then."""

    def __init__(self, every: int) -> None:
        self._every = every
        self._said = 0

    def at_once(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")

    def __call__(self, line: str) -> None:
        self._said += 1
        if self._said % self._every == 0:
            sys.stderr.write(f"{line}\n")


def _figures(campaign: Campaign) -> list[Figure]:
    kills = ", ".join(f"{count} while {moment}" for moment, count in campaign.kills.items())
    return [
        Figure(name="kill -9", value=campaign.kills.total(), unit="times", note=kills),
        Figure(name="loaded", value=campaign.loaded, unit="payloads", note="before the kills while loading"),
        Figure(name="acked", value=campaign.acked, unit="spans and events", note="ids written down by the senders"),
        Figure(name="acked and lost", value=campaign.lost, unit="", target=Target(at_most=0)),
        Figure(name="doubled", value=campaign.doubled, unit="", target=Target(at_most=0)),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.kills", description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--close", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.close:
        close_days(arguments.close)
    campaign = run(arguments.times, arguments.seed, Say(every=max(1, arguments.times // 50)))
    print_table("kills", _figures(campaign))
    for failure in campaign.failures:
        sys.stdout.write(f"{failure}\n")
    return 0 if campaign.exact else 1


if __name__ == "__main__":
    sys.exit(main())
