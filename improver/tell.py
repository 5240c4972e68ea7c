"""Sends messages to the Channels that the config names."""

import logging

from improver import plugins
from improver.config import plugin_config
from improver.model import Attempt, Message
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
