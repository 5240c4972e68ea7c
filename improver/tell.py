"""Sends the weekly report to the Channels that the config names."""

from improver.delivery import messages
from improver.read.report import report as read_report
from improver.report import markdown
from improver.runtime import Runtime


def report(runtime: Runtime) -> int:
    lines = markdown(read_report(runtime), web=runtime.presence.web).splitlines()
    messages.owe(runtime, "improver: the week", tuple(lines))
    return messages.settle(runtime)
