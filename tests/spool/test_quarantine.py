"""What is set aside stays whole until it is taken back, for its owner only, and no id leads out of its folder."""

import os
import stat
from datetime import UTC, datetime, timedelta

import pytest

from improver.model import Payload, TrustLabel
from improver.spool.quarantine import Quarantine

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def quarantine(tmp_path):
    return Quarantine(tmp_path / "quarantine")


def payload(name="p1", body=b"\0secret\xff"):
    return Payload(
        id=name, collector="sentry", path="/api/1/envelope/", received_at=AT, body=body, key_id="k",
        trust=TrustLabel.SERVER, content_type="text/plain", content_encoding="gzip",
    )  # fmt: skip


def test_a_payload_comes_back_exactly_as_it_went_in(quarantine):
    quarantine.keep(payload())
    assert quarantine.get("p1") == payload()
    quarantine.keep(payload(body=b"another"))
    assert quarantine.get("p1") == payload()
    quarantine.drop(["p1", "never there"])
    assert quarantine.get("p1") is None


def test_its_files_are_for_the_owner_only(quarantine, tmp_path):
    quarantine.keep(payload())
    [file] = (tmp_path / "quarantine").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["../../outside", "/etc/passwd", "", "x" * 5000, "\0", "a/b"])
def test_no_id_leads_out_of_its_folder(quarantine, tmp_path, name):
    quarantine.keep(payload(name))
    assert quarantine.get(name) == payload(name)
    assert [path.name for path in tmp_path.iterdir()] == ["quarantine"]


@pytest.mark.parametrize("damage", [lambda data: data[:-3], lambda data: data[:-3] + b"!!!", lambda data: b""])
def test_a_damaged_file_is_none_and_said(quarantine, tmp_path, caplog, damage):
    quarantine.keep(payload())
    [file] = (tmp_path / "quarantine").iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert quarantine.get("p1") is None


def test_what_is_old_goes_whoever_left_it(quarantine, tmp_path):
    quarantine.drop_before(AT)
    for name in ("old", "new"):
        quarantine.keep(payload(name))
    quarantine.drop_before(datetime.now(UTC) - timedelta(hours=1))
    assert quarantine.get("old")
    for file in (tmp_path / "quarantine").iterdir():
        os.utime(file, (0, 0))
    quarantine.keep(payload("newest"))
    quarantine.drop_before(datetime.now(UTC) - timedelta(hours=1))
    assert [bool(quarantine.get(name)) for name in ("old", "new", "newest")] == [False, False, True]
