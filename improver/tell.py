"""Sends the weekly report to the Channels that the config names."""

from improver.answers.report import report as read_report
from improver.delivery import messages
from improver.report import markdown
from improver.runtime import Runtime


def report(runtime: Runtime) -> int:
    lines = markdown(read_report(runtime), web=runtime.presence.web).splitlines()
    messages.owe(runtime, "improver: the week", tuple(lines))
    return messages.settle(runtime)
