"""The fuzzer: what it found once is harmless, a short campaign finds nothing, and a planted bug is found."""

import random
import subprocess
import sys
import time

import pytest

from bench.fuzz.decoders import Decoder, decoders
from bench.fuzz.examine import examine
from bench.fuzz.hunt import Budget, Hunt
from bench.fuzz.mutate import mutated, plain_of
from bench.fuzz.samples import CORPUS, ROOT, Sample, load, recorded

CRASHERS = sorted(CORPUS.glob("*.json"))


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    return decoders(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("path", CRASHERS, ids=lambda path: path.stem)
def test_an_input_that_broke_something_once_does_no_more(known, path):
    name, sample = load(path)
    assert examine(known[name].run, sample, 20).crash is None


def test_a_short_campaign_against_every_decoder_finds_nothing(known, tmp_path):
    command = [sys.executable, "-m", "bench.fuzz", "--inputs", "15", "--seed", "1", "--into", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    rows = {line.split()[0]: line for line in ran.stdout.splitlines()}
    assert set(known) <= set(rows)


def hunted(tmp_path, run, inputs=300):
    decoder = Decoder(seeds=lambda: [Sample(body=b'{"name": "value", "list": [1, 2]}')], run=run)
    score = Hunt("toy", decoder, tmp_path, 1).run(Budget(seconds=60, inputs=inputs))
    return score, [path.read_text() for path in tmp_path.glob("toy-*.json")]


def test_an_error_that_is_no_refusal_is_found_and_made_small(tmp_path):
    def run(sample):
        if b"null" in sample.body:
            raise KeyError("planted")

    score, crashers = hunted(tmp_path, run)
    assert (score.crashes, len(crashers)) == (1, 1)
    assert load(next(tmp_path.glob("toy-*.json"))) == ("toy", Sample(body=b"null"))
    assert "KeyError" in crashers[0]


def test_what_takes_too_long_or_too_much_is_a_crash():
    def hang(sample):
        until = time.process_time() + 20
        while time.process_time() < until:
            pass

    assert examine(hang, Sample(body=b""), 0.2).crash.kind == "slow"
    assert examine(lambda sample: bytearray(1 << 30), Sample(body=b"")).crash.kind.startswith("MemoryError")


def test_a_process_that_an_input_ends_leaves_that_input_behind(tmp_path):
    script = (
        "import os; from pathlib import Path; from bench.fuzz.decoders import Decoder;"
        "from bench.fuzz.hunt import Budget, Hunt; from bench.fuzz.samples import Sample;"
        "toy = Decoder(seeds=lambda: [Sample(body=b'last')], run=lambda sample: os._exit(9));"
        f"Hunt('toy', toy, Path({str(tmp_path)!r}), 1).run(Budget(seconds=9, inputs=9))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=60)
    assert ran.returncode == 9
    assert load(tmp_path / "current.json") == ("toy", Sample(body=b"last"))


@pytest.mark.parametrize("prefix", ["otel-", "sentry-python", "posthog-js"])
def test_one_seed_makes_the_same_inputs_again_and_they_differ(prefix):
    samples = recorded(prefix)

    def made(seed):
        rng = random.Random(seed)
        return [mutated(rng.choice(samples), rng, samples) for _ in range(40)]

    first = made("a")
    assert first == made("a") != made("b")
    assert len({plain_of(one) for one in first} - {plain_of(one) for one in samples}) > 25
