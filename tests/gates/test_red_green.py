"""A regression test must fail without the change and pass with it, and no test of the base may be harmed."""

import sys
from pathlib import Path

import pytest

from improver.gates.red_green import Config, judge
from improver.model import FindingKind, Isolation
from improver.sandbox import probe

BUGGY = "def price(x):\n    return x * 3\n\n\ndef fees():\n    return 7\n"
FIXED = "def price(x):\n    return x * 2\n\n\ndef fees():\n    return 7\n"
OLD = """\
import shop, pytest


def test_zero():
    assert shop.price(0) == 0


def test_fees():
    assert shop.fees() == 7
"""
NEW = "import shop\n\n\ndef test_two():\n    assert shop.price(1) == 2\n"
BEFORE = {"shop.py": BUGGY, "tests/test_old.py": OLD}


def told(made, config=None):
    verdict = judge(made, config or Config(repeats=1))
    return f"{verdict.result} {verdict.reason}"


def test_a_test_that_fails_on_the_base_and_passes_on_the_change_is_proof(change):
    verdict = judge(change(BEFORE, {"shop.py": FIXED, "tests/test_new.py": NEW}), Config())
    assert (verdict.result, verdict.reason) == ("pass", "proven")
    assert verdict.detail == "tests/test_new.py::test_two."
    assert "assert 3 == 2" in verdict.output


def test_a_test_added_to_an_existing_file_is_proof(change):
    assert told(change(BEFORE, {"shop.py": FIXED, "tests/test_old.py": OLD + NEW})) == "pass proven"


def test_what_does_not_tell_the_base_from_the_change_is_no_proof(change):
    tests = {
        "test_vacuous": "def test_true():\n    assert True\n",
        "test_skipped": "import pytest\n\n\n@pytest.mark.skip\ndef test_two():\n    assert False\n",
        "test_expected": "import pytest\n\n\n@pytest.mark.xfail\ndef test_two():\n    assert False\n",
        "test_setup": "import shop\n\n\ndef setup_module():\n    assert shop.price(1) == 2\n\n\n" + NEW,
    }
    verdict = judge(change(BEFORE, {"shop.py": FIXED, **{f"tests/{n}.py": t for n, t in tests.items()}}), Config())
    assert (verdict.result, verdict.reason) == ("fail", "no_proof")
    assert "tests/test_setup.py::test_two (on the base its set-up or tear-down failed)" in verdict.detail
    assert "tests/test_vacuous.py::test_true (on the base its call phase passed)" in verdict.detail


def test_a_test_file_without_a_test_is_no_proof(change):
    assert told(change(BEFORE, {"shop.py": FIXED, "tests/test_new.py": "def helper():\n    pass\n"})) == "fail no_proof"


def test_a_change_without_a_test_is_no_proof(change):
    assert told(change(BEFORE, {"shop.py": FIXED})) == "fail no_regression_test"
    conftest = {"shop.py": FIXED + "# more\n", "tests/conftest.py": "import pytest\n"}
    assert told(change(BEFORE, conftest)) == "fail no_regression_test"


def test_tests_that_only_miss_new_names_are_weaker(change):
    tests = {
        "test_imported": "from shop import discount\n\n\ndef test_discount():\n    assert discount(2) == 1\n",
        "test_inside": "def test_discount():\n    from shop import discount\n    assert discount(2) == 1\n",
        "test_reached": "import shop\n\n\ndef test_discount():\n    assert shop.discount(2) == 1\n",
        "test_module": "import sales\n\n\ndef test_sales():\n    assert sales\n",
    }
    sources = {"shop.py": BUGGY + "\n\ndef discount(x):\n    return x - 1\n", "sales.py": ""}
    made = change(BEFORE, {**sources, **{f"tests/{name}.py": text for name, text in tests.items()}})
    verdict = judge(made, Config())
    assert (verdict.result, verdict.reason) == ("fail", "red_by_absence")
    assert verdict.detail.endswith("and 1 more.")
    assert told(made, Config(absence_counts=[FindingKind.ERROR])) == "pass red_by_absence"


