"""Reading JSON that anybody may have written."""

import json
import sys

import pytest

from improver import plugins
from improver.inflate import TooLarge

plugins.load("collectors", "otlp")
lenient = sys.modules["improver.collectors._lenient"]


@pytest.mark.parametrize("told", [{"b": 1, "a": "é"}, '{"b": 1, "a": "é"}', ' {"a":"\\u00e9",\n"b":1}'])
def test_the_same_arguments_are_the_same_text_however_they_came(told):
    assert lenient.canonical(told) == '{"a":"é","b":1}'


@pytest.mark.parametrize(
    ("told", "text"), [("ls -l", "ls -l"), ("{ echo", "{ echo"), (None, ""), (5, "5"), ("5", "5"), ([], "[]")]
)
def test_what_is_no_json_stays_what_it_is(told, text):
    assert lenient.canonical(told) == text


@pytest.mark.parametrize("depth", [100, 900, 950, 980, 990, 1000, 30_000])
def test_arguments_of_any_depth_are_a_text(depth):
    assert lenient.canonical("[" * depth + "]" * depth).startswith("[[")


def test_arguments_are_cut_at_the_limit():
    assert len(lenient.canonical({"a": "x" * 200_000})) == len(lenient.canonical("x" * 200_000)) == lenient.MAX_TEXT


def test_json_that_would_hold_too_much_is_refused_before_it_is_read():
    whole = json.dumps([{"key": n, "value": {"text": "a, b"}} for n in range(10_000)]).encode()
    assert lenient.bounded(whole) is whole
    for hostile in (b"[" + b"[]," * 800_000, b"[" + b"1," * 3_100_000):
        with pytest.raises(TooLarge):
            lenient.bounded(hostile)
