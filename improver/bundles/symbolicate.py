"""Turns frames of bundled JavaScript into those of its sources, by the source maps that were uploaded."""

import logging
import os
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from improver.bundles.sourcemaps import Original, SourceMap, parse
from improver.errors import ImproverError
from improver.model import ErrorEvent, Event, Frame, Raised
from improver.model.ids import digest

log = logging.getLogger(__name__)

OPEN_BYTES = 64 << 20  # of map files, as they were uploaded
MAX_IMAGES = 1000
FOREIGN = ("node_modules/", "webpack/bootstrap", "webpack/runtime")
_DEBUG_ID = re.compile(r"[0-9a-f]{32}")


class SourceMaps:
    """The folder of uploaded maps: one file each, named by debug id, or by Target, release and address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: OrderedDict[tuple[Path, int, int], SourceMap | None] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, name: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / name
        # A reader sees the old map or the new one.
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(content)
        part.chmod(0o600)
        part.replace(path)

    def drop(self, before: datetime) -> None:
        """Forget maps that were uploaded before then."""
        for path in self._folder.glob("*.map"):
            if path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)

    def resolved(self, event: Event, target: str) -> Event:
        """The Event with every frame that a map knows; as it was without one."""
        if not isinstance(event, ErrorEvent) or not self._folder.is_dir():
            return event
        debug_ids = _debug_ids(event.data)
        raised = tuple(self._raised(one, event.release, target, debug_ids) for one in event.raised)
        return event if raised == event.raised else replace(event, raised=raised)

    def _raised(self, raised: Raised, release: str, target: str, debug_ids: Mapping[str, str]) -> Raised:
        found = [self._original(frame, release, target, debug_ids) for frame in raised.frames]
        if not any(found):
            return raised
        callers = [None, *found[:-1]]
        frames = zip(raised.frames, found, callers, strict=True)
        return replace(raised, frames=tuple(_frame(frame, to, by) if to else frame for frame, to, by in frames))

    def _original(self, frame: Frame, release: str, target: str, debug_ids: Mapping[str, str]) -> Original | None:
        if not frame.lineno or frame.colno is None:
            return None
        for name in _names(frame, release, target, debug_ids):
            found = self._map(self._folder / name)
            if found:
                return found.original(frame.lineno - 1, max(0, frame.colno - 1))
        return None

    def _map(self, path: Path) -> SourceMap | None:
        try:
            stat = path.stat()
        except FileNotFoundError:
            return None
        key = (path, stat.st_mtime_ns, stat.st_size)
        with self._lock:
            if key not in self._open:
                self._open[key] = _read(path)
                self._close_some()
            self._open.move_to_end(key)
            return self._open[key]

    def _close_some(self) -> None:
        """Those that were not asked for the longest; never the newest."""
        size = sum(size for _, _, size in self._open)
        while size > OPEN_BYTES and len(self._open) > 1:
            (_, _, closed), _ = self._open.popitem(last=False)
            size -= closed


def name_of_debug_id(debug_id: object) -> str:
    """Empty where it is none. Ids come with and without dashes, in both cases."""
    plain = debug_id.replace("-", "").lower() if isinstance(debug_id, str) else ""
    return f"{plain}.map" if _DEBUG_ID.fullmatch(plain) else ""


def name_of_address(target: str, release: str, address: str) -> str:
    return f"{digest(target, release, address, length=32)}.address.map"


def _read(path: Path) -> SourceMap | None:
    try:
        return parse(path.read_bytes())
    except (ImproverError, OSError) as error:
        log.warning("an uploaded source map cannot be read", extra={"file": path.name, "error": str(error)})
        return None


def _debug_ids(data: Mapping[str, Any]) -> dict[str, str]:
    """File name → debug id, as the SDK found it in the bundle."""
    meta = data.get("debug_meta")
    images = meta.get("images") if isinstance(meta, dict) else None
    listed = [image for image in images[:MAX_IMAGES] if isinstance(image, dict)] if isinstance(images, list) else []
    return {
        image["code_file"]: image["debug_id"]
        for image in listed
        if image.get("type") == "sourcemap"
        and isinstance(image.get("code_file"), str)
        and isinstance(image.get("debug_id"), str)
    }


def _names(frame: Frame, release: str, target: str, debug_ids: Mapping[str, str]) -> Iterator[str]:
    """Under which names its map may be, the surest first."""
    places = [place for place in (frame.abs_path, frame.filename) if place]
    yield from filter(None, (name_of_debug_id(debug_ids.get(place)) for place in places))
    if release:
        addresses = dict.fromkeys(address for place in places for address in _addresses(place))
        yield from (name_of_address(target, release, address) for address in addresses)


def _addresses(place: str) -> Iterator[str]:
    """Whole, and as on any host."""
    bare = place.partition("?")[0].partition("#")[0]
    yield bare
    try:
        path = urlsplit(bare).path
    except ValueError:
        return
    yield f"~/{path.lstrip('/')}"


def _frame(frame: Frame, original: Original, caller: Original | None) -> Frame:
    """A function without a name of its own in the source is named by who called it."""
    foreign = any(part in original.source for part in FOREIGN)
    return Frame(
        filename=original.source,
        function=original.function or (caller.name if caller else ""),
        lineno=original.line + 1,
        colno=original.column + 1,
        in_app=False if foreign else frame.in_app,
        context_line=original.text,
    )
