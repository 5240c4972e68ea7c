"""What became of the tests of one Python file: pure comparison of it before and after."""

import ast
from collections import Counter
from collections.abc import Collection, Iterator

from improver.gates._assertions import eased
from improver.gates._python_tests import Checked, TestFile, read
from improver.gates._refusals import Refusal
from improver.gates._tampering import Reason


def compare(path: str, before: str, after: str, elsewhere: Collection[str]) -> Iterator[Refusal]:
    """`elsewhere` are bodies of functions that the change adds in other files."""
    try:
        new = read(after)
    except SyntaxError as error:
        yield Refusal(reason=Reason.UNREADABLE, path=path, line=error.lineno or 0)
        return
    old = read(before)
    yield from _missing(path, old, new, elsewhere)
    yield from _skipped(path, old, new)
    for name, function in old.functions.items():
        if name in new.functions:
            yield from _altered(path, function, new.functions[name])


def bodies(text: str) -> frozenset[str]:
    try:
        return frozenset(function.body for function in read(text).functions.values())
    except SyntaxError:
        return frozenset()


def _missing(path: str, old: TestFile, new: TestFile, elsewhere: Collection[str]) -> Iterator[Refusal]:
    added = {function.body: function for name, function in new.functions.items() if name not in old.functions}
    for name, function in old.functions.items():
        if name in new.functions or not (function.is_test or function.assertions):
            continue
        if function.body in added:
            line = added[function.body].line
            yield Refusal(reason=Reason.RENAMED, path=path, line=line, said=f"{name} has another name")
        elif function.body in elsewhere:
            yield Refusal(reason=Reason.MOVED, path=path, line=function.line, said=f"{name} is in another file now")
        else:
            yield Refusal(reason=Reason.REMOVED, path=path, line=function.line, said=f"{name} is gone")
    for name in new.repeated.keys() - old.repeated.keys() & old.functions.keys():
        said = f"a second {name} takes the place of the first"
        yield Refusal(reason=Reason.REMOVED, path=path, line=new.repeated[name], said=said)


def _skipped(path: str, old: TestFile, new: TestFile) -> Iterator[Refusal]:
    """What a new test says of itself skips nobody else; it is no proof either."""
    for (name, said), lines in new.skips.items():
        fresh = name in new.functions and name not in old.functions and new.functions[name].is_test
        if not fresh and len(lines) > len(old.skips.get((name, said), ())):
            who = name or "its tests"
            yield Refusal(reason=Reason.SKIPPED, path=path, line=lines[-1], said=f"{who} may be skipped")


def _altered(path: str, old: Checked, new: Checked) -> Iterator[Refusal]:
    if old.cases - new.cases:
        yield Refusal(reason=Reason.REMOVED, path=path, line=new.line, said=f"a case of {new.name} is gone")
    if old.assertions and new.leaves > old.leaves:
        yield Refusal(reason=Reason.WEAKENED, path=path, line=new.line, said=f"{new.name} may leave early")
    kept = Counter(one.says for one in new.assertions)
    missing = []
    for one in old.assertions:
        if kept[one.says]:
            kept[one.says] -= 1
        else:
            missing.append(one)
    seen = Counter(one.says for one in old.assertions)
    fresh = [one for one in new.assertions if not seen[one.says]]
    for one in missing:
        counterpart, reason = eased(one, fresh)
        if counterpart:
            fresh.remove(counterpart)
        if reason:
            line = counterpart.line if counterpart else new.line
            yield Refusal(reason=reason, path=path, line=line, said=f"{new.name}: {reason.gloss}")
    yield from _hidden(path, old, new)


def _hidden(path: str, old: Checked, new: Checked) -> Iterator[Refusal]:
    """Assertions that stand where they stood not: under a condition, in a loop, in a function nobody calls."""
    where = {(one.says, one.under) for one in old.assertions}
    known = {says for says, _ in where}
    open_still = Counter(one.says for one in new.assertions if (one.says, one.under) in where)
    for one in new.assertions:
        if one.says in known and (one.says, one.under) not in where and not open_still[one.says]:
            said = f"an assertion of {new.name} now stands under {', '.join(map(_statement, one.under)) or 'nothing'}"
            yield Refusal(reason=Reason.WEAKENED, path=path, line=one.line, said=said)


def _statement(kind: str) -> str:
    return {"FunctionDef": "def", "AsyncFunctionDef": "def"}.get(kind, kind.removeprefix("Async").lower())


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
