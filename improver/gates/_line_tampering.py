"""What became of the tests of one file that is not Python: line by line, without what is commented out."""

import re
from collections import Counter
from collections.abc import Iterator

from improver.gates._line_rules import Rules
from improver.gates._refusals import Refusal
from improver.gates._tampering import Reason

Lines = list[tuple[int, str]]


def compare(path: str, before: str, after: str, rules: Rules) -> Iterator[Refusal]:
    old, new = _code(before, rules), _code(after, rules)
    yield from _missing(path, old, new, rules)
    yield from _more(path, old, new, rules.skip, Reason.SKIPPED)
    yield from _asserting(path, old, new, rules)


def reaches(path: str, before: str | None, after: str, rules: Rules) -> Iterator[Refusal]:
    """Of a new test file or an old one."""
    old, new = _code(before or "", rules), _code(after, rules)
    yield from _more(path, old, new, rules.only, Reason.SKIPPED)
    yield from _more(path, old, new, rules.reaches, Reason.RUNNER)
    yield from _more(path, old, new, rules.reads, Reason.READS_CODE)


def asks(path: str, before: str | None, after: str, rules: Rules) -> Iterator[Refusal]:
    yield from _more(path, _code(before or "", rules), _code(after, rules), rules.asks, Reason.LOOKS_FOR_TESTS)


def names(text: str, rules: Rules) -> Counter[str]:
    return Counter(name for _, name in _names(_code(text, rules), rules))


def _code(text: str, rules: Rules) -> Lines:
    """Stripped, so that indentation does not count; a block comment ends where it says so."""
    found: Lines = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if inside:
            inside = "*/" not in stripped
            continue
        if stripped.startswith("/*") and "/*" in rules.comment:
            inside = "*/" not in stripped
            continue
        if stripped and not stripped.startswith(rules.comment):
            found.append((number, " ".join(stripped.split())))
    return found


def _names(lines: Lines, rules: Rules) -> Iterator[tuple[int, str]]:
    for number, line in lines:
        if found := rules.test.search(line):
            yield number, next(filter(None, (found.groupdict().get(k) for k in ("name", "method", "other"))), "")


def _missing(path: str, old: Lines, new: Lines, rules: Rules) -> Iterator[Refusal]:
    left = Counter(name for _, name in _names(new, rules))
    for number, name in _names(old, rules):
        if left[name]:
            left[name] -= 1
        else:
            yield Refusal(reason=Reason.REMOVED, path=path, line=number, said="the test that stood here is gone")


def _more(path: str, old: Lines, new: Lines, pattern: re.Pattern[str], reason: Reason) -> Iterator[Refusal]:
    had = Counter(line for _, line in old if pattern.search(line))
    for number, line in new:
        if pattern.search(line):
            if had[line]:
                had[line] -= 1
            else:
                yield Refusal(reason=reason, path=path, line=number)


def _asserting(path: str, old: Lines, new: Lines, rules: Rules) -> Iterator[Refusal]:
    had = Counter(line for _, line in old)
    fresh = [(number, line) for number, line in new if not had[line] and rules.asserts.search(line)]
    left = Counter(line for _, line in new)
    for number, line in old:
        if not rules.asserts.search(line):
            continue
        if left[line]:
            left[line] -= 1
            continue
        at, instead = fresh.pop(0) if fresh else (number, "")
        yield Refusal(reason=_eased(line, instead, rules), path=path, line=at)


def _eased(old: str, new: str, rules: Rules) -> Reason:
    if not new:
        return Reason.ASSERTION_REMOVED
    weaker = rules.weak.search(new) is not None and rules.weak.search(old) is None
    return Reason.WEAKENED if weaker else Reason.EXPECTED
