"""Sends messages to the Channels that the config names."""

import logging

from improver import plugins
from improver.config import plugin_config
from improver.model import Attempt, Message, Pull, PullState
from improver.read.report import report as read_report
from improver.report import markdown
from improver.runtime import Runtime

log = logging.getLogger(__name__)


def everybody(runtime: Runtime, message: Message) -> int:
    """The number of Channels that took it; one that fails does not keep it from the others."""
    taken = 0
    for name in runtime.settings.channels:
        plugin = plugins.load("channels", name)
        config = plugin_config(runtime.settings, "channels", name, plugin)
        _, failure = plugins.guarded("channels", name, lambda p=plugin, c=config: p.deliver(message, c))  # type: ignore[misc]
        taken += not failure
    return taken


def report(runtime: Runtime) -> int:
    """The weekly report, to every Channel."""
    lines = markdown(read_report(runtime), web=runtime.presence.web).splitlines()
    return everybody(runtime, Message(at=runtime.clock(), subject="improver: the week", lines=tuple(lines)))


def end(runtime: Runtime, attempt: Attempt) -> int:
    """What an Attempt came to."""
    if attempt.delivered:
        subject = f"improver: a change was delivered ({attempt.delivered})"
        said = f"Attempt {attempt.id} passed {len(attempt.verdicts)} Gates. {attempt.url or attempt.branch}"
    else:
        subject = f"improver: an Attempt failed ({attempt.reason})"
        said = f"Attempt {attempt.id}: {attempt.reason.gloss}."
    lines = (
        said,
        f"Finding {attempt.finding_id} of {attempt.target}; `improver attempts show {attempt.id}` tells more.",
    )
    return everybody(runtime, Message(at=runtime.clock(), subject=subject, lines=lines))


def waits(runtime: Runtime, attempt: Attempt) -> int:
    """A change is ready, and nothing becomes of it without a person."""
    said = f"Attempt {attempt.id} passed {len(attempt.verdicts)} Gates. {attempt.url}".rstrip()
    how = f"`improver attempts show {attempt.id}` shows it, `improver approve {attempt.id}` approves it."
    subject = "improver: a change waits for approval"
    return everybody(runtime, Message(at=runtime.clock(), subject=subject, lines=(said, how)))


def pull(runtime: Runtime, before: Pull, after: Pull) -> int:
    """What a look at a pull request found: its end, and the first conflict that only a person can solve."""
    if after.state != before.state:
        why = f": {after.closed_as}" if after.state == PullState.CLOSED else ""
        subject, said = f"improver: a pull request was {after.state}", f"{after.url} was {after.state}{why}."
    elif after.unmovable and not before.unmovable:
        subject, said = "improver: a pull request conflicts", f"{after.url}: {after.note}."
    else:
        return 0
    about = f"Finding {after.finding_id} of {after.target}; `improver attempts show {after.id}` tells more."
    return everybody(runtime, Message(at=runtime.clock(), subject=subject, lines=(said, about)))
