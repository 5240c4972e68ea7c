"""From a place in a bundle to the line that somebody wrote."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver.bundles.sourcemaps import MAX_BYTES, SourceMap, parse
from improver.errors import ImproverError

FIXTURES = Path(__file__).parent.parent / "fixtures" / "sourcemaps"
BUNDLE = FIXTURES / "bundle" / "shop.min.js"
CALLS = [
    ("src/cart.js", 9, "firstPrice", "    return first.price;"),
    ("src/shop.js", 5, "checkout", "  return cart.firstPrice() * 1.2;"),
    ("src/shop.js", 9, "pay", "  return checkout(items);"),
    ("src/shop.js", 13, "", "  pay([]);"),
]


def small(**changed):
    return {"version": 3, "sources": ["a.js"], "names": [], "mappings": "AAAA", **changed}


def calls(source_map, stack):
    """Where each frame of a stack, as an engine prints it, comes from."""
    places = [source_map.original(int(line) - 1, int(column) - 1) for line, column in stack]
    return [(place.source, place.line + 1, place.function, place.text) for place in places]


def test_a_recorded_stack_of_a_bundle_becomes_that_of_its_sources():
    source_map = parse(BUNDLE.with_suffix(".js.map").read_bytes())
    assert calls(source_map, [(1, 87), (1, 125), (1, 151), (1, 160)]) == CALLS


def test_a_stack_of_a_real_bundle_run_by_a_real_engine(tmp_path):
    for program in ("npm", "node"):
        if not shutil.which(program):
            pytest.skip(f"needs {program}: apt-get install nodejs npm")
    install = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(tmp_path), "esbuild@0.28"]
    if subprocess.run(install, capture_output=True, timeout=120, check=False).returncode:
        pytest.skip("needs the esbuild package: no registry of npm can be reached")
    shutil.copytree(FIXTURES / "src", tmp_path / "src")
    bundled = [tmp_path / "node_modules/.bin/esbuild", "src/shop.js", "--bundle", "--minify", "--sourcemap"]
    subprocess.run([*bundled, "--outfile=out/app.js"], cwd=tmp_path, capture_output=True, timeout=60, check=True)
    run = subprocess.run(["node", "out/app.js"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    stack = re.findall(r"app\.js:(\d+):(\d+)", run.stdout)
    assert calls(parse((tmp_path / "out/app.js.map").read_bytes()), stack[:4]) == CALLS


def test_a_place_before_the_first_segment_and_one_without_a_source_are_unknown():
    source_map = SourceMap(small(mappings="EAAA,C;;AACA"))
    assert [source_map.original(0, column) for column in (0, 1, 3, 99)] == [None] * 4
    assert source_map.original(0, 2).line == 0
    assert source_map.original(1, 0) is None
    assert source_map.original(2, 7).line == 1


def test_sections_stand_where_their_offset_says():
    first, second = (
        small(sources=["a.js"], names=["x"], mappings="AAAAA"),
        small(sources=["b.js"], names=["y"], mappings="AAAAA"),
    )
    sections = [
        {"offset": {"line": 0, "column": 0}, "map": first},
        {"offset": {"line": 0, "column": 10}, "map": second},
    ]
    source_map = SourceMap({"version": 3, "sections": sections})
    assert [(o.source, o.name) for o in (source_map.original(0, 9), source_map.original(0, 10))] == [
        ("a.js", "x"),
        ("b.js", "y"),
    ]


@pytest.mark.parametrize(
    ("source", "root", "path"),
    [
        ("../src/a.js", "", "src/a.js"), ("webpack://shop/./src/a.ts?4f2a", "", "src/a.ts"),
        ("a.js", "/srv/app/", "srv/app/a.js"),
        ("webpack:///./src/a.ts", "", "src/a.ts"), ("file:///srv/a.js", "x", "/srv/a.js"),
        ("C:\\src\\a.js", "", "C:/src/a.js"),
        ("https://shop.test/src/a.js", "", "src/a.js"), ("", "", ""),
    ],
)  # fmt: skip
def test_a_source_is_named_as_a_path_below_its_project(source, root, path):
    assert SourceMap(small(sources=[source], sourceRoot=root)).original(0, 0).source == path


@pytest.mark.parametrize(
    ("source", "column", "function"),
    [
        ("function pay() { throw 1 }", 17, "pay"), ("function pay() { throw 1 }", 0, ""),
        ("export default async function pay() {\n  |x", 2, "pay"), ("const pay = async (a) =>\n  |x", 2, "pay"),
        ("class A {\n  static async pay(a, b) {\n    if (a) {\n      |x", 6, "pay"),
        ("const api = {\n  pay: function () {\n    |x", 4, "pay"), ("module.exports.pay = (a) => {\n  |x", 2, "pay"),
        ("for (const a of b) {\n  |x", 2, ""), ("pay(): number {\n  while (true) {\n    |x", 4, "pay"),
    ],
)  # fmt: skip
def test_the_function_around_a_place_is_read_from_the_source(source, column, function):
    line = max((n for n, text in enumerate(source.split("\n")) if "|" in text), default=0)
    vlq = {0: "A", 1: "C", 2: "E", 3: "G", 4: "I", 6: "M", 17: "iB"}
    record = small(sourcesContent=[source.replace("|", " ")], mappings=f"AA{vlq[line]}{vlq[column]}")
    assert SourceMap(record).original(0, 0).function == function


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is JSON"), (b"[]", "version 3"), (b'{"version": 2}', "version 3"), (b'{"version": 3}', "no mappings"),
        (b"[" * 9999, "is JSON"), (b" " * (MAX_BYTES + 1), "MiB"),
        *((json.dumps(small(mappings=damaged)).encode(), "damaged") for damaged in ("A!AA", "AA", "g", "g" * 99)),
        (json.dumps(small(sources="a")).encode(), "no list"), (b'{"version": 3, "sections": [1]}', "where it begins"),
        (b'{"version": 3, "sections": [{"offset": {"line": -1, "column": 0}}]}', "where it begins"),
    ],
)  # fmt: skip
def test_what_is_no_source_map_is_said(content, says):
    with pytest.raises(ImproverError, match=says):
        parse(content)


def test_a_guard_against_being_loaded_as_a_script_is_passed_over():
    assert parse(b")]}'\n" + json.dumps(small()).encode()).original(0, 0).source == "a.js"


def test_decoding_is_linear():
    def seconds(segments):
        begin = time.process_time()
        SourceMap(small(mappings=",".join(["CAAA"] * segments)))
        return time.process_time() - begin

    few, many = seconds(10_000), seconds(80_000)
    assert many < 8 * few * 4 + 0.1


TEXTS = st.text(alphabet="ACgz+/;,9é", max_size=60)


@given(TEXTS, st.lists(st.text(max_size=9), max_size=3), st.integers(0, 9), st.integers(0, 99))
@settings(max_examples=150, deadline=None)
def test_any_mappings_are_read_or_refused(mappings, contents, line, column):
    try:
        SourceMap(small(mappings=mappings, sourcesContent=contents)).original(line, column)
    except ImproverError as error:
        assert "damaged" in error.message
