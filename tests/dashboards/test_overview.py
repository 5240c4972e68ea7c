"""What stands above every page."""

from dataclasses import replace
from pathlib import Path

import pytest

from improver.dashboards.overview import overview
from improver.model import Isolation
from improver.runtime import JobStatus, Runtime
from tests.dashboards.gallery import Gallery, hung, make_repo, opened


def said(runtime: Runtime) -> list[str]:
    return [notice.text for notice in overview(runtime).notices]


def test_nothing_is_said_while_all_is_well(gallery: Gallery) -> None:
    assert said(gallery.runtime) == []


@pytest.mark.parametrize("isolation", [Isolation.NONE, Isolation.LANDLOCK])
def test_less_than_the_full_sandbox_is_said_with_the_targets_that_get_it(
    gallery: Gallery, isolation: Isolation
) -> None:
    (text,) = said(replace(gallery.runtime, probe=lambda: isolation))
    assert "todo" in text
    assert isolation.gloss in text


def test_a_target_that_runs_on_the_host_is_said_whatever_the_machine_offers(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "checkout")
    with opened(tmp_path, targets={"todo": {"repo": repo, "isolation": "host"}, "shop": {"repo": repo}}) as runtime:
        (text,) = said(runtime)
    assert text.startswith("Unsandboxed: todo (host)")


def test_a_failed_job_is_said_on_one_line(gallery: Gallery) -> None:
    job = JobStatus(name="backup", last_run=None, next_run=None, missed=0, error="OSError:\n\x1b[31mno space left")
    (text,) = said(replace(gallery.runtime, jobs=lambda: [job]))
    assert text == "The job backup failed: OSError: \\x1b[31mno space left"


def test_live_attempts_are_counted(gallery: Gallery) -> None:
    assert overview(gallery.runtime).live == 1


def test_findings_that_no_target_claims_are_said(tmp_path: Path) -> None:
    with hung(tmp_path) as gallery:
        gallery.finding("abababababab", "an error", target="unassigned")
        (text,) = said(gallery.runtime)
    assert text == "1 finding from services that no Target claims."
