"""Many files of a revision are searched and read at once, whatever the worktree holds."""

from improver.repo import Repository

FILES = {
    "app/a.py": "x = 'one two'\n", "app/b.js": "one two", "node_modules/c.js": "one two", "d.txt": "one two",
    "e ü.py": "three\n", "big.py": "one two" + "x" * 600_000,
}  # fmt: skip


def test_files_of_the_kinds_that_hold_a_text_are_found_in_the_revision(checkout):
    commit = checkout.commit(FILES)
    checkout.write({"app/a.py": "changed", "later.py": "one two"})
    repository = Repository(checkout.path)
    found = repository.holding(commit, ["one two", "thr"], [".py", ".js"])
    assert found == ("app/a.py", "app/b.js", "big.py", "e ü.py")
    assert repository.holding(commit, [], [".py"]) == ()
    assert repository.holding(commit, ["--output=x", "-e"], [".py"]) == ()
    assert repository.matching(commit, "^x = ['\"]one", [".py"]) == ("app/a.py",)
    assert repository.matching(commit, "nowhere", [".py"]) == ()


def test_many_are_read_at_once_but_for_the_large_ones_and_no_more_than_asked(checkout):
    commit = checkout.commit(FILES)
    repository = Repository(checkout.path)
    read = repository.read_all(commit, ["app/a.py", "absent.py", "big.py", "app", "e ü.py", "a\nb"], 1000)
    assert read == {"app/a.py": b"x = 'one two'\n", "e ü.py": b"three\n"}
    assert repository.read_all(commit, ["app/a.py", "e ü.py"], 15) == {"app/a.py": b"x = 'one two'\n"}
    assert repository.read_all(commit, [], 15) == {}


def test_the_commits_between_two_that_touched_a_file(checkout):
    first = checkout.commit({"a.py": "1\n"}, "first")
    second = checkout.commit({"a.py": "2\n"}, "second: ü")
    last = checkout.commit({"b.py": "3\n"}, "third")
    repository = Repository(checkout.path)
    assert [(one.sha, one.subject) for one in repository.between(first, last, "a.py", 5)] == [(second, "second: ü")]
    assert repository.between(last, first, "a.py", 5) == ()
