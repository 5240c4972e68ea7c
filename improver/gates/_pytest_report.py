"""Copied into the Target's pytest by the red_green Gate: writes each test's phases to a file of the Gate's choice."""

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

NAMED_BY = "IMPROVER_PYTEST_REPORT"


class Report:
    def __init__(self, path: str) -> None:
        self.file = Path(path).open("a", encoding="utf-8")  # noqa: SIM115 - open for the whole session

    def add(self, **record: str) -> None:
        self.file.write(json.dumps(record) + "\n")
        self.file.flush()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, call: Any) -> Generator[None, Any, None]:
        made = yield
        if call.excinfo is not None:
            made.get_result().improver_raised = call.excinfo.type.__name__

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.passed and report.when != "call":
            return
        crash = getattr(report.longrepr, "reprcrash", None)
        self.add(
            id=report.nodeid,
            when=report.when,
            outcome="skipped" if hasattr(report, "wasxfail") else report.outcome,
            raised=getattr(report, "improver_raised", ""),
            text=str(getattr(crash, "message", ""))[:2000],
            file=str(getattr(crash, "path", "")),
        )

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.add(id=report.nodeid, when="collect", outcome="failed", text=str(report.longrepr)[-2000:])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self.add(id="", when="end", outcome=str(int(exitstatus)))


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: Any) -> None:
    """Before any code of the Target runs. The path is taken away, so that no process that tests start writes there."""
    path = os.environ.pop(NAMED_BY, "")
    if path:
        early_config.pluginmanager.register(Report(path), "improver_report")
    # Some of the tests cannot reach the coverage asked of all of them.
    if hasattr(early_config.known_args_namespace, "no_cov"):
        early_config.known_args_namespace.no_cov = True
