"""Makes a crasher smaller for as long as it fails in the same way."""

import time
from collections.abc import Callable
from dataclasses import replace

from bench.fuzz.mutate import plain_of
from bench.fuzz.samples import Sample

SECONDS = 8.0


def minimised(sample: Sample, fails: Callable[[Sample], bool]) -> Sample:
    """Without compression if that is not what it is about, and without all the bytes that can go."""
    until = time.monotonic() + SECONDS
    headers = {name: value for name, value in sample.headers.items() if name != "content-encoding"}
    bare = replace(sample, body=plain_of(sample), headers=headers)
    sample = bare if fails(bare) else sample
    size = max(1, len(sample.body) // 2)
    while size and time.monotonic() < until:
        at = 0
        while at < len(sample.body) and time.monotonic() < until:
            shorter = replace(sample, body=sample.body[:at] + sample.body[at + size :])
            if fails(shorter):
                sample = shorter
            else:
                at += size
        size //= 2
    return sample
