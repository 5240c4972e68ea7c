"""A change stays where the Spec allows it, and when asked where the stack leads."""

from improver.gates.scope import Config, judge
from improver.model import Frame


def told(made, **config):
    return judge(made, Config(**config)).reason


def test_paths_outside_the_allowed_ones_are_refused(change):
    made = change({}, {"src/a.py": "1\n", "tools/b.py": "1\n"}, allowed_paths=("src/**", "tests/**"))
    verdict = judge(made, Config())
    assert (verdict.result, verdict.reason) == ("fail", "not_allowed_path")
    assert "tools/b.py" in verdict.detail
    assert "src/a.py" not in verdict.detail


BEFORE = {"app.py": "1\n", "shop/cart.py": "1\n", "shop/tax.py": "1\n", "tests/test_cart.py": "1\n"}
STACK = (Frame(filename="app.py", in_app=True), Frame(filename="shop/cart.py", in_app=True))


def test_everything_allowed_may_be_changed_unless_it_is_to_keep_to_the_stack(change):
    made = change(BEFORE, {"shop/tax.py": "2\n"}, frames=STACK)
    assert told(made) == "within_scope"
    verdict = judge(made, Config(keep_to_stack=True))
    assert (verdict.result, verdict.reason) == ("fail", "off_stack")
    assert verdict.detail.startswith("shop/tax.py: ")


def test_on_the_stack_are_its_files_new_ones_beside_them_and_tests(change):
    after = {"shop/cart.py": "2\n", "app.py": "2\n", "shop/rates.py": "1\n", "tests/test_new.py": "1\n"}
    made = change(BEFORE, after, frames=STACK)
    assert made.stack == ("shop/cart.py", "app.py")
    assert told(made, keep_to_stack=True) == "within_scope"
    assert told(change(BEFORE, {"other/rates.py": "1\n"}, frames=STACK), keep_to_stack=True) == "off_stack"


def test_a_stack_never_permits_what_the_target_does_not_allow(change):
    made = change(BEFORE, {"shop/cart.py": "2\n"}, frames=STACK, allowed_paths=("app.py",))
    assert told(made, keep_to_stack=True) == "not_allowed_path"


def test_a_finding_without_a_place_narrows_nothing(change):
    assert told(change(BEFORE, {"shop/tax.py": "2\n"}, location=None), keep_to_stack=True) == "within_scope"
