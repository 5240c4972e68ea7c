"""Whether one assertion is easier to pass than another: by what they compare, and how."""

import ast
from collections.abc import Sequence

from improver.gates._python_tests import RAISES, Assertion, named
from improver.gates._tampering import Reason

# From what says least of its operand to what says most.
STRENGTH = {"true": 0, "not": 0, "NotEq": 1, "IsNot": 1, "NotIn": 1, "In": 2, "Lt": 2, "LtE": 2, "Gt": 2, "GtE": 2}
EXACT = 3
METHODS = {
    "assertTrue": "true", "assertFalse": "not", "assertIsNotNone": "IsNot", "assertIsNone": "Is", "assertIn": "In",
    "assertNotIn": "NotIn", "assertNotEqual": "NotEq", "assertGreater": "Gt", "assertGreaterEqual": "GtE",
    "assertLess": "Lt", "assertLessEqual": "LtE", "assertIsInstance": "In",
}  # fmt: skip
TOLERANCES = {"abs", "rel", "rtol", "atol", "delta", "rel_tol", "abs_tol", "tolerance"}
PRECISIONS = {"places", "decimal", "significant"}
BROAD = {"Exception", "BaseException"}


def eased(old: Assertion, fresh: Sequence[Assertion]) -> tuple[Assertion | None, Reason | None]:
    """What stands in its place, if anything, and what is wrong with that; an assertion that says more is not."""
    same = [one for one in fresh if _subject(one.node) == _subject(old.node)]
    counterpart = next(iter(same), next(iter(fresh), None))
    if counterpart is None:
        return None, Reason.ASSERTION_REMOVED
    if trivial(counterpart.node):
        return counterpart, Reason.WEAKENED
    if not same:
        return counterpart, Reason.EXPECTED
    before, after = _strength(old.node), _strength(counterpart.node)
    if after != before:
        return counterpart, Reason.WEAKENED if after < before else None
    if _tolerance(counterpart.node) > _tolerance(old.node) or _broader(old.node, counterpart.node):
        return counterpart, Reason.WEAKENED
    return counterpart, Reason.EXPECTED


def trivial(node: ast.expr) -> bool:
    """Whether it holds whatever the code does."""
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(node, (ast.Tuple, ast.List)):
        return bool(node.elts)
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        return any(trivial(value) for value in node.values)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        same = ast.dump(node.left) == ast.dump(node.comparators[0])
        constant = isinstance(node.left, ast.Constant) and isinstance(node.comparators[0], ast.Constant)
        return same or constant or _never_negative(node)
    if isinstance(node, ast.Call) and named(node.func).startswith("assert"):
        constant = all(isinstance(argument, ast.Constant) for argument in node.args)
        return bool(node.args) and (constant or len({ast.dump(a) for a in node.args[:2]}) < len(node.args[:2]))
    return False


def _never_negative(node: ast.Compare) -> bool:
    right = node.comparators[0]
    counted = isinstance(node.left, ast.Call) and named(node.left.func) == "len"
    return counted and isinstance(node.ops[0], ast.GtE) and isinstance(right, ast.Constant) and right.value == 0


def _subject(node: ast.expr) -> str:
    """What it is about: the left operand, or the first argument."""
    if isinstance(node, ast.Compare):
        # `x in y` is about y when x is what is expected.
        left = node.comparators[0] if isinstance(node.left, ast.Constant) else node.left
        return ast.dump(left)
    if isinstance(node, ast.UnaryOp):
        return _subject(node.operand)
    if isinstance(node, ast.Call) and named(node.func) in RAISES:
        return "raises"
    if isinstance(node, ast.Call) and named(node.func).startswith("assert"):
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        mocked = receiver is not None and not (isinstance(receiver, ast.Name) and receiver.id == "self")
        about = receiver if mocked and named(node.func) not in METHODS else next(iter(node.args), None)
        if isinstance(about, ast.Constant) and len(node.args) > 1:
            about = node.args[1]
        return ast.dump(about) if about else ""
    return ast.dump(node)


def _strength(node: ast.expr) -> int:
    if isinstance(node, ast.Compare):
        return min(STRENGTH.get(type(op).__name__, EXACT) for op in node.ops)
    if isinstance(node, ast.Call):
        return STRENGTH.get(METHODS.get(named(node.func), ""), EXACT) if _is_assertion(node) else 0
    return 0


def _is_assertion(node: ast.Call) -> bool:
    return named(node.func).startswith("assert") or named(node.func) in RAISES


def _tolerance(node: ast.expr) -> float:
    """How far off a number may be: a larger tolerance, fewer places."""
    worst = 0.0
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        for keyword in call.keywords:
            if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, (int, float)):
                value = float(keyword.value.value)
                if keyword.arg in TOLERANCES:
                    worst = max(worst, value)
                elif keyword.arg in PRECISIONS:
                    worst = max(worst, 10.0**-value)
    return worst


def _broader(old: ast.expr, new: ast.expr) -> bool:
    """`raises(ValueError)` that became `raises(Exception)`, or lost what the message must match."""
    if not (isinstance(old, ast.Call) and isinstance(new, ast.Call) and named(new.func) in RAISES):
        return False
    names = [{named(argument) for argument in call.args} & BROAD for call in (old, new)]
    return bool(names[1] - names[0]) or len(new.keywords) < len(old.keywords)
