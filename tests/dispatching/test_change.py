"""A change is judged in clean checkouts, which are gone afterwards."""

import sys
import threading
from datetime import UTC, datetime
from functools import partial

import pytest

from improver.dispatching.change import AttemptChange, Commands, SetupFailed
from improver.model import Budget, Criterion, CriterionKind, FindingKind, Isolation, Location, Spec
from improver.repo import Repository
from improver.sandbox import Limits, probe

CRITERION = Criterion(
    kind=CriterionKind.DETERMINISTIC, query="q", denominator="d", baseline_failures=1, baseline_exposures=1,
    window_days=7, minimum_exposures=3,
)  # fmt: skip
SPEC = Spec(
    id="s1", finding_id="f1", kind=FindingKind.ERROR, target="t", base="", branch="main",
    location=Location(file="app.py", revision="main"), criterion=CRITERION,
    budget=Budget(wall_clock_s=60, turns=1, usd=1, files=20, lines=400), allowed_paths=("**",), protected_paths=(),
    acceptance=(), evidence=(), created_at=datetime(2026, 1, 1, tzinfo=UTC), markdown="",
)  # fmt: skip


@pytest.fixture
def opened(checkout, tmp_path):
    base = checkout.commit({"app.py": "1\n", "test_old.py": "old\n", ".gitignore": "ignored\n"})
    commit = checkout.commit({"app.py": "2\n", "test_old.py": "new\n", "test_new.py": "new\n"})

    def make(**commands):
        given = {"setup": (), "test": ("true",), "readable": (), "isolation": Isolation.HOST, "wall_clock_s": 20}
        return AttemptChange(
            repository=Repository(checkout.path), spec=SPEC, base=base, commit=commit,
            commands=Commands(**{**given, **commands}), below=tmp_path / "gates",
        )  # fmt: skip

    return make


def test_files_and_diff_are_taken_from_git(opened):
    made = opened()
    assert [file.path for file in made.files] == ["app.py", "test_new.py", "test_old.py"]
    assert "+2\n" in made.diff
    assert made.test_command == ("true",)
    assert made.spec is SPEC


def test_a_checkout_holds_the_commit_and_nothing_else(opened, checkout):
    checkout.write({"ignored": "left by somebody"})
    with opened() as made:
        tree = made.checkout()
        found = {path.name for path in tree.iterdir()}
        assert found == {".git", ".gitignore", "app.py", "test_new.py", "test_old.py"}
        assert (tree / "app.py").read_text() == "2\n"


def test_files_of_the_change_are_laid_over_the_base_and_the_other_way_round(opened):
    with opened() as made:
        based = made.checkout(base=True, overlay=["test_old.py", "test_new.py"])
        assert (based / "app.py").read_text() == "1\n"
        assert [(based / name).read_text() for name in ("test_old.py", "test_new.py")] == ["new\n", "new\n"]
        changed = made.checkout(overlay=["test_old.py", "test_new.py"])
        assert [(changed / name).read_text() for name in ("app.py", "test_old.py")] == ["2\n", "old\n"]
        assert not (changed / "test_new.py").exists()


def test_what_one_run_leaves_does_not_reach_the_next_checkout(opened):
    with opened() as made:
        first = made.checkout()
        made.run(("touch", "ignored", "poison.py"), first)
        second = made.checkout()
        assert not (second / "ignored").exists()
        assert not (second / "poison.py").exists()


def test_checkouts_are_gone_afterwards_also_after_an_error(opened, checkout, tmp_path):
    with pytest.raises(ZeroDivisionError), opened() as made:
        made.checkout()
        made.checkout(base=True)
        raise ZeroDivisionError
    assert list((tmp_path / "gates").iterdir()) == []
    assert len(checkout.git("worktree", "list").splitlines()) == 1


def test_setup_runs_once_in_each_checkout(opened):
    setup = (sys.executable, "-c", "open('ignored', 'a').write('set up')")
    with opened(setup=setup) as made:
        for tree in (made.checkout(), made.checkout(base=True)):
            made.run(("true",), tree)
            assert (tree / "ignored").read_text() == "set up"


def test_a_setup_that_fails_is_told_with_its_output_and_leaves_nothing(opened, tmp_path):
    setup = (sys.executable, "-c", "import sys; sys.exit('no such package')")
    with pytest.raises(SetupFailed, match="no such package") as failed, opened(setup=setup) as made:
        made.checkout()
    assert failed.value.hint
    assert list((tmp_path / "gates").iterdir()) == []


def test_a_setup_that_hangs_is_told(opened):
    with pytest.raises(SetupFailed, match="its time ran out"), opened(setup=("sleep", "30"), wall_clock_s=0.3) as made:
        made.checkout()


def test_commands_see_no_secret_of_ours(opened, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    with opened(env={"FLASK_ENV": "testing"}) as made:
        ran = made.run(("env",), made.checkout(), env={"MORE": "1"})
    seen = dict(line.split("=", 1) for line in ran.output.splitlines())
    assert "s3cret" not in ran.output
    assert {"PATH", "HOME", "CI", "PYTHONDONTWRITEBYTECODE", "FLASK_ENV", "MORE"} <= set(seen)


def test_commands_have_no_network_and_cannot_leave_their_checkout(opened, checkout):
    if probe() is not Isolation.BUBBLEWRAP:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    with opened(isolation=Isolation.BUBBLEWRAP) as made:
        tree = made.checkout()
        assert made.run(("cat", "app.py"), tree).output == "2\n"
        assert made.run(("cat", str(checkout.path / "app.py")), tree).code != 0
        assert "lo" in (links := made.run(("cat", "/proc/net/dev"), tree).output)
        assert "eth0" not in links
        assert made.run(("git", "status", "--porcelain"), tree).output == ""


def test_works_are_done_side_by_side_where_boxes_share_nothing(opened):
    if probe() is not Isolation.BUBBLEWRAP:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    met = threading.Barrier(2)

    def work(named):
        met.wait(30)
        return made.run(("cat", named), made.checkout()).output

    with opened(isolation=Isolation.BUBBLEWRAP, limits=Limits(memory=1 << 20)) as made:
        if made.lanes < 2:
            pytest.skip("needs two cores")
        assert made.side_by_side([partial(work, "app.py"), partial(work, "test_new.py")]) == ["2\n", "new\n"]


def test_elsewhere_they_are_done_one_after_the_other(opened):
    begun = []

    def work(number):
        begun.append(threading.current_thread())
        return number

    with opened() as made:
        assert made.side_by_side([partial(work, number) for number in range(3)]) == [0, 1, 2]
    assert set(begun) == {threading.current_thread()}


def test_a_file_is_told_as_it_was_and_as_it_is_unless_it_is_no_text(opened, checkout):
    made = opened()
    assert (made.text("app.py", base=True), made.text("app.py")) == ("1\n", "2\n")
    assert (made.text("test_new.py", base=True), made.text("nowhere.py"), made.text("../app.py")) == (None, None, None)


def test_some_files_can_say_something_else_already_when_set_up_begins(opened):
    setup = (sys.executable, "-c", "open('ignored', 'w').write(open('app.py').read())")
    with opened(setup=setup) as made:
        tree = made.checkout(texts={"app.py": "3\r\n"})
        assert (tree / "app.py").read_bytes() == b"3\r\n"
        assert (tree / "ignored").read_text() == "3\n"


def test_without_a_reviewer_a_review_is_no_answer(opened):
    assert opened().review("?", {}).status == "failed"
