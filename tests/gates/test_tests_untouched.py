"""What the base's tests check is checked afterwards too, and no test tricks its runner."""

import json

import pytest

from improver.gates.tests_untouched import Config, judge

OLD = """\
import pytest
import shop


def test_price():
    assert shop.price(1) == 2
    assert shop.fees() == pytest.approx(7, abs=0.1)


@pytest.mark.parametrize("given", [1, 2, 3])
def test_many(given):
    assert shop.price(given) == given * 2


class TestCart:
    def test_empty(self):
        with pytest.raises(ValueError, match="empty"):
            shop.pay([])

    def test_name(self):
        assert shop.name in ("a", "b")
"""
CASE = """\
import unittest


class Case(unittest.TestCase):
    def test_sum(self):
        self.assertEqual(sum([1, 2]), 3)
        self.assertIn(1, [1, 2])
"""


def told(made):
    verdict = judge(made, Config())
    return "" if verdict.result == "pass" else verdict.reason


@pytest.fixture
def edited(written):
    """What is said of OLD with one text in it replaced by another."""

    def edit(old, new, text=OLD):
        assert old in text
        return judge(written({"tests/test_shop.py": text}, {"tests/test_shop.py": text.replace(old, new, 1)}), Config())

    return edit


HONEST = {
    "a new test": ("class TestCart", "def test_new():\n    assert shop.price(2) == 4\n\n\nclass TestCart"),
    "a new assertion": ("shop.price(1) == 2\n", "shop.price(1) == 2\n    assert shop.price(2) == 4\n"),
    "a new case": ("[1, 2, 3]", "[1, 2, 3, 4]"),
    "a new skipped test": ("class TestCart", "@pytest.mark.skip\ndef test_new():\n    pass\n\n\nclass TestCart"),
    "a comment": ("    assert shop.price(1)", "    # twice\n    assert shop.price(1)"),
    "a message": ("assert shop.price(1) == 2", "assert shop.price(1) == 2, 'twice'"),
    "a helper": ("class TestCart", "def total(cart):\n    return sum(cart)\n\n\nclass TestCart"),
    "a stronger comparison": ('assert shop.name in ("a", "b")', 'assert shop.name == "a"'),
    "an input": ("shop.pay([])", "shop.pay(())"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), HONEST.values(), ids=HONEST)
def test_an_honest_edit_of_a_test_file_passes(edited, old, new):
    assert edited(old, new).result == "pass"


TAMPERED = {
    "removed": ("def test_price():\n    assert shop.price(1) == 2\n", "def test_price2():\n", "test_removed"),
    "renamed": ("def test_price", "def test_other", "test_renamed"),
    "switched off": ("def test_price", "def no_test_price", "test_renamed"),
    "case gone": ("[1, 2, 3]", "[1, 2]", "test_removed"),
    "shadowed": ("class TestCart", "def test_price():\n    pass\n\n\nclass TestCart", "test_removed"),
    "skip": ("def test_price", "@pytest.mark.skip\ndef test_price", "test_skipped"),
    "skipif": ("class TestCart", "@pytest.mark.skipif(True, reason='x')\nclass TestCart", "test_skipped"),
    "xfail": ("def test_price", "@pytest.mark.xfail\ndef test_price", "test_skipped"),
    "skip inside": ("    assert shop.price(1)", "    pytest.skip('no')\n    assert shop.price(1)", "test_skipped"),
    "pytestmark": ("import shop\n", "import shop\n\npytestmark = pytest.mark.skip\n", "test_skipped"),
    "not collected": ("class TestCart:\n", "class TestCart:\n    __test__ = False\n\n", "test_skipped"),
    "autouse": (
        "class Test", "@pytest.fixture(autouse=True)\ndef off():\n    pytest.skip('')\n\n\nclass Test", "test_skipped",
    ),
    "assertion gone": ("    assert shop.price(1) == 2\n", "", "assertion_removed"),
    "assertion commented": ("    assert shop.price(1) == 2", "    # assert shop.price(1) == 2", "assertion_removed"),
    "assert True": ("assert shop.price(1) == 2", "assert True", "assertion_weakened"),
    "or True": ("assert shop.price(1) == 2", "assert shop.price(1) == 2 or True", "assertion_weakened"),
    "itself": ("assert shop.price(1) == 2", "assert shop.price(1) == shop.price(1)", "assertion_weakened"),
    "a tuple": ("assert shop.price(1) == 2", "assert (shop.price(1) == 2, 'x')", "assertion_weakened"),
    "is not None": ("shop.price(1) == 2", "shop.price(1) is not None", "assertion_weakened"),
    "in": ("shop.price(1) == 2", "shop.price(1) in (2, 3)", "assertion_weakened"),
    "truth": ("shop.price(1) == 2", "shop.price(1)", "assertion_weakened"),
    "more": ("shop.price(1) == 2", "shop.price(1) >= 2", "assertion_weakened"),
    "tolerance": ("abs=0.1", "abs=10", "assertion_weakened"),
    "any exception": ("pytest.raises(ValueError", "pytest.raises(Exception", "assertion_weakened"),
    "any message": (', match="empty"', "", "assertion_weakened"),
    "unreached": ("    assert shop.price(1)", "    if shop.ready:\n        assert shop.price(1)", "assertion_weakened"),
    "caught": (
        "    assert shop.price(1) == 2",
        "    try:\n        assert shop.price(1) == 2\n    except AssertionError:\n        pass", "assertion_weakened",
    ),
    "returns": ("    assert shop.price(1)", "    return\n    assert shop.price(1)", "assertion_weakened"),
    "not called": ("    assert shop.price(1)", "    def f():\n        assert shop.price(1)", "assertion_weakened"),
    "expected": ("shop.price(1) == 2", "shop.price(1) == 3", "expected_changed"),
    "expected error": ("raises(ValueError", "raises(KeyError", "expected_changed"),
    "no Python": ("def test_price", "def def test_price", "unreadable_test"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "reason"), TAMPERED.values(), ids=TAMPERED)
