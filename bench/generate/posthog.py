"""Usage as posthog-js sends it: batches of events with all the properties that it adds."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

from bench.generate.request import Made, Sender
from bench.generate.variety import AGENTS, ROUTES, USERS, route, skewed

EVENTS = 100
POOL = 10_000
NAMES = (
    ["$pageview"] * 40 + ["$autocapture"] * 30 + ["$pageleave"] * 10 + ["add_to_cart"] * 7 + ["search_submitted"] * 6
    + ["checkout_started"] * 4 + ["$rageclick"] * 3
)  # fmt: skip


class Usage:
    path = "/batch/"

    def __init__(self, sender: Sender, seed: int, items: int = EVENTS) -> None:
        self.items = items
        self.headers: Mapping[str, str] = {"Content-Type": "application/json", "User-Agent": "posthog-js/1.290.0"}
        self._key = sender.key
        self._random = Random(seed)
        shapes = Random(seed)
        # Cut where its id and its time belong.
        self._pool = [json.dumps(_event(shapes), separators=(",", ":"))[:-1] for _ in range(POOL)]

    def make(self, now_ns: int) -> Made:
        random = self._random
        ids = tuple(str(uuid.UUID(int=random.getrandbits(128), version=4)) for _ in range(self.items))
        now = datetime.fromtimestamp(now_ns / 1e9, UTC).isoformat()
        events = ",".join(f'{random.choice(self._pool)},"timestamp":"{now}","uuid":"{one}"}}' for one in ids)
        return Made(body=f'{{"api_key":"{self._key}","batch":[{events}],"sent_at":"{now}"}}'.encode(), ids=ids)


def _event(random: Random) -> dict[str, Any]:
    user, name = random.randrange(USERS), random.choice(NAMES)
    path = route(skewed(random, ROUTES))[1].replace("{id}", str(random.randrange(10**5)))
    session = f"{user:08x}-{random.randrange(4)}"
    properties = {
        "$current_url": f"https://shop.example.com{path}",
        "$host": "shop.example.com",
        "$pathname": path,
        "$browser": random.choice(("Chrome", "Safari", "Firefox")),
        "$browser_version": random.randrange(120, 143),
        "$os": random.choice(("Mac OS X", "Windows", "iOS", "Android")),
        "$os_version": "10.15.7",
        "$device_type": random.choice(("Desktop", "Mobile")),
        "$screen_height": 1080,
        "$screen_width": 1920,
        "$viewport_height": 900,
        "$viewport_width": 1600,
        "$lib": "web",
        "$lib_version": "1.290.0",
        "$session_id": f"019a-{session}",
        "$window_id": f"019b-{session}",
        "$insert_id": f"{random.getrandbits(64):x}",
        "$time": 1_790_000_000 + random.randrange(10**6) / 1000,
        "distinct_id": f"u{user}",
        "$device_id": f"019c-{user:08x}",
        "$raw_user_agent": random.choice(AGENTS),
        "$referrer": "$direct",
        "$referring_domain": "$direct",
        "$timezone": "Europe/Berlin",
        "$is_identified": True,
        "$process_person_profile": True,
        "$feature/new-checkout": random.choice(("control", "test")),
        "plan": random.choice(("free", "pro", "team")),
        **_special(random, name),
    }
    return {"event": name, "distinct_id": f"u{user}", "properties": properties}


def _special(random: Random, name: str) -> dict[str, Any]:
    if name in ("$autocapture", "$rageclick"):
        return {"$event_type": "click", "$elements": [_element(random, depth) for depth in range(4)]}
    if name == "search_submitted":
        return {"query": f"shoes {random.randrange(99)}", "results": random.choice((0, 0, 3, 40))}
    return {}


def _element(random: Random, depth: int) -> dict[str, Any]:
    tag = ("button", "div", "form", "main")[depth]
    text = {"$el_text": random.choice(("Pay now", "Search", "Next", "Save"))} if not depth else {}
    style = f"{tag} {tag}-{random.randrange(9)}"
    return {"tag_name": tag, "attr__class": style, "nth_child": 2, "order": depth, **text}
