"""Appends messages to a Markdown file."""

from pathlib import Path

from improver.errors import ImproverError
from improver.model import Message
from improver.model.configured import Configured

LOOKED_AT = 256 << 10  # bytes at its end, where a message that comes again would be


class Config(Configured):
    path: Path
    """The file; its folder must exist."""


def deliver(message: Message, config: Config) -> None:
    mark = f"<!-- {message.id} -->"
    heading = f"# {message.subject} ({message.at:%Y-%m-%d %H:%M} UTC) {mark}"
    try:
        with config.path.expanduser().open("ab+") as file:
            file.seek(max(0, file.tell() - LOOKED_AT))
            if mark.encode() not in file.read():
                file.write("\n".join((heading, "", *message.lines, "", "")).encode())
    except OSError as error:
        raise ImproverError(f"cannot write {config.path}: {error.strerror}", hint="set channels.file.path") from error