def test_a_name_missing_deeper_in_the_code_is_the_bug_itself(change):
    before = {"shop.py": "import stock\n\n\ndef price(x):\n    return stock.rate() * x\n", "stock.py": "x = 1\n"}
    after = {"stock.py": "x = 1\n\n\ndef rate():\n    return 2\n", "tests/test_new.py": NEW}
    assert told(change(before, after)) == "pass proven"


def test_tests_that_fail_on_the_change_are_refused(change):
    assert told(change(BEFORE, {"shop.py": BUGGY + "# x\n", "tests/test_new.py": NEW})) == "fail tests_fail"
    unimportable = {"shop.py": FIXED, "tests/test_new.py": "import nothing_of_that_name\n" + NEW}
    assert told(change(BEFORE, unimportable)) == "fail tests_fail"


def test_a_changed_conftest_is_laid_over_the_base_with_the_tests(change):
    after = {
        "shop.py": FIXED,
        "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef two():\n    return 2\n",
        "tests/test_new.py": "import shop\n\n\ndef test_two(two):\n    assert shop.price(1) == two\n",
    }
    assert told(change(BEFORE, after)) == "pass proven"


def test_only_the_changed_test_files_decide(change):
    before = {**BEFORE, "tests/test_unrelated.py": "def test_never():\n    assert False\n"}
    test = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests")
    assert told(change(before, {"shop.py": FIXED, "tests/test_new.py": NEW}, test=test)) == "pass proven"


def test_a_test_file_with_an_odd_name_is_run(change):
    assert told(change(BEFORE, {"shop.py": FIXED, "-k tests_test.py": NEW})) == "pass proven"


def test_tests_that_got_lost_are_refused(change):
    old = "import pytest\n\n\n" + "\n\n".join(f"def test_{n}():\n    pass\n" for n in "abcde")
    new = (
        old.replace("test_a", "test_nought").replace("def test_b", "def no_test_b")
        .replace("def test_c", "@pytest.mark.skip\ndef test_c").replace("def test_d", "@pytest.mark.xfail\ndef test_d")
    )  # fmt: skip
    after = {"shop.py": FIXED, "tests/test_old.py": new, "tests/test_new.py": NEW}
    verdict = judge(change({"shop.py": BUGGY, "tests/test_old.py": old}, after), Config())
    assert (verdict.result, verdict.reason) == ("fail", "tests_lost")
    assert verdict.detail == ", ".join(f"tests/test_old.py::test_{n}" for n in "abc") + " and 1 more."


def test_a_test_file_that_was_deleted_or_moved_is_refused(change):
    after = {"shop.py": FIXED, "tests/test_old.py": None, "tests/test_moved.py": OLD, "tests/test_new.py": NEW}
    verdict = judge(change(BEFORE, after), Config())
    assert (verdict.result, verdict.reason, verdict.detail) == ("fail", "tests_lost", "tests/test_old.py.")


def test_a_test_bent_to_fit_the_change_is_refused(change):
    after = {
        "shop.py": FIXED.replace("return 7", "return 8"),
        "tests/test_old.py": OLD.replace("== 7", "== 8"),
        "tests/test_new.py": NEW,
    }
    assert told(change(BEFORE, after)) == "fail base_tests_fail"


SKIP_ALL = "def pytest_collection_modifyitems(items):\n    items[:] = [i for i in items if 'two' in i.name]\n"


@pytest.mark.parametrize(
    "steering",
    [{"tests/conftest.py": SKIP_ALL}, {"pytest.ini": "[pytest]\naddopts = -k two\n"}],
    ids=["conftest", "settings"],
)
def test_switching_off_other_tests_is_refused(change, steering):
    assert told(change(BEFORE, {"shop.py": FIXED, "tests/test_new.py": NEW, **steering})) == "fail tests_lost"


HIDES = "import sys\n\nif 'pytest' in sys.modules:\n    import pytest\n    pytest.skip('no', allow_module_level=True)\n"


