"""An element leads to the one place that it is written at, by what its author called it, or to nowhere."""

import pytest

from improver.locate import elements
from improver.locate.sites import Site

CART = '<h1>Cart</h1>\n<button id="coupon">Apply coupon</button>\n<a class="btn primary" aria-label="Close">x</a>\n'
FORM = """export function Signup() {
  return (
    <form>
      <input name="tax" />
      <Button
        data-testid="send-form"
        className="btn primary"
      >
        Sign up
      </Button>
    </form>
  )
}
"""
ERB = "<%= f.text_field :company, id: 'company' %>\n<%= link_to 'Sign up', new_path %>\n"
TEXTS = {"cart.html": CART, "src/Signup.tsx": FORM, "app/views/form.html.erb": ERB}


@pytest.mark.parametrize(
    ("element", "file", "line"),
    [
        ('button#coupon "Apply coupon"', "cart.html", 2),
        ('button "Apply coupon"', "cart.html", 2),
        ('a[aria-label="Close"] "x"', "cart.html", 3),
        ('button[data-testid="send-form"] "Sign up"', "src/Signup.tsx", 6),
        ('form > input[name="tax"]', "src/Signup.tsx", 4),
        ("input#company", "app/views/form.html.erb", 1),
    ],
)
def test_what_tells_an_element_apart_leads_to_it(element, file, line):
    assert elements.found(element, TEXTS) == (Site(file=file, line=line),)


@pytest.mark.parametrize(
    "element", ["button.btn.primary", "div", "button#gone", "", 'a "x"', "not an [element", "\x00#a"]
)
def test_what_tells_nothing_apart_leads_nowhere(element):
    assert elements.found(element, TEXTS) == ()


def test_the_same_words_twice_are_told_apart_by_what_stands_beside_them_or_not_at_all():
    assert len(elements.found('button "Sign up"', TEXTS)) == 2
    two = {"a.html": '<button id="send">Go</button>', "b.html": '<button id="send">Save</button>'}
    assert elements.found('button#send "Save"', two) == (Site(file="b.html", line=1),)
    assert len(elements.found("button#send", two)) == 2


def test_a_part_of_a_longer_name_is_another_name():
    assert elements.found("button#send", {"a.html": '<button id="send-all"></button><i data-id="send"></i>'}) == ()


def test_a_script_is_found_where_a_page_asks_for_it():
    texts = {"a.html": '<script src="/static/fonts.js?v=3"></script>', "b.html": "fonts.js is large"}
    name = elements.asset("https://cdn.example/static/fonts.js?v=9")
    assert elements.asking(name, texts) == (Site(file="a.html", line=1),)
    assert elements.asset("https://cdn.example/app-*.js") == ""


def test_hostile_names_take_no_time():
    for element in ('button "' + "a " * 5000, "a#" + "(" * 400, "[" * 500, "a." * 200):
        elements.found(element, {"a.html": "<a>" * 20_000})
