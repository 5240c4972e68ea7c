"""What was not there is one cause, however many places of the code needed it."""

from datetime import UTC, datetime

import pytest

from improver.analysis import outages
from improver.model import FindingKind, Frame, Symptom

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def own(function: str) -> Frame:
    return Frame(filename="shop.py", abs_path="/srv/shop.py", module="shop", function=function, in_app=True)


def library(module: str, path: str = "") -> Frame:
    return Frame(filename=path or module, abs_path=path, module=module, function="connect", in_app=False)


REDIS = (library("redis.client"), library("redis.connection"))
MAIL = (library("smtplib"), library("socket"))
PG = (library("sqlalchemy.engine.base"), library("psycopg2"))
NODE = (library("", "/srv/node_modules/pg-pool/index.js"), library("", "/srv/node_modules/pg/lib/client.js"))


def of(title: str, function: str, below: tuple[Frame, ...] = (), *, service: str = "shop") -> tuple[str, ...]:
    symptom = Symptom(
        detector="errors", kind=FindingKind.ERROR, grouping_version=2, key=function, target="shop", service=service,
        environment="production", source="sentry", title=title, first_seen=NOW, last_seen=NOW, events=5, events_week=5,
        users=3, frames=(own(function), *below), exception=title.partition(":")[0],
    )  # fmt: skip
    return outages.key(symptom)


@pytest.mark.parametrize(
    ("title", "below"),
    [
        ("OperationalError: unable to open database file", (library("django.db.models"), library("django.db.sqlite3"))),
        ("OSError: [Errno 28] No space left on device: '/data/{}.png'", ()),
        ("OSError: [Errno 30] Read-only file system: '/data/{}.png'", ()),
        ("ConnectionError: Error 111 connecting to cache:6379. Connection refused.", REDIS),
        ("ConnectionRefusedError: [Errno 111] Connection refused", REDIS),
        ('OperationalError: connection to server at "db" (10.0.0.4), port 5432 failed: Connection refused', PG),
        ("Error: connect ECONNREFUSED 10.0.0.4:5432", NODE),
        ("Error: getaddrinfo ENOTFOUND db.internal", NODE),
        ("HTTPError: 502 Server Error: Bad Gateway for url: https://b.example/{}", (library("requests.models"),) * 2),
    ],
)
def test_what_was_not_there_is_one_outage_wherever_it_was_needed(title, below):
    assert of(title.format(7), "pay", below) == of(title.format(8), "refund", below) != ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ConnectionRefusedError: [Errno 111] Connection refused", REDIS),
         ("ConnectionRefusedError: [Errno 111] Connection refused", MAIL)),
        (("Error: connect ECONNREFUSED 10.0.0.4:5432", NODE), ("Error: connect ECONNREFUSED 10.0.0.9:6379", NODE)),
        (("HTTPError: 502 Server Error: Bad Gateway for url: https://a.example/x", REDIS),
         ("HTTPError: 502 Server Error: Bad Gateway for url: https://b.example/x", REDIS)),
    ],
    ids=["other libraries", "other hosts", "other sites"],
)  # fmt: skip
def test_two_servers_that_are_down_are_two(one, other):
    assert of(one[0], "pay", one[1]) != of(other[0], "pay", other[1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Error: ENOSPC: no space left on device, write", "Error: ENOSPC: no space left on device, open '/data/a.png'"),
        ("OSError: [Errno 28] No space left on device: '/data/in'", "OperationalError: database or disk is full"),
        ("OSError: [Errno 30] Read-only file system: '/a'", "OperationalError: attempt to write a readonly database"),
        ("OSError: [Errno 24] Too many open files: '/etc/hosts'", "Error: EMFILE: too many open files, open '/a'"),
    ],
)
def test_what_a_disk_refuses_is_one_in_whatever_words(one, other):
    assert of(one, "upload") == of(other, "export") != ()


def test_a_full_disk_and_one_that_only_may_be_read_are_two():
    full, fixed = "OSError: [Errno 28] No space left on device", "OSError: [Errno 30] Read-only file system"
    assert of(full, "upload") != of(fixed, "upload")


def test_two_services_that_need_a_disk_are_two():
    title = "OperationalError: disk I/O error"
    assert of(title, "pay") != of(title, "pay", service="blog")


@pytest.mark.parametrize(
    ("title", "below"),
    [
        ("KeyError: 'vat'", ()),
        ("OperationalError: no such table: orders", PG),
        ("TypeError: Failed to fetch", ()),
        ("ConnectionRefusedError: [Errno 111] Connection refused", ()),
        ("OperationalError: deadlock detected", PG),
        ("MemoryError: ", ()),
    ],
)
def test_a_mistake_and_what_nobody_knows_the_host_of_are_none(title, below):
    assert of(title, "pay", below) == ()
