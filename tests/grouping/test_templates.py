"""Log templates: which lines one statement wrote, and that what was once given stays."""

import random
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analysis.log_templates import score
from bench.generate.logs import STYLES, logged
from improver.grouping.templates import LogTemplate, learned, mask, words


def templates(*messages, known=()):
    masked = [mask(message) for message in messages]
    found = learned(known, Counter(masked))
    return [found[message] for message in masked]


def groups(*messages):
    keys = [template.key for template in templates(*messages)]
    return [keys.index(key) for key in keys]


def test_lines_that_differ_in_values_only_are_one():
    names = ("ann", "bob", "carol", "dave", "erin", "frank")
    found = templates(*(f"user {name} logged in from 10.0.0.{n} after {n}.5 s" for n, name in enumerate(names)))
    assert len({template.key for template in found}) == 1
    assert {template.text for template in found} == {"user <*> logged in from <*> after <*>"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("interface eth0 link up", "interface eth0 link down"),
        ("Starting worker pool", "Stopping worker pool"),
        ("saved order 5", "saved basket 5"),
        ("order 5 saved", "order 5 saved twice"),
        ("data address: 0x1", "data address space................0x1"),
    ],
)
def test_statements_that_differ_in_a_plain_word_are_two(one, other):
    assert groups(one, other, one, other) == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("free 5.2 KB of 7 MB", "free 512 B of 1 GB"),
        ("took 1 second", "took 2 seconds"),
        ("joined: 5c:50:15:4c:18:13", "joined: ee:aa:bb:cc:dd:fe"),
        ("speeds ( 1 2 3 )", "speeds ( 1 2 3 4 5 )"),
        ("lock=5, tag=View, ws=null", 'lock=6, tag="My View", ws=System{7}'),
        ("received com.shop.action.TICK now", "received com.shop.action.TOCK now"),
        ("opened /srv/a/b.txt", "opened C:\\srv\\b.txt"),
        ("on Sat Nov 21", "on Fri Dec 4"),
    ],
)
def test_values_are_values_however_they_are_written(one, other):
    assert groups(one, other) == [0, 0]


def test_a_later_window_takes_the_known_template_with_its_key():
    first = templates("user ann logged in", "user bob logged in", "user al logged in", "user cy logged in",
                      "user di logged in")  # fmt: skip
    [later] = templates("user mallory logged in", known=set(first))
    assert later.key == first[0].key


def test_what_is_like_a_template_of_one_line_joins_it_and_its_key_stays():
    [alone] = templates("user ann logged in")
    later = templates(*(f"user {name} logged in" for name in ("bob", "cy", "di", "ed", "flo")), known=[alone])
    assert {template.key for template in later} == {alone.key}
    assert later[0].text == "user <*> logged in"


def test_a_template_of_values_only_takes_in_no_words():
    [numbers] = templates("17 18")
    assert numbers.pattern == ("<*>",)
    [said] = templates("done", known=[numbers])
    assert said.key != numbers.key


@pytest.mark.parametrize("style", STYLES)
def test_generated_logs_are_grouped_by_their_statements(style):
    lines = list(logged(style, 600, 1))
    found = templates(*(one.said for one in lines))
    reached = score([str(one.statement) for one in lines], [template.key for template in found], 1)
    assert reached.accuracy >= 0.95
    assert reached.pairs >= 0.99


def test_the_order_of_lines_decides_nothing():
    said = [one.said for one in logged("bare", 400, 2)]
    shuffled = said[:]
    random.Random(3).shuffle(shuffled)
    keys = dict(zip(said, (template.key for template in templates(*said)), strict=True))
    again = dict(zip(shuffled, (template.key for template in templates(*shuffled)), strict=True))
    assert keys == again


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=12))
def test_every_message_has_a_template_and_no_text_breaks_it(messages):
    for message, template in zip(messages, templates(*messages), strict=True):
        assert len(words(mask(message))) == len(template.pattern)
        assert template.key


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("ab1 <*>=:/", max_size=30), max_size=12))
def test_what_was_given_is_given_again(messages):
    first = templates(*messages)
    again = templates(*messages, known=list({one.pattern: one for one in first}.values()))
    assert [one.key for one in first] == [one.key for one in again]


@pytest.mark.parametrize(
    "piece",
    ["a", "a ", "a.", "a-", "x@", "1 ", "a=b ", "=", ":", ".", "<*>", "ab:", "://", '="', "Jan 1", "\0", "é ", "1.",
     "0x"],
)  # fmt: skip
def test_no_line_takes_long(piece):
    begun = time.process_time()
    templates(piece * 300_000)
    assert time.process_time() - begun < 1


def test_time_grows_with_the_lines_and_no_faster_for_hostile_ones():
    draw = random.Random(1)
    rare = [" ".join("b" if draw.random() < 0.02 else "a" for _ in range(60)) for _ in range(800)]
    begun = time.process_time()
    templates(*rare)
    assert time.process_time() - begun < 20


def test_templates_are_frozen():
    [found] = templates("saved order 5")
    assert found == LogTemplate(key="baed430777248ac8", pattern=("saved", "order", "<*>"), text="saved order <*>")
