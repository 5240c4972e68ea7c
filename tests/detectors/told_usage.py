"""What people do in an app, told in a few words as PostHog's events, and the Findings that come of it."""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from improver.answers.findings import FindingRow
from tests.detectors.told import START, findings

_ids = itertools.count(1)


@dataclass
class Visit:
    """One session, from its first page on; each word is something done, `gap` seconds after what was done before."""

    user: str = ""
    at: float = 0.0  # days after START
    device: str = "Desktop"
    page: str = "/"
    events: list[dict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.number = next(_ids)
        self.user = self.user or f"visitor-{self.number}"
        self.now = 0.0

    def view(self, page: str, gap: float = 1.0, query: str = "") -> "Visit":
        self.page, self.url = page, f"https://shop.example{page}{query}"
        return self._add("$pageview", gap)

    def click(self, element: str, gap: float = 1.0, **more: object) -> "Visit":
        return self._acted("$autocapture", "click", element, gap, more)

    def change(self, element: str, gap: float = 1.0, **more: object) -> "Visit":
        return self._acted("$autocapture", "change", element, gap, more)

    def submit(self, element: str = "form", gap: float = 1.0) -> "Visit":
        return self._acted("$autocapture", "submit", element, gap, {})

    def rage(self, element: str, gap: float = 0.2, **more: object) -> "Visit":
        return self._acted("$rageclick", "click", element, gap, more)

    def dead(self, element: str, gap: float = 1.0, **more: object) -> "Visit":
        return self._acted("$dead_click", "click", element, gap, more)

    def leave(self, gap: float = 0.1) -> "Visit":
        return self._add("$pageleave", gap)

    def kept(self, page: str) -> "Visit":
        """Back to a page that the browser kept: nothing tells of that by itself."""
        self.page, self.url = page, f"https://shop.example{page}"
        return self

    def event(self, name: str, gap: float = 1.0, **properties: object) -> "Visit":
        return self._add(name, gap, **properties)

    def vitals(self, gap: float = 1.0, **values: float) -> "Visit":
        return self._add("$web_vitals", gap, **{f"$web_vitals_{name}_value": value for name, value in values.items()})

    def fails(self, raised: str = "TypeError", gap: float = 0.1) -> "Visit":
        raised_as = {"type": raised, "value": "x is undefined", "mechanism": {"handled": False}}
        return self._add("$exception", gap, **{"$exception_list": [raised_as]})

    def _acted(self, name: str, act: str, element: str, gap: float, more: dict) -> "Visit":
        return self._add(name, gap, **{"$event_type": act, "$elements_chain": _chain(element), **more})

    def _add(self, name: str, gap: float, **properties: object) -> "Visit":
        self.now += gap
        at = START + timedelta(days=self.at, seconds=self.now)
        said = {
            "distinct_id": self.user, "$session_id": f"session-{self.number}", "$window_id": f"window-{self.number}",
            "$pathname": self.page, "$current_url": getattr(self, "url", ""), "$device_type": self.device, **properties,
        }  # fmt: skip
        self.events.append(
            {"uuid": f"event-{next(_ids)}", "event": name, "timestamp": at.isoformat(), "properties": said}
        )
        return self


def _chain(element: str) -> str:
    """`button#save "Save"` within a form where it says `form > button#save "Save"`."""
    parts = []
    for part in reversed(element.split(" > ")):
        name, _, text = part.partition(' "')
        tag, _, own = name.partition("#")
        attributes = (f'attr__id="{own}"' if own else "") + (f'text="{text[:-1]}"' if text else "")
        parts.append(f'{tag}:{attributes}nth-child="1"')
    return ";".join(parts)


def of_visits(folder: Path, *visits: Visit, **settings: object) -> list[FindingRow]:
    records = [event for visit in visits for event in visit.events]
    return findings(folder, "posthog", records, **settings)
