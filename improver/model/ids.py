"""Ids that are the same wherever and whenever they are made from the same parts."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache


def digest(*parts: object, length: int = 16) -> str:
    """A hex id of the parts; their boundaries count, so ("ab", "c") and ("a", "bc") differ."""
    return begun(*parts, length=length).hexdigest()


def begun(*parts: object, length: int = 16) -> "hashlib.blake2b":
    """A digest of these parts and others, with which it is `ended`: for many ids that begin alike."""
    hashed = hashlib.blake2b(digest_size=length // 2)
    for part in parts:
        _add(hashed, part)
    return hashed


def ended(begun: "hashlib.blake2b", *parts: object) -> str:
    hashed = begun.copy()
    for part in parts:
        _add(hashed, part)
    return hashed.hexdigest()


def digests(part: object, numbers: Iterable[int], length: int = 16) -> Iterator[str]:
    """The digest of `part` with each of these numbers, for many of them."""
    first = begun(part, length=length)
    for number in numbers:
        hashed = first.copy()
        hashed.update(_counted(number))
        yield hashed.hexdigest()


@lru_cache(65536)
def _counted(number: int) -> bytes:
    return f"{len(str(number))}:{number}".encode()


def _add(hashed: "hashlib.blake2b", part: object) -> None:
    encoded = str(part).encode("utf-8", "surrogatepass")
    hashed.update(f"{len(encoded)}:".encode() + encoded)
