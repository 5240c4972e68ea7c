"""One Finding whole."""

from pathlib import Path

from improver.dashboards.detail import detail
from improver.model import AttemptStatus
from tests.dashboards.gallery import Gallery, hung


def test_the_stack_is_innermost_first_with_library_frames_together(gallery: Gallery) -> None:
    shown = detail(gallery.runtime, "9f8e7d6c5b4a").stretches
    assert [(stretch.own, [frame.frame.function for frame in stretch.frames]) for stretch in shown] == [
        (True, ["compute", "edit"]),
        (False, ["dispatch_request", "full_dispatch_request", "wsgi_app"]),
    ]


def test_the_targets_own_frames_come_with_their_code(gallery: Gallery) -> None:
    own = detail(gallery.runtime, "9f8e7d6c5b4a").stretches[0]
    (here,) = [line for line in own.frames[0].code if line.here]
    assert (here.number, here.text) == (23, "    return len(done) / len(words)")


def test_each_attempt_comes_with_its_change_and_its_outcome(gallery: Gallery) -> None:
    newest, oldest = detail(gallery.runtime, "9f8e7d6c5b4a").attempts
    assert newest.diff and [file.path for file in newest.diff.files] == ["tests/test_progress.py", "todo/app.py"]
    assert [outcome.kind for outcome in newest.outcomes] == ["held"]
    assert oldest.outcomes == ()
    assert newest.seconds == 180


def test_an_unsandboxed_attempt_is_told(gallery: Gallery) -> None:
    assert [attempt.unsandboxed for attempt in detail(gallery.runtime, "8a7b6c5d4e3f").attempts] == [True]
    assert not detail(gallery.runtime, "9f8e7d6c5b4a").attempts[0].unsandboxed


def test_the_deployment_is_marked_on_the_chart(gallery: Gallery) -> None:
    (mark,) = detail(gallery.runtime, "9f8e7d6c5b4a").marks
    assert (mark.text, 80 < mark.at < 95) == ("deployed", True)


def test_a_diff_that_cannot_be_had_leaves_the_rest_of_the_page(tmp_path: Path) -> None:
    with hung(tmp_path) as gallery:
        finding = gallery.finding("abababababab", "an error", location=None)
        gallery.attempt(finding, 1, AttemptStatus.DELIVERED, commit="0" * 40)
        (attempt,) = detail(gallery.runtime, finding.id).attempts
    assert attempt.diff is None
    assert "cannot be shown" in attempt.diff_missing
