"""Remarks: what people and operator agents say is in their way, and what they wish for, by what it is about."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from improver.grouping import attitude, wording
from improver.grouping.advertising import is_advertising
from improver.model import Cursor, FindingKind, Symptom, TrustLabel
from improver.model.configured import Configured
from improver.model.ids import digest
from improver.statistics import by_hour, week_before

EVERY = 0

# So many different wordings of one topic are kept to compare others with.
WORDINGS = 20
REMARKS = """
select * from (
    select event_id, occurred_at, target, environment, service, trust, release, "user", said, goal, blocker,
        suggestion, about,
        calls_wasted
    from remarks where occurred_at >= $since order by occurred_at desc, seq desc limit $most
) order by occurred_at, event_id
"""


class Config(Configured):
    window_days: int = Field(90, ge=1)
    """Days of remarks that are looked at."""
    most: int = Field(2000, ge=1)
    """The newest so many of them."""
    likeness: float = 0.5
    """Two remarks are about one thing when as great a part of the shorter one's words is in the other."""
    likeness_about: float = 0.3
    """The same of remarks that name the same tool, route or element."""
    common: float = Field(0.6, gt=0, le=1)
    """A word that a greater part of the different remarks has is what the app is about, and tells nothing of which."""
    common_from: int = Field(10, ge=2)
    """From so many different remarks on."""
    minutes: float = 2
    """What it costs somebody to be so much in the way that they say so, or to do without what they wish for."""
    call_s: float = 6
    """What each call that an agent says it wasted took, with the model's thinking before it."""


@dataclass(kw_only=True)
class Topic:
    """Remarks about one thing; the first of them names it."""

    kind: FindingKind
    scope: tuple[str, str]
    about: str
    words: frozenset[str]
    text: str
    wordings: list[frozenset[str]] = field(default_factory=list)
    told: frozenset[str] = frozenset()
    remarks: list[dict[str, Any]] = field(default_factory=list)


@dataclass(kw_only=True)
class Topics:
    """Topics in the order in which they came up, and which of them have a word: others need no comparison."""

    topics: dict[int, Topic] = field(default_factory=dict)
    with_word: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def alike(self, topic: Topic, config: Config) -> list[int]:
        shared = Counter(number for word in topic.words for number in self.with_word[word])
        least = min(config.likeness, config.likeness_about)
        near = [
            number
            for number, words in shared.items()
            if words >= least * min(len(topic.words), min(map(len, self.topics[number].wordings)))
        ]
        near += [number for word in filter(wording.is_saying, topic.words) for number in self.with_word[word]]
        return sorted(number for number in set(near) if _alike(self.topics[number], topic, config))

    def keep(self, number: int, words: Iterable[str]) -> None:
        for word in words:
            self.with_word[word].add(number)

    def drop(self, number: int) -> Topic:
        dropped = self.topics.pop(number)
        for word in dropped.told:
            self.with_word[word].discard(number)
        return dropped


def detect(cursor: Cursor, config: Config, now: datetime) -> list[Symptom]:
    since = now.replace(tzinfo=None) - timedelta(days=config.window_days)
    found: dict[tuple[FindingKind, tuple[str, str]], list[Topic]] = defaultdict(list)
    for row in cursor.rows(REMARKS, {"since": since, "most": config.most}):
        for kind, text in _told(row):
            topic = _topic(kind, text, row)
            found[kind, topic.scope].append(topic)
    return [_symptom(topic, config, now) for remarks in found.values() for topic in _together(remarks, config)]


def _together(remarks: list[Topic], config: Config) -> Iterable[Topic]:
    together, common = Topics(), _common(remarks, config)
    for one in remarks:
        telling = one.words - common
        _join(together, replace(one, words=telling) if any(map(wording.is_thing, telling)) else one, config)
    return together.topics.values()


def _common(remarks: list[Topic], config: Config) -> frozenset[str]:
    different = {one.words for one in remarks}
    if len(different) < config.common_from:
        return frozenset()
    told = Counter(word for words in different for word in words if wording.is_thing(word))
    return frozenset(word for word, count in told.items() if count > config.common * len(different))


