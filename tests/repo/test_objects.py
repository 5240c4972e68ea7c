"""What is read from a repository, and which names are refused."""

import pytest

from improver.errors import ImproverError
from improver.repo import Repository


@pytest.fixture
def repository(checkout):
    checkout.commit({"app.py": "one\ntwo\nthree\n", "docs/a b.md": "text"}, "first")
    checkout.git("tag", "v1.2")
    checkout.commit({"app.py": "one\nTWO\nthree\n"}, "second")
    return Repository(checkout.path)


def test_a_branch_a_tag_and_a_short_commit_are_commits(repository, checkout):
    first = checkout.git("rev-parse", "v1.2")
    assert repository.resolve("v1.2") == first
    assert repository.resolve(first[:10]) == first
    assert repository.resolve("main~1") == first


@pytest.mark.parametrize(
    "rev", ["", "-h", "--all", "v9", "main:app.py", ":/first", "main..v1.2", "HEAD@{0}", "ma\nin", "ma\0in", "x" * 300]
)
def test_what_is_no_plain_name_of_a_commit_resolves_to_none(repository, rev):
    assert repository.resolve(rev) is None


def test_a_name_that_is_no_commit_is_refused_with_a_hint(repository):
    with pytest.raises(ImproverError, match="'--upload-pack=x' is no commit") as refused:
        repository.files("--upload-pack=x")
    assert refused.value.hint


def test_ancestry_is_told(repository):
    assert repository.is_ancestor("v1.2", "main")
    assert not repository.is_ancestor("main", "v1.2")


def test_the_root_commit_is_the_oldest(repository, checkout):
    assert repository.root_commit() == checkout.git("rev-parse", "v1.2")


def test_files_and_their_content_are_those_of_the_rev(repository):
    assert repository.files("main") == ("app.py", "docs/a b.md")
    assert repository.read("v1.2", "app.py") == b"one\ntwo\nthree\n"


@pytest.mark.parametrize("path", ["", "absent.py", "docs", "*.py", "/etc/passwd", "../x", "a\0b", "link"])
def test_what_is_no_file_of_the_rev_reads_as_none(repository, checkout, path):
    (checkout.path / "link").symlink_to("/etc/passwd")
    checkout.commit({})
    assert repository.read("main", path) is None


def test_blame_names_who_touched_the_lines_newest_first(checkout):
    checkout.write({"app.py": "one\ntwo\nthree\nfour\n"})
    checkout.git("add", "--all")
    checkout.git("commit", "--quiet", "-m", "first", GIT_COMMITTER_DATE="2001-01-01T00:00:00Z")
    newest = checkout.commit({"app.py": "one\nTWO\nthree\nfour\n"}, "second: words")
    repository = Repository(checkout.path)
    commits = repository.blame("main", "app.py", 1, 3)
    assert [commit.subject for commit in commits] == ["second: words", "first"]
    assert (commits[0].sha, commits[0].author) == (newest, "Ada")
    assert [commit.subject for commit in repository.blame("main", "app.py", 4, 4)] == ["first"]


def test_blame_of_a_line_that_is_not_there_is_empty(repository):
    assert repository.blame("main", "app.py", 97, 101) == ()
    assert repository.blame("main", "absent.py", 1, 3) == ()