def test_a_tampered_test_is_refused_with_its_place(edited, old, new, reason):
    verdict = edited(old, new)
    assert (verdict.result, verdict.reason) == ("fail", reason)
    assert verdict.detail.startswith("tests/test_shop.py:")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("assertEqual(sum([1, 2]), 3)", "assertTrue(sum([1, 2]))", "assertion_weakened"),
        ("assertEqual(sum([1, 2]), 3)", "assertTrue(True)", "assertion_weakened"),
        ("assertEqual(sum([1, 2]), 3)", "assertEqual(sum([1, 2]), 4)", "expected_changed"),
        ("assertEqual(sum([1, 2]), 3)", "assertAlmostEqual(sum([1, 2]), 3, delta=9)", "assertion_weakened"),
        ("        self.assertIn(1, [1, 2])\n", "", "assertion_removed"),
        ("    def test_sum", "    @unittest.skip('no')\n    def test_sum", "test_skipped"),
    ],
)
def test_unittest_is_read_too(edited, old, new, reason):
    assert edited(old, new, CASE).reason == reason


def test_a_deleted_and_a_moved_test_file_are_told_apart(written):
    before = {"tests/test_shop.py": OLD, "tests/data.json": "{}"}
    assert told(written(before, {"tests/test_shop.py": None, "tests/data.json": None})) == "test_file_deleted"
    assert told(written(before, {"tests/test_shop.py": None, "tests/old/test_shop.py": OLD})) == "test_moved"


def test_one_test_that_moves_is_seen(written):
    one = OLD[OLD.index("def test_price") : OLD.index("@pytest.mark.param")]
    after = {"tests/test_shop.py": OLD.replace(one, ""), "tests/test_more.py": "import shop, pytest\n\n\n" + one}
    assert told(written({"tests/test_shop.py": OLD}, after)) == "test_moved"


FIXTURE = "import pytest\n\n\n@pytest.fixture\ndef {}():\n    return 1\n"
SETTINGS = {
    "pytest.ini": ("pytest.ini", "", "[pytest]\naddopts = -k no\n"),
    "jest": ("jest.config.js", "module.exports = {}\n", "module.exports = {testMatch: []}\n"),
    "package": ("package.json", '{"scripts": {"test": "jest"}}', '{"scripts": {"test": "true"}}'),
    "pretest": ("package.json", "{}", '{"scripts": {"pretest": "rm -r test"}}'),
    "pyproject": ("pyproject.toml", "", "[tool.pytest.ini_options]\naddopts = '-k no'\n"),
    "setup.cfg": ("setup.cfg", "[tool:pytest]\n", "[tool:pytest]\naddopts = -k no\n"),
    "tox": ("tox.ini", "[tox]\n", "[tox]\nenvlist = none\n"),
    "hook": ("conftest.py", "", "def pytest_collection_modifyitems(items):\n    items.clear()\n"),
    "autouse": ("tests/conftest.py", "", FIXTURE.format("off").replace("fixture", "fixture(autouse=True)")),
    "overridden": ("tests/conftest.py", FIXTURE.format("client"), FIXTURE.format("client").replace("1", "2")),
    "gone": ("tests/conftest.py", FIXTURE.format("client"), ""),
    "import time": ("conftest.py", "", "import shop\n\nshop.price = lambda x: 2\n"),
    "a plugin": ("conftest.py", "", "pytest_plugins = ['shop.off']\n"),
}


