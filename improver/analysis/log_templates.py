"""Which template each message of a log belongs to: learned from what came in, and frozen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from improver.analysis import sightings
from improver.grouping.templates import LogTemplate, Tree, key_of, learned, words
from improver.warehouse import Database, Reader, portions

NAME, VERSION = "log_templates", 1
GROUPING_VERSION = 1
AT_ONCE = 200_000  # lines that are one window
# Different messages of one service that are remembered; failures have room of their own.
MOST = 20_000
# Templates of one service that become Findings of their own.
MOST_FAILING = 1_000
# Known templates that new messages are compared with.
MOST_TEMPLATES = 5_000

FRESH = """
select target, service, fails, template as message, count(*) as times
from logs anti join log_templates as known
    on known.target = logs.target and known.service = logs.service and known.message = logs.template
where seq > $since and seq <= $upto and template <> ''
group by all order by target, service, fails desc, times desc, message
"""
KNOWN = """
select key, pattern, bool_or(fails) as fails, arg_max(template, learned_at) as template from log_templates
where target = $target and service = $service group by all order by min(rowid) limit $most
"""
ROOM = "select count(*) from log_templates where target = $target and service = $service and fails = $fails"

COLUMNS = pa.schema([
    ("target", pa.string()), ("service", pa.string()), ("message", pa.string()), ("fails", pa.bool_()),
    ("key", pa.string()), ("template", pa.string()), ("pattern", pa.list_(pa.string())),
    ("learned_at", pa.timestamp("us")),
])  # fmt: skip

Service = tuple[str, str]
Messages = dict[str, tuple[bool, int]]  # whether each tells of a failure, and how often it was logged


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What has been learned so far."""

    templates: Mapping[tuple[str, str, str], LogTemplate]
    trees: Mapping[Service, Tree]

    def of(self, target: str, service: str, message: str) -> LogTemplate:
        """A message that there was no room for is matched with the templates that there are, or stands alone."""
        if found := self.templates.get((target, service, message)):
            return found
        line = words(message)
        tree = self.trees.get((target, service))
        return (tree and tree.match(line)) or LogTemplate(key=key_of(line), pattern=line, text=message)


def known(telemetry: Database) -> Known:
    """Each key with one text, whichever line came first."""
    rows = telemetry.rows("select target, service, message, key, template, pattern from log_templates order by rowid")
    texts: dict[str, str] = {}
    patterns: dict[Service, list[LogTemplate]] = {}
    templates = {}
    for row in rows:
        text = texts.setdefault(row["key"], row["template"])
        template = LogTemplate(key=row["key"], pattern=tuple(row["pattern"]), text=text)
        templates[row["target"], row["service"], row["message"]] = template
        patterns.setdefault((row["target"], row["service"]), []).append(template)
    return Known(templates=templates, trees={service: Tree(found) for service, found in patterns.items()})


def learn(telemetry: Database, now: datetime, most: int = MOST) -> None:
    """Look at what came in since the last time, a portion at a time; nobody waits while messages are compared."""
    since, newest = sightings.looked_up_to(telemetry, NAME, VERSION), telemetry.value("select max(seq) from logs") or 0

    def look(since: int, upto: int) -> None:
        with telemetry.reading() as reader:
            fresh = _fresh(reader, since, upto, most)
            added = [row for service, messages in fresh for row in _rows(reader, service, messages, now)]
        with telemetry.transaction() as writer:
            if added:
                writer.append("log_templates", pa.Table.from_pylist(added, COLUMNS))
            sightings.looked(writer, {NAME: VERSION}, upto, now)

    portions.go_through(telemetry, since, newest, AT_ONCE, look)


def _fresh(reader: Reader, since: int, upto: int, most: int) -> Iterator[tuple[Service, Messages]]:
    """Messages that are new and that there is room for, by service."""
    found: dict[Service, Messages] = {}
    for row in reader.rows(FRESH, {"since": since, "upto": upto}):
        service = found.setdefault((row["target"], row["service"]), {})
        service.setdefault(row["message"], (row["fails"], row["times"]))
    for (target, name), messages in found.items():
        asked = {"target": target, "service": name}
        room = {fails: most - reader.value(ROOM, {**asked, "fails": fails}) for fails in (True, False)}
        kept: Messages = {}
        for message, (fails, times) in messages.items():
            if room[fails] > 0:
                kept[message] = (fails, times)
                room[fails] -= 1
        yield (target, name), kept


def _rows(reader: Reader, service: Service, messages: Messages, now: datetime) -> list[dict[str, object]]:
    target, name = service
    rows = reader.rows(KNOWN, {"target": target, "service": name, "most": MOST_TEMPLATES})
    known = [LogTemplate(key=row["key"], pattern=tuple(row["pattern"]), text=row["template"]) for row in rows]
    found = learned(known, {message: times for message, (_, times) in messages.items()})
    failing = {row["key"] for row in rows if row["fails"]}
    return [
        {
            "target": target, "service": name, "message": message, "fails": messages[message][0],
            "key": template.key, "template": template.text, "pattern": template.pattern,
            "learned_at": now.replace(tzinfo=None),
        }
        for message, template in found.items() if not messages[message][0] or _has_room(failing, template.key)
    ]  # fmt: skip


def _has_room(failing: set[str], key: str) -> bool:
    """Takes a place if there is one: the most frequent messages come first."""
    if len(failing) < MOST_FAILING:
        failing.add(key)
    return key in failing
