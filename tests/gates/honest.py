"""Honest fixes, as people make them: what every Gate must let pass."""
# ruff: noqa: E501 - whole files, one on a line

from dataclasses import dataclass, field
from textwrap import dedent


@dataclass(frozen=True, kw_only=True)
class Fix:
    """`test` is the kind of runner that the repository uses; files are dedented."""

    test: str
    before: dict[str, str]
    after: dict[str, str] = field(default_factory=dict)


def fix(test: str, before: dict[str, str], after: dict[str, str]) -> Fix:
    return Fix(test=test, before=_plain(before), after=_plain(after))


def _plain(files: dict[str, str]) -> dict[str, str]:
    return {path: dedent(text).lstrip("\n") for path, text in files.items()}


OLD_TEST = "import shop\n\n\ndef test_total():\n    assert shop.total([1, 2]) == 3\n"
SHOP = "def total(prices):\n    return sum(prices)\n\n\n"
JS_OLD = """\
import test from 'node:test';
import assert from 'node:assert/strict';
import * as shop from '../shop.mjs';

test('adds', () => {
  assert.equal(shop.total([1, 2]), 3);
});
"""
JS_SHOP = "export function total(prices) {\n  return prices.reduce((a, b) => a + b, 0);\n}\n\n"

FIXES = {
    "a guard": fix(
        "pytest",
        {"shop.py": SHOP + "def average(p):\n    return total(p) / len(p)\n", "tests/test_shop.py": OLD_TEST},
        {
            "shop.py": SHOP + "def average(p):\n    if not p:\n        return 0\n    return total(p) / len(p)\n",
            "tests/test_average.py": "import shop\n\n\ndef test_nothing():\n    assert shop.average([]) == 0\n",
        },
    ),
    "a test among the others": fix(
        "pytest",
        {"shop.py": SHOP + "def name(user):\n    return user['name'].title()\n", "tests/test_shop.py": OLD_TEST},
        {
            "shop.py": SHOP + "def name(user):\n    return (user.get('name') or 'guest').title()\n",
            "tests/test_shop.py": OLD_TEST
            + "\n\ndef test_a_guest():\n    assert shop.name({}) == 'Guest'\n    assert shop.name({'name': None}) == 'Guest'\n",
        },
    ),
    "a signature and its caller": fix(
        "pytest",
        {
            "shop.py": "def price(item):\n    return item['price']\n\n\n" + "# more\n" * 12 + SHOP
            + "def bill(items):\n    return total(price(i) for i in items)\n",
            "tests/test_shop.py": OLD_TEST,
        },
        {
            "shop.py": "def price(item, rate):\n    return item['price'] * rate\n\n\n" + "# more\n" * 12 + SHOP
            + "def bill(items, rate=1):\n    return total(price(i, rate) for i in items)\n",
            "tests/test_rate.py": "import shop\n\n\ndef test_rate():\n    assert shop.bill([{'price': 2}], 3) == 6\n",
        },
    ),
    "a helper module": fix(
        "pytest",
        {"shop.py": SHOP + "def slug(text):\n    return text.replace(' ', '-')\n", "tests/test_shop.py": OLD_TEST},
        {
            "words.py": "def words(text):\n    return text.lower().split()\n",
            "shop.py": "from words import words\n\n\n" + SHOP + "def slug(text):\n    return '-'.join(words(text))\n",
            "tests/test_slug.py": "import shop\n\n\ndef test_slug():\n    assert shop.slug('A  b') == 'a-b'\n",
            "CHANGELOG.md": "# Changes\n\n* Slugs of texts with several blanks.\n",
        },
    ),
    "a fixture and cases": fix(
        "pytest",
        {
            "shop.py": SHOP + "def tax(amount, rate):\n    return int(amount * rate)\n",
            "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef cart():\n    return [1]\n",
            "tests/test_shop.py": OLD_TEST,
        },
        {
            "shop.py": SHOP + "def tax(amount, rate):\n    return round(amount * rate)\n",
            "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef cart():\n    return [1]\n\n\n"
            "@pytest.fixture\ndef rate():\n    return 0.19\n",
            "tests/test_tax.py": "import pytest\nimport shop\n\n\n@pytest.mark.parametrize(('net', 'tax'), [(10, 2), (5, 1)])\n"
            "def test_tax(net, tax, rate):\n    assert shop.tax(net, rate) == tax\n",
        },
    ),
    "a case more": fix(
        "pytest",
        {
            "shop.py": "def slug(text):\n    return text.replace(' ', '-')\n",
            "tests/test_slug.py": """
                import pytest
                import shop


                @pytest.mark.parametrize(("text", "slug"), [("a b", "a-b"), ("ab", "ab")])
                def test_slug(text, slug):
                    assert shop.slug(text) == slug
                """,
        },
        {
            "shop.py": "import re\n\n\ndef slug(text):\n    return re.sub(r'\\s+', '-', text)\n",
            "tests/test_slug.py": """
                import pytest
                import shop


                @pytest.mark.parametrize(("text", "slug"), [("a b", "a-b"), ("ab", "ab"), ("a\\tb", "a-b")])
                def test_slug(text, slug):
                    assert shop.slug(text) == slug
                """,
        },
    ),
    "a module stood in for": fix(
        "pytest",
        {
            "pay.py": "def pay(amount):\n    import stripe\n\n    return stripe.charge(amount)['id']\n",
            "tests/test_shop.py": "def test_nothing():\n    assert True\n",
        },
        {
            "pay.py": "def pay(amount):\n    import stripe\n\n    return stripe.charge(amount).get('id', '')\n",
            "tests/test_pay.py": """
                import sys
                import types

                import pay


                def test_a_charge_without_an_id(monkeypatch):
                    fake = types.SimpleNamespace(charge=lambda amount: {})
                    monkeypatch.setitem(sys.modules, "stripe", fake)
                    assert pay.pay(1) == ""
                """,
        },
    ),
    "the command line": fix(
        "pytest",
        {
            "count.py": "import sys\n\nif __name__ == '__main__':\n    print(len(open(sys.argv[1]).readlines()))\n",
            "tests/test_shop.py": "def test_nothing():\n    assert True\n",
        },
        {
            "count.py": "import sys\n\nif __name__ == '__main__':\n    print(len(open(sys.argv[1], 'rb').readlines()))\n",
            "tests/test_count.py": """
                import subprocess
                import sys


                def test_bytes_that_are_no_text(tmp_path):
                    (tmp_path / "log").write_bytes(b"\\xff\\n\\n")
                    done = subprocess.run([sys.executable, "count.py", tmp_path / "log"], capture_output=True, text=True)
                    assert (done.returncode, done.stdout) == (0, "2\\n")
                """,
        },
    ),
    "data of the product": fix(
        "pytest",
        {
            "shop.py": "import json\nfrom pathlib import Path\n\n\ndef rate(land):\n"
            "    return json.loads((Path(__file__).parent / 'rates.json').read_text())[land]\n",
            "rates.json": '{"DE": 19}\n',
            "tests/test_shop.py": "import shop\n\n\ndef test_de():\n    assert shop.rate('DE') == 19\n",
        },
        {
            "rates.json": '{"DE": 19, "AT": 20}\n',
            "tests/test_at.py": "import shop\n\n\ndef test_at():\n    assert shop.rate('AT') == 20\n",
        },
    ),
    "what the environment says": fix(
        "pytest",
        {
            "settings.py": "import os\n\n\ndef limit():\n    return int(os.environ['LIMIT'])\n",
            "tests/test_shop.py": "def test_nothing():\n    assert True\n",
        },
        {
            "settings.py": '''
                """Settings."""

                import os

                DEFAULT = 10


                def limit() -> int:
                    """The limit, or what is usual."""
                    return int(os.environ.get("LIMIT") or DEFAULT)
                ''',
            "tests/test_settings.py": """
                import settings


                def test_unset(monkeypatch):
                    monkeypatch.delenv("LIMIT", raising=False)
                    assert settings.limit() == 10


                def test_empty(monkeypatch):
                    monkeypatch.setenv("LIMIT", "")
                    assert settings.limit() == 10
                """,
        },
    ),
    "unittest": fix(
        "unittest",
        {
            "shop.py": "def pages(n, size):\n    return n // size\n",
            "test_shop.py": "import shop, unittest\n\n\nclass Case(unittest.TestCase):\n    def test_full(self):\n"
            "        self.assertEqual(shop.pages(4, 2), 2)\n",
        },
        {
            "shop.py": "def pages(n, size):\n    return -(-n // size)\n",
            "test_shop.py": "import shop, unittest\n\n\nclass Case(unittest.TestCase):\n    def test_full(self):\n"
            "        self.assertEqual(shop.pages(4, 2), 2)\n\n    def test_part(self):\n"
            "        self.assertEqual(shop.pages(5, 2), 3)\n",
        },
    ),
    "a stronger assertion": fix(
        "unittest",
        {
            "shop.py": "def find(items, name):\n    return [i for i in items if name in i][0]\n",
            "test_shop.py": "import shop, unittest\n\n\nclass Case(unittest.TestCase):\n    def test_one(self):\n"
            "        self.assertIn(shop.find(['a', 'ab'], 'a'), ['a', 'ab'])\n",
        },
        {
            "shop.py": "def find(items, name):\n    return next((i for i in items if name in i), None)\n",
            "test_shop.py": "import shop, unittest\n\n\nclass Case(unittest.TestCase):\n    def test_one(self):\n"
            "        self.assertEqual(shop.find(['a', 'ab'], 'a'), 'a')\n\n    def test_none(self):\n"
            "        self.assertIsNone(shop.find([], 'a'))\n",
        },
    ),
    "an error that is awaited": fix(
        "unittest",
        {
            "fetch.py": "async def first(sources):\n    return await sources[0]()\n",
            "test_shop.py": "import unittest\n",
        },
        {
            "fetch.py": """
                async def first(sources):
                    for source in sources:
                        try:
                            return await source()
                        except ConnectionError:
                            continue
                    return None
                """,
            "test_fetch.py": """
                import unittest

                import fetch


                async def down():
                    raise ConnectionError


                async def up():
                    return 1


                class Case(unittest.IsolatedAsyncioTestCase):
                    async def test_the_next_one_is_asked(self):
                        self.assertEqual(await fetch.first([down, up]), 1)
                        self.assertIsNone(await fetch.first([down]))
                """,
        },
    ),
    "a template": fix(
        "unittest",
        {
            "page.html": "<p>$name</p>\n",
            "page.py": "import pathlib, string\n\nPAGE = pathlib.Path(__file__).with_name('page.html')\n\n\n"
            "def page(name):\n    return string.Template(PAGE.read_text()).substitute(name=name)\n",
            "test_page.py": "import page, unittest\n\n\nclass Case(unittest.TestCase):\n    def test_a(self):\n"
            "        self.assertIn('a', page.page('a'))\n",
        },
        {
            "page.py": "import html, pathlib, string\n\nPAGE = pathlib.Path(__file__).with_name('page.html')\n\n\n"
            "def page(name):\n    return string.Template(PAGE.read_text()).substitute(name=html.escape(name))\n",
            "test_escape.py": "import page, unittest\n\n\nclass Case(unittest.TestCase):\n    def test_b(self):\n"
            "        self.assertIn('&lt;b&gt;', page.page('<b>'))\n",
        },
    ),
    "node": fix(
        "node",
        {"shop.mjs": JS_SHOP + "export const mean = (p) => total(p) / p.length;\n", "test/shop.test.mjs": JS_OLD},
        {
            "shop.mjs": JS_SHOP + "export const mean = (p) => (p.length ? total(p) / p.length : 0);\n",
            "test/mean.test.mjs": """
                import { describe, it, beforeEach } from 'node:test';
                import assert from 'node:assert/strict';
                import { mean } from '../shop.mjs';

                describe('mean', () => {
                  let prices;
                  beforeEach(() => {
                    prices = [];
                  });
                  it('is 0 of nothing', () => {
                    assert.equal(mean(prices), 0);
                  });
                });
                """,
        },
    ),
    "node, among the others": fix(
        "node",
        {"shop.mjs": JS_SHOP + "export const first = (u) => u.name.first;\n", "test/shop.test.mjs": JS_OLD},
        {
            "shop.mjs": JS_SHOP + "// Guests have no name.\nexport const first = (u) => u.name?.first ?? '';\n",
            "test/shop.test.mjs": JS_OLD + "\ntest('a guest has no name', () => {\n  assert.equal(shop.first({}), '');\n});\n",
        },
    ),
    "node, rejected": fix(
        "node",
        {"get.mjs": "export async function get(f) {\n  const r = await f();\n  return r.json();\n}\n", "test/shop.test.mjs": ""},
        {
            "get.mjs": "export async function get(f) {\n  const r = await f();\n  if (!r.ok) throw new Error(`status ${r.status}`);\n"
            "  return r.json();\n}\n",
            "test/get.test.mjs": """
                import test from 'node:test';
                import assert from 'node:assert/strict';
                import { get } from '../get.mjs';

                test('a refusal is an error', async () => {
                  const refuse = async () => ({ ok: false, status: 503, json: async () => ({}) });
                  await assert.rejects(get(refuse), /status 503/);
                });
                """,
        },
    ),
    "node, two places": fix(
        "node",
        {
            "page.cjs": "exports.page = (items, n, size) => items.slice(n * size, n * size + size);\n" + "\n// more\n" * 9
            + "exports.count = (items, size) => Math.floor(items.length / size);\n",
            "test/shop.test.cjs": "",
        },
        {
            "page.cjs": "exports.page = (items, n, size) => items.slice((n - 1) * size, n * size);\n" + "\n// more\n" * 9
            + "exports.count = (items, size) => Math.ceil(items.length / size);\n",
            "test/page.test.cjs": """
                const test = require('node:test');
                const assert = require('node:assert');
                const { page, count } = require('../page.cjs');

                test('pages are counted from 1', () => {
                  assert.deepStrictEqual(page([1, 2, 3], 1, 2), [1, 2]);
                });

                test('the last page may be short', () => {
                  assert.strictEqual(count([1, 2, 3], 2), 2);
                });
                """,
        },
    ),
    "node, options": fix(
        "node",
        {"list.mjs": "export const list = (items, o) => items.slice(o.skip, o.skip + o.limit);\n", "test/shop.test.mjs": ""},
        {
            "list.mjs": "export const list = (items, { skip = 0, limit = 10 } = {}) => items.slice(skip, skip + limit);\n",
            "test/list.test.mjs": """
                import test from 'node:test';
                import assert from 'node:assert/strict';
                import { list } from '../list.mjs';

                test('everything is listed unless told otherwise', () => {
                  assert.deepEqual(list([1, 2]), [1, 2]);
                  assert.deepEqual(list([1, 2], { skip: 1 }), [2]);
                });
                """,
        },
    ),
    "a cache that was shared": fix(
        "pytest",
        {
            "cart.py": "class Cart:\n    def __init__(self, items=[]):\n        self.items = items\n",
            "tests/test_shop.py": "def test_nothing():\n    assert True\n",
        },
        {
            "cart.py": "class Cart:\n    def __init__(self, items=None):\n        self.items = [] if items is None else items\n",
            "tests/test_cart.py": """
                from unittest import mock

                from cart import Cart


                class TestCart:
                    def test_two_carts_share_nothing(self):
                        one = Cart()
                        one.items.append(mock.sentinel.book)
                        assert Cart().items == []
                """,
        },
    ),
}  # fmt: skip
