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
    r"|\b(?:(?:can't|cannot|can not|couldn't|could not|hard to|never|no reason to)"
    r" (?:really |possibly )?(?:complain|fault|be (?:better|happier|easier|simpler)|ask for more|go wrong|live without"
    r"|(?:recommend|praise) (?:it|this|you) enough))\b(?! enough| than)"
    r"|\b(?:nothing|never)(?: (?:is|was|has|have|had|been|ever|once|yet|it|really|gets?|got|went|goes|at all)){0,3}"
    r" (?:wrong|broken?|breaks|missing|crash(?:ed|es)?|fail(?:s|ed)?(?! to)|lost|stuck|hangs?|slow)\b"
    r"(?![^.!?]*\b(?:before|until|till)\b)"
    r"|\b(?:not|never) (?:miss(?:ing)?|missed) (?:anything|a thing)\b|\bno (?:worries|hassle|fuss)\b"
    r"|\b(?:wouldn't|would not) (?:change|want to change) (?:a thing|anything)\b|\bwithout a (?:hitch|hiccup)\b"
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
# What is wrong with a thing, however it is said: two remarks that have only that in common are about two things, and so
# are two that say different such things of one.
_WRONGS = {
    "!twice": re.compile(
        r"\b(?:twice|doubled|doubles|duplicat(?:e|es|ed|ing|ion)|in duplicate|(?:two|2) (?:times|copies)"
        r"|(?:several|multiple|more than one|another|second) (?:cop(?:y|ies)|times?))\b(?! as\b)"
    ),
    "!blank": re.compile(r"\b(?:blank|empty|(?:completely|all|just) white|white (?:page|screen|sheet))\b"),
}
_SPELLINGS = {"e-mail": "mail", "email": "mail", "web-site": "site", "website": "site"}


def words(text: str) -> frozenset[str]:
    """Those that tell something, without their endings, and what the text says as a whole."""
    return _words(text) | sayings(text)


def sayings(text: str) -> frozenset[str]:
    plain = _plain(text)
    return frozenset(name for name, pattern in _SAYINGS.items() if pattern.search(plain))


def is_saying(word: str) -> bool:
    return word.startswith("=")


def _words(text: str) -> frozenset[str]:
    plain = _plain(text).replace("_", " ")
    wrongs = frozenset(name for name, pattern in _WRONGS.items() if pattern.search(plain))
    for name in wrongs:
        plain = _WRONGS[name].sub(" ", plain)
    kept = [_stem(word) for word in _WORD.findall(plain)[: 4 * MAX_WORDS] if word not in IDLE]
    return wrongs | frozenset([_SPELLINGS.get(word, word) for word in kept if len(word) > 1][:MAX_WORDS])


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The part of the shorter one's words that are in the longer one; one saying in common is enough."""
    if any(map(is_saying, one & other)):
        return 1.0
    if _are_two(one, other):
        return 0.0
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _are_two(one: frozenset[str], other: frozenset[str]) -> bool:
    """They say different things that are wrong, or the same of things that have no word in common."""
    wrong, other_wrong = one & _WRONGS.keys(), other & _WRONGS.keys()
    if wrong and other_wrong and not wrong & other_wrong:
        return True
    things, others = one - wrong, other - other_wrong
    return bool(things and others and not things & others)


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
