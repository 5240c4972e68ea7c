"""How log records are written: a constant sentence, then its fields; nothing from telemetry unescaped or unscrubbed."""

import logging
import sys
from datetime import UTC, datetime

from improver.render import terminal
from improver.scrub import DEFAULT

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        said = {name: value for name, value in vars(record).items() if name not in STANDARD}
        fields = "".join(f" {name}={_value(value)}" for name, value in said.items())
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = f"{when} {record.levelname.lower()} {terminal(record.getMessage())}{fields}"
        if not record.exc_info:
            return line
        # A traceback quotes values, and those may come from telemetry: it is scrubbed, and each line made inert.
        trace = DEFAULT.text(self.formatException(record.exc_info), "traceback").splitlines()
        return "\n".join([line, *(f"    {terminal(part)}" for part in trace)])


def to_stderr() -> None:
    """For a process that serves: INFO of ours, warnings of everybody else's."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("improver").setLevel(logging.INFO)


def silent() -> None:
    """For a command that says in its answer what went wrong: no log of it besides, unless somebody set one up."""
    logging.getLogger("improver").addHandler(logging.NullHandler())


def _value(value: object) -> str:
    shown = terminal(DEFAULT.text(str(value)))
    return f'"{shown}"' if " " in shown or not shown else shown
