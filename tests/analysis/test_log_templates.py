"""Templates are learned from what came in, by service, and a message keeps the one that it was given."""

from improver.analysis import log_templates
from improver.config import Settings
from improver.model import LogEvent, Payload
from improver.warehouse import Warehouse, events
from tests.world import NOW


def said(telemetry, *bodies, service="shop", severity=9):
    payload = Payload(id="p", collector="logs", path="/", received_at=NOW, body=b"")
    lines = [
        LogEvent(payload_id="p", occurred_at=NOW, service=service, body=body, severity=severity) for body in bodies
    ]
    placed = [events.Placed(event=one, payload=payload, ordinal=n, target="shop") for n, one in enumerate(lines)]
    with telemetry.transaction() as writer:
        events.append(writer, events.tables(placed), events.next_seq(writer))


def key(telemetry, message, service="shop"):
    return log_templates.known(telemetry).of("shop", service, message).key


def test_each_message_is_learned_once_and_keeps_its_key():
    warehouse = Warehouse.in_memory(Settings().warehouse)
    telemetry = warehouse.telemetry
    said(telemetry, "user ann logged in", "user ann logged in", "order 5 saved")
    log_templates.learn(telemetry, NOW)
    first = key(telemetry, "user ann logged in")
    said(telemetry, *(f"user {name} logged in" for name in ("ann", "bob", "cy", "di", "ed", "flo")))
    log_templates.learn(telemetry, NOW)
    log_templates.learn(telemetry, NOW)
    assert telemetry.value("select count(*) from log_templates") == 7
    assert {key(telemetry, f"user {name} logged in") for name in ("ann", "bob", "flo")} == {first}
    assert key(telemetry, "order <*> saved") != first
    warehouse.close()


def test_services_do_not_learn_from_each_other():
    warehouse = Warehouse.in_memory(Settings().warehouse)
    telemetry = warehouse.telemetry
    said(telemetry, *(f"user {name} logged in" for name in ("ann", "bob", "cy", "di", "ed", "flo")))
    said(telemetry, "user ann logged in", service="mail")
    log_templates.learn(telemetry, NOW)
    shop, mail = (log_templates.known(telemetry).of("shop", name, "user ann logged in") for name in ("shop", "mail"))
    assert shop != mail
    warehouse.close()


def test_chatter_takes_no_room_from_failures():
    warehouse = Warehouse.in_memory(Settings().warehouse)
    telemetry = warehouse.telemetry
    words = ("alpha", "beta", "gamma", "delta", "epsilon")
    said(telemetry, *(f"{word} said" for word in words))
    said(telemetry, *(f"{word} failed" for word in words))
    log_templates.learn(telemetry, NOW, most=3)
    kept = telemetry.rows("select fails, count(*) as n from log_templates group by all order by all")
    assert key(telemetry, "alpha said") != key(telemetry, "alpha failed")
    assert kept == [{"fails": False, "n": 3}, {"fails": True, "n": 3}]
    warehouse.close()


def test_a_line_without_words_is_in_a_group_too():
    warehouse = Warehouse.in_memory(Settings().warehouse)
    telemetry = warehouse.telemetry
    said(telemetry, "", "***", "17")
    log_templates.learn(telemetry, NOW)
    assert all(key(telemetry, message) for message in ("", "***", "<*>"))
    warehouse.close()
