"""What a remark is about, in its words: which of them tell something, and how alike two remarks are."""

import re
from collections.abc import Mapping
from functools import lru_cache

from improver.grouping import concepts
from improver.grouping.faults import FAULTS, SAYINGS, WANTED, WANTED_OF_ALL, compiled

MAX_TEXT = 2000
MAX_WORDS = 60
SURE = 0.6
KEPT = 4096  # remarks whose words are remembered
# Words that any remark may have, and those that only say that something is wrong or wished for.
_IDLE = """
    a about above across after again against all almost along already also although always am among an and another any
    anybody anyone anything anymore apparently are around as asked at away back basically be became because become
    been before behind being below beside besides between beyond both but by call called came can cannot come comes
    coming completely could did do does doing don done down during each either else enough entirely especially even
    ever every everybody everyone everything exactly except far fast few finally find finds first five for found four
    from full fully further gave get gets getting give gives given go goes going gone got had has have having he hence
    her here hers herself him himself his how however i if i'd i'll i'm in indeed inside into is it it's its itself
    i've just keep keeps keeping kind last lately later latter least less let lets like literally little long look looks
    made mainly make makes making many may maybe me mean means meant might mine more moreover most mostly much must
    my myself near nearly need needs neither never new next no nobody none nor not nothing now nowhere
    obviously of off often on once one ones only onto or other others otherwise our ours out over own particular
    people per perhaps person please possible pretty probably put puts quite rather really recently said same saw say
    says second see seeing seem seems seen several she should show shown shows similar simply since six so some
    somebody somehow someone something sometimes somewhere soon still stay stayed stays such suddenly super ten than
    that that's the their theirs them then there therefore these they thing things think third this those though
    thought three through throughout thus till time times to together too took toward towards tried tries try
    trying twelve twenty two under unless until up upon us use used uses using usually various very via want wanted
    wants was way ways we well went were what whatever when whenever where whereas wherever whether which while who
    whole whom whose why will with within without wo would yet you your yours yourself add added adding allow app
    app's application appear appears bad better broken bug button click clicked clicking clicks crash error errors
    expected fail failed fails feature features fix free good great happen happened happens help hi hello hard idea
    improve improvement instead issue issues know lot lots love lovely nice offer offers option options page pages
    problem problems properly provide slow stop stopped suggest suggestion support sure take taken takes test tested
    tests thank thanks useful useless wish work working works worked wrong asdf qwerty foo bar n/a na ok okay yes cool
    awesome perfect amazing excellent able unable today yesterday tomorrow tonight correctly clearly even
    monday tuesday wednesday thursday friday saturday sunday weekend january february march april june july august
    september october november december ago 1st 2nd 3rd though although press pressed pressing tap tapped
"""
IDLE = frozenset(_IDLE.split())

_WORD = re.compile(r"[^\W_](?:[\w'-]*\w)?", re.UNICODE)
# What says that something is wrong begins and ends with words of that; the things may stand between them.
_ENDS = re.compile(r"^[\w'-]+|[\w'-]+$")
# When it was, and for how long.
_WHEN = re.compile(
    r"\b(?:since|for|in|on|until|after|before|last|this|next|every|each|per|all|an?|the|few|several|some|\d+|two"
    r"|three|four|five"
    r"|six|ten|twenty) (?:\d+ |few |whole |past )?(?:second|sec|minute|min|hour|day|week|month|year|morning|evening"
    r"|night"
    r"|afternoon|moment)s?\b(?! view)|\bnumber (?:\d+|one)\b"
)
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
Told = list[tuple[str, re.Match[str]]]
_FAULTS, _SAYINGS = compiled(FAULTS), compiled(SAYINGS)
_WANTED, _WANTED_OF_ALL = compiled(WANTED), compiled(WANTED_OF_ALL)


@lru_cache(maxsize=KEPT)
def words(text: str) -> frozenset[str]:
    """The things it names by their first names, what is wrong with them, and what it says as a whole."""
    said = plain(text)
    joined = concepts.joined(_MOVED.sub(" ", said))
    faults = _wrong(joined)
    return _words(joined, faults) | sayings(text) | _pairs(joined, faults)


@lru_cache(maxsize=KEPT)
def wished_words(text: str) -> frozenset[str]:
    """Those of a wish, with what it is for."""
    said = plain(text)
    joined = concepts.joined(_MOVED.sub(" ", said))
    return _words(joined, _found(_WANTED, joined)) | sayings(text) | _names(_found(_WANTED_OF_ALL, said))


def things(text: str) -> frozenset[str]:
    """What it names, whatever is wrong with it."""
    return frozenset(filter(is_thing, words(text)))


def sayings(text: str) -> frozenset[str]:
    said = plain(text)
    return _names(_found(_SAYINGS, said)) | frozenset(f"={_minutes(*told)} min" for told in _moves(said))


def says_fault(plain: str) -> bool:
    return any(pattern.search(plain) for pattern in _FAULTS.values())


