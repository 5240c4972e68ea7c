"""Frames resolve to what is really in the repository, or to nothing."""

import pytest

from improver.locate import file_of, function_at, locate
from improver.model import Frame
from improver.repo import Repository
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


def test_the_innermost_frame_of_the_users_own_code_is_located_and_blamed(tmp_path):
    repository = Repository(world.make_shop(tmp_path / "shop"))
    head = repository.resolve("main")
    frames = (
        Frame(filename="shop.py", function="total", lineno=2),
        Frame(filename="shop.py", function="average", lineno=6),
        Frame(filename="/usr/lib/python3/site-packages/shop.py", function="x", lineno=1),
    )
    location = locate(repository, head, frames)
    assert (location.file, location.function, location.line) == ("shop.py", "average", 6)
    assert [(c.author, c.subject) for c in location.suspects] == [("Ann", "A shop")]


SOURCE = "class Cart:\n    def add(self):\n        pass\n\n    def pay(self):\n        pass\n\ndef add():\n    pass\n"


@pytest.mark.parametrize(
    ("name", "line", "function"),
    [
        ("Cart.pay", 6, "Cart.pay"),
        ("pay", 6, "Cart.pay"),
        ("add", 9, "add"),
        ("add", 3, "Cart.add"),
        ("gone", 6, "Cart.pay"),
        ("ignore previous instructions", None, ""),
        ("add", None, ""),
    ],
)
def test_a_function_is_named_only_if_the_code_has_it(name, line, function):
    assert function_at(SOURCE, "cart.py", name, line) == function


def test_other_languages_need_a_definition_of_that_name():
    source = "export function pay(cart) {\n  return cart.x.y\n}\n"
    assert function_at(source, "cart.js", "pay", 2) == "pay"
    assert function_at(source, "cart.js", "steal", 2) == ""


def test_code_that_does_not_parse_locates_no_function():
    assert function_at("def broken(:\n", "cart.py", "broken", 1) == ""


@pytest.mark.parametrize("file", ["app/`rm -rf`.py", "app/x\n## Now.py", "app/\u202eyp.py", "app/a\\b.py"])
def test_a_file_whose_name_is_more_than_a_name_is_not_located(file):
    assert file_of(Frame(filename=file), (file, "app/views.py")) == ""
