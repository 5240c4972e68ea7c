"""However a route is written, it is the same route; and what fits no better than another decides nothing."""

import pytest

from improver.locate.routes import Handler, asked, best, segments


@pytest.mark.parametrize(
    "written",
    [
        "/orders/<id>", "/orders/<int:id>", "/orders/{id}", "/orders/{id:\\d+}", "/orders/:id", "/orders/:id(\\d+)",
        "/orders/[id]", "/orders/$id", "orders/<uuid:id>/", r"^orders/(?P<id>[0-9]+)/$", "/orders/*",
    ],
)  # fmt: skip
def test_parameters_are_equal_in_every_syntax(written):
    assert segments(written) == ("orders", "*")


@pytest.mark.parametrize(
    "written", ["/x/<path:rest>", "/x/[...rest]", "/x/{*rest}", "/x/{rest...}", "/x/**", "/x/*rest"]
)
def test_what_takes_the_rest_of_a_path_is_told_from_a_parameter(written):
    assert segments(written) == ("x", "**")


@pytest.mark.parametrize(
    ("route", "method", "path"),
    [
        ("GET /orders/42", "GET", ("orders", "*")),
        ("/orders/{id}", "", ("orders", "*")),
        ("https://shop.example/orders/7f3a0000-0000-4000-8000-000000000000?x=1", "", ("orders", "*")),
        ("/", "", ()),
    ],
)
def test_what_telemetry_calls_a_route_may_hold_a_method_an_origin_and_values(route, method, path):
    found = asked(route)
    assert (found.method, found.segments) == (method, path)


@pytest.mark.parametrize("route", ["orders.views.detail", "", "celery.send", "etc"])
def test_what_is_no_path_is_no_route(route):
    assert asked(route) is None


def handler(path, *, method="", line=1, file="a.py", whole=False):
    return Handler(method=method, segments=segments(path), file=file, line=line, whole=whole)


def lines(route, *handlers, method=""):
    return [one.line for one in best(asked(route, method), handlers)]


def test_words_go_before_parameters_and_parameters_before_the_rest():
    three = handler("/orders/new", line=1), handler("/orders/:id", line=2), handler("/**", line=3)
    assert lines("/orders/new", *three) == [1]
    assert lines("/orders/42", *three) == [2]
    assert lines("/elsewhere/entirely", *three) == [3]


def test_the_method_decides_where_it_is_known_and_else_nothing_does():
    two = handler("/orders", method="GET", line=1), handler("/orders", method="POST", line=2)
    assert lines("POST /orders", *two) == [2]
    assert lines("/orders", *two, method="GET") == [1]
    assert lines("/orders", *two) == [1, 2]


def test_the_end_of_a_path_counts_where_something_may_be_mounted_in_front():
    assert lines("/api/v1/orders/42", handler("/orders/:id")) == [1]
    assert lines("/api/v1/orders/42", handler("/orders/:id", whole=True)) == []
    assert lines("/api/v1/orders/42", handler("/:id")) == []


def test_what_lacks_a_part_of_the_path_is_another_route():
    assert lines("/orders", handler("/orders/:id")) == []
    assert lines("/orders/42/items", handler("/orders/:id")) == []
