"""Copied into the Target's pytest by the red_green Gate: tells each test's phases in a file of the Gate's choice.

What the tests leave running must not add to it: it is kept in memory, written last of all, and then the process ends.
"""

import json
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

NAMED_BY = "IMPROVER_PYTEST_REPORT"


class Report:
    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.records: list[dict[str, str]] = []

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, call: Any) -> Generator[None, Any, None]:
        made = yield
        if call.excinfo is not None:
            made.get_result().improver_raised = call.excinfo.type.__name__

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.passed and report.when != "call":
            return
        crash = getattr(report.longrepr, "reprcrash", None)
        self.records.append(
            {
                "id": report.nodeid,
                "when": report.when,
                "outcome": "skipped" if hasattr(report, "wasxfail") else report.outcome,
                "raised": getattr(report, "improver_raised", ""),
                "text": str(getattr(crash, "message", ""))[:2000],
                "file": str(getattr(crash, "path", "")),
            }
        )

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            text = str(report.longrepr)[-2000:]
            self.records.append({"id": report.nodeid, "when": "collect", "outcome": "failed", "text": text})

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: Any) -> None:
        """What plugins sum up from here on (some load all of a library for it) is nothing that we read."""
        _show_failures(session.config.pluginmanager.get_plugin("terminalreporter"))
        code = int(session.exitstatus)
        self.records.append({"id": "", "when": "end", "outcome": str(code)})
        with self.path.open("x", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in self.records)
        sys.stdout.flush()
        sys.stderr.flush()
        # Neither threads nor what waits for the interpreter's end may touch the report or the exit code now.
        os._exit(code)


def _show_failures(terminal: Any) -> None:
    """For whoever reads why a Gate failed."""
    if terminal is not None:
        terminal.ensure_newline()
        terminal.summary_errors()
        terminal.summary_failures()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: Any) -> None:
    """Before any code of the Target runs. The path is taken away, so that no process that tests start writes there."""
    path = os.environ.pop(NAMED_BY, "")
    if path:
        early_config.pluginmanager.register(Report(path), "improver_report")
    # Some of the tests cannot reach the coverage asked of all of them.
    if hasattr(early_config.known_args_namespace, "no_cov"):
        early_config.known_args_namespace.no_cov = True
