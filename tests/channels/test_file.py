"""Messages end up in the file, one after the other."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from improver.channels.file import Config, deliver
from improver.errors import ImproverError
from improver.model import Message

MESSAGE = Message(id="1a", at=datetime(2026, 11, 21, 9, tzinfo=UTC), subject="improver: the week", lines=("one", "two"))


def test_messages_are_appended_under_their_heading(tmp_path):
    config = Config(path=tmp_path / "messages.md")
    deliver(MESSAGE, config)
    deliver(replace(MESSAGE, id="2b"), config)
    written = "# improver: the week (2026-11-21 09:00 UTC) <!-- {} -->\n\none\ntwo\n\n"
    assert config.path.read_text() == written.format("1a") + written.format("2b")


def test_a_message_that_comes_again_stands_there_once(tmp_path):
    config = Config(path=tmp_path / "messages.md")
    for message in (MESSAGE, replace(MESSAGE, id="2b"), MESSAGE):
        deliver(message, config)
    assert config.path.read_text().count("improver: the week") == 2


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(ImproverError, match="nowhere"):
        deliver(MESSAGE, Config(path=tmp_path / "nowhere" / "messages.md"))