def test_code_that_makes_the_bases_own_tests_skip_themselves_is_refused(change):
    fees = {"fees.py": "x = 7\n", "tests/test_fees.py": "import fees\n\n\ndef test_fees():\n    assert fees.x\n"}
    after = {"shop.py": FIXED, "tests/test_new.py": NEW, "fees.py": HIDES}
    verdict = judge(change({**BEFORE, **fees}, after), Config())
    assert (verdict.result, verdict.reason) == ("fail", "tests_lost")
    assert verdict.detail == "tests/test_fees.py::test_fees."


def test_a_base_test_that_skips_itself_on_the_change_is_not_replaced_by_an_empty_one(change):
    skips = FIXED.replace("return 7", "import pytest\n    pytest.skip('no')")
    after = {"shop.py": skips, "tests/test_old.py": OLD.replace("shop.fees() == 7", "True"), "tests/test_new.py": NEW}
    verdict = judge(change(BEFORE, after), Config())
    assert (verdict.result, verdict.reason, verdict.detail) == ("fail", "tests_lost", "tests/test_old.py::test_fees.")


def test_a_test_outside_what_the_command_runs_is_run_by_name(change):
    test = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_old.py")
    assert told(change(BEFORE, {"shop.py": FIXED, "more/test_new.py": NEW}, test=test)) == "pass proven"


def test_a_conftest_that_hides_a_broken_base_test_is_refused(change):
    after = {"shop.py": FIXED.replace("return 7", "return 8"), "tests/test_new.py": NEW, "conftest.py": SKIP_ALL}
    assert told(change(BEFORE, after)) == "fail base_tests_fail"


def test_a_report_that_the_exit_code_belies_is_refused(change):
    trick = "import pytest\n\n\ndef test_bad():\n    assert False\n\n\n@pytest.fixture(autouse=True, scope='session')\n"
    trick += "def hide(request):\n    yield\n    request.session.testsfailed = 0\n"
    made = change(BEFORE, {"shop.py": FIXED, "tests/test_new.py": NEW, "tests/test_trick.py": trick})
    assert told(made) == "fail unreliable_report"


FORGES = """
import importlib

told = importlib.import_module("_py" + "test.reports").TestReport
kept = told.from_item_and_call.__func__


def forged(cls, item, call):
    made = kept(cls, item, call)
    if "{}" in item.name:
        made.outcome, made.longrepr = "passed", None
    return made


told.from_item_and_call = classmethod(forged)
"""


@pytest.mark.parametrize(
    ("code", "forged"), [(BUGGY, "two"), (FIXED.replace("7", "8"), "fees")], ids=["the proof", "a test of the base"]
)
def test_a_report_that_the_code_forges_is_refused(change, code, forged):
    after = {"shop.py": FORGES.replace("{}", forged) + code, "tests/test_new.py": NEW}
    assert told(change(BEFORE, after)) == "fail unreliable_report"


def test_a_test_of_the_base_that_leaves_early_is_no_forgery(change):
    early = {"tests/test_early.py": "def test_early():\n    if True:\n        return\n    assert 1\n"}
    assert told(change({**BEFORE, **early}, {"shop.py": FIXED, "tests/test_new.py": NEW})) == "pass proven"


def test_nothing_that_waits_for_the_end_of_the_process_changes_its_story(change):
    trick = "import atexit, os\n\natexit.register(os._exit, 0)\n\n\ndef test_bad():\n    assert False\n"
    made = change(BEFORE, {"shop.py": FIXED, "tests/test_new.py": NEW, "tests/test_trick.py": trick})
    assert told(made) == "fail tests_fail"


def test_what_plugins_sum_up_at_the_end_is_not_waited_for(change):
    conftest = {"conftest.py": "def pytest_terminal_summary():\n    raise RuntimeError\n"}
    made = change({**BEFORE, **conftest}, {"shop.py": FIXED, "tests/test_new.py": NEW})
    assert told(made) == "pass proven"


LOADS = "import shop\n\nshop.fees = lambda: 7\n\n\n"


