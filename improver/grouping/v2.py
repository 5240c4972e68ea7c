"""Grouping, version 2. Frozen once shipped: changing what this returns would split every known Finding in two."""

import re
from dataclasses import dataclass, replace
from hashlib import blake2b
from operator import attrgetter

from improver.grouping import members
from improver.grouping import stacks as stacks_of
from improver.grouping.frames import Counted
from improver.grouping.messages import parameterize
from improver.grouping.parts import Part
from improver.model import ErrorEvent, Raised
from improver.model.ids import digest

NUMBER = 2
MESSAGE_LINES = 2
MAX_CHAIN = 50

_DEFAULT = re.compile(r"\{\{ ?default ?\}\}")
_LASTING = attrgetter("filename", "abs_path", "module", "function")
_OWN = {None: "?", True: "1", False: "0"}
_QUALIFIED = re.compile(r"[\w.$:\\]{1,1024}")
_MODULES = re.compile(r"^.*(?:\.|::|\\)(?=[^.:\\])", re.DOTALL)
# What was asserted is a part of the code, and says more than where the assertion is kept.
_CONDITION = re.compile(r"d?check failed|assert(?:ion)? failed|assert$|fatal error", re.IGNORECASE)
_GENERATED_TYPE = re.compile(r"\$\d{1,6}$|0x[0-9a-f]{1,16}")
_OVERFLOW = re.compile(
    r"stack[- ]?overflow|RecursionError|SystemStackError|call stack size|too much recursion|recursion depth"
    r"|stack level too deep|stack exceeds|function nesting level",
    re.IGNORECASE,
)
_MINIFIED = re.compile(r"[a-z]{1,2}\d?$|[A-Z]$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Grouping:
    """`key` is of the user's own frames, `system_key` of every frame: an Event joins by either."""

    version: int
    key: str
    system_key: str
    template: str


class _Known:
    """The keys of stacks met before, by a digest: what others send must not decide how much is kept in memory."""

    def __init__(self, most: int) -> None:
        self._keys: dict[bytes, tuple[str, str]] = {}
        self._most = most

    def keys(self, error: ErrorEvent, template: str) -> tuple[str, str]:
        stack = _stack_of(error, template)
        if stack not in self._keys:
            if len(self._keys) >= self._most:
                self._keys.clear()
            self._keys[stack] = _keys(error, template)
        return self._keys[stack]


_known = _Known(20_000)


def group(error: ErrorEvent) -> Grouping:
    template = _template(error)
    key, system_key = _known.keys(error, template)
    return Grouping(version=NUMBER, key=key, system_key=system_key, template=template)


def explain(error: ErrorEvent) -> tuple[Part, ...]:
    """What the key is made of, line by line, and what was left out of it and why."""
    return tuple(_chosen(error, _template(error))[0])


def _template(error: ErrorEvent) -> str:
    """A client's own template says better what is constant than its values, replaced, do."""
    value = error.raised[-1].value if error.raised else ""
    return parameterize(value if value and value != error.message else error.template or value or error.message)


def _stack_of(error: ErrorEvent, template: str) -> bytes:
    """Everything that a key can depend on: of a stack, neither line numbers nor messages."""
    told = [error.platform, template, *error.client_fingerprint]
    for raised in error.raised:
        told += ("\1", str(raised.synthetic), str(_overflows(raised)), raised.type)
        if raised.member or raised.group:
            # Without a stack it is known by what it said.
            told += ("\2", str(raised.member), "" if raised.frames else parameterize(raised.value))
        for frame in raised.frames:
            told += _LASTING(frame)
            told.append(_OWN[frame.in_app])
    return blake2b("\0".join(told).encode("utf-8", "replace"), digest_size=16).digest()


def _keys(error: ErrorEvent, template: str) -> tuple[str, str]:
    chosen, system = _chosen(error, template)
    return _hashed(chosen), _hashed(system)


def _hashed(parts: list[Part]) -> str:
    return digest(*(f"{part.what}: {part.text}" for part in parts if not part.ignored))


def _chosen(error: ErrorEvent, template: str) -> tuple[list[Part], list[Part]]:
    """The parts of the key, and those of the system key."""
    chain = error.raised[-MAX_CHAIN:]
    stacks = [_stack(raised, error.platform) for raised in chain]
    system = _parts(chain, [[_as_part(one) for one in stack] for stack in stacks])
    own = _parts(chain, [[_as_part(one) for one in stacks_of.own(stack)] for stack in stacks])
    if not _placed(system):
        own = system = _by_message(chain, template, system)
    elif not _placed(own):
        own = system
    if _unnamed(own) or (chain and _CONDITION.match(chain[-1].type) and _placed(own)):
        said = _message(template)
        own, system = [*own, said], [*system, said]
    if error.client_fingerprint and not all(map(_DEFAULT.fullmatch, error.client_fingerprint)):
        return _by_client(error.client_fingerprint, own), _by_client(error.client_fingerprint, system)
    return own, system


def _stack(raised: Raised, platform: str) -> list[Counted]:
    seen = stacks_of.seen(raised.frames, platform)
    return stacks_of.overflown(seen) if _overflows(raised) else seen


def _overflows(raised: Raised) -> bool:
    return bool(_OVERFLOW.search(raised.type[:200]) or _OVERFLOW.search(raised.value[:200]))


def _as_part(one: Counted) -> Part:
    return Part(what="frame", text=one.key, ignored=one.ignored)


def _parts(chain: tuple[Raised, ...], stacks: list[list[Part]]) -> list[Part]:
    told = [[_type(raised), *stack] for raised, stack in zip(chain, stacks, strict=True)]
    return members.once(chain, told)


def _type(raised: Raised) -> Part:
    if raised.synthetic:
        return Part(what="type", text=raised.type, ignored="made up by the client")
    name = _GENERATED_TYPE.sub("", raised.type.strip())
    name = _MODULES.sub("", name) if _QUALIFIED.fullmatch(name) else name
    return Part(what="type", text=name, ignored="minified" if _MINIFIED.fullmatch(name) else "")


def _placed(parts: list[Part]) -> bool:
    return any(part.what == "frame" and not part.ignored for part in parts)


def _by_message(chain: tuple[Raised, ...], template: str, ignored: list[Part]) -> list[Part]:
    """Without a frame that counts: the type, and what was said, of a long text as far as its second line."""
    frames = [part for part in ignored if part.what == "frame"]
    ends = members.ends(chain)
    if not ends:
        return [*(_type(raised) for raised in chain[-1:]), _message(template), *frames]
    told = [[_type(raised), _message(parameterize(raised.value))] for raised in ends]
    return [*members.once(ends, told), *frames]


def _message(template: str) -> Part:
    lines = [line for line in template.splitlines() if line.strip()]
    return Part(what="message", text="\n".join(lines[:MESSAGE_LINES]))


def _unnamed(parts: list[Part]) -> bool:
    """Only a file is known of where it was raised, and that may hold many causes: what was said tells them apart."""
    counting = [part.text for part in parts if part.what == "frame" and not part.ignored]
    return bool(counting) and counting[-1].endswith("|")


def _by_client(fingerprint: tuple[str, ...], default: list[Part]) -> list[Part]:
    """The client decides; {{ default }} in it stands for what would have been."""
    parts: list[Part] = []
    for said in fingerprint:
        parts += default if _DEFAULT.fullmatch(said) else [Part(what="client", text=said)]
    if any(map(_DEFAULT.fullmatch, fingerprint)):
        return parts
    because = "the client said what belongs together"
    return parts + [replace(part, ignored=part.ignored or because) for part in default]
