"""The function around a line, and never one that the code does not have."""

import pytest

from improver.locate.functions import function_at, functions

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
    assert function_at(source, "cart.js", "steal", 2) == "pay"
    assert function_at(source, "cart.js", "steal", None) == ""


def test_code_that_does_not_parse_locates_no_function():
    assert function_at("def broken(:\n", "cart.py", "broken", 1) == ""


@pytest.mark.parametrize(
    ("file", "source", "line", "function"),
    [
        ("a.js", "const pay = async (cart) => {\n  go()\n}\n\nconst other = 1\n", 2, "pay"),
        ("a.ts", "class C {\n  async add(item: Item): Promise {\n    if (x) {\n      y()\n    }\n  }\n}", 4, "add"),
        ("a.go", "func (s *Server) Orders(w W, r *R) {\n\ts.x()\n}\n", 2, "Orders"),
        ("a.rb", "class A\n  def show\n    x\n  end\n\n  def self.make\n    y\n  end\nend\n", 7, "make"),
        ("A.java", "class A {\n    public Order show(long id) {\n        return x;\n    }\n}\n", 3, "show"),
        ("a.rs", "pub async fn show(id: u32) -> String {\n    x\n}\n", 2, "show"),
        ("a.php", "<?php\nclass A {\n    public function show($id) {\n        return 1;\n    }\n}\n", 4, "show"),
        ("a.js", "if (x) {\n  y()\n}\n", 2, ""),
    ],
)
def test_functions_of_other_languages_are_told_by_their_shape(file, source, line, function):
    assert function_at(source, file, "", line) == function


def test_a_hostile_source_takes_no_time_and_breaks_nothing():
    for text in ("(" * 20_000, "def f(" * 20_000, "x" * 300_000, "a = " * 50_000, "\t" * 100_000 + "x"):
        functions(text, "a.py")
        functions(text, "a.js")
