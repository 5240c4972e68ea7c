"""The text of a query or message leads to the place that holds it."""

import pytest

from improver.locate import statements


@pytest.mark.parametrize(
    ("statement", "needle"),
    [
        ("select name from books where parent = ?", "select name from books where parent"),
        ("\nselect count(*)\nfrom days left join books on x = ?", "from days left join books on x"),
        ("payment of <float> failed for customer <*>", "payment of"),
        ("worker: could not save order <*>: [Errno <*>] No space left on device", "could not save order"),
        ("could not reach {host} within {seconds} s", "could not reach"),
        ("%s: no space left on device", "no space left on device"),
    ],
)
def test_the_longest_part_of_a_query_and_the_first_of_a_message_are_looked_for(statement, needle):
    assert statements.needles(statement)[0] == needle


@pytest.mark.parametrize("statement", ["", "failed", "?", "<*> <*>", "12 34", "internal_server_error_of_kind"])
def test_what_could_be_found_by_chance_is_not_looked_for(statement):
    assert statements.needles(statement) == ()


def test_every_place_that_holds_it_counts():
    texts = {"a.py": "x\nlog.error('no space left on %s', d)\n", "b.py": "# nothing\n"}
    [site] = statements.found("no space left on <path>", texts)
    assert (site.file, site.line) == ("a.py", 2)
    assert len(statements.found("no space left on <path>", texts | {"c.py": "no space left on\n" * 2})) == 3


def test_the_table_and_its_model_are_what_asks_for_it():
    lines = [(7, "def show(id):"), (8, "    return OrderItem.query.get(id)"), (9, "    return orderly")]
    assert statements.asking("select * from order_items where id = ?", lines) == (8,)
    assert statements.asking("select ?", lines) == ()
