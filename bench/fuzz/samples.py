"""One input of a decoder, as a file: recorded requests and crashers have one form."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

ROOT = Path(__file__).parent.parent.parent
CAPTURES = ROOT / "tests/fixtures/captures"
CORPUS = ROOT / "tests/fixtures/fuzz"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What one decoder is given; those that are no HTTP only look at the body."""

    body: bytes
    method: str = ""
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.path.partition("?")[2], keep_blank_values=True))

    @property
    def encoding(self) -> str:
        return self.headers.get("content-encoding", "")

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


def written(sample: Sample, decoder: str, error: str = "") -> str:
    record = {
        "decoder": decoder,
        "error": error,
        "method": sample.method,
        "path": sample.path,
        "headers": list(map(list, sample.headers.items())),
        "body_b64": base64.b64encode(sample.body).decode(),
    }
    return json.dumps(record)


def load(path: Path) -> tuple[str, Sample]:
    """The decoder that a file was written for, and the sample."""
    record = json.loads(path.read_text())
    return str(record.get("decoder", "")), _sample(record)


@cache
def recorded(prefix: str) -> tuple[Sample, ...]:
    """The requests that real clients sent, of those runs whose names begin so."""
    files = sorted(CAPTURES.glob(f"{prefix}*/*.json"))
    return tuple(_sample(record) for record in map(_record, files) if "headers" in record)


def _record(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(path.read_text())
    return record


def _sample(record: Mapping[str, Any]) -> Sample:
    return Sample(
        body=base64.b64decode(record["body_b64"]),
        method=record["method"],
        path=record["path"],
        headers={name.lower(): value for name, value in record["headers"]},
    )