def test_the_bases_own_tests_run_without_those_of_the_change(change):
    after = {"shop.py": FIXED.replace("return 7", "return 8"), "tests/test_a.py": LOADS + NEW}
    assert told(change(BEFORE, after)) == "fail base_tests_fail"


def test_a_test_that_ends_otherwise_the_second_time_is_flaky(change, tmp_path):
    mark = tmp_path / "mark"
    again = f"import pathlib\n\nmark = pathlib.Path({str(mark)!r})\n\n\n"
    again += "def test_again():\n    first = not mark.exists()\n    mark.touch()\n"
    again += "    assert first and shop.price(1) == 2\n"
    after = {"shop.py": FIXED, "tests/test_new.py": NEW + again}
    verdict = judge(change(BEFORE, after), Config(repeats=2))
    assert (verdict.result, verdict.reason) == ("fail", "flaky")
    assert "test_again" in verdict.detail


LONG = "def price(x):\n    return x * {}\n\n\n" + "# rates\n" * 9 + "\n\ndef tax(x):\n    return x + {}\n"
TWO = "import shop\n\n\ndef test_two():\n    assert shop.price(1) == 2\n"
TAX = "\n\ndef test_tax():\n    assert shop.tax(1) == 4\n"


def test_a_part_of_the_fix_that_no_test_needs_is_named(change):
    before = {"shop.py": LONG.format(3, 2), "tests/test_old.py": "def test_old():\n    pass\n"}
    verdict = judge(change(before, {"shop.py": LONG.format(2, 3), "tests/test_new.py": TWO}), Config(repeats=1))
    assert (verdict.result, verdict.reason) == ("fail", "unneeded_hunk")
    assert verdict.detail.startswith("Every test passes without shop.py:14: ")


CHECKED = "def price(x):\n    allow(x)\n    return x * 3\n\n\ndef allow(x):\n    pass\n\n\ndef fees():\n    return 7\n"


@pytest.mark.parametrize(
    ("after", "place"),
    [
        (FIXED.replace("    return x * 2\n", "    return x * 2\n\n\ndef admin(user):\n    return True\n"), "shop.py:5"),
        (FIXED.replace("    return x * 2\n", "    audit = print(x)\n    return x * 2\n"), "shop.py:2"),
        (CHECKED.replace("    allow(x)\n    return x * 3", "    return x * 2"), "shop.py:1"),
    ],
    ids=["a function", "a statement", "a check that is gone"],
)
def test_what_no_test_needs_is_named_within_one_hunk_too(change, after, place):
    before = {**BEFORE, "shop.py": CHECKED} if "allow" in after else BEFORE
    verdict = judge(change(before, {"shop.py": after, "tests/test_new.py": NEW}), Config(repeats=1))
    assert (verdict.result, verdict.reason) == ("fail", "unneeded_hunk")
    assert verdict.detail.startswith(f"Every test passes without {place}: ")


def test_past_its_limit_it_says_which_pieces_it_did_not_try(change):
    after = {"shop.py": FIXED.replace("    return x * 2\n", "    audit = print(x)\n    return x * 2\n")}
    verdict = judge(change(BEFORE, {**after, "tests/test_new.py": NEW}), Config(repeats=1, pieces=0))
    assert (verdict.result, verdict.detail.endswith("Not tried without: shop.py:3, shop.py:2.")) == ("pass", True)


def test_every_part_that_a_test_needs_passes(change):
    before = {"shop.py": LONG.format(3, 2), "tests/test_old.py": "def test_old():\n    pass\n"}
    assert told(change(before, {"shop.py": LONG.format(2, 3), "tests/test_new.py": TWO + TAX})) == "pass proven"


def test_a_new_file_that_nothing_needs_is_named(change):
    after = {"shop.py": FIXED, "spare.py": "def spare():\n    return 1\n", "tests/test_new.py": NEW}
    verdict = judge(change(BEFORE, after), Config(repeats=1))
    assert (verdict.reason, "without spare.py:" in verdict.detail) == ("unneeded_hunk", True)


