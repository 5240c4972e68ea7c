"""The daemon: receiver, loader, pipeline, Attempts, scheduler and web face in one process, and one way to stop."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import metadata

import uvicorn
import uvloop

from improver import control, jobs, listeners, pipeline
from improver.config import Settings
from improver.dashboards.app import create_app
from improver.delivery import messages
from improver.dispatching import attempts
from improver.machine import memory
from improver.model import Isolation
from improver.opening import owned_runtime
from improver.receiving.receiver import Receiver
from improver.runtime import Presence, Runtime
from improver.scrub import DEFAULT

log = logging.getLogger(__name__)

DRAIN_S = 10.0
PATIENCE_S = 60.0  # for a command, such as `improver once` from cron, to let go of the data folder
LOAD_EVERY_S = 0.05
LOOK_EVERY_S = 2.0  # whatever the Spool says: to look takes a query
DEBOUNCE_S = 1.0
# How long Python lets one thread run while others wait: an ack passes through several, and the loader never rests.
SWITCH_S = 0.0005
REST_S = 1.0  # between two passes at least
# So many times as long as a pass took, the next one waits if there is no more than more of the same to look at.
RESTS = 4
BEHIND_BYTES = 4 << 20  # in the Spool: to load them goes before another look at what is loaded


class Server(uvicorn.Server):
    """uvicorn, without its own idea of signals: two servers would each take them from the other."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    memory.share()
    ingest = listeners.bind(settings.ingest.host, settings.ingest.port, "ingest.port")
    web = listeners.bind(settings.web.host, settings.web.port, "web.port")
    listeners.try_grpc(settings)
    with ingest, web, owned_runtime(settings, PATIENCE_S) as opened:
        receiver = listeners.receiver(opened)
        job = Guard(opened.trouble)
        scheduler = jobs.Jobs(opened, job)
        runtime = replace(
            opened,
            presence=Presence(
                running=True,
                pid=os.getpid(),
                ingest=listeners.address(ingest),
                web=listeners.address(web),
                isolation=Isolation(opened.isolation),
                grpc=listeners.grpc_address(settings),
                version=metadata.version("improver"),
            ),
            jobs=scheduler.status,
            turned_away=receiver.turned_away,
        )
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
            loop.run(_serve(runtime, job, receiver, scheduler, ingest, web))
    return 0


async def _serve(
    runtime: Runtime,
    job: "Guard",
    receiver: Receiver,
    scheduler: jobs.Jobs,
    ingest: socket.socket,
    web: socket.socket,
) -> None:
    servers = [_server(receiver), _server(create_app(runtime))]
    _stop_on_signals(runtime, servers)
    controller = await control.listen(runtime, runtime.data.socket)
    pool = attempts.Pool(runtime, job)
    threads = [_thread("loader", lambda: _load(runtime, job)), _thread("pipeline", lambda: _analyse(runtime, job))]
    await asyncio.to_thread(job, "reap", lambda: attempts.reap(runtime))
    await asyncio.to_thread(job, "messages", lambda: messages.adopt(runtime))
    for thread in threads:
        thread.start()
    pool.start()
    scheduler.start(runtime)
    log.info("improver is up", extra={"ingest": runtime.presence.ingest, "web": runtime.presence.web})
    runtime.wake.set()
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()  # what is here now stays: the collector need not walk it again, which stops every thread
    try:
        async with listeners.grpc(receiver, runtime.settings):
            await asyncio.gather(*(server.serve(sockets=[s]) for server, s in zip(servers, (ingest, web), strict=True)))
    finally:
        runtime.stop.set()
        controller.close()
        runtime.data.socket.unlink(missing_ok=True)
        await asyncio.to_thread(_drain, scheduler, pool, threads)
        log.info("improver has stopped")


def _server(app: object) -> Server:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        lifespan="on",
        http="httptools",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=60,
        server_header=False,
    )
    return Server(config)


def _stop_on_signals(runtime: Runtime, servers: list[Server]) -> None:
    def stop() -> None:
        again = servers[0].should_exit
        for server in servers:
            server.should_exit = True
            server.force_exit = again
        log.info("stopping: no more telemetry is taken, Attempts stay resumable")

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)


def _drain(scheduler: jobs.Jobs, pool: attempts.Pool, threads: list[threading.Thread]) -> None:
    """Wait for what is running, up to the deadline; what is not done by then is done by the next daemon."""
    deadline = time.monotonic() + DRAIN_S
    scheduler.stop()
    pool.join(max(0.1, deadline - time.monotonic()))
    for thread in threads:
        thread.join(max(0.1, deadline - time.monotonic()))


def _thread(name: str, work: Callable[[], None]) -> threading.Thread:
    return threading.Thread(target=work, name=name, daemon=True)


def _load(runtime: Runtime, job: "Guard") -> None:
    due = 0.0
    while not runtime.stop.wait(LOAD_EVERY_S):
        # What was read and then could not be written waits in the Spool too, and is not seen in its bytes.
        if not runtime.spool.pending_bytes() and time.monotonic() < due:
            continue
        if job("ingest", lambda: pipeline.digest(runtime)) is None:
            runtime.stop.wait(1)  # it failed: the Payloads stay in the Spool, and it is tried again
        due = time.monotonic() + LOOK_EVERY_S


def _analyse(runtime: Runtime, job: "Guard") -> None:
    rested_at = 0.0
    while not runtime.stop.is_set():
        rested = time.monotonic() >= rested_at
        if not runtime.wake.wait(0.2) and not (rested and runtime.more.is_set()):
            continue
        runtime.stop.wait(DEBOUNCE_S)
        runtime.wake.clear()
        runtime.more.clear()
        begun = time.monotonic()
        pipeline.analyse(runtime, job)
        took = time.monotonic() - begun
        rested_at = time.monotonic() + RESTS * took
        # Even where every error is of a new kind, a storm of them keeps it busy half of the time at most.
        rests = RESTS if runtime.spool.pending_bytes() > BEHIND_BYTES else 1
        runtime.stop.wait(max(REST_S, rests * took))


class Guard:
    """Runs named jobs: the failure of one is logged, shown by `status`, and is not the daemon's."""

    def __init__(self, trouble: dict[str, str]) -> None:
        self._trouble = trouble

    def __call__(self, name: str, work: Callable[[], object]) -> object:
        """What the job returns; None when it failed."""
        try:
            done = work()
        except Exception as error:
            log.exception("a job failed", extra={"job": name})
            self._trouble[name] = DEFAULT.text(f"{type(error).__name__}: {error}")[:500]
            return None
        self._trouble.pop(name, None)
        return done
