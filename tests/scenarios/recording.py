"""One scenario's recording: the requests and files that real programs sent, in one compressed file."""

import base64
import gzip
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.scenarios.label import Scenario

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Sent:
    """`at` is in seconds since the epoch; `zipped` says that `body` is kept inflated, and was gzip on the wire."""

    take: str
    round: int
    at: float
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    zipped: bool


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file that a polling Collector reads: a log, or an agent's transcript."""

    take: str
    round: int
    at: float
    collector: str
    name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SourceMapFile:
    release: str
    address: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Recording:
    sent: tuple[Sent, ...] = ()
    written: tuple[Written, ...] = ()
    maps: tuple[SourceMapFile, ...] = ()

    @property
    def ended(self) -> float:
        return max(one.at for one in (*self.sent, *self.written))

    @property
    def began(self) -> float:
        return min(one.at for one in (*self.sent, *self.written))


def path_of(scenario: Scenario) -> Path:
    return HERE / scenario.part / "recordings" / f"{scenario.name}.json.gz"


def save(recording: Recording, path: Path) -> None:
    record = asdict(recording)
    for one in record["sent"]:
        one["body"] = _text(one["body"])
    path.parent.mkdir(exist_ok=True)
    # Without a time in it: the same recording is the same file.
    path.write_bytes(gzip.compress(json.dumps(record).encode(), 9, mtime=0))


def load(path: Path) -> Recording:
    record = json.loads(gzip.decompress(path.read_bytes()))
    return Recording(
        sent=tuple(
            Sent(**one | {"body": _bytes(one["body"]), "headers": tuple(tuple(h) for h in one["headers"])})
            for one in record["sent"]
        ),
        written=tuple(Written(**one) for one in record["written"]),
        maps=tuple(SourceMapFile(**one) for one in record["maps"]),
    )


def _text(body: bytes) -> str | dict[str, str]:
    """As text where it is some: that compresses better, and can be read."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _bytes(kept: str | dict[str, str]) -> bytes:
    return kept.encode() if isinstance(kept, str) else base64.b64decode(kept["base64"])
