"""What is asked of a hunk: each thing that it does on its own, and nothing that does nothing."""

import pytest

from improver.gates._hunks import hunks
from improver.gates._pieces import pieces

PRICE = "def price(item):\n    check(item)\n    return item['price']\n"
CALL = "reply = send(\n    item,\n    timeout=1,\n)\n"


def without(made):
    """The lines that each piece adds (-) or takes away (+)."""
    [hunk] = hunks(made.diff)
    return ["; ".join(line.replace("    ", " ") for line in piece.body) for piece in pieces(made, hunk)]


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        ("x = 1\n", "x = 2\n", []),  # it is the hunk
        ("x = 1\n", "x = 2\nevil = 3\n", ["-x = 1; +x = 2", "+evil = 3"]),
        ("x = 1\n", "x = 2; evil()\n", ["+x = 2; evil()"] * 2),
        ("x = 1\ny = 2\n", "x = 2\ny = 3\n", ["-x = 1; +x = 2", "-y = 2; +y = 3"]),
        (PRICE, PRICE.replace("    check(item)\n", "").replace("['price']", ".get('price')"),
         ["-    return item['price']; +    return item.get('price')".replace("    ", " "), "- check(item)"]),
        (PRICE, PRICE + "\n\n@shared\ndef other():\n    return 2\n",
         ["+@shared; +def other():; + return 2", "+ return 2"]),
        (CALL, CALL.replace("    timeout=1,\n", "    timeout=2,\n    verify=False,\n"),
         ["- timeout=1,; + timeout=2,", "+ verify=False,"]),
        ("a = 1\n\nb = 1\n", "a = 2\n\nb = 2\n", ["-a = 1; +a = 2", "-b = 1; +b = 2"]),
        ("", "x = 1\nif x:\n    y = 2\nelif y:\n    y = 3\n",
         ["+x = 1", "+if x:; + y = 2; +elif y:; + y = 3", "+ y = 2", "+elif y:; + y = 3"]),
    ],
    ids=["one", "behind", "same line", "lines", "a check", "function", "argument", "blocks", "new file"],
)  # fmt: skip
def test_everything_that_a_fix_does_is_asked_for(change, before, after, asked):
    assert without(change({"app.py": before}, {"app.py": after})) == asked


HONEST = {
    "types": ("def f(x):\n    return x\n", 'def f(x: int) -> int:\n    """It."""\n    return x or 0\n'),
    "a log line": ("def f(x):\n    return x\n", "def f(x):\n    logger.info('%s', x)\n    return x or 0\n"),
    "a bare end": ("def f(x):\n    go()\n", "def f(x):\n    go(x)\n    return None\n"),
    "other names": ("def f(x):\n    return go(x)\n", "def f(x):\n    told = go(x)\n\n    return told\n"),
    "deeper": ("def f(x):\n    go(x)\n", "def f(x):\n    if x:\n        go(x)\n"),
    "said to mypy": ("def f(x):\n    return x\n", "def f(x):\n    assert x is not None\n    return x or 0\n"),
    "comments": ("x = 1\n", "# one\n\nx = 2  # two\n"),
}


@pytest.mark.parametrize("name", HONEST)
def test_what_does_nothing_that_a_test_could_miss_is_not_asked_for(change, name):
    before, after = HONEST[name]
    allowed = {"-    return x; +    return x or 0", "-def f(x):; +def f(x: int) -> int:", "-    go(); +    go(x)"}
    assert set(without(change({"app.py": before}, {"app.py": after}))) <= {
        *(one.replace("    ", " ") for one in allowed), "+ if x:; +  go(x)", "+x = 2  # two",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        ("const a = (x) => x.b;\n", "const a = (x) => x?.b;\nexport function evil(y) {\n  return y;\n}\n",
         ["+export function evil(y) {; + return y;; +}"]),
        ("check(x);\nreturn x.b;\n", "return x?.b;\n", ["-check(x);"]),
        ("return go(x);\n", "// as before\nconst told = go(x);\nconsole.log(told);\nreturn told;\n", []),
    ],
    ids=["behind", "a check", "other names"],
)  # fmt: skip
def test_other_languages_are_read_by_their_brackets(change, before, after, asked):
    made = without(change({"app.js": before}, {"app.js": after}))
    assert [one.replace("  ", " ") for one in made if not one.startswith(("-const", "-return"))] == asked


@pytest.mark.parametrize("name", ["page.html", "rates.json", "App.tsx", "style.css"])
def test_of_what_is_no_code_only_hunks_are_asked_for(change, name):
    assert without(change({name: "a\nb\n"}, {name: "c\nd\ne\n"})) == []
