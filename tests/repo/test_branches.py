"""Branches move forward or stay; a person's checkout is never overwritten."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from improver.errors import ImproverError
from improver.repo import Forwarded, Repository


@pytest.fixture
def base(checkout):
    return checkout.commit({"app.py": "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "other.py": "o\n"})


@pytest.fixture
def repository(checkout, base):
    return Repository(checkout.path)


@pytest.fixture
def change(repository, base, tmp_path):
    """A fix of line 1, as an Attempt leaves it."""
    tree = tmp_path / "trees/agent"
    repository.worktree(tree, base)
    (tree / "app.py").write_text("ONE\n2\n3\n4\n5\n6\n7\n8\n9\n")
    (tree / "new.py").write_text("n\n")
    trailers = {"Improver-Finding": "f1"}
    return repository.snapshot(tree, base, "Fix one\n\nBecause.", trailers, "refs/improver/attempts/1")


def test_a_branch_is_made_once(repository, change, base):
    assert repository.create_branch("improver/f1/1", change)
    assert repository.resolve("improver/f1/1") == change
    assert not repository.create_branch("improver/f1/1", base)
    assert repository.resolve("improver/f1/1") == change


def test_a_branch_that_another_ones_name_prevents_is_an_error(repository, change):
    repository.create_branch("improver/f1", change)
    with pytest.raises(ImproverError) as refused:
        repository.create_branch("improver/f1/1", change)
    assert not refused.value.retryable
    assert refused.value.hint


@pytest.mark.parametrize("name", ["-f", "a..b", "a b", "", "x.lock"])
def test_what_is_no_branch_name_is_refused(repository, change, name):
    with pytest.raises(ImproverError, match="no branch name"):
        repository.create_branch(name, change)


def test_only_a_branch_that_did_not_move_is_deleted(repository, change, base):
    repository.create_branch("fix", change)
    assert not repository.delete_branch("fix", base)
    assert repository.delete_branch("fix", change)
    assert not repository.delete_branch("fix", change)
    assert not repository.delete_branch("main", base), "it is checked out"


def test_the_branch_of_the_checkout_is_fast_forwarded_with_its_files(repository, checkout, change):
    (checkout.path / "untracked.txt").write_text("mine")
    assert repository.fast_forward("main", change) is Forwarded.DONE
    assert (checkout.path / "app.py").read_text().startswith("ONE\n")
    assert repository.tracked_changes() == []
    assert repository.current_branch() == "main"
    assert repository.fast_forward("main", change) is Forwarded.DONE


def test_a_dirty_checkout_is_left_as_it_is(repository, checkout, change, base):
    checkout.write({"other.py": "being edited\n"})
    assert repository.tracked_changes() == ["other.py"]
    assert repository.fast_forward("main", change) is Forwarded.DIRTY
    assert repository.resolve("main") == base
    assert (checkout.path / "other.py").read_text() == "being edited\n"


def test_a_staged_addition_is_a_change_and_an_untracked_file_is_not(repository, checkout):
    checkout.write({"new\nname.py": "1\n"})
    assert repository.tracked_changes() == []
    checkout.git("add", "--all")
    assert repository.tracked_changes() == ["new\nname.py"]


def test_an_untracked_file_in_the_way_is_not_overwritten(repository, checkout, change, base):
    checkout.write({"new.py": "mine\n"})
    assert repository.fast_forward("main", change) is Forwarded.OBSTRUCTED
    assert (checkout.path / "new.py").read_text() == "mine\n"
    assert repository.resolve("main") == base


def test_a_branch_that_moved_is_not_forced(repository, checkout, change):
    theirs = checkout.commit({"other.py": "theirs\n"})
    assert repository.fast_forward("main", change) is Forwarded.MOVED
    assert repository.resolve("main") == theirs


def test_a_branch_that_nobody_has_checked_out_is_moved_alone(repository, checkout, change, base):
    checkout.git("switch", "--quiet", "--create", "work")
    checkout.write({"other.py": "being edited\n"})
    assert repository.fast_forward("main", change) is Forwarded.DONE
    assert repository.resolve("main") == change
    assert (checkout.path / "app.py").read_text().startswith("1\n")


def test_a_branch_that_another_worktree_has_checked_out_is_left(repository, checkout, change, base, tmp_path):
    checkout.git("switch", "--quiet", "--detach")
    checkout.git("worktree", "add", "--quiet", str(tmp_path / "the-owners"), "main")
    assert repository.current_branch() == ""
    assert repository.fast_forward("main", change) is Forwarded.ELSEWHERE
    assert repository.resolve("main") == base


def test_a_branch_that_is_missing_is_an_error_with_a_hint(repository, change):
    with pytest.raises(ImproverError, match="refs/heads/absent") as refused:
        repository.fast_forward("absent", change)
    assert refused.value.hint


def test_a_change_is_rebased_without_a_trace_in_the_checkout(repository, checkout, change, tmp_path):
    onto = checkout.commit({"app.py": "1\n2\n3\n4\n5\n6\n7\n8\nNINE\n"})
    before = sorted(path for path in checkout.path.rglob("*") if "objects" not in path.parts)
    rebased = repository.rebase(change, "main", "refs/improver/rebased/1")
    assert repository.read(rebased, "app.py") == b"ONE\n2\n3\n4\n5\n6\n7\n8\nNINE\n"
    assert checkout.git("rev-parse", f"{rebased}^") == onto
    assert checkout.git("log", "-1", "--format=%B", rebased) == "Fix one\n\nBecause.\n\nImprover-Finding: f1"
    assert repository.resolve("refs/improver/rebased/1") == rebased
    after = sorted(path for path in checkout.path.rglob("*") if "objects" not in path.parts)
    assert [path.name for path in after if path not in before] == ["rebased", "1"]
    assert len(repository.worktrees(tmp_path)) == 1, "only the Agent's"


def test_a_rebase_that_conflicts_is_none(repository, checkout, change):
    checkout.commit({"app.py": "uno\n2\n3\n4\n5\n6\n7\n8\n9\n"})
    assert repository.rebase(change, "main", "refs/improver/rebased/1") is None
    assert repository.resolve("refs/improver/rebased/1") is None
    assert repository.tracked_changes() == []


def test_a_change_that_is_there_already_does_not_rebase(repository, checkout, change):
    checkout.commit({"app.py": "ONE\n2\n3\n4\n5\n6\n7\n8\n9\n", "new.py": "n\n"})
    assert repository.rebase(change, "main", "refs/improver/rebased/1") is None


def test_a_change_follows_a_file_that_was_renamed_meanwhile(repository, checkout, change):
    checkout.git("mv", "app.py", "moved.py")
    checkout.commit({})
    rebased = repository.rebase(change, "main", "refs/improver/rebased/1")
    assert repository.read(rebased, "moved.py").startswith(b"ONE\n")


def test_a_revert_is_a_new_commit_that_takes_back_one(repository, checkout, change):
    repository.fast_forward("main", change)
    later = checkout.commit({"app.py": "ONE\n2\n3\n4\n5\n6\n7\n8\nNINE\n"})
    made = repository.revert(change, "main", {"Improver-Finding": "f1"})
    assert (checkout.path / "app.py").read_text() == "1\n2\n3\n4\n5\n6\n7\n8\nNINE\n"
    assert not (checkout.path / "new.py").exists()
    assert checkout.git("rev-parse", "main^") == later
    said = checkout.git("log", "-1", "--format=%B", made)
    assert said == f'Revert "Fix one"\n\nThis reverts commit {change}.\n\nImprover-Finding: f1'


def test_a_revert_that_conflicts_or_has_nothing_to_revert_is_refused(repository, checkout, change):
    with pytest.raises(ImproverError, match="not on main"):
        repository.revert(change, "main", {})
    repository.fast_forward("main", change)
    later = checkout.commit({"app.py": "uno\n2\n3\n4\n5\n6\n7\n8\n9\n"})
    with pytest.raises(ImproverError, match="conflicts"):
        repository.revert(change, "main", {})
    assert repository.resolve("main") == later
    assert repository.tracked_changes() == []


def test_a_revert_over_a_dirty_checkout_says_so(repository, checkout, change):
    repository.fast_forward("main", change)
    checkout.write({"other.py": "being edited\n"})
    with pytest.raises(ImproverError, match="tracked files in the checkout are changed"):
        repository.revert(change, "main", {})


def test_a_merge_is_not_reverted(repository, checkout, base, change):
    repository.create_branch("fix", change)
    checkout.commit({"other.py": "theirs\n"})
    checkout.git("merge", "--quiet", "--no-edit", "fix")
    with pytest.raises(ImproverError, match="has 2 parents"):
        repository.revert("main", "main", {})


def test_of_two_daemons_only_one_gets_the_branch(checkout, base):
    commits = [checkout.commit({"other.py": f"{n}\n"}) for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(lambda commit: Repository(checkout.path).create_branch("fence", commit), commits))
    assert sorted(won) == [False, False, False, True]
    assert Repository(checkout.path).resolve("fence") == commits[won.index(True)]


def test_a_sparse_checkout_stays_sparse(repository, checkout, change):
    checkout.git("sparse-checkout", "set", "--no-cone", "app.py")
    assert repository.fast_forward("main", change) is Forwarded.DONE
    assert not (checkout.path / "other.py").exists()
    assert checkout.git("status", "--porcelain") == ""


def test_a_delivered_commit_is_marked_where_no_branch_shows_it(repository, change, checkout):
    repository.mark_delivered("a1", change)
    assert repository.resolve("refs/improver/delivered/a1") == change
    assert "delivered" not in checkout.git("branch", "--all")


def test_a_branch_is_put_elsewhere_only_from_where_it_was_left(repository, base, change, checkout):
    repository.create_branch("improver/f1/1", base)
    assert repository.replace_branch("improver/f1/1", base, change)
    assert repository.resolve("improver/f1/1") == change
    assert not repository.replace_branch("improver/f1/1", base, change)  # it has moved
    checkout.git("checkout", "--quiet", "improver/f1/1")
    assert not repository.replace_branch("improver/f1/1", change, base)  # somebody works on it
    assert not repository.replace_branch("gone", base, change)
