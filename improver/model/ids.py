"""Ids that are the same wherever and whenever they are made from the same parts."""

import hashlib


def digest(*parts: object, length: int = 16) -> str:
    """A hex id of the parts; their boundaries count, so ("ab", "c") and ("a", "bc") differ."""
    hashed = hashlib.blake2b(digest_size=length // 2)
    for part in parts:
        encoded = str(part).encode("utf-8", "surrogatepass")
        hashed.update(f"{len(encoded)}:".encode() + encoded)
    return hashed.hexdigest()
