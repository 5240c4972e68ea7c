"""What telemetry names leads to one place of a real repository, or to a reason why not."""

import pytest

from improver.locate import Clue
from improver.locate.atlas import Atlas
from improver.model import Frame, Unlocated
from improver.repo import Repository

BOOKS = """\
from fastapi import FastAPI
from sqlalchemy import text

app = FastAPI()


@app.get("/authors")
def authors():
    with database.connect() as db:
        return [name_of(db, n) for n in range(3)]


def name_of(db, n):
    return db.execute(text("select name from books where parent = :id"), {"id": n})


@app.get("/catalogue")
def catalogue():
    return Price.query.all()


@app.get("/twice")
def twice():
    log.error("could not save the order")


@app.post("/twice")
def again():
    log.error("could not save the order")
    log.error("the card was refused for %s", 1)
"""
FILES = {
    "books.py": BOOKS,
    "routes/orders.js": "const { show } = require('../controllers/orders');\nrouter.get('/:id', auth, show);\n",
    "app.js": "const orders = require('./routes/orders');\napp.use('/orders', orders);\n",
    "controllers/orders.js": "exports.x = 1;\n\nasync function show(req, res) {\n  res.json({});\n}\n",
    "pages/cart.html": '<h1>Cart</h1>\n<button id="pay">Pay</button>\n<i id="send"></i>\n',
    "pages/form.html": '<i id="send"></i>\n',
    "cms.py": "@server.tool()\ndef publish(page):\n    return page\n",
    "tests/test_cms.py": "def publish(page):\n    log.error('the card was refused for')\n",
    "app/views.py": "def f():\n    pass\n",
    "odd/`rm`.py": "@server.tool()\ndef remove():\n    pass\n",
}


@pytest.fixture
def spot(checkout):
    commit = checkout.commit(FILES)

    def look(**clue):
        atlas = Atlas(Repository(checkout.path), commit)
        atlas.prepare([Clue(**clue)])
        found = atlas.spot(Clue(**clue))
        return found if isinstance(found, Unlocated) else f"{found.told_by} {found.file}:{found.line} {found.function}"

    return look


SQL = "select name from books where parent = ?"
QUERY = {"statements": (SQL,), "route": "/authors"}


def test_each_kind_of_clue_leads_to_its_place(spot):
    assert spot(route="GET /authors") == "route books.py:8 authors"
    assert spot(**QUERY) == "statement books.py:14 name_of"
    assert spot(statements=("select * from prices",), route="/catalogue") == "statement books.py:19 catalogue"
    assert spot(statements=("select * from elsewhere",), route="/catalogue") == "route books.py:18 catalogue"
    assert spot(statements=("the card was refused for 7",)) == "statement books.py:30 again"
    assert spot(route="GET /orders/42") == "route controllers/orders.js:3 show"
    assert spot(element='button#pay "Pay"', route="/cart.html") == "element pages/cart.html:2 "
    assert spot(element="div.gone", route="/cart.html") == "route pages/cart.html:None "
    assert spot(tool="publish") == "tool cms.py:2 publish"
    place = (Frame(abs_path="/srv/app/views.py", function="f", lineno=2),)
    assert spot(spanned=place, route="/authors") == "span app/views.py:2 f"
    assert spot(frames=place) == "frame app/views.py:2 f"


def test_what_is_written_twice_counts_where_the_route_or_page_says(spot):
    said = ("could not save the order",)
    assert spot(statements=said) == Unlocated.AMBIGUOUS
    assert spot(statements=said, route="POST /twice") == "statement books.py:29 again"
    assert spot(element="i#send") == Unlocated.AMBIGUOUS
    assert spot(element="i#send", route="/form.html") == "element pages/form.html:1 "


def test_what_decides_nothing_or_is_not_there_has_a_reason(spot):
    assert spot(route="/twice") == Unlocated.AMBIGUOUS
    assert spot(route="/nowhere") == Unlocated.ABSENT
    assert spot(tool="unpublish") == Unlocated.ABSENT
    assert spot(frames=(Frame(filename="elsewhere.py"),)) == Unlocated.ABSENT
    assert spot() == Unlocated.UNTOLD


def test_a_file_whose_name_is_more_than_a_name_is_no_place(spot):
    assert spot(tool="remove") == Unlocated.ABSENT


def test_what_is_everywhere_is_no_place_and_keeps_nobody_else_from_theirs(checkout):
    files = {f"src/f{n}.py": f"def same_everywhere(): pass\ndef rare_{n}(): pass\n" for n in range(3_100)}
    commit = checkout.commit(files)
    atlas = Atlas(Repository(checkout.path), commit)
    both = Clue(tool="same_everywhere"), Clue(tool="rare_1234")
    atlas.prepare(both)
    assert atlas.spot(both[0]) == Unlocated.AMBIGUOUS
    assert atlas.spot(both[1]).file == "src/f1234.py"


def test_more_than_one_look_can_take_is_left_for_the_next(checkout):
    commit = checkout.commit({"a.py": "def tool_7(): pass\ndef tool_140(): pass\n"})
    atlas = Atlas(Repository(checkout.path), commit)
    clues = [Clue(tool=f"tool_{n}") for n in range(150)]
    atlas.prepare(clues)
    assert atlas.spot(clues[7]).function == "tool_7"
    assert atlas.spot(clues[140]) == Unlocated.UNREAD
