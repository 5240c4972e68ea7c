"""A sender as a process of its own: posts one format's telemetry over several connections, and says what was acked."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

import uvloop

from bench import generate
from bench.wire import Connection

BACK_OFF_S = 0.1
WARM_UP = 300
BUSY = (429, 503)


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What to send: `requests` of them, or for `seconds`; at `per_second` requests, or as fast as they are acked."""

    url: str
    format: str
    key: str
    project: int = 1
    seed: int = 1
    connections: int = 8
    items: int | None = None  # in one request
    requests: int | None = None
    seconds: float = 3600.0
    per_second: float | None = None
    path: str | None = None  # where the format's own is not where this server takes it
    headers: Mapping[str, str] = field(default_factory=dict)
    acked: str | None = None  # a file for the ids of all that was acked, a line each


@dataclass(frozen=True, kw_only=True, slots=True)
class Ack:
    """When, on the clock that all processes share; how long it took from when it was due; and how many items."""

    at: float
    seconds: float
    items: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    begun: float
    ended: float
    acks: tuple[Ack, ...]
    statuses: Mapping[str, int]
    body_bytes: int

    @property
    def items(self) -> int:
        return sum(ack.items for ack in self.acks)


class Sending:
    """A running sender."""

    def __init__(self, order: Order) -> None:
        command = [sys.executable, "-m", "bench.sender", json.dumps(asdict(order))]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE)
        assert self._process.stdout and self._process.stdin
        self._process.stdout.readline()  # it has made its telemetry, and waits

    def go(self) -> None:
        assert self._process.stdin
        self._process.stdin.write(b"go\n")
        self._process.stdin.flush()

    def running(self) -> bool:
        return self._process.poll() is None

    def result(self) -> Sent:
        output, _ = self._process.communicate()
        if self._process.returncode:
            raise SystemExit(f"a sender failed with {self._process.returncode}")
        told = json.loads(output)
        return Sent(**{**told, "acks": tuple(Ack(at=a, seconds=s, items=i) for a, s, i in told["acks"])})

    def enough(self) -> None:
        """No more requests than those on their way; `result` still tells of all."""
        self._process.terminate()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def send_together(orders: Iterable[Order]) -> list[Sent]:
    """From one moment on."""
    sendings = [Sending(order) for order in orders]
    for sending in sendings:
        sending.go()
    return [sending.result() for sending in sendings]


@dataclass(kw_only=True)
class _Run:
    order: Order
    source: generate.Source
    begun: float
    sent: int = 0
    stopped: bool = False
    body_bytes: int = 0
    acks: list[tuple[float, float, int]] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    def stop(self) -> None:
        self.stopped = True

    def write_down(self, ids: tuple[str, ...]) -> None:
        if self.order.acked:
            with open(self.order.acked, "a") as file:  # noqa: PTH123
                file.writelines(f"{one}\n" for one in ids)

    def next_due(self) -> float | None:
        """When the next request is due; None when there is none left."""
        order, now = self.order, time.monotonic()
        due = self.begun + self.sent / order.per_second if order.per_second else now
        over = max(due, now) > self.begun + order.seconds or (order.requests and self.sent >= order.requests)
        if self.stopped or over:
            return None
        self.sent += 1
        return due


async def _work(run: _Run) -> None:
    place = urlsplit(run.order.url)
    connection = Connection(place.hostname or "", place.port or 80)
    while (due := run.next_due()) is not None:
        if (early := due - time.monotonic()) > 0:
            await asyncio.sleep(early)
            if run.stopped:
                break
        await _deliver(run, connection, due)
    connection.close()


async def _deliver(run: _Run, connection: Connection, due: float) -> None:
    """Again and again until it is acked, as an exporter would."""
    made = run.source.make(time.time_ns())
    headers = {**run.source.headers, **run.order.headers}
    while True:
        try:
            status = str(await connection.post(run.order.path or run.source.path, headers, made.body))
        except (OSError, asyncio.IncompleteReadError) as error:
            status = type(error).__name__
        run.statuses[status] += 1
        run.body_bytes += len(made.body)
        if status.startswith("2"):
            now = time.monotonic()
            run.acks.append((now, now - due, run.source.items))
            run.write_down(made.ids)
            return
        if status.isdecimal() and int(status) not in BUSY:
            raise SystemExit(f"the server answered {status}")
        await asyncio.sleep(BACK_OFF_S)


async def _send_all(order: Order) -> _Run:
    sender = generate.Sender(key=order.key, project=order.project)
    source = generate.source(order.format, sender, order.seed, order.items)
    for _ in range(WARM_UP):
        source.make(time.time_ns())  # what it makes only once is made before the clock starts
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    run = _Run(order=order, source=source, begun=time.monotonic())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, run.stop)
    await asyncio.gather(*(_work(run) for _ in range(order.connections)))
    return run


def main() -> None:
    order = Order(**json.loads(sys.argv[1]))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        run = loop.run(_send_all(order))
    told = {
        "begun": run.begun,
        "ended": time.monotonic(),
        "acks": sorted(run.acks),
        "statuses": run.statuses,
        "body_bytes": run.body_bytes,
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
