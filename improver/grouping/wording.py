"""What a remark is about, in its words: which of them tell something, and how alike two remarks are."""

import re
from collections.abc import Mapping
from functools import cache

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
# What says that there is nothing to say.
_NOTHING = re.compile(
    r"\b(?:no|none|nothing|not (?:any|much))\b(?: (?:further|more|other|special|particular|much|really|special to))*"
    r"(?: (?:blockers?|comments?|remarks?|feedback|opinion|suggestions?|questions?|wish(?:es)?|requests?|notes?"
    r"|thanks|thank you|(?:to|i could|i can) (?:add|say|report|mention|declare|share)))?"
    r"(?: (?:so far|yet|at (?:this|the) (?:time|moment)|for now|today|now|really|from me|here|at all|thanks?|sorry))*"
    r"\s*(?=$|[.,;!])"
)
# What is over, and what is nobody's fault here.
_SOLVED = re.compile(
    r"(?<!not )(?<!n't )(?<!never )(?<!be )(?<!get )"
    r"\b(?:(?:all (?:is )?|works? |working |runs? )(?:good|fine|well|ok|okay|perfectly)(?: \w+)? (?:now|again|since)"
    r"|(?:works?|working|runs|running|good|fine|ok|okay) (?:again|now|since)"
    r"|(?:is|was|are|were|got|has been|have been|it's|that's|already|been|now) (?:now |already |since )?"
    r"(?:fixed|solved|resolved|sorted(?: out)?)|(?:solved|fixed|resolved) (?:it|that|itself|now|since|by)"
    r"|never ?mind|(?:found|got) (?:the|an|my|your) (?:answer|solution|explanation|mistake)"
    r"|figured (?:it|that|this) out|(?:found|sorted) it out|went away (?:by itself|on its own|again)"
    r"|(?:was |is )?my (?:own )?(?:mistake|fault|bad)|user error)\b"
)
_STILL = re.compile(r"\b(?:is|are|does|do|isn't|aren't|doesn't|don't|can't|cannot|won't|still|keeps?)\b")
_NOT_OURS = re.compile(
    r"\b(?:you|they) (?:can't|cannot|can not|could not|couldn't) (?:really )?(?:help|change|do (?:anything|much) about)"
    r" (?:that|it|this)\b|(?:\bnot|n't) (?:your|the (?:app|tool|site|page|software|program)'s|its) fault\b"
    r"|\bnothing to do with (?:you|your|the (?:app|tool|site|page|software|program))\b"
)
_SENTENCE = re.compile(r"[.;!?\n]+(?=\s|$)")
_CLAUSE = re.compile(r",|\b(?:but|though|although|however|yet)\b")
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
# What is wished for, however it is said: two wishes for different such things are two, also where they name one thing.
_WANTED = {
    "!keys": re.compile(
        r"\b(?:keyboard|(?:short-?cut|hot-?key|key-?binding)(?:s|ting)?|shortcut keys?)\b"
        r"|\b(?:with|by|via|using|press(?:ing)?) (?:a |one |single |the )*keys?\b"
    ),
    "!many at once": re.compile(
        r"\b(?:(?:in )?(?:bulk|batch(?:es)?|mass)|(?:all )?at once|all together|at the same time"
        r"|(?:in|with) (?:one|a single) (?:go|step|action|click)|multi-?select|select (?:all|several|multiple))\b"
    ),
    "!undo": re.compile(r"\b(?:undo|redo|revert|take (?:it |that )?back|roll ?back|trash|recycle bin)\b"),
    "!export": re.compile(
        r"\b(?:export(?:s|ed|ing)?|download(?:s|ed|ing)? (?:as|to)|as (?:a )?(?:csv|pdf|excel|xlsx?))\b"
    ),
    "!import": re.compile(r"\b(?:import(?:s|ed|ing)?|migrat(?:e|ing|ion) from)\b"),
    "!reminders": re.compile(r"\b(?:remind(?:er|ers|s|ed)?|notif(?:y|ies|ied|ications?)|alerts?|push messages?)\b"),
    "!sorting": re.compile(r"\b(?:sort(?:s|ed|ing|able)?|order(?:ed)? by|reorder(?:ing)?)\b"),
    "!filters": re.compile(r"\b(?:filter(?:s|ed|ing)?|narrow down)\b"),
    "!printing": re.compile(r"\b(?:print(?:s|ed|ing|able|out|outs)?)\b"),
    "!templates": re.compile(r"\b(?:templates?|presets?|blueprints?)\b"),
}
_WANTED_OF_ALL = {
    "=dark": re.compile(r"\b(?:dark|night)[ -](?:mode|theme|colou?rs|version)\b"),
    "=offline": re.compile(
        r"\boffline\b|\bwithout (?:an? )?(?:internet|network|connection|signal|reception)\b"
        r"|\bno (?:internet|network|connection|signal|reception|wifi)\b"
    ),
}
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "half an": 0.5, "a whole": 1, "a full": 1,
}  # fmt: skip
_MINUTES = {"m": 1, "h": 60, "d": 1440}
_SPAN = rf"({'|'.join(sorted(_COUNTS, key=len, reverse=True))}|\d{{1,3}})[ -]?(hours?|hrs?|h|minutes?|mins?|days?)\b"
_MOVED = re.compile(
    rf"\b(?:(?:off|out|wrong|late|early|ahead|behind|differs?|(?:mov|shift|jump|slip|displac)(?:e|es|ed|s|ped|ing)?)"
    rf"(?: \w+){{0,3}} by (?:about |exactly )?|(?:off|ahead|behind) ){_SPAN}"
    rf"|\b{_SPAN} (?:too )?(?:off|out|late|early|ahead|behind|fast|slow|wrong|in the (?:future|past))\b"
    rf"|\b{_SPAN} too (?:later?|early|earlier)\b"
)
_ID = re.compile(
    r"/(?:\d+|[0-9a-f]{8,}(?:-[0-9a-f]{2,})*|[0-9a-f-]{36}|<[^/]*>|\{[^/]*\}|\[[^/]*\]|:[^/]+|\$[^/]+|\*)(?=/|$)"
)
_MASHED = re.compile(r"(.)\1{2,}|\w*(?:asdf|sdfg|dfgh|fghj|ghjk|hjkl|qwert|zxcv|xcvb|cvbn|vbnm|yxcv)\w*")
# Names of one thing, whatever the software.
_NAMES = """
    mail email e-mail
    site website web-site homepage
    picture image photo photograph
    delete remove erase
    appointment meeting
    notification alert
    phone smartphone cellphone mobile
    colleague coworker co-worker teammate
    cart basket
    folder directory
    film movie video
    chart graph diagram
    bill invoice
    customer client
    excel xls xlsx spreadsheet
    sum total
"""


