"""What a remark is about, in its words: which of them tell something, and how alike two remarks are."""

import re

MAX_TEXT = 2000
MAX_WORDS = 60
ENDINGS = ("ings", "ing", "ies", "ied", "ed", "es", "s")
# Words that any remark may have, and those that only say that something is wrong or wished for.
_IDLE = """
    a about after again all also always am an and any anything are as asked at back be because been before being
    but by came can cannot can't come comes could couldn't did do does doesn't doing done don't each either else
    even ever every everything find for from get gets give gives given go goes gone got had has hasn't have
    haven't he her here hers him his how i if i'd i'll i'm in into is isn't it its it's i've just know like look
    looks made make makes many may me more most much must my need needs never new next no none nor not nothing
    now of off often on once one only or other our out over own please possible quite really same say says see
    seem seems she should since so some something still such tell than that that's the their them then there
    these they thing things this those though time times to too tried tries try trying two under until up upon
    us use used uses using very via want wanted wants was way we well went were what when where which while who
    why will with won't would wouldn't yet you your add allow app app's application bad better broken bug button
    click clicked clicking clicks could crash error errors fail failed fails feature fix good great happen
    happened happens help hi hello hard idea improve improvement instead issue issues kind know let lot love
    lovely maybe nice offer offers option page pages problem problems provide slow stop stopped suggest
    suggestion support sure test tested tests thank thanks useful wish work working works worked wrong asdf
    qwerty foo bar n/a na ok okay yes cool awesome perfect amazing excellent everyone nobody keep keeps seems
    able unable today yesterday
"""
IDLE = frozenset(_IDLE.split())

_WORD = re.compile(r"[^\W_][\w'-]*", re.UNICODE)
_PRAISE = re.compile(
    r"\b(?:no|not|nothing|never|without|zero)\b(?:\s+\w+){0,3}?"
    r"\s+(?:to complain|complaints?|problems?|issues?|bugs?|errors?|bad|trouble)\b"
    r"|\b(?:no|not any) (?:more )?(?:problems?|issues?|errors?|complaints?)\b"
)
_WISH = re.compile(
    r"\b(?:please (?:add|offer|support|allow|make|let|provide|include|bring)|could (?:you|we|there|it)"
    r"|can (?:you|we) (?:add|have|get)|would (?:be|love|like|help|appreciate)|it'd be|i'd (?:like|love)|i wish"
    r"|wish(?:ing)? (?:for|there|you|i|it)|feature request"
    r"|suggest(?:ion)?|should (?:have|be able|offer|support|allow|let)|how about|what about|missing feature"
    r"|add (?:a|an|the|support))\b"
)
_COMPLAINT = re.compile(
    r"\b(?:not|n't|no|cannot|cant|never|nothing|nobody|broken?|breaks|fail(?:s|ed|ing|ure)?|errors?|crash(?:es|ed)?|slow(?:er|ly)?|wrong"
    r"|missing|los(?:t|es|ing)|confus(?:ing|ed)|hard|difficult|impossible|stuck|bugs?|buggy|problems?|issues?|hate|annoy(?:ing|s|ed)"
    r"|useless|hangs?|freez(?:es|ing)|frozen|why|unable|disappear(?:s|ed)?|gone|stop(?:s|ped)|worse|terrible|awful|forever|timeout"
    r"|refuses|ignored?|empty|blank|unusable|frustrat(?:ing|ed)|clears?|blocks?|blocked|denied|twice|duplicates?)\b|n't\b"
)
_FAILURE = re.compile(r"\b(?:errors?|fail(?:s|ed|ing|ure)?|crash(?:es|ed|ing)?|exceptions?|5\d\d|broken|breaks)\b")
# What is said in words that have nothing in common, though it is one thing, and one of the whole app.
_SAYINGS = {
    "=signed out": re.compile(
        r"\b(?:log(?:ged|ging|s)|sign(?:ed|ing|s)|kick(?:ed|ing|s)|thrown|throws)(?: (?:me|us|you|them|people))? out\b"
        r"|\b(?:log|sign)(?:ged|ed|ging|ing)?(?: back)? in (?:again|anew|over and over|every|\w+ times)\b"
        r"|\bsessions?(?: \w+){0,2} (?:expires?|expired|ends|ended|times? out|timed out|timeouts?)\b"
    ),
    "=no way in": re.compile(
        r"\b(?:cannot|can not|can't|couldn't|could not|unable to|not able to|won't let me|fails to) (?:log|sign) ?in\b"
        r"|\b(?:login|log-in|sign-in|signing in|logging in) (?:is |has )?(?:broken|fails|failed|refused|doesn't)\b"
    ),
    "=down": re.compile(r"\b(?:site|app|server|service|everything) (?:is|was|went|goes) (?:down|offline)\b"),
}


def words(text: str) -> frozenset[str]:
    """Those that tell something, without their endings, and what the text says as a whole."""
    return _words(text) | sayings(text)


def sayings(text: str) -> frozenset[str]:
    plain = _plain(text)
    return frozenset(name for name, pattern in _SAYINGS.items() if pattern.search(plain))


def is_saying(word: str) -> bool:
    return word.startswith("=")


def _words(text: str) -> frozenset[str]:
    found = _WORD.findall(text[:MAX_TEXT].lower().replace("_", " "))
    kept = [_stem(word) for word in found[: 4 * MAX_WORDS] if word not in IDLE]
    return frozenset([word for word in kept if len(word) > 1][:MAX_WORDS])


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The part of the shorter one's words that are in the longer one; one saying in common is enough."""
    if any(map(is_saying, one & other)):
        return 1.0
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def is_wish(text: str) -> bool:
    return bool(_WISH.search(_without_praise(text)))


def tells_failure(text: str) -> bool:
    return bool(_FAILURE.search(_without_praise(text)))


def is_complaint(text: str) -> bool:
    return bool(_COMPLAINT.search(_without_praise(text)))


def _without_praise(text: str) -> str:
    return _PRAISE.sub(" ", _plain(text))


def _plain(text: str) -> str:
    return text[:MAX_TEXT].lower().replace("\u2019", "'")


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            stem = word[: -len(ending)]
            return stem + "y" if ending in ("ies", "ied") else stem.rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word
