"""What programs in eight languages really printed: a bug is one with other inputs, and in the next release."""

import itertools
import json
from pathlib import Path

import pytest

from improver.analyze import analyze
from improver.config import Settings

FOLDER = Path(__file__).parent.parent / "fixtures" / "polyglot"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.log"))
# Of two loggers of one program, one may leave out what caused an exception: then two groups are right.
RECALL = {"node-minified": 0.94, "ruby": 0.88}


@pytest.fixture(scope="module")
def fingerprints():
    found = analyze(Settings(), [FOLDER / f"{language}.log" for language in LANGUAGES], "logs").events
    return {event.ref: event.fingerprint for event in found if event.kind in ("error", "crash")}


def grouped(language, fingerprints):
    """The bug that each record is of, with the fingerprint that it was given."""
    log = FOLDER / f"{language}.log"
    for one in json.loads(log.with_suffix(".json").read_text()):
        refs = (f"{log}:{number}" for number in range(one["first"], one["last"] + 1))
        yield one["bug"], next((fingerprints[ref] for ref in refs if ref in fingerprints), "")


def ratio(part, whole):
    return part / whole if whole else 1.0


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_bug_is_one_group_and_each_group_one_bug(language, fingerprints, capsys):
    pairs = list(itertools.combinations(grouped(language, fingerprints), 2))
    one_bug = [one[0] == other[0] for one, other in pairs]
    together = [one[1] == other[1] != "" for one, other in pairs]
    right = sum(map(all, zip(one_bug, together, strict=True)))
    precision, recall = ratio(right, sum(together)), ratio(right, sum(one_bug))
    with capsys.disabled():
        print(f"\n{language}: {len(pairs)} pairs, precision {precision:.3f}, recall {recall:.3f}")
    assert precision == 1.0
    assert recall >= RECALL.get(language, 1.0)
