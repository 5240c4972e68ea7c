"""A test that asserts the contrary fails where it passed, whatever it looks like."""

# ruff: noqa: E501 - whole files, one on a line

import unittest

import pytest

from improver.gates._inverted import invert

HEAD = "import pytest, unittest\n\n\n"
TESTS = {
    "one line": "def test_a(): assert 1 == 1\n",
    "several": "def test_a():\n    assert 1\n    assert 2 == 2, 'é'\n",
    "many lines": "def test_a():\n    assert (\n        1 == 1\n        and 2 == 2\n    )  # both\n",
    "not ascii": "def test_a():\n    assert 'é' == 'é'; x = 'é'\n",
    "raises": "def test_a():\n    with pytest.raises(ValueError):\n        int('x')\n",
    "returns": "def test_a():\n    for _ in ():\n        assert 1\n    return\n",
    "in a class": "class TestIt:\n    def test_a(self):\n        assert [\n            1]\n\n    def test_b(self):\n        print('\"\"\"')\n",
    "a case": "class Case(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, 1)\n",
    "awaited": "async def test_a():\n    assert 1\n",
    "a walrus": "def test_a():\n    assert (x := 1)\n",
    "a string over lines": "def test_a():\n    assert '''a\n  b''' == '''a\n  b'''\n",
}  # fmt: skip


@pytest.mark.parametrize("name", TESTS)
def test_what_passed_fails(name):
    text = HEAD + TESTS[name]
    inverted = invert({"t.py": text})
    assert inverted.names == {f"t.py::{one}" for one in run(text)}
    assert set(run(text).values()) == {True}
    assert set(run(inverted.texts["t.py"]).values()) == {False}


def run(text):
    """Each test, and whether it passes."""
    made = {}
    exec(compile(text, "t.py", "exec"), made)
    tests = {name: one for name, one in made.items() if name.startswith("test")}
    for kind in (one for one in made.values() if isinstance(one, type)):
        methods = [name for name in vars(kind) if name.startswith("test")]
        tests |= {f"{kind.__name__}::{name}": getattr(_made(kind, name), name) for name in methods}
    return {name: passes(test) for name, test in tests.items()}


def _made(kind, name):
    return kind(name) if issubclass(kind, unittest.TestCase) else kind()


def passes(test):
    try:
        waiting = test()
        if waiting is not None:
            waiting.send(None)
    except StopIteration:
        return True
    except AssertionError:
        return False
    return True


def test_what_cannot_be_parsed_is_left_alone():
    inverted = invert({"t.py": "def test_a(:\n", "u.py": "def helper():\n    assert 1\n"})
    assert (inverted.texts["u.py"], inverted.names) == ("def helper():\n    assert 1\n", frozenset())
