"""Secrets as they really stand in telemetry, each with a word in it that is nowhere else, to plant into requests."""

import base64
import itertools
import json
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message

# In every secret, upper or lower case: what holds this word has leaked.
CANARY = b"kanarienvogel"
# In what is planted beside them, and no secret: what holds this has arrived.
HARMLESS = "planted beside it"
CARDS = ("4111111111111111", "5500 0055 5555 5559", "3782 822463 10005", "078-05-1120")

_NUMBERS = itertools.count(10_000)
DEEP = 3  # below that, an object has only one secret: frames are many


def _bird() -> str:
    return f"Kanarienvogel{next(_NUMBERS)}"


def text() -> str:
    """One text with a secret of every kind that is known by its look."""
    jwt = base64.urlsafe_b64encode(json.dumps({"sub": "x"}).encode()).decode().rstrip("=")
    card, spaced, amex, ssn = CARDS
    return " | ".join((
        HARMLESS,
        f"password={_bird()}", f"DB_PASSWORD='{_bird()}'", f"passphrase: {_bird()}",
        f'{{"api_key": "{_bird()}", "client_secret": "{_bird()}"}}', f"{{\\\"token\\\": \\\"{_bird()}\\\"}}",
        f"Authorization: Bearer {_bird()}", f"sent bearer {_bird()}", f"Basic {_bird()}{_bird()}",
        f"https://app.test/pay?access_token={_bird()}&page=2", f"postgres://app:{_bird()}@db.test/shop",
        f"eyJhbGciOiJIUzI1NiJ9.{jwt}{_bird()}.{_bird()}", f"ghp_{_bird()}{_bird()}", f"sk_live_{_bird()}",
        f"xoxb-1234567890-{_bird()}", f"glpat-{_bird()}{_bird()}",
        f"{_bird()}@mail.test", f"/home/{_bird()}/shop/app.py", f"C:\\Users\\{_bird()}\\app.py",
        f"card {card}, {spaced} or {amex}", f"SSN {ssn}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{_bird()}\n{_bird()}\n-----END RSA PRIVATE KEY-----",
        f"Cookie: sessionid={_bird()}; theme={_bird()}",
    ))  # fmt: skip


def keyed() -> dict[str, Any]:
    """Secrets that are known by the name under which they stand."""
    names = (
        "password", "api_key", "X-Api-Key", "secret", "authorization", "Proxy-Authorization", "cookie", "Set-Cookie",
        "X-CSRF-Token", "session_id_cookie", "refreshToken", "credit_card_number", "REMOTE_ADDR", "X-Forwarded-For",
        "ip_address", "pwd", "cvv", "private_key", "DJANGO_SECRET_KEY", "aws_credentials",
    )  # fmt: skip
    found: dict[str, Any] = {name: _bird() for name in names}
    return found | {
        "cookies": {"theme": _bird()}, "headers": [["Authorization", _bird()], ["Cookie", _bird()]],
        "attributes": [{"key": "password", "value": _bird()}], "number": int(CARDS[0]),
        "note": text(), f"?token={_bird()}": 1,
    }  # fmt: skip


# Keys whose values are told to people, or grouped by: a secret may be anywhere in them.
TOLD = (
    "message", "formatted", "value", "description", "body", "comments", "url", "$current_url", "said", "transaction",
    "contact_email", "email", "name", "line", "text", "content", "result", "output", "arguments", "stringValue",
)  # fmt: skip
# Where they are names, among them releases, they are left: what has a blank is no name.
NAMES_TOO = ("name", "value", "transaction", "stringValue")


def planted(value: Any, key: str = "", depth: int = 0) -> Any:
    """A copy of a JSON value with secrets under names in each object, and in each text that people write."""
    if isinstance(value, dict):
        inner = {name: planted(one, name, depth + 1) for name, one in value.items()}
        return inner if _is_exact(value) else inner | _more(depth)
    if isinstance(value, list):
        return [planted(item, key, depth + 1) for item in value]
    if isinstance(value, str) and key in TOLD and (key not in NAMES_TOO or " " in value):
        return f"{value} {text()}"
    return value


def _more(depth: int) -> dict[str, Any]:
    return {"planted": keyed(), "password": _bird()} if depth < DEEP else {"password": _bird()}


def _is_exact(value: dict[str, Any]) -> bool:
    """An object whose keys OTLP names one by one."""
    return bool({"stringValue", "intValue", "arrayValue", "resourceSpans", "traceId", "key"} & set(value))


def planted_line(line: bytes) -> bytes:
    return json.dumps(planted(json.loads(line))).encode()


def planted_message(message: Message) -> Message:
    """The same for a request of OTLP: in all attributes, bodies and texts."""
    for inner in list(_below(message)):
        named = inner.DESCRIPTOR.fields_by_name
        if "attributes" in named and named["attributes"].message_type.name == "KeyValue":
            for name, value in keyed().items():
                inner.attributes.add(key=name).value.string_value = str(value)
        for name in ("message", "string_value", "description"):
            if " " in getattr(inner, name, ""):
                setattr(inner, name, f"{getattr(inner, name)} {text()}")
    return message


def _below(message: Message) -> Iterator[Message]:
    yield message
    for field, value in message.ListFields():
        if field.message_type:
            for inner in [value] if isinstance(value, Message) else value:
                yield from _below(inner)
