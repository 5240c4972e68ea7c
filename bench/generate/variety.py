"""The shop that the telemetry is of: its users, routes, services and the places where it fails."""

from dataclasses import dataclass
from random import Random

USERS = 10_000
ROUTES = 200
STACKS = 500

NOUNS = (
    "users", "orders", "carts", "items", "search", "payments", "invoices", "teams", "coupons", "reviews",
    "shipments", "sessions", "reports", "webhooks", "avatars", "ledgers", "templates", "vouchers", "returns", "stocks",
)  # fmt: skip
VERBS = ["list", "show", "create", "edit", "delete", "export", "share", "archive", "restore", "merge"]
METHODS = {"create": "POST", "edit": "PUT", "merge": "POST", "delete": "DELETE"}
SERVICES = ("web", "checkout", "catalog", "worker", "auth")
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/605.1",
    "python-httpx2/2.16",
)
TYPES = (
    "ValueError", "KeyError", "TypeError", "AttributeError", "RuntimeError", "TimeoutError", "ConnectionError",
    "LookupError", "OSError", "PermissionError", "IntegrityError", "OperationalError", "ValidationError",
    "PaymentDeclined", "RateLimited", "QuotaExceeded", "TokenExpired", "ParseFailure", "SchemaMismatch", "StaleRead",
)  # fmt: skip
CALLS = ("call", "execute", "send", "run")
LIBRARIES = ("django/core/handlers/base", "sqlalchemy/engine/base", "requests/sessions", "celery/app/trace")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One frame."""

    file: str
    function: str
    line: int
    in_app: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """One cause; `places` are outermost first."""

    type: str
    said: str
    places: tuple[Place, ...]

    def traceback(self) -> str:
        lines = [f'  File "/srv/{p.file}", line {p.line}, in {p.function}\n    {source_line(p)}' for p in self.places]
        return "\n".join(["Traceback (most recent call last):", *lines, f"{self.type}: {self.said}"])


def source_line(place: Place) -> str:
    return f"result = self.{place.function}(order_id, retries=retries, timeout=settings.TIMEOUT)"


def route(number: int) -> tuple[str, str]:
    """Method and route of one of ROUTES."""
    noun, verb = NOUNS[number % 20], VERBS[number // 20 % 10]
    return METHODS.get(verb, "GET"), f"/api/v1/{noun}/{{id}}/{verb}"


def failure(number: int) -> Failure:
    """One of STACKS causes, each failing in a function of its own."""
    noun, verb = NOUNS[number % 20], VERBS[number // 20 % 10]
    outer = [
        Place(file=f"{LIBRARIES[n % 4]}.py", function=CALLS[n % 4], line=40 + 7 * n, in_app=False) for n in range(5)
    ]
    file = f"shop/{noun}/{verb}_{number // 200}.py"
    own = [
        Place(file=file, function=f"{verb}_{noun}_{n}", line=20 + number + 11 * n, in_app=True)
        for n in range(4 + number % 5)
    ]
    return Failure(type=TYPES[number % len(TYPES)], said=f"could not {verb} {noun}", places=(*outer, *own))


def skewed(random: Random, count: int) -> int:
    """One of `count`, the first ones far more often, as routes and causes are met."""
    return min(count - 1, int(random.paretovariate(0.6)) - 1)
