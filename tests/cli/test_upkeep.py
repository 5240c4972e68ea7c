"""`improver quarantine`, `replay` and `keys`, typed in."""

import json

import pytest

from improver.config import load
from improver.keys import Keys
from improver.model import Payload, TrustLabel
from improver.opening import owned_runtime
from tests.cli.conftest import HOSTILE


@pytest.fixture
def poisoned(shop, improver):
    """One Payload that nobody understands, and whose reason is hostile; one remark that everybody does."""
    with owned_runtime(load(shop / "improver.toml")) as runtime:
        now = runtime.clock()
        bodies = (b"{", b'{"said": "slow"}')
        payloads = [
            Payload(id=f"{n}f" * 8, collector="feedback", path="/feedback", received_at=now, body=body)
            for n, body in enumerate(bodies)
        ]
        runtime.spool.append_now(payloads)
    assert improver("once").exit_code == 0
    with owned_runtime(load(shop / "improver.toml")) as runtime, runtime.warehouse.telemetry.transaction() as writer:
        writer.execute("update quarantine set reason = ?", [HOSTILE])
    return shop


def test_the_quarantine_is_listed_inert(improver, poisoned):
    shown = improver("quarantine")
    assert shown.exit_code == 0
    assert "0f0f0f0f0f0f0f0f" in shown.stdout
    assert "\x1b" not in shown.stdout
    [row] = json.loads(improver("quarantine", "--json").stdout)
    assert set(row) == {"id", "collector", "path", "reason", "received_at", "bytes"}
    assert (row["collector"], row["bytes"], row["reason"]) == ("feedback", 1, HOSTILE)


def test_a_replay_says_what_it_came_to(improver, poisoned):
    shown = improver("replay", "0f0f")
    assert shown.exit_code == 0
    assert "1 Payloads digested once more: 0 Events." in shown.stdout
    assert "1 still cannot be understood" in shown.stdout
    done = json.loads(improver("replay", "--all", "--json").stdout)
    assert done == {"payloads": 1, "events": 0, "quarantined": 1}


def test_a_replay_of_the_last_hours_doubles_nothing(improver, poisoned):
    for _ in range(2):
        done = json.loads(improver("replay", "--since", "90m", "--json").stdout)
        assert done == {"payloads": 2, "events": 1, "quarantined": 1}
    found = json.loads(improver("status", "--json").stdout)["collectors"]["feedback"]
    assert (found["payloads"], found["events"], found["quarantined"]) == (2, 1, 1)


@pytest.mark.parametrize(
    "arguments", [(), ("0f", "--all"), ("--all", "--since", "2h"), ("--since", "yesterday"), ("--since", "2")]
)
def test_a_replay_must_say_of_what(improver, poisoned, arguments):
    assert improver("replay", *arguments).exit_code == 2


def test_an_unknown_payload_is_named(improver, poisoned):
    done = improver("replay", "zz")
    assert done.exit_code == 1
    assert "no Payload 'zz' is in quarantine" in done.stderr


def test_an_empty_quarantine_says_so(improver, shop):
    assert improver("quarantine").stdout.strip() == "Nothing is in quarantine."


def test_keys_are_listed_without_their_secrets(improver, failing_shop):
    [row] = json.loads(improver("keys", "--json").stdout)
    assert set(row) == {"id", "target", "trust", "created", "last_used", "revoked_at", "origins"}
    assert (row["target"], row["trust"], row["revoked_at"]) == ("shop", "server", None)
    assert row["last_used"] is not None
    secrets = [key.value for key in Keys.load(load(failing_shop / "improver.toml").data_dir / "keys.toml").all()]
    for shown in (improver("keys"), improver("keys", "--json")):
        assert not any(secret in shown.stdout for secret in secrets)


def test_a_rotated_key_is_valid_until_it_is_revoked(improver, failing_shop):
    keys = Keys.load(load(failing_shop / "improver.toml").data_dir / "keys.toml")
    old = keys.of_target("shop", TrustLabel.SERVER)
    shown = improver("connect", "shop", "--rotate")
    new = keys.of_target("shop", TrustLabel.SERVER)
    assert shown.exit_code == 0
    assert new.id != old.id and new.value in shown.stdout and old.value not in shown.stdout
    assert f"improver keys revoke {old.id}" in shown.stdout
    assert keys.find(old.value) == old
    assert "is revoked" in improver("keys", "revoke", old.id).stdout
    assert keys.find(old.value) is None
    assert "revoked" in improver("keys").stdout
    assert improver("keys", "revoke", "zz").exit_code == 1
