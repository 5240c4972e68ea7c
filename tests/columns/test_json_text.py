"""Columns are written as json.dumps writes their values, byte for byte."""

import json

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from improver.columns.json_text import numbers, quoted

TEXTS = st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), min_size=1)


@given(TEXTS)
def test_texts(values):
    expected = [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]
    assert quoted(pa.array(values, pa.string())).to_pylist() == expected


@given(st.lists(st.none() | st.floats() | st.integers(-(10**18), 10**18).map(float), min_size=1))
def test_numbers(values):
    expected = [None if value is None else repr(value) for value in values]
    assert numbers(pa.array(values, pa.float64())).to_pylist() == expected
