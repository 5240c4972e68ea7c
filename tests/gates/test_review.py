"""A review is believed only when it is exactly what was asked for, and anything else refuses."""

import json
import re

import pytest

from improver.gates.review import QUESTIONS, Config, Reason, judge
from improver.model import AgentReport, AgentStatus

YES = dict.fromkeys(QUESTIONS, True)


def reviewer(asked=None, status=AgentStatus.COMPLETED, before="", **answers):
    """A second Agent that answers with what the prompt asks for, changed by `answers`."""

    def review(prompt, files, tree, agent):
        nonce = re.search(r'"nonce": "(\w+)"', prompt)[1]
        if asked is not None:
            asked.update(prompt=prompt, files=files, tree=tree, agent=agent, code=(tree / "app.py").read_text())
        answer = {"nonce": nonce, **YES, "why": "looks right", **answers}
        given = json.dumps({name: value for name, value in answer.items() if value is not None})
        return AgentReport(status=status, summary=before + given)

    return review


def told(change, mode="require", **how):
    verdict = judge(change({"app.py": "1\n"}, {"app.py": "2\n"}, reviewer=reviewer(**how)), Config(mode=mode))
    return f"{verdict.result} {verdict.reason}"


def test_an_approved_change_passes_and_the_reviewer_saw_spec_diff_and_code(change):
    asked = {}
    made = change({"app.py": "1\n"}, {"app.py": "2\n"}, reviewer=reviewer(asked), markdown="# Spec")
    verdict = judge(made, Config(mode="require", agent="other"))
    assert (verdict.result, verdict.reason) == ("pass", "approved")
    assert asked["files"] == {"spec.md": "# Spec", "change.diff": made.diff}
    assert (asked["code"], asked["agent"]) == ("2\n", "other")
    assert "{tree}" in asked["prompt"]
    assert "looks right" in verdict.output


@pytest.mark.parametrize(("question", "reason"), [(name, reason) for name, (_, reason) in QUESTIONS.items()])
def test_each_no_has_its_word(change, question, reason):
    assert told(change, **{question: False}) == f"fail {reason}"


@pytest.mark.parametrize(
    "how",
    [
        {"nonce": "0" * 16},
        {"more": 1},
        {"why": None},
        {"harms_nobody": "yes"},
        {"harms_nobody": 1},
        {"harms_nobody": None},
        {"status": AgentStatus.TIMEOUT},
        {"status": AgentStatus.BUDGET},
        {"before": "I think: "},
    ],
)
def test_what_is_no_proper_answer_refuses(change, how):
    assert told(change, **how) == "fail no_answer"


def test_an_answer_after_other_lines_counts(change):
    assert told(change, before="Let me see.\n") == "pass approved"


def test_advice_stops_nothing(change):
    assert told(change, mode="advise", harms_nobody=False) == "skip harms"
    assert told(change, mode="advise", status=AgentStatus.CRASHED) == "skip no_answer"


def test_off_nobody_is_asked(change):
    assert judge(change({"app.py": "1\n"}, {"app.py": "2\n"}), Config()).reason is Reason.OFF
    made = change({"b.py": "1\n"}, {"b.py": "2\n"})
    assert judge(made, Config(mode="require")).reason is Reason.NO_ANSWER
