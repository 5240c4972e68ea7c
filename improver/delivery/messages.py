"""Messages for the Channels: owed before what they tell of is recorded, and kept until every Channel has taken them."""

# A crash at any moment loses none; one between a Channel's taking it and our noting that hands it over again.

import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter

from improver import plugins
from improver.config import plugin_config
from improver.errors import ImproverError
from improver.machine import files
from improver.model import Attempt, AttemptStatus, Message, Pull, PullState
from improver.model.ids import digest
from improver.runtime import Runtime
from improver.warehouse import records

log = logging.getLogger(__name__)

EVERY_S = 60
GIVE_UP = timedelta(days=1)
KINDS: dict[str, type[Attempt] | type[Pull]] = {"attempt": Attempt, "pull": Pull}


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """A message, due once the record that it tells of is in this `state` since then; at once without one."""

    message: Message
    kind: str = ""
    id: str = ""
    state: str = ""
    since: datetime | None = None
    due: bool = False  # the record was seen to say so
    taken: tuple[str, ...] = ()


_OWED = TypeAdapter(Owed)


@contextmanager
def telling(runtime: Runtime, *changed: Attempt | Pull) -> Iterator[None]:
    """While these are recorded: what there is to tell of them is owed from before, and no more if that fails."""
    with ExitStack() as failing:
        for owed in _to_tell(runtime, changed) if runtime.settings.channels else ():
            failing.callback(_keep(runtime, owed).unlink, missing_ok=True)
        yield
        failing.pop_all()


def owe(runtime: Runtime, subject: str, lines: tuple[str, ...]) -> None:
    """A message that tells of no record."""
    if runtime.settings.channels:
        now = runtime.clock()
        _keep(runtime, Owed(message=Message(id=digest(subject, now), at=now, subject=subject, lines=lines), due=True))


def adopt(runtime: Runtime) -> None:
    """At a start, before anything moves: what was owed for a record that was never written is owed no more."""
    for path, owed in _all(runtime):
        record = _record(runtime, owed)
        if owed.due or (record and (_state(record), record.updated_at) == (owed.state, owed.since)):
            files.write(path, _OWED.dump_json(replace(owed, due=True)))
        else:
            path.unlink()


def settle(runtime: Runtime) -> int:
    """Hand over what is due; one Channel that fails does not keep it from the others, and is asked again later."""
    if not runtime.data.messages.is_dir():
        return 0
    with _alone(runtime.data.messages) as alone:
        due = [one for one in _all(runtime) if _is_due(runtime, one[1])] if alone else []
        return sum(_hand_over(runtime, path, owed) for path, owed in due)


def _hand_over(runtime: Runtime, path: Path, owed: Owed) -> int:
    for name in runtime.settings.channels:
        if name not in owed.taken and _takes(runtime, name, owed):
            owed = replace(owed, due=True, taken=(*owed.taken, name))
            files.write(path, _OWED.dump_json(owed))
    missing = sorted(runtime.settings.channels.keys() - set(owed.taken))
    given_up = runtime.clock() - owed.message.at > GIVE_UP
    if missing and given_up:
        log.warning("a message was never taken", extra={"subject": owed.message.subject, "channels": missing})
    if missing and not given_up:
        if not owed.due:
            files.write(path, _OWED.dump_json(replace(owed, due=True)))
        return 0
    path.unlink()
    return 1


def _takes(runtime: Runtime, name: str, owed: Owed) -> bool:
    def deliver() -> None:
        plugin = plugins.load("channels", name)
        plugin.deliver(owed.message, plugin_config(runtime.settings, "channels", name, plugin))

    _, failure = plugins.asked("channels", name, deliver)
    if failure and not owed.due:  # said once
        log.warning("a Channel did not take a message, and is asked again", extra={"channel": name, "error": failure})
    return not failure


def _is_due(runtime: Runtime, owed: Owed) -> bool:
    """Whether its record has come to be as it says, and gone on since perhaps: what failed to is not there any more."""
    record = _record(runtime, owed)
    if record is None or owed.since is None or record.updated_at < owed.since:
        return owed.due
    return owed.due or record.updated_at > owed.since or _state(record) == owed.state


