"""Somebody with a browser at the to-do app: a cookie, forms, and the page's own look for fix messages."""

import html
import http.cookiejar
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request

from improver.errors import ImproverError

PATIENCE_S = 20  # the app is restarted under its visitors
TASK = re.compile(r'action="/tasks/(\d+)/done"')
FIXES = re.compile(r'data-fixes="([^"]*)" data-user="([^"]*)"')


class Visitor:
    def __init__(self, origin: str) -> None:
        self._origin = origin
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def add(self, title: str) -> int:
        """Add a task; its number, as the page's newest one shows it."""
        self.post("/tasks", title=title)
        found = TASK.search(self._ask(self._origin + "/")[1])
        if found is None:
            raise ImproverError("the to-do app does not show the task that was added", hint="look at its log")
        return int(found[1])

    def post(self, path: str, **fields: str) -> int:
        return self._ask(self._origin + path, urllib.parse.urlencode(fields).encode())[0]

    def release(self) -> str:
        return str(json.loads(self._ask(self._origin + "/healthz")[1]).get("release", ""))

    def messages(self) -> list[str]:
        """What the page shows this visitor about fixes: it asks as the page's script does."""
        found = FIXES.search(self._ask(self._origin + "/")[1])
        if found is None or not found[1]:
            return []
        asked = f"{html.unescape(found[1])}&{urllib.parse.urlencode({'user': found[2]})}"
        status, answer = self._ask(asked, headers={"Origin": self._origin})
        return [str(fix["message"]) for fix in json.loads(answer)] if status == 200 else []

    def _ask(self, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                request = urllib.request.Request(url, body, headers or {})
                with self._browser.open(request, timeout=PATIENCE_S) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read().decode()
            except OSError as error:
                if time.monotonic() > until:
                    raise ImproverError(f"nobody answers at {url}: {error}", hint="look at the app's log") from error
                time.sleep(0.1)
