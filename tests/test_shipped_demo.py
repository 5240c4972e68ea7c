"""Improver's own demo is known by its content."""

from pathlib import Path

from improver import shipped_demo
from improver.repo import Repository, create


def staged(folder: Path) -> Repository:
    for name, content in shipped_demo.files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return create(folder, "main", "Begin")


def test_the_first_tree_of_a_staged_demo_is_the_shipped_one(tmp_path: Path) -> None:
    repository = staged(tmp_path)
    assert shipped_demo.is_first_tree(repository.tree(repository.root_commit()))


def test_one_other_file_or_byte_makes_it_somebody_elses_repository(tmp_path: Path) -> None:
    tree = staged(tmp_path).tree("HEAD")
    assert not shipped_demo.is_first_tree({**tree, "conftest.py": tree["app.py"]})
    assert not shipped_demo.is_first_tree({**tree, "app.py": tree["store.py"]})
    assert not shipped_demo.is_first_tree({})


def test_what_running_it_leaves_behind_is_not_shipped() -> None:
    assert not [name for name in shipped_demo.blobs() if name.endswith((".pyc", ".db"))]


def test_only_the_shipped_plan_is_the_shipped_plan(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(shipped_demo.plan().read_text().replace("done_at", "gone_at"))
    assert shipped_demo.is_plan(shipped_demo.plan())
    assert not shipped_demo.is_plan(tmp_path / "mine.json")
    assert not shipped_demo.is_plan(tmp_path / "absent.json")