@pytest.mark.parametrize(("path", "before", "after"), SETTINGS.values(), ids=SETTINGS)
def test_settings_of_the_runner_are_refused(written, path, before, after):
    made = written({path: before} if before else {}, {path: after})
    assert told(made) == "test_settings_changed"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("tests/conftest.py", FIXTURE.format("client"), FIXTURE.format("client") + FIXTURE.format("cart")),
        ("tests/conftest.py", "", '"""Fixtures."""\n' + FIXTURE.format("client")),
        ("package.json", '{"scripts": {"test": "jest"}}', '{"scripts": {"test": "jest", "start": "node ."}}'),
        ("pyproject.toml", "[tool.pytest]\na = 1\n", "[project]\nname = 'x'\n\n[tool.pytest]\na = 1\n"),
        ("setup.cfg", "[metadata]\nname = a\n", "[metadata]\nname = b\n"),
    ],
)
def test_what_steers_no_other_test_is_not(written, path, before, after):
    assert told(written({path: before} if before else {}, {path: after})) == ""


def test_a_script_that_is_the_test_command_may_not_change(written):
    made = written({"check.sh": "pytest\n"}, {"check.sh": "true\n"}, test_command=("sh", "check.sh"))
    assert told(made) == "test_settings_changed"


REACHES = {
    "_exit": "import os\n\n\ndef test_a():\n    os._exit(0)\n",
    "from os": "from os import _exit\n\n\ndef test_a():\n    _exit(0)\n",
    "sys.exit": "import sys\n\n\ndef test_a():\n    sys.exit(0)\n",
    "SystemExit": "def test_a():\n    raise SystemExit\n",
    "atexit": "import atexit\n",
    "gc": "def test_a():\n    import gc\n    gc.get_objects()\n",
    "internals": "from _pytest.reports import TestReport\n",
    "modules": "import sys\n\n\ndef test_a():\n    sys.modules['pytest'].x = 1\n",
    "replaced": "import sys\n\n\ndef test_a(monkeypatch):\n    monkeypatch.setitem(sys.modules, 'pytest', 1)\n",
    "frames": "import sys\n\n\ndef test_a():\n    sys._getframe(3).f_locals\n",
    "eval": "def test_a():\n    eval('1')\n",
    "import": "def test_a():\n    __import__('o' + 's')\n",
    "hook": "def pytest_runtest_makereport():\n    pass\n",
    "config": "def test_a(request):\n    request.config.hook\n",
    "environment": "import os\n\n\ndef test_a():\n    os.environ['PYTEST_CURRENT_TEST']\n",
    "proc": "def test_a():\n    open('/proc/self/fd/3')\n",
    "plugins": "pytest_plugins = ['shop.off']\n",
    "equal to all": "class Any:\n    def __eq__(self, other):\n        return True\n",
}


@pytest.mark.parametrize("text", REACHES.values(), ids=REACHES)
def test_a_test_that_reaches_into_its_runner_is_refused(written, text):
    assert told(written({}, {"tests/test_new.py": text})) == "reaches_into_runner"
    assert told(written({"tests/test_old.py": text}, {"tests/test_old.py": text + "# more\n"})) == "", "it was there"


READS = {
    "getsource": "import inspect\nimport shop\n\n\ndef test_a():\n    assert '2' in inspect.getsource(shop.price)\n",
    "file": "import shop\n\n\ndef test_a():\n    assert '2' in open(shop.__file__).read()\n",
    "path": "from pathlib import Path\n\n\ndef test_a():\n    assert Path(__file__).with_name('shop.py').read_text()\n",
    "existence": "from pathlib import Path\n\n\ndef test_a():\n    assert Path('shop.py').exists()\n",
    "isfile": "import os\n\n\ndef test_a():\n    assert os.path.isfile('shop.py')\n",
}


