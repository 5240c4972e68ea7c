"""What the Detectors of agents' calls have in common: how much is enough, and what a call costs."""

from pydantic import Field

from improver.model import Seen
from improver.model.configured import Configured

# The tools that coding agents bring along: nobody but their vendors could change them, and work goes round with them.
CODING = [
    "Read", "Edit", "MultiEdit", "Write", "Bash", "BashOutput", "Grep", "Glob", "LS", "Task", "Agent", "TodoWrite",
    "WebFetch", "WebSearch", "NotebookEdit", "shell", "exec_command", "apply_patch", "update_plan", "view_image",
    "str_replace_based_edit_tool", "str_replace_editor", "read_file", "write_file", "edit_file", "run_command", "bash",
]  # fmt: skip

# Minutes of one call: it runs, the model waits and thinks before it, and reads and writes tokens.
COST = "(duration_ms + least(wait_ms, $most_wait_s * 1000)) / 60000 + tokens / $tokens_a_minute"

# Whether an error is what a check reports: it fails until the work is done, and that is what it is for. One that could
# not run at all has failed. Guests and files that are checked in or out are none.
REPORTS = r"""
(list_has_any(parts, ['check', 'checks', 'verify', 'validate', 'validator', 'validation', 'test', 'tests', 'lint',
        'linter', 'audit', 'assert', 'typecheck'])
    and not regexp_matches(array_to_string(parts, '_'), '(^|_)check_(in|out|off)(_|$)')
    and not regexp_matches(lower(error), 'unavailable|refused|timed? ?out|denied|unauthori[sz]ed|forbidden|locked'
        || '|(could|can)(not| not|n''t) (start|run|connect)'
        || '|not (running|available|installed|migrated|configured|started|ready|reachable|allowed)'))
"""

# What is said where somebody is meant to think twice, or to agree: a control that is wanted.
ASKED = (
    r"\bconfirm(?:ed|ation|s)?\b|\bapprov(?:al|ed?|er|es|ing)\b|\bare you sure\b|haven't granted|\bdry.?run\b"
    r"|\bsign(?:ed)?[- ]?off\b|\bconsent\b|\bfour.?eyes\b|\bcounter-?sign|\bauthori[sz]ed by\b"
    r"|\b(?:second|another) (?:person|pair of eyes|signature)\b"
    r"|\b(?:ask|needs?|requires?|without)\b.{0,30}\bpermission\b"
)

# A write after which another tool sets, for the same thing, what it always sets: what the write undid. Making something
# new and then setting it up is none.
RESTORES = """
pairs_of_writes as (
    select write.unit, write.tool as write_tool, write.short as write_short, write.event_id as write_id,
        write.step as wrote_at,
        redo.tool, redo.short, redo.event_id, redo.step, redo.pairs,
        list_filter(redo.pairs, lambda pair: not list_contains(write.pairs, pair)) as restored
    from window_calls as write join window_calls as redo
        on redo.unit = write.unit and redo.step > write.step and redo.step <= write.step + 2 and redo.tool <> write.tool
    where write.error = '' and redo.error = '' and not write.reads and not redo.reads and not write.browses
        and list_has_any(write.pairs, redo.pairs)
        and not list_has_any(write.parts[1:1], ['create', 'add', 'new', 'insert', 'make', 'register', 'open',
            'start', 'set'])
        and list_has_any(redo.parts[1:1],
            ['set', 'restore', 'apply', 'reset', 'reapply', 'update', 'put', 'assign', 'enable', 'configure',
                'change', 'add'])
), tool_counts as (
    select unit, tool, count(*) as times from window_calls group by unit, tool
), restores as (
    select pairs_of_writes.* from pairs_of_writes
    join (
        select unit, write_tool, tool, count(distinct wrote_at) as times from pairs_of_writes
        group by unit, write_tool, tool having times >= 3 and count(distinct restored) = 1
            and len(any_value(restored)) > 0
    ) as always using (unit, write_tool, tool)
    join tool_counts as writes on writes.unit = always.unit and writes.tool = always.write_tool
    join tool_counts as redos on redos.unit = always.unit and redos.tool = always.tool
    where always.times >= 0.8 * writes.times and always.times >= 0.7 * redos.times
)
"""


class Calls(Configured):
    runs: int = Field(3, ge=1)
    """Seen in fewer conversations, it is no Symptom."""
    users: int = Field(1, ge=1)
    """Seen of fewer users, where they are told apart, it is no Symptom."""
    most_wait_s: float = 60
    """What lies between two calls is counted up to as many seconds: after that nobody was waiting."""
    tokens_a_minute: float = 100_000
    """As many tokens that a model reads and writes cost as much as a minute."""
    ignore: list[str] = CODING
    """Tools that are nobody's to improve: those that coding agents bring along."""


def enough(seen: Seen, config: Calls) -> bool:
    return seen.units >= config.runs and (not seen.users or seen.users >= config.users)


def wasted(seen: Seen) -> str:
    """The calls and the tokens of the newest conversation, in words."""
    calls, of, tokens = seen.detail["calls"], seen.detail["of"], seen.detail["tokens"]
    spent = f" and {tokens} tokens" if tokens else ""
    return f"{calls} of {of} calls of the newest conversation ({100 * calls / of:.0f} %){spent} went into it"
