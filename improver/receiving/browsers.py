"""What shows that a browser sent a request, and whether a page of this machine made it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

# A browser adds these by itself and no page can take them away: an Origin to every POST, and Sec-… where it trusts the
# connection. The name is for old ones, which left the Origin out of some.
ADDED = ("origin", "referer")
ADDED_PREFIX = "sec-"
NAME = "Mozilla/"
# Node's own fetch says this much, and no more; a browser that says it says Sec-Fetch-Site too.
NODE_FETCH = ("sec-fetch-mode", "cors")


def sent_by_a_browser(headers: Mapping[str, str]) -> bool:
    """A key that comes this way is known to whoever opened the page."""
    told = (name for name, value in headers.items() if (name, value) != NODE_FETCH)
    added = any(name in ADDED or name.startswith(ADDED_PREFIX) for name in told)
    return added or headers.get("user-agent", "").startswith(NAME)


def from_a_strangers_page(headers: Mapping[str, str]) -> bool:
    """Any page that the user opens can send here; only those of this machine are no stranger's."""
    try:
        host = urlsplit(headers.get("origin", "http://localhost")).hostname or ""
    except ValueError:
        return True
    local = host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")
    return not local or headers.get("sec-fetch-site") == "cross-site"