@pytest.mark.parametrize("text", READS.values(), ids=READS)
def test_a_test_that_reads_the_code_instead_of_using_it_is_refused(written, text):
    made = written({"shop.py": "1\n"}, {"shop.py": "2\n", "tests/test_new.py": text})
    assert told(made) == "reads_the_code"


HARMLESS = {
    "stand-in": "import sys\n\n\ndef test_a(monkeypatch):\n    monkeypatch.setitem(sys.modules, 'stripe', object())\n",
    "data": "from pathlib import Path\n\n\ndef test_a():\n    (Path(__file__).parent / 'data.json').read_text()\n",
    "exits": "import pytest, shop\n\n\ndef test_a():\n    with pytest.raises(SystemExit):\n        shop.main()\n",
    "program": "import subprocess, sys\n\n\ndef test_a():\n    subprocess.run([sys.executable, 'shop.py'])\n",
    "another file": "def test_a(repo):\n    assert (repo / 'app.py').read_text() == ''\n",
    "a leak": "import gc\n\n\ndef test_a():\n    gc.collect()\n",
    "no hook": "def pytest_in(folder):\n    return folder\n",
    "a type": "import pytest\n\n\ndef helper(config: pytest.Config) -> None:\n    pass\n",
    "own file": "def test_a(tmp_path):\n    assert (tmp_path / 'made.py').read_text() == ''\n",
    "signature": "import inspect, shop\n\n\ndef test_a():\n    assert inspect.signature(shop.price)\n",
    "mock": "from unittest import mock\n\n\ndef test_a():\n    with mock.patch('shop.price'):\n        pass\n",
    "environ": "def test_a(monkeypatch):\n    monkeypatch.setenv('HOME', '/nowhere')\n",
    "equality": "class Money:\n    def __eq__(self, other):\n        return self.x == other.x\n",
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_honest_tests_do_is_not_refused(written, text):
    assert told(written({}, {"tests/test_new.py": text})) == ""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop.py", "import sys\n\nx = 'pytest' in sys.modules\n"),
        ("shop.py", "import os\n\nx = os.environ.get('PYTEST_CURRENT_TEST')\n"),
        ("shop.py", "import _pytest\n"),
        ("shop.py", "import sys\n\nx = any(name.startswith('pyt') for name in sys.modules)\n"),
        ("shop.py", "import gc\n\nx = gc.get_objects()\n"),
        ("shop.js", "const x = process.env.NODE_ENV === 'test' ? 1 : 2\n"),
        ("shop.ts", "if (process.env.JEST_WORKER_ID) x = 1\n"),
        ("shop.go", "var x = testing.Testing()\n"),
        ("shop.rb", "x = defined?(RSpec)\n"),
        ("src/lib.rs", "let x = cfg!(test);\n"),
    ],
)
def test_code_that_asks_whether_it_is_tested_is_refused(written, path, text):
    assert told(written({}, {path: text})) == "looks_for_tests"
    assert told(written({f"old/{path}": text}, {f"old/{path}": text + "\n"})) == ""


