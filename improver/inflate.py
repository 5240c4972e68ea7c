"""Streaming decompression that a hostile body cannot blow up."""

import importlib
import io
import zlib
from collections.abc import Generator, Iterator
from types import ModuleType
from typing import TYPE_CHECKING

from improver.errors import ImproverError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP_MAGIC = b"\x1f\x8b"
GZIP_MEMBERS = 64
CHUNK = 64 * 1024
ENCODINGS = "gzip, deflate, br, zstd"


class TooLarge(ImproverError):
    """What came out would be larger than allowed."""


class UnknownEncoding(ImproverError):
    """A Content-Encoding that is not spoken here."""


def inflate(body: bytes, encoding: str, *, cap: int) -> bytes:
    """The whole body, decompressed; never more than `cap` bytes are held."""
    return reader(body, encoding, cap=cap).read()


def size_of(body: bytes, encoding: str, *, cap: int) -> int:
    """How large the body is once decompressed, as far as it can be, in constant memory; no more than `cap`."""
    size = 0
    try:
        for chunk in _chunks(body, encoding):
            size += len(chunk)
            if size >= cap:
                return cap
    except ImproverError:
        return size
    return size


def reader(body: bytes, encoding: str, *, cap: int) -> io.BufferedReader:
    """The body as a file that is decompressed while it is read, in constant memory."""
    return io.BufferedReader(_Chunks(_capped(_chunks(body, encoding), cap)), CHUNK)


def _chunks(body: bytes, encoding: str) -> Iterator[bytes]:
    name = encoding.strip().lower()
    # Some browser SDKs send gzip without saying so.
    if name in ("", "identity"):
        name = "gzip" if body.startswith(GZIP_MAGIC) else "identity"
    if name == "identity":
        return iter((body,))
    if name in ("gzip", "x-gzip"):
        return _gzip(body)
    if name == "deflate":
        return _deflate(body)
    if name == "br":
        return _brotli(body)
    if name == "zstd":
        return _zstd(body)
    raise UnknownEncoding(f"unknown Content-Encoding {encoding[:40]!r}", hint=f"send one of: {ENCODINGS}, or none")


def _capped(chunks: Iterator[bytes], cap: int) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > cap:
            raise TooLarge(f"the body is larger than {cap} bytes once decompressed", hint="send less at a time")
        yield chunk


def _gzip(body: bytes) -> Iterator[bytes]:
    rest = memoryview(body)
    for _ in range(GZIP_MEMBERS):
        used = yield from _zlib(rest, 31, "gzip")
        rest = rest[used:]
        if not bytes(rest[:CHUNK]).strip(b"\0"):
            return
    raise ImproverError(f"the gzip body has more than {GZIP_MEMBERS} members", hint="compress the body as one member")


def _deflate(body: bytes) -> Iterator[bytes]:
    wrapped = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    used = yield from _zlib(memoryview(body), 15 if wrapped else -15, "deflate")
    if used < len(body):
        raise _garbage("deflate", "bytes after its end")


def _zlib(body: memoryview, wbits: int, name: str) -> Generator[bytes, None, int]:
    """One stream, in pieces; returns how many bytes of the body belonged to it."""
    stream, read = zlib.decompressobj(wbits=wbits), 0
    while not stream.eof:
        piece: bytes | memoryview = stream.unconsumed_tail or body[read : read + CHUNK]
        read += 0 if stream.unconsumed_tail else len(piece)
        try:
            chunk = stream.decompress(piece, CHUNK)
        except zlib.error as error:
            raise _garbage(name, str(error)) from error
        if not piece and not chunk:
            raise _garbage(name, "it ends too early")
        yield chunk
    return read - len(stream.unused_data)


def _brotli(body: bytes) -> Iterator[bytes]:
    import brotli

    stream, rest = brotli.Decompressor(), body
    while not stream.is_finished():
        try:
            chunk = stream.process(rest, output_buffer_limit=CHUNK)
        except brotli.error as error:
            raise _garbage("br", str(error)) from error
        if not chunk and not rest:
            raise _garbage("br", "it ends too early")
        rest = b""
        yield chunk


def _zstd(body: bytes) -> Iterator[bytes]:
    zstandard = _zstandard()
    stream = zstandard.ZstdDecompressor(max_window_size=8 << 20).stream_reader(body, read_across_frames=True)
    while True:
        try:
            chunk = stream.read(CHUNK)
        except zstandard.ZstdError as error:
            raise _garbage("zstd", str(error)) from error
        if not chunk:
            return
        yield chunk


def _zstandard() -> ModuleType:
    try:
        return importlib.import_module("zstandard")
    except ImportError as error:
        raise UnknownEncoding(
            "zstd bodies need a package that is not installed here",
            hint="pip install zstandard, or let the sender use gzip",
        ) from error


def _garbage(name: str, what: str) -> ImproverError:
    return ImproverError(f"the body is not valid {name}: {what}", hint="check the Content-Encoding header")


class _Chunks(io.RawIOBase):
    """Chunks as a raw file, so that io.BufferedReader reads lines and blocks from them."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._source = chunks
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: "WriteableBuffer", /) -> int:
        while not self._left:
            chunk = next(self._source, None)
            if chunk is None:
                return 0
            self._left = memoryview(chunk)
        view = memoryview(target).cast("B")
        size = min(len(view), len(self._left))
        view[:size] = self._left[:size]
        self._left = self._left[size:]
        return size
