"""What is shown in a box is never more than it is named for."""

from pathlib import Path

import pytest

from improver.errors import ImproverError
from improver.sandbox import Order
from improver.sandbox.order import PATH
from improver.sandbox.sight import Sight, sight


def seen(tree: Path, readable: Path) -> Sight:
    return sight(Order(argv=("sh",), tree=tree, wall_clock_s=1, readable=(readable,)), PATH)


@pytest.mark.parametrize("wide", ["/", "/home", "/root", "~"])
def test_a_home_folder_is_not_shown_by_its_name_nor_by_a_link(tree: Path, tmp_path: Path, wide: str) -> None:
    (tmp_path / "node_modules").symlink_to(Path(wide).expanduser())
    for readable in (Path(wide).expanduser(), tmp_path / "node_modules"):
        if readable.exists():
            with pytest.raises(ImproverError, match=f"{readable} would show") as refused:
                seen(tree, readable)
            assert "`readable`" in refused.value.hint


def test_a_folder_that_holds_the_tree_and_so_the_data_folder_is_not_shown(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(tmp_path)
    for readable in (tree, tmp_path, tmp_path / "alias"):
        with pytest.raises(ImproverError, match="holds the folder of the command"):
            seen(tree, readable)


def test_a_folder_beside_the_tree_is_shown(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    assert tmp_path / "tools" in seen(tree, tmp_path / "tools").readable
