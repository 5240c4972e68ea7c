"""No change adds a key, and no Verdict repeats one."""

import pytest

from improver.gates.secrets import Config, judge

# Put together here, so that no scanner takes this file for a leak.
KEYS = {
    "aws": "AKIA" + "ABCDEFGHIJKLMNOP",
    "github": "ghp_" + "a1" * 18,
    "model": "sk-" + "ant-api03-" + "x" * 30,
    "jwt": "eyJhbGciOiJIUzI1" + ".eyJzdWIiOiIxMjM0" + ".c2lnbmF0dXJl",
    "pem": "-----BEGIN RSA " + "PRIVATE KEY-----",
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_an_added_key_is_refused_and_never_repeated(change, key):
    verdict = judge(change({"app.py": "1\n"}, {"app.py": f"1\nK = '{key}'\n", "b.py": "2\n"}), Config())
    assert (verdict.result, verdict.reason) == ("fail", "secret_added")
    assert verdict.detail.startswith("app.py:2: ")
    assert key not in repr(verdict)


@pytest.mark.parametrize("odd", ["\r", "\x0c", "\u2028"])
def test_a_key_behind_an_odd_line_break_is_found(change, odd):
    assert judge(change({}, {"app.py": f"a = 1{odd}K = '{KEYS['aws']}'\n"}), Config()).reason == "secret_added"


def test_a_file_named_like_a_key_is_not_named(change):
    verdict = judge(change({}, {f"{KEYS['github']}.txt": KEYS["aws"]}), Config())
    assert verdict.reason == "secret_added"
    assert KEYS["github"] not in repr(verdict)


def test_a_key_that_was_there_or_is_taken_out_is_no_reason(change):
    before = {"app.py": f"K = '{KEYS['aws']}'\nx = 1\n", "old.py": f"K = '{KEYS['github']}'\n"}
    made = change(before, {"app.py": f"K = '{KEYS['aws']}'\nx = 2\n", "old.py": "import os\nK = os.environ['K']\n"})
    assert judge(made, Config()).result == "pass"
