"""How many messages become the templates that Sentry makes of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from improver.grouping import parameterize

SET = "sentry-message-param"
PEERS = "peers: 10 simple masks 17/35, Sentry 35/35 by construction"


def measure(folder: Path) -> Iterator[str]:
    cases = [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]
    exact = sum(parameterize(case["input"]) == case["expected"] for case in cases)
    blind = sum(_blind(parameterize(case["input"])) == _blind(case["expected"]) for case in cases)
    yield f"{SET}: exact {exact}/{len(cases)}, whatever the placeholders' names {blind}/{len(cases)} ({PEERS})"


def _blind(template: str) -> str:
    return re.sub(r"<\w+>", "<*>", template)