def words(text: str) -> frozenset[str]:
    """Those that tell something, without their endings, and what the text says as a whole."""
    return _words(text, _WRONGS) | sayings(text)


def wished_words(text: str) -> frozenset[str]:
    """Those of a wish, with what it is for."""
    return _words(text, _WRONGS | _WANTED | _WANTED_OF_ALL) | sayings(text)


def sayings(text: str) -> frozenset[str]:
    plain = _plain(text)
    return _found(_SAYINGS, plain) | frozenset(f"={_minutes(*told)} min" for told in _moves(plain))


def _moves(plain: str) -> list[tuple[str, str]]:
    """By how much it is said that times are wrong: the count and its unit."""
    found = [[part for part in told if part] for told in _MOVED.findall(plain)]
    return [(told[0], told[1]) for told in found]


def _minutes(count: str, unit: str) -> int:
    return round((int(count) if count.isdecimal() else _COUNTS[count]) * _MINUTES[unit[0]])


def _found(patterns: Mapping[str, re.Pattern[str]], plain: str) -> frozenset[str]:
    return frozenset(name for name, pattern in patterns.items() if pattern.search(plain))


def place(named: str) -> str:
    """What something is about, without the ids of an address, however its framework writes them."""
    plain = named.strip().rstrip("/").lower()
    return _ID.sub("/*", plain) if plain.startswith("/") else plain


def is_saying(word: str) -> bool:
    return word.startswith("=")


def _words(text: str, topics: Mapping[str, re.Pattern[str]]) -> frozenset[str]:
    plain = _MOVED.sub(" ", _plain(text)).replace("_", " ")
    named = _found(topics, plain)
    for name in named:
        plain = topics[name].sub(" ", plain)
    told = [word for word in _WORD.findall(plain)[: 4 * MAX_WORDS] if word not in IDLE and not _MASHED.fullmatch(word)]
    kept = [_stem(word) for word in told]
    return named | frozenset([_names().get(word, word) for word in kept if len(word) > 1][:MAX_WORDS])


@cache
def _names() -> dict[str, str]:
    """The first name of a thing by each of them."""
    return {_stem(name): _stem(line.split()[0]) for line in _NAMES.strip().splitlines() for name in line.split()}


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The part of the shorter one's words that are in the longer one; one saying in common is enough."""
    if any(map(is_saying, one & other)):
        return 1.0
    if _are_two(one, other):
        return 0.0
    told, others = (frozenset(word for word in words if not is_saying(word)) for words in (one, other))
    return len(told & others) / min(len(told), len(others)) if told and others else 0.0


def _are_two(one: frozenset[str], other: frozenset[str]) -> bool:
    """They say different things that are wrong or wished for, or the same of things that have no word in common."""
    wrong, other_wrong = (frozenset(word for word in words if word.startswith("!")) for words in (one, other))
    if wrong and other_wrong and not wrong & other_wrong:
        return True
    things, others = one - wrong, other - other_wrong
    return bool(things and others and not things & others)


def is_wish(text: str) -> bool:
    return bool(_WISH.search(_in_the_way(text)))


def says_nothing(text: str) -> bool:
    return not words(_NOTHING.sub(" ", _plain(text)))


def tells_failure(text: str) -> bool:
    return bool(_FAILURE.search(_in_the_way(text)))


def is_complaint(text: str) -> bool:
    return bool(_COMPLAINT.search(_in_the_way(text)))


def _in_the_way(text: str) -> str:
    """Without praise, without what is over, and without what is nobody's fault here."""
    sentences = [one for one in _SENTENCE.split(_plain(text)) if not _NOT_OURS.search(one)]
    clauses = [clause for one in sentences for clause in _CLAUSE.split(_NOTHING.sub(" ", _PRAISE.sub(" ", one)))]
    solved = max((number for number, clause in enumerate(clauses) if _SOLVED.search(clause)), default=-1)
    if solved < 0:
        return " . ".join(clauses)
    *_, last = _SOLVED.finditer(clauses[solved])
    before = [clause for clause in clauses[:solved] if _STILL.search(clause) and not _SOLVED.search(clause)]
    return " . ".join([*before, clauses[solved][last.end() :], *clauses[solved + 1 :]])


def _plain(text: str) -> str:
    return text[:MAX_TEXT].lower().replace("\u2019", "'")


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            stem = word[: -len(ending)]
            return stem + "y" if ending in ("ies", "ied") else stem.rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word
