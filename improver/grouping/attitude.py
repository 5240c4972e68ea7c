"""Whether a remark complains, wishes, praises or says nothing: by what remains without praise, the past and others."""

import re

from improver.grouping.denials import DENIAL, NOTHING, WELL
from improver.grouping.praise import GOOD_BEFORE, HAPPY, OTHERS, PRAISE, THAN, USED_TO
from improver.grouping.wording import plain, sayings, says_fault, words

# What is over, and what is nobody's fault here.
_SOLVED = re.compile(
    r"(?<!not )(?<!never )(?<!be )(?<!get )\b(?:(?:all (?:is )?|works? |working |runs? )(?:good|fine|well|ok|okay"
    r"|perfectly)(?: \w+)? (?:now|again|since)|(?:works?|working|runs|running|good|fine|ok|okay) (?:again|now"
    r"|since)|(?:is|was|are|were|got|has been|have been|it's|that's|already|been|now) (?:now |already "
    r"|since )?(?:fixed|solved|resolved|sorted(?: out)?)|(?:solved|fixed|resolved) (?:it|that|itself|now|since|by)"
    r"|never ?mind|(?:found|got) (?:the|an|my|your) (?:answer|solution|explanation|mistake)|figured (?:it|that"
    r"|this) out|(?:found|sorted) it out|went away (?:by itself|on its own|again)|(?:was "
    r"|is )?my (?:own )?(?:mistake|fault|bad)|user error)\b"
)
_STILL = re.compile(r"\b(?:is|are|does|do|can not|will not|still|keeps?)\b")
_NOT_OURS = re.compile(
    r"\b(?:you|they) (?:can not|could not) (?:really )?(?:help|change|do (?:anything|much) about) (?:that|it"
    r"|this)\b|\bnot (?:your|the (?:app|tool|site|page|software|program)'s|its) fault\b|\bnothing to do with (?:you"
    r"|your|the (?:app|tool|site|page|software|program))\b"
)
_SENTENCE = re.compile(r"[.;!?\n]+(?=\s|$)")
_CLAUSE = re.compile(r",(?! (?:which|who|where)\b)|\b(?:but|though|although|however|yet)\b")
_WISH = re.compile(
    r"\b(?:please (?:add|offer|support|allow|make|let|provide|include|bring|give|build|create|send|show|translate"
    r"|sync|put)|could (?:you|we|there|it)|can (?:you|we) (?:add|have|get|please)|would (?:be|love|like|help"
    r"|appreciate)|it'd be|i'd (?:like|love)|i wish|wish(?:ing)? (?:for|there|you|i|it)|feature request"
    r"|suggest(?:ion)?|should (?:have|be able|offer|support|allow|let)|how about|what about|missing feature"
    r"|add (?:a|an|the|support))\b"
)
_COMPLAINT = re.compile(
    r"\b(?:broken?|breaks|fail(?:s|ed|ing|ure)?|errors?|exceptions?|missing|hard|difficult|impossible|bugs?|buggy"
    r"|problems?|issues?|hate|hates|annoy(?:ing|s|ed)|useless|un(?:able|usable|playable|readable|acceptable"
    r"|bearable|reliable|available|responsive)|worse|worst|terrible|terribly|awful|horrible|refuses|ignored|ignores"
    r"|frustrat(?:ing|ed)|blocks?|blocked|nightmare|ridiculous|over-?charged|billed|but still|still (?:charged"
    r"|gets?|getting|have to|there|appears?|no|waiting|visible|listed)|messed up|screwed|pointless|waste"
    r"|too (?!good|easy|cool|and|but|or|so|if|when|because|in|on|with|for|the|i|it)\w+)\b"
)
# These deny, ask or exaggerate: alone they say little of whoever is happy.
_WEAK = re.compile(r"\b(?:not|no|never|nothing|nobody|none|why)\b")
_FAILURE = re.compile(r"\b(?:errors?|fail(?:s|ed|ing|ure)?|crash(?:es|ed|ing)?|exceptions?|5\d\d|broken|breaks)\b")


def is_wish(text: str) -> bool:
    return bool(_WISH.search(_in_the_way(text)))


def is_complaint(text: str) -> bool:
    return any(_complains(clause) for clause in _clauses(text))


def says_nothing(text: str) -> bool:
    """No word of a thing, or a problem that is denied, and none that is named."""
    said = plain(text)
    bare = NOTHING.sub(" ", said)
    denied = bare != said or DENIAL.search(said)
    return not words(bare) or bool(denied and not is_complaint(text) and not is_wish(text))


def is_praise(text: str) -> bool:
    """All went well, and nothing is said against it."""
    said = plain(text)
    return any(pattern.search(said) for pattern in (PRAISE, WELL, HAPPY, THAN, USED_TO)) and not is_complaint(text)


def tells_failure(text: str) -> bool:
    return bool(_FAILURE.search(_in_the_way(text)))


def _complains(clause: str) -> bool:
    if _COMPLAINT.search(clause):
        return True
    if says_fault(clause) or sayings(clause):
        return True
    return bool(_WEAK.search(clause)) and not HAPPY.search(clause)


def _in_the_way(text: str) -> str:
    return " . ".join(_clauses(text))


def _clauses(text: str) -> list[str]:
    """Without praise, without what is over or others', and without what is nobody's fault here."""
    sentences = [one for one in _SENTENCE.split(plain(text)) if not _NOT_OURS.search(one)]
    clauses = [_of_ours(clause) for one in sentences for clause in _CLAUSE.split(_without_denials(one))]
    solved = max((number for number, clause in enumerate(clauses) if _SOLVED.search(clause)), default=-1)
    if solved < 0:
        return clauses
    *_, last = _SOLVED.finditer(clauses[solved])
    before = [clause for clause in clauses[:solved] if _STILL.search(clause) and not _SOLVED.search(clause)]
    return [*before, clauses[solved][last.end() :], *clauses[solved + 1 :]]


def _without_denials(sentence: str) -> str:
    for pattern in (PRAISE, NOTHING, DENIAL):
        sentence = pattern.sub(" ", sentence)
    return sentence


def _of_ours(clause: str) -> str:
    """Of here and now: that it was better before is a complaint, that it was worse is praise."""
    clause = OTHERS.sub(" ", clause)
    if GOOD_BEFORE.search(clause):
        return clause + " worse"
    return USED_TO.sub(" ", THAN.sub(" ", clause))
