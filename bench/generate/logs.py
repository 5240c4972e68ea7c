"""Logs in the styles of many systems, each line with the statement that wrote it."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
NAMES = ("ann", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "oscar", "peggy")

VALUES: Mapping[str, Callable[[random.Random], str]] = {
    "number": lambda draw: str(draw.randrange(100_000)),
    "few": lambda draw: str(draw.randrange(4)),
    "ms": lambda draw: f"{draw.randrange(9000)} ms",
    "size": lambda draw: f"{draw.random() * 900:.1f} {draw.choice(('B', 'KB', 'MB'))}",
    "ip": lambda draw: ".".join(str(draw.randrange(256)) for _ in range(4)),
    "host": lambda draw: f"node-{draw.randrange(90)}.cluster.example.org:{draw.randrange(1024, 65535)}",
    "hex": lambda draw: f"0x{draw.getrandbits(48):x}",
    "uuid": lambda draw: "-".join(f"{draw.getrandbits(4 * n):0{n}x}" for n in (8, 4, 4, 4, 12)),
    "mac": lambda draw: ":".join(f"{draw.getrandbits(8):02x}" for _ in range(6)),
    "path": lambda draw: f"/srv/{draw.choice(NAMES)}/part-{draw.randrange(999):05}/{draw.choice(NAMES)}.dat",
    "block": lambda draw: f"blk_{draw.getrandbits(60)}",
    "name": lambda draw: draw.choice(NAMES),
    "numbers": lambda draw: " ".join(str(draw.randrange(900)) for _ in range(draw.randrange(1, 6))),
    "yes": lambda draw: draw.choice(("true", "false")),
}
# As people write them: values at the beginning, in the middle and at the end, statements that differ in one word only.
STATEMENTS = (
    "Connection from {ip} port {number} accepted",
    "Connection from {ip} port {number} closed",
    "session opened for user {name} by (uid={few})",
    "session closed for user {name}",
    "Received block {block} of size {number} from {host}",
    "Deleting block {block} file {path}",
    "BLOCK* NameSystem.addStoredBlock: blockMap updated: {host} is added to {block} size {number}",
    "PacketResponder {few} for block {block} terminating",
    "Verification succeeded for {block}",
    "Block broadcast_{number} stored as values in memory (estimated size {size}, free {size})",
    "Running task {few}.0 in stage {number}.0 (TID {number})",
    "Finished task {few}.0 in stage {number}.0 (TID {number}). {number} bytes result sent to driver",
    "Got assigned task {number}",
    "{number} errors corrected at address {hex}",
    "generating core.{number}",
    "machine check: instruction address {hex}",
    "machine check: data address {hex}",
    "interface eth{few} link up",
    "interface eth{few} link down",
    "Fan speeds ( {numbers} )",
    "hardware address {mac} joined",
    "acquire lock={number}, flags={hex}, tag={name}, held={yes}",
    "release lock={number}, flags={hex}, tag={name}",
    "onScreen action {name} took {ms}",
    "calculated steps {number}|{number}|{number}",
    "GET /v2/{uuid}/servers/detail status: 200 len: {number} time: 0.{number}",
    "[instance: {uuid}] VM Started (Lifecycle Event)",
    "[instance: {uuid}] VM Stopped (Lifecycle Event)",
    "[instance: {uuid}] Took {ms} to build instance.",
    "Failed to load module {path}",
    "Failed to load plugin {path}",
    "workerEnv.init() ok {path}",
    "Notification time out: {number}",
    "Cannot open channel to {few} at election address {host}",
    "Retrying connect to server: {host}. Already tried {few} time(s)",
    "shutting down",
    "heartbeat",
)
Header = Callable[[datetime, random.Random], str]
STYLES: Mapping[str, Header] = {
    "bare": lambda at, draw: "",
    "iso": lambda at, draw: f"{at:%Y-%m-%dT%H:%M:%S}Z INFO worker: ",
    "log4j": lambda at, draw: f"{at:%Y-%m-%d %H:%M:%S},{draw.randrange(1000):03} INFO [main] org.example.Worker: ",
    "slashes": lambda at, draw: f"{at:%y/%m/%d %H:%M:%S} INFO worker.Main: ",
    "digits": lambda at, draw: f"{at:%y%m%d %H%M%S} {draw.randrange(400)} INFO dfs.Worker$Part: ",
    "syslog": lambda at, draw: f"{at:%b %d %H:%M:%S} web{draw.randrange(9)} worker[{draw.randrange(9999)}]: ",
    "cluster": lambda at, draw: f"- {int(at.timestamp())} {at:%Y.%m.%d} n{draw.randrange(99)} {at:%Y-%m-%d-%H.%M.%S.%f}"
    f" n{draw.randrange(99)} RAS KERNEL INFO ",
    "phone": lambda at, draw: f"{at:%m-%d %H:%M:%S}.{draw.randrange(1000):03}  1702  {draw.randrange(9999):4} D"
    " Worker: ",
    "columns": lambda at, draw: f"{at:%Y-%m-%d %H:%M:%S}, Info                  CBS    ",
    "pipes": lambda at, draw: f"{at:%Y%m%d-%H:%M:%S}:{draw.randrange(1000)}|Worker|{draw.randrange(9**9)}|",
    "brackets": lambda at, draw: f"[{at:%a %b %d %H:%M:%S %Y}] [notice] ",
    "gathered": lambda at, draw: f"api.log.1.{at:%Y-%m-%d} {at:%Y-%m-%d %H:%M:%S}.{draw.randrange(1000):03} 25746 INFO"
    f" api.server [req-{draw.getrandbits(64):x} - - -] ",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Logged:
    """`statement` is the truth: which line of code wrote it; `said` is the line without its header."""

    line: str
    said: str
    statement: int


def logged(style: str, lines: int, seed: int) -> Iterator[Logged]:
    """A program logs some of the statements, a few of them most of the time."""
    draw = random.Random(f"{style} {seed}")
    used = draw.sample(range(len(STATEMENTS)), 24)
    weights = [1 / (rank + 1) for rank in range(len(used))]
    for number in range(lines):
        [statement] = draw.choices(used, weights)
        said = STATEMENTS[statement]
        for value, drawn in VALUES.items():
            while f"{{{value}}}" in said:
                said = said.replace(f"{{{value}}}", drawn(draw), 1)
        at = BEGIN + timedelta(seconds=number)
        yield Logged(line=STYLES[style](at, draw) + said, said=said, statement=statement)
