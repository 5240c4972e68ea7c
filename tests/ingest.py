"""A real ingest origin for tests: Receiver, Spool and keys on disk, asked through ASGI; and the recorded requests."""

import asyncio
import base64
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from improver import plugins
from improver.config import settings
from improver.keys import Key, Keys
from improver.model import Batch, Payload, TrustLabel
from improver.receiving.receiver import Limits, Receiver
from improver.spool import Spool

CAPTURES = Path(__file__).parent / "fixtures" / "captures"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RECORDED_KEYS = ("publickey0123456789abcdef", "sentry_key=k")
SHORT_KEY = b"phc_k"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Ingest:
    def __init__(self, folder: Path, collector: str = "sentry", **changed):
        self.path = folder / "keys.toml"
        self.key: Key = Keys.create(self.path, "shop", TrustLabel.SERVER, clock=lambda: NOW)
        self.public: Key = Keys.create(self.path, "shop", TrustLabel.PUBLIC, clock=lambda: NOW)
        self.spool = Spool(folder / "spool", changed.pop("spool", settings.Spool(min_free_mb=0)))
        limits = changed.pop("limits", Limits())
        self.collector = plugins.load("collectors", collector)
        self.config = changed.pop("config", self.collector.Config())
        self.fixes = folder / "fixes.json"
        self.receiver = Receiver(
            spool=self.spool,
            keys=Keys.load(self.path),
            collectors={collector: (self.collector, self.config)},
            settings=settings.Ingest(**changed),
            clock=lambda: NOW,
            fixes=self.fixes,
            limits=limits,
        )

    def ask(self, method, target, headers=(), body=b"", chunk=1 << 16) -> Answer:
        return asyncio.run(self.answer(method, target, headers, body, chunk))

    async def answer(self, method, target, headers=(), body=b"", chunk=1 << 16) -> Answer:
        messages = [
            {"type": "http.request", "body": body[at : at + chunk], "more_body": at + chunk < len(body)}
            for at in range(0, max(1, len(body)), chunk)
        ]

        async def receive():
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        return await self.call(method, target, headers, receive)

    async def call(self, method, target, headers, receive) -> Answer:
        url = urlsplit(target)
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(url.path),
            "query_string": url.query.encode(),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }
        sent = []

        async def send(message):
            sent.append(message)

        await self.receiver(scope, receive, send)
        if not sent:
            return Answer(0, {}, b"")
        found = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], found, b"".join(message["body"] for message in sent[1:]))

    def knows(self, value: str) -> None:
        """From now on the Target's secret key has this value: recorded bodies name their key inside."""
        self.path.write_text(self.path.read_text().replace(self.key.value, value))
        self.key = replace(self.key, value=value)

    def envelope(self, body, headers=(), key=None) -> Answer:
        auth = ("X-Sentry-Auth", f"Sentry sentry_key={key or self.key.value}, sentry_version=7")
        return self.ask("POST", "/api/1/envelope/", [auth, *headers], body)

    def replay(self, name, key=None) -> Answer:
        """A recorded request, under a key that is known here."""
        request = json.loads(next(CAPTURES.glob(f"*/{name}.json")).read_text())
        ours = (key or self.key).value
        headers = [(n, _with_key(v, ours)) for n, v in request["headers"]]
        body = base64.b64decode(request["body_b64"]).replace(SHORT_KEY, ours.encode())
        return self.ask(request["method"], _with_key(request["path"], ours), headers, body)

    def spooled(self) -> list[Payload]:
        return [payload for _, payload in self.spool.read(None, 1 << 30)]

    def decoded(self) -> Batch:
        return self.collector.decode(self.spooled(), self.config)


def _with_key(text: str, key: str) -> str:
    for recorded in RECORDED_KEYS:
        text = text.replace(recorded, f"sentry_key={key}" if "=" in recorded else key)
    return text