def plain(text: str) -> str:
    """In small letters, and every not as a word."""
    said = text[:MAX_TEXT].lower().replace("\u2019", "'")
    said = re.sub(r"\b(?:can't|cannot|cant)\b", "can not", said).replace("won't", "will not")
    return re.sub(r"n't\b|(?<=\b(?:do|is)n)t\b|(?<=\bdoesn)t\b|(?<=\bdidn)t\b", " not", said)


def place(named: str) -> str:
    """What something is about, without the ids of an address, however its framework writes them."""
    bare = named.strip().rstrip("/").lower()
    return _ID.sub("/*", bare) if bare.startswith("/") else bare


def is_thing(word: str) -> bool:
    return word[0] not in "!=@"


def is_saying(word: str) -> bool:
    """One such word in common may be enough."""
    return word[0] in "=@"


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The part of the shorter one's words that are in the longer one; nothing where they are about two things."""
    if one.isdisjoint(other):
        return 0.0
    if say_the_same(one, other):
        return 1.0
    told, others = _told(one), _told(other)
    if told.isdisjoint(others) or _names_nothing(told) != _names_nothing(others) or are_two(one, other):
        return 0.0
    return len(told & others) / min(len(told), len(others))


def say_the_same(one: frozenset[str], other: frozenset[str]) -> bool:
    """One saying in common, or the same wrong with one topic, unless each names another besides."""
    sure = {word[0] for word in one & other if is_saying(word)}
    return "=" in sure or bool(sure and not _elsewhere(one, other))


@lru_cache(maxsize=KEPT)
def _told(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if not is_saying(word))


def _elsewhere(one: frozenset[str], other: frozenset[str]) -> bool:
    topics, others = (frozenset(filter(None, map(concepts.topic, words))) for words in (one, other))
    return bool(topics - others and others - topics)


@lru_cache(maxsize=KEPT)
def _names_nothing(words: frozenset[str]) -> bool:
    return all(word[0] == "!" for word in words)


def are_two(one: frozenset[str], other: frozenset[str]) -> bool:
    """They say different things that are wrong or wished for, or the same of things that have no word in common."""
    if differ(one, other):
        return True
    about, others = one - _faults(one), other - _faults(other)
    return bool(about and others and not about & others)


def differ(one: frozenset[str], other: frozenset[str]) -> bool:
    """What is wrong or wished for is known of both, and not the same."""
    wrong, others = _faults(one), _faults(other)
    return bool(wrong and others and not wrong & others)


@lru_cache(maxsize=KEPT)
def _faults(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if word[0] in "!=")


def _wrong(text: str) -> Told:
    """What happens again and again, after it was told, happens not twice."""
    found = sorted(_found(_FAULTS, text), key=lambda fault: fault[1].start())
    return [(name, match) for number, (name, match) in enumerate(found) if not number or name != "!twice"]


def _pairs(text: str, faults: Told) -> frozenset[str]:
    """What is wrong, each with the topic that is named nearest to it."""
    topics = [(word, topic) for word in _WORD.finditer(text) if (topic := concepts.topic(word[0]))]
    if not topics:
        return frozenset()
    return frozenset(f"@{name[1:]} {_nearest(topics, fault)}" for names, fault in faults for name in names.split("/"))


def _nearest(topics: list[tuple[re.Match[str], str]], fault: re.Match[str]) -> str:
    _, topic = min(topics, key=lambda named: (_apart(fault, named[0]), -named[0].start()))
    return topic


def _apart(one: re.Match[str], other: re.Match[str]) -> int:
    return max(0, one.start() - other.end(), other.start() - one.end())


def _words(text: str, found: Told) -> frozenset[str]:
    for _, match in found:
        text = text[: match.start()] + _ENDS.sub(_blanked, match[0]) + text[match.end() :]
    told = _WORD.findall(_WHEN.sub(" ", text).replace("_", " "))[: 4 * MAX_WORDS]
    kept = [concepts.named(word) for word in told if word not in IDLE and not _MASHED.fullmatch(word)]
    return _names(found) | frozenset([word for word in kept if len(word) > 1][:MAX_WORDS])


def _blanked(word: re.Match[str]) -> str:
    return " " * len(word[0])


def _found(patterns: Mapping[str, re.Pattern[str]], text: str) -> Told:
    """Each pattern's first match."""
    return [(name, match) for name, pattern in patterns.items() if (match := pattern.search(text))]


def _names(found: Told) -> frozenset[str]:
    return frozenset(name for names, _ in found for name in names.split("/"))


def _moves(said: str) -> list[tuple[str, str]]:
    """By how much it is said that times are wrong: the count and its unit."""
    found = [[part for part in told if part] for told in _MOVED.findall(said)]
    return [(told[0], told[1]) for told in found]


def _minutes(count: str, unit: str) -> int:
    return round((int(count) if count.isdecimal() else _COUNTS[count]) * _MINUTES[unit[0]])
