"""Decompression: every encoding, every way to be wrong, and never more memory than allowed."""

import gzip
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improver.errors import ImproverError
from improver.inflate import TooLarge, UnknownEncoding, inflate, reader

MIB = 1 << 20
TEXT = b'{"message": "h\xc3\xa9llo"}' * 5000


def raw_deflate(data):
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("GZIP ", gzip.compress(TEXT)),
        ("", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:70000]) + gzip.compress(TEXT[70000:])),
        ("gzip", gzip.compress(TEXT) + b"\0" * 512),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("br", brotli.compress(TEXT)),
    ],
)
def test_each_encoding_gives_back_the_bytes(encoding, body):
    assert inflate(body, encoding, cap=MIB) == TEXT


def test_a_reader_gives_lines_while_it_decompresses():
    lines = reader(gzip.compress(b"one\ntwo\n" + b"x" * MIB), "gzip", cap=2 * MIB)
    assert [lines.readline(), lines.readline(), len(lines.read())] == [b"one\n", b"two\n", MIB]


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip, br", "snappy", "é" * 99])
def test_an_unknown_or_stacked_encoding_is_refused_with_the_known_ones(encoding):
    with pytest.raises(UnknownEncoding) as refused:
        inflate(b"abc", encoding, cap=MIB)
    assert "gzip" in refused.value.hint


def test_zstd_without_its_package_is_a_clear_refusal():
    try:
        import zstandard
    except ImportError:
        with pytest.raises(UnknownEncoding, match="not installed"):
            inflate(b"(\xb5/\xfd", "zstd", cap=MIB)
    else:
        assert inflate(zstandard.compress(TEXT), "zstd", cap=MIB) == TEXT


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(TEXT)[:-20]),
        ("gzip", b""),
        ("gzip", gzip.compress(TEXT) + b"more"),
        ("deflate", zlib.compress(TEXT)[:-20]),
        ("deflate", zlib.compress(TEXT) + b"more"),
        ("br", brotli.compress(TEXT)[:-2]),
        ("br", b""),
    ],
)
def test_a_torn_or_padded_body_is_refused(encoding, body):
    with pytest.raises(ImproverError, match="not valid"):
        inflate(body, encoding, cap=MIB)


def test_many_empty_gzip_members_are_refused_at_once():
    with pytest.raises(ImproverError, match="64 members"):
        inflate(gzip.compress(b"") * 100_000, "gzip", cap=MIB)


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip.compress(b"\0" * (64 * MIB))),
        ("deflate", zlib.compress(b"\0" * (64 * MIB))),
        ("br", brotli.compress(b"\0" * (64 * MIB), quality=5)),
    ],
)
def test_a_bomb_is_refused_without_the_memory_it_asks_for(encoding, bomb):
    tracemalloc.start()
    with pytest.raises(TooLarge, match="decompressed"):
        inflate(bomb, encoding, cap=MIB)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * MIB


@given(st.sampled_from(["", "gzip", "deflate", "br"]), st.binary(max_size=300))
def test_garbage_raises_nothing_but_our_error(encoding, body):
    try:
        inflate(body, encoding, cap=MIB)
    except ImproverError as error:
        assert error.hint
