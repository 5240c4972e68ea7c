"""A line that the runtime stopped is one bug whoever came to it; one that refuses has as many as callers."""

import pytest

from improver.grouping import raising
from improver.model import Frame


def own(text: str = "", *, function: str = "due", line: int | None = 7, col: int | None = None, **where) -> Frame:
    path = "/srv/billing/due.py"
    told = {"filename": "due.py", "abs_path": path, "context_line": text, "in_app": True} | where
    return Frame(function=function, lineno=line, colno=col, **told)


def below(module: str = "", path: str = "", function: str = "f") -> Frame:
    return Frame(module=module, filename=path, abs_path=path, function=function, lineno=3, in_app=False)


JAVA = {"filename": "Due.java", "abs_path": "", "module": "shop.Due"}


def stopped(title, caller="page", *inner: Frame):
    exception = title.partition(": ")[0]
    return raising.stopped_at((own(f"{caller}()", function=caller, line=40), *inner), exception, title)


@pytest.mark.parametrize(
    ("title", "inner"),
    [
        ("TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'", (own("return net + tax"),)),
        ("ValueError: invalid literal for int() with base 10: '12 kg'", (own("return int(text)"),)),
        ("KeyError: 'vat'", (own('return bill["vat"]'),)),
        ("AttributeError: 'NoneType' object has no attribute 'upper'", (own("return name.upper()"),)),
        ("ValueError: unconverted data remains: Z",
         (own("return datetime.strptime(text, DAY)"), below(path="/usr/lib/python3.12/_strptime.py"))),
        ("JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
         (own("return json.loads(answer)"), below(path="/usr/lib/python3.12/json/decoder.py", function="raw_decode"))),
        ("TypeError: Cannot read properties of undefined (reading 'map')", (own("a.b.map(c)", col=14),)),
        ("TypeError: undefined is not an object (evaluating 'a.b')", (own(col=4711, line=1),)),
        ("java.lang.NullPointerException: Cannot invoke \"User.name()\"", (own(**JAVA),)),
        ("java.lang.NumberFormatException: For input string: \"\"",
         (own(**JAVA), below("java.lang.Integer", function="parseInt"))),
        ("runtime error: index out of range [3] with length 2",
         (own(filename="due.go"), below("runtime", "/usr/local/go/src/runtime/panic.go", "gopanic"))),
        ("panic: called `Option::unwrap()` on a `None` value", (own(filename="due.rs"),)),
        ("ErrorException: Undefined array key \"vat\"", (own(filename="due.php"),)),
        ("NoMethodError: undefined method `name' for nil", (own(filename="due.rb"),)),
    ],
)  # fmt: skip
def test_a_line_that_the_runtime_stopped_is_one_whoever_came_to_it(title, inner):
    assert stopped(title, "page", *inner) == stopped(title, "job", *inner) != ()


@pytest.mark.parametrize(
    ("title", "inner"),
    [
        ("ValueError: a quantity must be positive", (own('raise ValueError("a quantity must be positive")'),)),
        ("TypeError: an order must be given", (own('if (!order) throw new TypeError("an order must be given")'),)),
        ("AssertionError: ", (own("assert order"),)),
        ("TypeError: no order", (own('return Promise.reject(new TypeError("no order"))'),)),
        ("KeyError: 'vat'", (own("return cached(key)"), below("cachetools", "/venv/site-packages/cachetools.py"))),
        ("JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
         (own("return answer.json()"), below("requests.models", "/venv/site-packages/requests/models.py"))),
        ("OperationalError: no such column: vat", (own("return cursor.execute(statement)"),)),
        ("ConnectionRefusedError: [Errno 111] Connection refused", (own("sock.connect(address)"),)),
        ("java.lang.NullPointerException: order", (own(**JAVA), below("java.util.Objects", function="requireNonNull"))),
        ("java.lang.IllegalArgumentException: no such plan", (own(**JAVA),)),
        ("ValueError: no such plan", (own(),)),
        ("KeyError: 'vat'", (own('return bill["vat"]', line=None),)),
        ("TypeError: 'NoneType' object is not subscriptable", (below(path="/venv/site-packages/orm.py"),)),
    ],
)
def test_what_refuses_or_asks_somebody_else_says_nothing_of_its_callers(title, inner):
    assert stopped(title, "page", *inner) == ()


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("KeyError: 'sum'", own('return bill[key]')),
        ("KeyError: 'vat'", own('return bill[key]', line=9)),
        ("KeyError: 'vat'", own('return bill[name]')),
        ("KeyError: 'vat'", own('return bill[key]', function="paid")),
    ],
)
def test_other_words_or_another_line_are_another(title, line):
    assert stopped(title, "page", line) != stopped("KeyError: 'vat'", "page", own("return bill[key]"))


def test_of_a_bundle_the_column_tells_the_place():
    said = "TypeError: a is null"
    assert stopped(said, "t", own(line=1, col=50)) != stopped(said, "t", own(line=1, col=90))


def test_a_folder_of_one_machine_is_no_part_of_a_line_that_is_known():
    text = "return joined.replace(year=year)"
    here, there = own(text), own(text, abs_path="/opt/jobs/due.py")
    said = "ValueError: day is out of range for month"
    assert stopped(said, "page", here) == stopped(said, "job", there)


@pytest.mark.parametrize(
    ("exception", "line"),
    [
        ("OutOfStock", own('raise OutOfStock(f"{sku} is sold out")')),
        ("shop.errors.QuotaReached", own("throw new QuotaReached(plan)")),
        ("ValueError", own('raise ValueError("a quantity must be positive")')),
        ("SlotTaken", own(**JAVA)),
        ("java.lang.IllegalArgumentException", own(**JAVA)),
    ],
)
def test_what_the_app_raises_on_purpose(exception, line):
    assert raising.refuses((line,), exception)


@pytest.mark.parametrize(
    ("exception", "line"),
    [
        ("TypeError", own("return net + tax")),
        ("TypeError", own('throw new TypeError("no order")')),
        ("KeyError", own('return bill["vat"]')),
        ("ValueError", own("return int(text)")),
        ("AssertionError", own("assert order")),
        ("ArgumentError", own()),
        ("IntegrityError", own("cursor.execute(statement)")),
        ("HTTPError", below("requests.models", "/venv/site-packages/requests/models.py")),
    ],
)
def test_what_is_a_slip_or_somebody_elses_is_not_raised_on_purpose(exception, line):
    assert not raising.refuses((line,), exception)
