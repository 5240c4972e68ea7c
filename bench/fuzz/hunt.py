"""One decoder's campaign, in a process of its own: mutate, run, keep what is new, write down what crashes."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.fuzz.decoders import Decoder
from bench.fuzz.examine import Crash, confirmed, examine
from bench.fuzz.minimise import minimised
from bench.fuzz.mutate import mutated
from bench.fuzz.novelty import Novelty
from bench.fuzz.samples import Sample, written

MAX_CORPUS = 1500
MAX_KEPT = 256 * 1024  # larger ones slow down all that come of them
TRACED_SECONDS = 60.0  # following lines is slow in itself: only what is slow without it counts


@dataclass(kw_only=True)
class Score:
    """What came of a decoder's campaign so far."""

    decoder: str
    inputs: int = 0
    seconds: float = 0.0
    lines: int = 0
    possible: int = 0
    crashes: int = 0
    slowest: float = 0.0
    peak_mb: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """A campaign ends by the clock, or after so many inputs besides the first ones."""

    seconds: float
    inputs: int


class Hunt:
    """`folder` gets the crashers, the score, and the input that is being run, should it end this process."""

    def __init__(self, name: str, decoder: Decoder, folder: Path, seed: int) -> None:
        self.score = Score(decoder=name)
        self._decoder = decoder
        self._folder = folder
        self._rng = random.Random(f"{name} {seed}")
        self._novelty = Novelty()
        self._known: set[str] = set()
        self._corpus: list[Sample] = []

    def run(self, budget: Budget) -> Score:
        begun, told = time.monotonic(), 0.0
        most = budget.inputs + len(self._decoder.seeds())
        for sample in self._inputs():
            self._try(sample)
            self.score.seconds = time.monotonic() - begun
            if self.score.seconds >= budget.seconds or self.score.inputs >= most:
                break
            if self.score.seconds > told + 1:
                told = self.score.seconds
                self._tell()
        self._tell()
        return self.score

    def _inputs(self) -> Iterator[Sample]:
        seeds = list(self._decoder.seeds())
        yield from seeds
        # Seeds stay whatever they reach: they are real.
        self._corpus = seeds + self._corpus
        while True:
            yield mutated(self._chosen(), self._rng, self._corpus)

    def _chosen(self) -> Sample:
        """The newest finds more often: nobody has gone on from them yet."""
        if self._rng.random() < 0.3:
            return self._corpus[-1 - self._rng.randrange(min(30, len(self._corpus)))]
        return self._rng.choice(self._corpus)

    def _try(self, sample: Sample) -> None:
        (self._folder / "current.json").write_text(written(sample, self.score.decoder))
        lines = len(self._novelty.lines)
        with self._novelty.followed():
            found = examine(self._decoder.run, sample, TRACED_SECONDS)
        if found.crash is None and found.seconds > 1:
            found = examine(self._decoder.run, sample)
        self.score.inputs += 1
        self.score.slowest = max(self.score.slowest, found.seconds)
        self.score.peak_mb = max(self.score.peak_mb, found.megabytes)
        self.score.lines = len(self._novelty.lines)
        if found.crash:
            self._note(sample, found.crash)
        elif self.score.lines > lines and len(self._corpus) < MAX_CORPUS and len(sample.body) < MAX_KEPT:
            self._corpus.append(sample)

    def _note(self, sample: Sample, crash: Crash) -> None:
        if crash.kind in self._known or not confirmed(self._decoder.run, sample, crash):
            return
        self._known.add(crash.kind)
        self.score.crashes = len(self._known)
        # A slow one takes too long to be tried in many forms.
        if crash.kind != "slow":
            sample = minimised(sample, lambda one: confirmed(self._decoder.run, one, crash))
        name = f"{self.score.decoder}-{len(self._known)}-{self._rng.randrange(16**6):06x}.json"
        (self._folder / name).write_text(written(sample, self.score.decoder, f"{crash.kind}: {crash.said}"))
        self._tell()

    def _tell(self) -> None:
        self.score.possible = self._novelty.possible()
        (self._folder / f"{self.score.decoder}.score").write_text(json.dumps(asdict(self.score)))