def _told(row: dict[str, Any]) -> Iterator[tuple[FindingKind, str]]:
    """What was said of a problem, and what was wished for; praise, advertising and tests are neither."""
    said = row["said"]
    told = [(FindingKind.FEEDBACK, row["blocker"]), (FindingKind.SUGGESTION, row["suggestion"])]
    if said and not (row["blocker"] or row["suggestion"]):
        wish = attitude.is_wish(said)
        kind = FindingKind.SUGGESTION if wish else FindingKind.FEEDBACK
        told = [(kind, said)] if wish or attitude.is_complaint(said) else []
    for kind, text in told:
        if _tells_something(kind, text):
            yield kind, text


def _tells_something(kind: FindingKind, text: str) -> bool:
    if not wording.words(text) or attitude.says_nothing(text) or is_advertising(text):
        return False
    return kind == FindingKind.SUGGESTION or not attitude.is_praise(text)


def _topic(kind: FindingKind, text: str, row: dict[str, Any]) -> Topic:
    return Topic(
        kind=kind,
        scope=(row["target"], row["environment"]),
        about=wording.place(row["about"]),
        words=wording.wished_words(text) if kind == FindingKind.SUGGESTION else wording.words(text),
        text=text,
        remarks=[row],
    )


def _join(together: Topics, topic: Topic, config: Config) -> None:
    """The oldest of those that it is alike takes in the others: one remark can show that two topics are one."""
    number, *others = together.alike(topic, config) or [max(together.topics, default=0) + 1]
    first = together.topics.setdefault(number, replace(topic, remarks=[]))
    same = [other for other in others if not wording.differ(first.told, together.topics[other].told)]
    for other in map(together.drop, same):
        first.remarks += other.remarks
        first.wordings += other.wordings
        first.told |= other.told
    first.remarks += topic.remarks
    if topic.words not in first.wordings and len(first.wordings) < WORDINGS:
        first.wordings.append(topic.words)
        first.told |= topic.words
    together.keep(number, first.told)


def _alike(one: Topic, other: Topic, config: Config) -> bool:
    """Not where they name different things, say that other things are wrong, or too few of their words are the same."""
    if one.about and other.about and one.about != other.about:
        return False
    if wording.differ(one.told, other.words):
        return any(wording.say_the_same(words, other.words) for words in one.wordings)
    named = one.about and one.about == other.about
    least = config.likeness_about if named else config.likeness
    return any(wording.likeness(words, other.words) >= least for words in one.wordings)


def _symptom(topic: Topic, config: Config, now: datetime) -> Symptom:
    week = week_before(now)
    remarks = sorted(topic.remarks, key=lambda row: (row["occurred_at"], row["event_id"]))
    newest, named = remarks[-1], topic.remarks[0]["about"].strip()
    recent = [row for row in remarks if row["occurred_at"] >= week]
    hourly = by_hour((int((row["occurred_at"] - week).total_seconds() // 3600), 1) for row in recent)
    words = "feedback" if topic.kind == FindingKind.FEEDBACK else "wish"
    return Symptom(
        detector="remarks",
        kind=topic.kind,
        pattern=words,
        grouping_version=2,
        key=digest(topic.kind, topic.about, *topic.text.lower().split()),
        target=topic.scope[0],
        environment=topic.scope[1],
        service=newest["service"],
        source="feedback",
        title=" ".join(topic.text.split())[:160],
        advice=_advice(topic),
        first_seen=remarks[0]["occurred_at"].replace(tzinfo=now.tzinfo),
        last_seen=newest["occurred_at"].replace(tzinfo=now.tzinfo),
        events=len(remarks),
        events_week=len(recent),
        users=len({row["user"] for row in remarks if row["user"]}),
        hourly=tuple(hourly),
        minutes_week=sum(max(config.minutes, row["calls_wasted"] * config.call_s / 60) for row in recent),
        route=named if named.startswith("/") else "",
        place=named.lower().rstrip("/"),
        evidence=tuple(row["event_id"] for row in reversed(remarks[-20:])),
        trust=TrustLabel.SERVER if all(row["trust"] == "server" for row in remarks) else TrustLabel.PUBLIC,
        release=newest["release"],
    )


def _advice(topic: Topic) -> str:
    """The goals and wishes that came with it, each once."""
    goals = [row["goal"] for row in topic.remarks if row["goal"]]
    wishes = [row["suggestion"] for row in topic.remarks if row["suggestion"] and topic.kind == FindingKind.FEEDBACK]
    told = {"They wanted to": goals[-1:], "They suggest": wishes[-1:]}
    return " ".join(f"{what}: {' '.join(texts[0].split())[:200]}." for what, texts in told.items() if texts)
