"""What a real daemon takes over HTTP: how much of each format it gets into the Warehouse, and how soon it acks."""

import bisect
import itertools
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import in_process
from bench.daemon import Daemon, Persisted, Watcher, running
from bench.figure import Figure, Target
from bench.sender import Ack, Order, Sending, Sent, send_together
from bench.timing import percentile, timed

SENDERS = 2
CONNECTIONS = 8  # of each
RATE_S = 8.0  # about how long it takes to load what is sent
PACED_S = 12.0
PATIENCE_S = 40.0  # for a checkpoint to fall into a paced run
IDLE_S = 2.0
FSYNCS = 200
# Requests a second that senders on the same two cores can make at all.
MOST = {"otlp": 600, "sentry": 6000, "posthog": 2000}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """`per_second` counts what was acked until the last of it could be queried."""

    per_second: float
    acked_per_second: float
    sent: tuple[Sent, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Paced:
    acks: tuple[Ack, ...]
    persisted: tuple[Persisted, ...]
    rss_mb: tuple[float, ...]
    checkpoints: int

    def ack_ms(self, part: float) -> float:
        return 1000 * percentile([ack.seconds for ack in self.acks], part)

    def queryable_s(self, part: float) -> float:
        """From an ack to the first look at the Warehouse that found it; Payloads are loaded in their order."""
        counts = [one.payloads for one in self.persisted]
        found = (bisect.bisect_left(counts, number) for number in range(1, len(self.acks) + 1))
        waits = [self.persisted[at].at - ack.at for at, ack in zip(found, self.acks, strict=True)]
        return percentile(waits, part)


def measure(full: bool = False) -> Iterator[Figure]:
    yield from spans()
    for name in ("sentry", "posthog"):
        yield from _other(name)


def spans() -> Iterator[Figure]:
    """Rate, latency and memory in one daemon's life."""
    with running() as daemon:
        time.sleep(IDLE_S)
        idle = daemon.rss_mb()
        most = rate(daemon, "otlp")
        yield _rate_figure("otlp", most)
        items = most.sent[0].acks[0].items
        half = paced(daemon, "otlp", most.per_second / items / 2)
        whole = paced(daemon, "otlp", most.per_second / items)
        after = daemon.rss_mb()
    body = most.sent[0].body_bytes // sum(most.sent[0].statuses.values())
    floor = _fsync_ms(body)
    for name, run, bound in (("half", half, 50), ("full", whole, 100)):
        yield from _ack_figures(name, run, bound, floor)
    yield Figure(
        name="acked to queryable, p99, half rate",
        value=half.queryable_s(0.99),
        unit="s",
        target=Target(at_most=2),
        note=f"p50 {half.queryable_s(0.5):.2f} s",
    )
    yield Figure(
        name="memory while loading (RSS)",
        value=max(whole.rss_mb),
        unit="MB",
        target=Target(at_most=600),
        note=f"highest at full rate; {after:.0f} MB after it",
    )
    yield Figure(name="memory idle (RSS)", value=idle, unit="MB", target=Target(at_most=150))


def _other(name: str) -> Iterator[Figure]:
    with running() as daemon:
        yield _rate_figure(name, rate(daemon, name))


def _rate_figure(name: str, measured: Rate) -> Figure:
    target = {"otlp": Target(at_least=0.5, of_floor=True), "posthog": Target(at_least=50_000)}.get(name)
    return Figure(
        name=f"{name} persisted, over HTTP",
        value=measured.per_second,
        unit="spans/s" if name == "otlp" else "events/s",
        floor=in_process.load(name).rate,
        floor_name="loaded in process",
        target=target,
        note=f"acked {measured.acked_per_second:,.0f}/s, {SENDERS} senders with {CONNECTIONS} connections",
    )


def _ack_figures(name: str, run: Paced, bound: float, floor_ms: float) -> Iterator[Figure]:
    yield Figure(
        name=f"ack p99, {name} rate, while loading",
        value=run.ack_ms(0.99),
        unit="ms",
        floor=floor_ms,
        floor_name="p99 of append + fsync",
        target=Target(at_most=bound),
        note=f"p50 {run.ack_ms(0.5):.1f} ms of {len(run.acks):,}, {run.checkpoints} checkpoints seen",
    )


def rate(daemon: Daemon, name: str) -> Rate:
    """As fast as it acks, for about as much as it should load in RATE_S."""
    send_together(_orders(daemon, name, requests=4, seed=90))
    before = daemon.wait_for(4 * SENDERS).payloads
    items = in_process.load(name).items / len(in_process.made(name))
    requests = int(max(10, min(MOST[name], in_process.load(name).rate / items) * RATE_S / SENDERS))
    sent = send_together(_orders(daemon, name, requests=requests, seed=1))
    loaded = daemon.wait_for(before + requests * SENDERS)
    begun, acked = min(one.begun for one in sent), sum(one.items for one in sent)
    return Rate(
        per_second=acked / (loaded.at - begun),
        acked_per_second=acked / (max(one.ended for one in sent) - begun),
        sent=tuple(sent),
    )


def paced(daemon: Daemon, name: str, per_second: float) -> Paced:
    """At a steady rate, until a checkpoint was made meanwhile; every ack's time counts from when it was due."""
    before = daemon.persisted().payloads
    orders = _orders(daemon, name, per_second=per_second / SENDERS, seed=next(_seeds))
    with Watcher(daemon) as watcher:
        sendings = [Sending(order) for order in orders]
        for sending in sendings:
            sending.go()
        begun = time.monotonic()
        while (gone := time.monotonic() - begun) < PACED_S or (not watcher.checkpoints and gone < PATIENCE_S):
            time.sleep(0.2)
        for sending in sendings:
            sending.enough()
        acks = sorted((ack for sending in sendings for ack in sending.result().acks), key=lambda ack: ack.at)
        last = daemon.wait_for(before + len(acks))
    persisted = [Persisted(at=one.at, payloads=one.payloads - before) for one in (*watcher.persisted, last)]
    return Paced(
        acks=tuple(acks),
        persisted=tuple(sorted(persisted, key=lambda one: one.at)),
        rss_mb=tuple(watcher.rss_mb),
        checkpoints=watcher.checkpoints,
    )


_seeds = itertools.count(1000, SENDERS)


def _orders(
    daemon: Daemon, name: str, *, seed: int, requests: int | None = None, per_second: float | None = None
) -> Sequence[Order]:
    return [
        Order(
            url=daemon.origin,
            format=name,
            key=daemon.key.value,
            project=daemon.key.project,
            seed=seed + number,
            connections=CONNECTIONS,
            requests=requests,
            per_second=per_second,
        )
        for number in range(SENDERS)
    ]


def _fsync_ms(size: int) -> float:
    """What the disk takes at its slowest for one request's bytes, alone."""
    body = os.urandom(size)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, (Path(folder) / "file").open("ab", 0) as file:

        def append() -> None:
            file.write(body)
            os.fdatasync(file.fileno())

        return 1000 * percentile([timed(append) for _ in range(FSYNCS)], 0.99)