JS = """\
import test from 'node:test';
import assert from 'node:assert/strict';
import { price } from './shop.js';

test('price', () => {
  assert.equal(price(1), 2);
});
"""
GO = 'package shop\n\nfunc TestPrice(t *testing.T) {\n\tif Price(1) != 2 {\n\t\tt.Errorf("price")\n\t}\n}\n'
RUBY = "describe 'price' do\n  it 'doubles' do\n    expect(price(1)).to eq(2)\n  end\nend\n"
JAVA = "class ShopTest {\n  @Test\n  void price() {\n    assertEquals(2, Shop.price(1));\n  }\n}\n"
PHP = "class ShopTest {\n  public function testPrice() {\n    $this->assertSame(2, price(1));\n  }\n}\n"
RUST = "#[test]\nfn price() {\n    assert_eq!(shop::price(1), 2);\n}\n"
OTHERS = [
    ("shop.test.js", JS, "test('price'", "test('cost'", "test_removed"),
    ("shop.test.js", JS, "test('price'", "test.skip('price'", "test_removed"),
    ("shop.test.js", JS, "test('price', ", "test('price', { skip: true }, ", "test_skipped"),
    ("shop.test.js", JS, "assert.equal(price(1), 2)", "assert.equal(price(1), 3)", "expected_changed"),
    ("shop.test.js", JS, "assert.equal(price(1), 2)", "assert.ok(price(1))", "assertion_weakened"),
    ("shop.test.js", JS, "  assert.equal(price(1), 2);\n", "", "assertion_removed"),
    ("shop.test.js", JS, "  assert.equal", "  // assert.equal", "assertion_removed"),
    ("shop.test.js", JS, "  assert.equal", "  process.exit(0);\n  assert.equal", "reaches_into_runner"),
    ("shop_test.go", GO, "TestPrice", "TestCost", "test_removed"),
    ("shop_test.go", GO, "\tif Price", "\tt.Skip()\n\tif Price", "test_skipped"),
    ("shop_test.go", GO, "package shop", "//go:build never\n\npackage shop", "test_skipped"),
    ("shop_test.go", GO, '\t\tt.Errorf("price")\n', "", "assertion_removed"),
    ("shop_test.go", GO, "\tif Price", "\tos.Exit(0)\n\tif Price", "reaches_into_runner"),
    ("spec/shop_spec.rb", RUBY, "it 'doubles'", "xit 'doubles'", "test_removed"),
    ("spec/shop_spec.rb", RUBY, "    expect", "    skip\n    expect", "test_skipped"),
    ("spec/shop_spec.rb", RUBY, "to eq(2)", "to be_truthy", "assertion_weakened"),
    ("src/test/java/ShopTest.java", JAVA, "@Test", "@Test @Disabled", "test_skipped"),
    ("src/test/java/ShopTest.java", JAVA, "assertEquals(2,", "assertEquals(3,", "expected_changed"),
    ("tests/ShopTest.php", PHP, "testPrice", "testCost", "test_removed"),
    ("tests/ShopTest.php", PHP, "$this->assert", "$this->markTestSkipped();\n    $this->assert", "test_skipped"),
    ("tests/shop.rs", RUST, "#[test]", "#[test]\n#[ignore]", "test_skipped"),
    ("tests/shop.rs", RUST, "assert_eq!(shop::price(1), 2)", "assert!(true)", "assertion_weakened"),
    ("src/shop.rs", "fn x() {}\n\n#[cfg(test)]\nmod tests {\n" + RUST + "}\n", "), 2)", "), 3)", "expected_changed"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "old", "new", "reason"), OTHERS)
def test_other_languages_are_read_line_by_line(written, path, text, old, new, reason):
    assert old in text
    verdict = judge(written({path: text}, {path: text.replace(old, new, 1)}), Config())
    assert (verdict.result, verdict.reason) == ("fail", reason)
    assert path in verdict.detail


@pytest.mark.parametrize(
    ("path", "text", "more"),
    [
        ("shop.test.js", JS, "test('more', () => {\n  assert.equal(price(2), 4);\n});\n"),
        ("shop.test.js", JS, "const page = { skip: 10, limit: 5 };\n// test.skip('x')\n"),
        ("shop_test.go", GO, 'func TestMore(t *testing.T) {\n\tt.Fatal("x")\n}\n'),
        ("spec/shop_spec.rb", RUBY, "it 'exits' do\n  expect { go }.to raise_error(SystemExit)\nend\n"),
        ("src/test/java/ShopTest.java", JAVA, "class MoreTest { @Test void more() { assertTrue(x); } }\n"),
        ("tests/shop.rs", RUST, "#[test]\nfn more() {\n    assert!(shop::ok());\n}\n"),
    ],
)
def test_a_test_that_is_added_in_another_language_passes(written, path, text, more):
    assert told(written({path: text}, {path: text + more})) == ""


def test_code_that_minds_its_own_business_is_not(written):
    text = "import os, sys\n\nx = sys.modules[__name__], sys.modules.get('yaml'), os.environ.get('CI'), 'nose'\n"
    assert told(written({}, {"shop.py": text})) == ""


def test_only_one_test_of_a_new_file_leaves_the_others_out(written):
    assert told(written({}, {"new.test.js": JS.replace("test('price'", "test.only('price'")})) == "test_skipped"


def test_a_package_that_gains_a_dependency_keeps_its_test_settings(written):
    before = {"package.json": json.dumps({"scripts": {"test": "node --test"}, "dependencies": {}})}
    after = {"package.json": json.dumps({"scripts": {"test": "node --test"}, "dependencies": {"a": "1"}})}
    assert told(written(before, after)) == ""
