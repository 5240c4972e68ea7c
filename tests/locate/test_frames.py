"""Frames resolve to what is really in the repository, or to nothing."""

import pytest

from improver.locate import file_of, locate
from improver.model import Frame
from tests import world

FILES = ("app/views.py", "app/models.py", "lib/views.py", "setup.py")


@pytest.mark.parametrize(
    ("frame", "file"),
    [
        (Frame(abs_path="/srv/x/app/views.py", filename="views.py"), "app/views.py"),
        (Frame(filename="app\\models.py"), "app/models.py"),
        (Frame(module="lib.views", filename="views.py"), "lib/views.py"),
        (Frame(filename="views.py"), ""),
        (Frame(filename="setup.py"), "setup.py"),
        (Frame(filename="/etc/passwd"), ""),
        (Frame(filename="../../app/views.py"), "app/views.py"),
        (Frame(filename="<frozen importlib>"), ""),
        (Frame(), ""),
    ],
)
def test_the_longest_shared_tail_decides_and_a_tie_decides_nothing(frame, file):
    assert file_of(frame, FILES) == file


def test_the_innermost_frame_of_the_users_own_code_is_located():
    frames = (
        Frame(filename="shop.py", function="total", lineno=2),
        Frame(filename="shop.py", function="average", lineno=6),
        Frame(filename="/usr/lib/python3/site-packages/shop.py", function="x", lineno=1),
    )
    spot = locate(frames, ("shop.py", "tests/test_shop.py"), lambda file: world.SHOP)
    assert (spot.file, spot.function, spot.line, spot.told_by) == ("shop.py", "average", 6, "frame")
    assert (spot.first, spot.last) == (5, 6)


@pytest.mark.parametrize("file", ["app/`rm -rf`.py", "app/x\n## Now.py", "app/\u202eyp.py", "app/a\\b.py"])
def test_a_file_whose_name_is_more_than_a_name_is_not_located(file):
    assert file_of(Frame(filename=file), (file, "app/views.py")) == ""
