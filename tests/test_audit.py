"""The audit log says what was decided and done, and cannot be changed unseen."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver import act, read
from improver.audit import BEGINNING, Audit
from improver.config import Settings
from improver.errors import ImproverError
from improver.model import Act
from improver.opening import owned_runtime

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def log(folder: Path) -> Audit:
    return Audit(folder / "audit.jsonl", lambda: NOW)


def filled(folder: Path, times: int = 5) -> Audit:
    audit = log(folder)
    for number in range(times):
        audit.note(Act.MOVED, f"attempt-{number}", before="claimed", after="running")
    return audit


def lines(folder: Path) -> list[bytes]:
    return (folder / "audit.jsonl").read_bytes().splitlines(keepends=True)


def test_entries_are_chained_across_restarts(tmp_path):
    filled(tmp_path, 3)
    filled(tmp_path, 2)
    chain = log(tmp_path).verify()
    assert (chain.entries, chain.sound, chain.problem) == (5, True, "")
    entries = list(log(tmp_path).entries())
    assert [e.number for e in entries] == [1, 2, 3, 4, 5]
    assert entries[0].previous == BEGINNING
    assert chain.head == entries[-1].hash == log(tmp_path).head()


def changed_word(found: list[bytes]) -> list[bytes]:
    return [found[0], found[1].replace(b"running", b"failed!"), *found[2:]]


def changed_word_and_hash(found: list[bytes]) -> list[bytes]:
    """Somebody who knows how: the entry itself is right, and the next one tells."""
    from dataclasses import replace

    from improver import audit

    entry = audit._read(found[1], "")
    forged = replace(entry, detail={"after": "delivered"})
    return [found[0], (audit._line(replace(forged, hash=audit._hash(forged))) + "\n").encode(), *found[2:]]


@pytest.mark.parametrize(
    "forge",
    [
        changed_word,
        changed_word_and_hash,
        lambda found: found[:1] + found[2:],
        lambda found: found[1:],
        lambda found: [found[1], found[0], *found[2:]],
        lambda found: [*found[:2], found[1], *found[2:]],
        lambda found: [*found[:-1], found[-1][:-9]],
        lambda found: [*found, b"{}\n"],
        lambda found: [*found, b"\xff\n"],
    ],
)
def test_whatever_is_changed_inside_is_found(tmp_path, forge):
    filled(tmp_path)
    (tmp_path / "audit.jsonl").write_bytes(b"".join(forge(lines(tmp_path))))
    chain = log(tmp_path).verify()
    assert not chain.sound
    assert "entry" in chain.problem


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 10_000), value=st.integers(0, 255))
def test_no_byte_can_be_changed_unseen(tmp_path_factory, position, value):
    folder = tmp_path_factory.mktemp("audit")
    filled(folder, 3)
    whole = bytearray((folder / "audit.jsonl").read_bytes())
    before = list(log(folder).entries())
    whole[position % len(whole)] = value
    (folder / "audit.jsonl").write_bytes(whole)
    # What still reads as the same entries has not been changed.
    assert not log(folder).verify().sound or list(log(folder).entries()) == before


def test_an_end_that_was_cut_off_is_found_with_a_hash_that_was_kept_elsewhere(tmp_path):
    head = filled(tmp_path).head()
    (tmp_path / "audit.jsonl").write_bytes(b"".join(lines(tmp_path)[:-1]))
    assert log(tmp_path).verify().sound
    chain = log(tmp_path).verify(contains=head)
    assert chain.contains is False
    assert not chain.sound


def test_a_line_that_a_crash_cut_short_is_taken_out_and_the_chain_goes_on(tmp_path):
    filled(tmp_path)
    with (tmp_path / "audit.jsonl").open("ab") as file:
        file.write(b'{"number": 6, "at": "20')
    log(tmp_path).note(Act.MOVED, "attempt-6")
    assert log(tmp_path).verify().entries == 6
    assert log(tmp_path).verify().sound


def test_nothing_is_chained_to_a_damaged_end(tmp_path):
    filled(tmp_path)
    with (tmp_path / "audit.jsonl").open("ab") as file:
        file.write(b"nonsense\n")
    with pytest.raises(ImproverError, match="damaged"):
        log(tmp_path).note(Act.MOVED, "attempt-6")


def test_a_disk_that_refuses_stops_the_effect(tmp_path):
    audit = filled(tmp_path)
    (tmp_path / "audit.jsonl").unlink()
    (tmp_path / "audit.jsonl").mkdir()
    with pytest.raises(ImproverError, match="cannot write") as refused, audit.effect("push", "attempt-1"):
        pytest.fail("nothing may be done that was not written down")
    assert refused.value.retryable


def test_threads_write_one_chain(tmp_path):
    audit = log(tmp_path)
    threads = [threading.Thread(target=lambda: [audit.note(Act.MOVED, "a") for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify().entries == 80
    assert audit.verify().sound


def test_an_effect_is_there_before_and_after_and_says_why_it_failed(tmp_path):
    audit = log(tmp_path)
    with audit.effect("push", "attempt-1", branch="improver/a/1"):
        assert [e.act for e in audit.entries()] == [Act.WILL]
    with pytest.raises(ImproverError), audit.effect("open_pull_request", "attempt-1"):
        raise ImproverError("the forge said no", hint="")
    said = [(e.act, e.detail.get("effect"), e.detail.get("because", "")) for e in audit.entries()]
    assert said == [
        (Act.WILL, "push", ""),
        (Act.DID, "push", ""),
        (Act.WILL, "open_pull_request", ""),
        (Act.COULD_NOT, "open_pull_request", "the forge said no"),
    ]


def test_it_is_its_owners_only_and_one_line_each(tmp_path):
    log(tmp_path).note(Act.SAID, "x", reason="two\nlines \x1b[31m", long="a" * 100_000)
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o777 == 0o600
    [line] = lines(tmp_path)
    assert line.isascii()
    assert len(line) < 4_000
    assert json.loads(line)["detail"]["reason"] == "two\nlines \x1b[31m"


def test_what_a_person_says_is_written_down(tmp_path):
    with owned_runtime(Settings(data_dir=tmp_path / "data")) as runtime:
        act.pause(runtime, reason="a release is going out")
        with pytest.raises(ImproverError):
            act.dismiss(runtime, id="nothing", reason="wont_fix")
        said = read.audit(runtime)
        assert [(e.detail["what"], e.detail["reason"]) for e in said] == [
            ("pause", "a release is going out"),
            ("dismiss", "wont_fix"),
        ]
        assert read.audit_chain(runtime).sound
        assert read.audit(runtime, about="noth") == said[1:]
        assert said[0].at <= runtime.clock() + timedelta(seconds=1)