def test_a_part_that_only_the_bases_own_tests_need_is_needed(change):
    old = "import shop, other\n\n\ndef test_other():\n    assert other.price() == 4\n"
    other = "import shop\n\n\ndef price():\n    return shop.price() + 1\n"
    before = {"shop.py": "def price():\n    return 3\n", "other.py": other}
    after = {
        "shop.py": "def price():\n    return 2\n", "other.py": before["other.py"].replace("+ 1", "+ 2"),
        "tests/test_new.py": "import shop\n\n\ndef test_two():\n    assert shop.price() == 2\n",
    }  # fmt: skip
    assert told(change({**before, "tests/test_old.py": old}, after)) == "pass proven"


def test_what_means_nothing_to_the_program_is_not_asked_for(change):
    before = {"shop.py": LONG.format(3, 2), "README.md": "a\n"}
    documented = "import math\n" + LONG.format(2, 2).replace("def tax(x):", 'def tax(x: int) -> int:\n    """Adds."""')
    after = {"shop.py": documented, "README.md": "b\n", "tests/test_new.py": TWO}
    assert told(change(before, after)) == "pass proven"


def test_past_its_limit_it_says_what_it_did_not_try(change):
    before = {"shop.py": LONG.format(3, 2)}
    made = change(before, {"shop.py": LONG.format(2, 3), "tests/test_new.py": TWO})
    verdict = judge(made, Config(repeats=1, hunks=0))
    assert verdict.result == "pass"
    assert verdict.detail.endswith("Not tried without: shop.py:1, shop.py:14.")


def test_a_kind_that_fails_nowhere_needs_no_red_test_but_harms_none(change):
    quicker = {"shop.py": BUGGY.replace("x * 3", "3 * x")}
    assert told(change(BEFORE, quicker, kind=FindingKind.PERFORMANCE)) == "skip not_a_failure"
    assert told(change(BEFORE, {"shop.py": BUGGY + "\n"}, kind=FindingKind.ERROR)) == "fail no_regression_test"
    harming = {"shop.py": BUGGY.replace("7", "8")}
    assert told(change(BEFORE, harming, kind=FindingKind.FRICTION)) == "fail base_tests_fail"


def test_a_test_that_leaves_early_is_refused(change):
    trick = "import os\n\n\ndef test_early():\n    os._exit(0)\n"
    made = change(BEFORE, {"shop.py": FIXED, "tests/test_new.py": NEW, "tests/test_trick.py": trick})
    assert told(made) == "fail unreliable_report"


def test_a_test_that_hangs_on_the_base_is_no_proof(change):
    test = "import shop, time\n\n\ndef test_two():\n    time.sleep(60 if shop.price(1) == 3 else 0)\n"
    assert told(change(BEFORE, {"shop.py": FIXED, "tests/test_new.py": test}, wall_clock_s=1.5)) == "fail timed_out"


def test_without_a_command_it_is_skipped(change):
    assert told(change(BEFORE, {"shop.py": FIXED, "tests/test_new.py": NEW}, test=())) == "skip no_test_command"


def test_it_works_in_the_box(change):
    if probe() is not Isolation.BUBBLEWRAP:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    made = change(
        BEFORE, {"shop.py": FIXED, "tests/test_old.py": OLD + NEW},
        isolation=Isolation.BUBBLEWRAP, readable=(Path(sys.prefix),),
    )  # fmt: skip
    assert told(made) == "pass proven"


def test_in_boxes_side_by_side_it_names_the_same_parts(change):
    if probe() is not Isolation.BUBBLEWRAP:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    more = "    audit = print(x)\n    return x * 2\n\n\ndef admin():\n    return 1\n"
    after = FIXED.replace("    return x * 2\n", more)
    boxed = {"isolation": Isolation.BUBBLEWRAP, "readable": (Path(sys.prefix),)}
    verdict = judge(change(BEFORE, {"shop.py": after, "tests/test_new.py": NEW}, **boxed), Config(repeats=1))
    assert (verdict.result, verdict.reason) == ("fail", "unneeded_hunk")
    assert verdict.detail.startswith("Every test passes without shop.py:6, shop.py:2: ")


