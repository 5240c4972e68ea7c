"""A repository made around files."""

from pathlib import Path

from improver.repo import create


def test_the_files_are_the_first_commit_of_the_branch(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("kept")
    (tmp_path / "left.db").write_text("left")
    (tmp_path / ".gitignore").write_text("*.db\n")
    made = create(tmp_path, "main", "Begin")
    assert made.current_branch() == "main"
    assert made.files("main") == (".gitignore", "kept.txt")
    assert made.root_commit() == made.resolve("HEAD")
    assert made.tracked_changes() == []
