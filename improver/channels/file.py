"""Appends messages to a Markdown file."""

from pathlib import Path

from improver.errors import ImproverError
from improver.model import Message
from improver.model.configured import Configured


class Config(Configured):
    path: Path
    """The file; its folder must exist."""


def deliver(message: Message, config: Config) -> None:
    heading = f"# {message.subject} ({message.at:%Y-%m-%d %H:%M} UTC)"
    try:
        with config.path.expanduser().open("a", encoding="utf-8") as file:
            file.write("\n".join((heading, "", *message.lines, "", "")))
    except OSError as error:
        raise ImproverError(f"cannot write {config.path}: {error.strerror}", hint="set channels.file.path") from error
