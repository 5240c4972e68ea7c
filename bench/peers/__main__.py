"""Runs the peers and us, one after the other with the same load, and prints how many times as fast we are."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

from bench import over_http
from bench.daemon import running
from bench.figure import Figure, Reached, Target, print_table, write_json
from bench.peers import bugsink, mlflow, phoenix
from bench.peers.peer import Peer
from bench.sender import Order, send_together
from bench.timing import Machine

PEERS: dict[str, Callable[[Path], AbstractContextManager[Peer]]] = {
    "bugsink": bugsink.running,
    "phoenix": phoenix.running,
    "mlflow": mlflow.running,
}
TIMES_AS_FAST = {"bugsink": 50, "phoenix": 100, "mlflow": 50}
STANDSTILL_S = 20.0
WARM_UP = 2


def main() -> int:
    arguments = _arguments()
    machine = Machine()
    figures = []
    for name in arguments.names or PEERS:
        sys.stderr.write(f"measuring {name} …\n")
        figures.append(_compared(name))
        machine.sample()
    print_table("peers", figures)
    sys.stdout.write(f"The machine: {machine.noise()}.\n")
    if arguments.json:
        write_json(arguments.json, machine.described(), figures)
    return int(any(figure.reached is Reached.MISS for figure in figures))


def _compared(name: str) -> Figure:
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder, PEERS[name](Path(folder)) as peer:
        theirs, missing = _rate(peer)
    return Figure(
        name=f"{peer.format} persisted, over HTTP",
        value=_ours(peer.format),
        unit="spans/s" if peer.format == "otlp" else "events/s",
        floor=theirs,
        floor_name=peer.name,
        target=Target(at_least=TIMES_AS_FAST[name], of_floor=True),
        note=f"{missing:,} that it acked were never stored" if missing else "",
    )


@cache
def _ours(name: str) -> float:
    with running() as daemon:
        return over_http.rate(daemon, name).per_second


def _rate(peer: Peer) -> tuple[float, int]:
    """Stored a second until the last of what it acked is, and how much of it never was."""
    send_together([_order(peer, WARM_UP, seed=90)])
    _stand_still(peer, 0)
    before = peer.stored()
    sent = send_together([_order(peer, peer.requests // over_http.SENDERS, seed=n) for n in range(over_http.SENDERS)])
    items = sum(one.items for one in sent)
    ended, stored = _stand_still(peer, before + items)
    return (stored - before) / (ended - min(one.begun for one in sent)), items - (stored - before)


def _order(peer: Peer, requests: int, seed: int) -> Order:
    return Order(
        url=peer.url,
        format=peer.format,
        key=peer.key,
        project=peer.project,
        headers=peer.headers,
        seed=seed,
        connections=over_http.CONNECTIONS,
        requests=requests,
    )


def _stand_still(peer: Peer, wanted: int) -> tuple[float, int]:
    """When the last change was seen: as soon as all is there, or when nothing has come for a while."""
    changed, stored = time.monotonic(), peer.stored()
    while (not wanted or stored < wanted) and time.monotonic() - changed < (STANDSTILL_S if wanted else 3):
        time.sleep(0.1)
        now = peer.stored()
        if now != stored:
            changed, stored = time.monotonic(), now
    return changed, stored


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*PEERS, []], metavar="PEER", help=", ".join(PEERS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