def _record(runtime: Runtime, owed: Owed) -> Attempt | Pull | None:
    if not owed.kind:
        return None
    with runtime.warehouse.state.reading() as reader:
        return records.get(reader, KINDS[owed.kind], owed.id)


def _state(record: Attempt | Pull) -> str:
    return record.status if isinstance(record, Attempt) else record.state


def _to_tell(runtime: Runtime, changed: Sequence[Attempt | Pull]) -> list[Owed]:
    """What became of its pull request says how an Attempt ended."""
    pulls = [_owed("pull", one, _of_pull(runtime, one)) for one in changed if isinstance(one, Pull)]
    ends = [_owed("attempt", one, _of_attempt(one)) for one in changed if isinstance(one, Attempt)]
    return [owed for owed in pulls if owed] or [owed for owed in ends if owed]


def _owed(kind: str, about: Attempt | Pull, said: tuple[str, str, str] | None) -> Owed | None:
    if said is None:
        return None
    (subject, *lines), since = said, about.updated_at
    message = Message(id=digest(kind, about.id, since, subject), at=since, subject=subject, lines=tuple(lines))
    return Owed(message=message, kind=kind, id=about.id, state=_state(about), since=since)


def _keep(runtime: Runtime, owed: Owed) -> Path:
    path = runtime.data.messages / f"{owed.message.id}.json"
    try:
        files.write(path, _OWED.dump_json(owed))
    except OSError as error:
        raise ImproverError(f"cannot write {path}: {error.strerror}", hint="free disk space", retryable=True) from error
    return path


def _all(runtime: Runtime) -> list[tuple[Path, Owed]]:
    """Oldest first."""
    found = []
    for path in runtime.data.messages.glob("[!.]*.json"):
        try:
            found.append((path, _OWED.validate_json(path.read_bytes())))
        except ValueError as error:
            log.warning("a message cannot be read, and stays", extra={"path": str(path), "error": str(error)})
    return sorted(found, key=lambda one: (one[1].message.at, one[1].message.id))


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Two threads would each hand over the same: the other one goes on, and what it owes is found by the next look."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(opened)


def _of_attempt(attempt: Attempt) -> tuple[str, str, str] | None:
    """Its end, or that nothing becomes of its change without a person."""
    if attempt.status == AttemptStatus.AWAITING:
        return _waits(attempt)
    about = f"Finding {attempt.finding_id} of {attempt.target}; `improver attempts show {attempt.id}` tells more."
    if attempt.status == AttemptStatus.FAILED:
        said = f"Attempt {attempt.id}: {attempt.reason.gloss}."
        return f"improver: an Attempt failed ({attempt.reason})", said, about
    if attempt.status == AttemptStatus.DELIVERED:
        said = f"Attempt {attempt.id} passed {len(attempt.verdicts)} Gates. {attempt.url or attempt.branch}"
        return f"improver: a change was delivered ({attempt.delivered})", said, about
    return None


def _waits(attempt: Attempt) -> tuple[str, str, str]:
    said = f"Attempt {attempt.id} passed {len(attempt.verdicts)} Gates. {attempt.url}".rstrip()
    how = f"`improver attempts show {attempt.id}` shows it, `improver approve {attempt.id}` approves it."
    return "improver: a change waits for approval", said, how


def _of_pull(runtime: Runtime, after: Pull) -> tuple[str, str, str] | None:
    """What a look at a pull request found: its end, and the first conflict that only a person can solve."""
    with runtime.warehouse.state.reading() as reader:
        before = records.get(reader, Pull, after.id)
    if before is None:
        return None
    if after.state != before.state:
        why = f": {after.closed_as}" if after.state == PullState.CLOSED else ""
        subject, said = f"improver: a pull request was {after.state}", f"{after.url} was {after.state}{why}."
    elif after.unmovable and not before.unmovable:
        subject, said = "improver: a pull request conflicts", f"{after.url}: {after.note}."
    else:
        return None
    about = f"Finding {after.finding_id} of {after.target}; `improver attempts show {after.id}` tells more."
    return subject, said, about