UNITTEST = (sys.executable, "-m", "unittest", "-q")
CASE = "import shop, unittest\n\n\nclass Case(unittest.TestCase):\n    def test_it(self):\n        {}\n"
CASES = {"shop.py": BUGGY, "test_old.py": CASE.format("self.assertEqual(shop.fees(), 7)")}
RED = CASE.format("self.assertEqual(shop.price(1), 2)")


def test_another_runner_is_judged_by_its_exit_code(change):
    verdict = judge(change(CASES, {"shop.py": FIXED, "test_new.py": RED}, test=UNITTEST), Config())
    assert (verdict.result, verdict.reason) == ("pass", "by_exit_code")
    assert "FAILED" in verdict.output


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ({"shop.py": FIXED, "test_new.py": CASE.format("pass")}, "no_proof"),
        ({"shop.py": FIXED}, "no_regression_test"),
        ({"shop.py": BUGGY + "# x\n", "test_new.py": RED}, "tests_fail"),
        ({"shop.py": FIXED, "test_old.py": None, "test_new.py": RED}, "tests_lost"),
        (
            {
                "shop.py": FIXED.replace("return 7", "return 8"),
                "test_old.py": CASES["test_old.py"].replace("7", "8"),
                "test_new.py": RED,
            },
            "base_tests_fail",
        ),
    ],
    ids=["vacuous", "no test", "red on the change", "deleted", "bent"],
)
def test_another_runner_is_held_to_the_same_rule(change, after, reason):
    assert told(change(CASES, after, test=UNITTEST)) == f"fail {reason}"


def slow(change, after, **how):
    return told(change(BEFORE, after, kind=FindingKind.PERFORMANCE, **how))


def test_where_nothing_fails_a_proof_counts_and_its_absence_is_a_stated_reason(change):
    vacuous = "def test_true():\n    assert True\n"
    absent = "from shop import discount\n\n\ndef test_discount():\n    assert discount(2) == 1\n"
    assert slow(change, {"shop.py": FIXED, "tests/test_new.py": NEW}) == "pass proven"
    assert slow(change, {"shop.py": FIXED}) == "skip not_a_failure"
    assert slow(change, {"shop.py": FIXED, "tests/test_vacuous.py": vacuous}) == "skip not_a_failure"
    more = {"shop.py": FIXED + "\n\ndef discount(x):\n    return x - 1\n", "tests/test_absent.py": absent}
    assert slow(change, more) == "skip not_a_failure"


def test_where_nothing_fails_the_bases_own_tests_are_still_held_to(change):
    bent = {"shop.py": FIXED.replace("return 7", "return 8"), "tests/test_old.py": OLD.replace("7", "8")}
    assert slow(change, bent) == "fail base_tests_fail"
    assert slow(change, {"shop.py": FIXED, "tests/test_old.py": None}) == "fail tests_lost"
@pytest.mark.parametrize(
    ("after", "reason"),
    [({"spare.py": "x = 1\n"}, "unneeded_hunk"), ({"README.md": "b\n"}, "")],
    ids=["a spare file", "prose"],
)
def test_another_runner_is_asked_for_every_part_too(change, after, reason):
    verdict = judge(change(CASES, {"shop.py": FIXED, "test_new.py": RED, **after}, test=UNITTEST), Config(repeats=1))
    assert (verdict.reason if verdict.result == "fail" else "") == reason


def test_another_runner_that_ends_otherwise_the_second_time_is_flaky(change, tmp_path):
    once = f"(open({str(tmp_path / 'mark')!r}, 'a').write('x'), self.assertEqual(shop.price(1), 2), self.assertLess("
    once += f"len(open({str(tmp_path / 'mark')!r}).read()), 3))"
    made = change(CASES, {"shop.py": FIXED, "test_new.py": CASE.format(once)}, test=UNITTEST)
    assert told(made, Config(repeats=3)) == "fail flaky"
