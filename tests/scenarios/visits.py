"""One visitor after another in a real browser: what a hand does, with the pauses of a hand."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.browser import Page
from tests.scenarios.stage import Stage

KEY_CODES = {"Enter": 13, "Tab": 9, "ArrowUp": 38, "ArrowDown": 40}


class Visit:
    def __init__(self, stage: Stage, page: Page, site: str) -> None:
        self._stage, self._page, self._site = stage, page, site

    def go(self, path: str) -> None:
        self._page.open(f"{self._site}/{path}")
        self._ready()

    def follow(self, selector: str) -> None:
        """Click a link, and wait for the page that it leads to."""
        left = self._page.run("location.href")
        self._page.click(selector)
        self._stage.until(self._page, f"location.href != '{left}'")
        self._ready()

    def back(self) -> None:
        # A page that comes back out of the browser's cache has its variables still.
        left = self._page.run("setTimeout(() => history.back(), 0); location.href")
        self._stage.until(self._page, f"location.href != '{left}'")
        self._ready()

    def click(self, selector: str, times: int = 1, gap: float = 0.15) -> None:
        for _ in range(times):
            self._page.click(selector)
            time.sleep(gap)

    def double_click(self, selector: str) -> None:
        box = f"document.querySelector('{selector}').getBoundingClientRect()"
        x, y = self._page.run(f"(r => [r.x + 20, r.y + r.height / 2])({box})")
        for count in (1, 2, 3):
            for kind in ("mousePressed", "mouseReleased"):
                self._page._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=count)

    def type(self, selector: str, text: str) -> None:
        self._page.click(selector)
        self._page.run(f"document.querySelector('{selector}').select?.()")
        self._page._call("Input.insertText", text=text)
        # A field has changed when it is left.
        self._page.run("document.activeElement.blur()")
        time.sleep(0.1)

    def keys(self, selector: str, text: str) -> None:
        """Letter by letter."""
        self._page.click(selector)
        for letter in text:
            self._page._call("Input.insertText", text=letter)
            time.sleep(0.12)

    def press(self, key: str, times: int = 1) -> None:
        """A key of the keyboard, by the name that a page is told, on whatever has the focus."""
        about = {"key": key, "code": key, "windowsVirtualKeyCode": KEY_CODES[key]}
        for _ in range(times):
            self._page._call("Input.dispatchKeyEvent", type="keyDown", text="\r" if key == "Enter" else "", **about)
            self._page._call("Input.dispatchKeyEvent", type="keyUp", **about)
            time.sleep(0.2)

    def drag(self, selector: str, to: str) -> None:
        begin, end = self._middle(selector), self._middle(to)
        for number, kind in enumerate(("mousePressed", *["mouseMoved"] * 5, "mouseReleased")):
            x, y = (start + (stop - start) * number / 6 for start, stop in zip(begin, end, strict=True))
            self._page._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
            time.sleep(0.05)

    def _middle(self, selector: str) -> list[float]:
        box = f"document.querySelector('{selector}').getBoundingClientRect()"
        return list(self._page.run(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({box})"))

    def run(self, script: str) -> None:
        self._page.run(script)

    def look(self, seconds: float) -> None:
        time.sleep(seconds)

    def _ready(self) -> None:
        self._stage.until(self._page, "document.readyState == 'complete' && !!window.posthog?.__loaded")
        time.sleep(0.15)


@contextmanager
def visit(stage: Stage, page: Page, site: str, take: str, number: int) -> Iterator[Visit]:
    """A round of the take by somebody who was never here before, from their first page until they leave."""
    page.open(f"{site}/door.html")
    stage.until(page, "document.title == 'Door'")
    page.run("localStorage.clear(); sessionStorage.clear();" + f" localStorage.visitor = 'visitor-{number}'")
    page.run("document.cookie.split(';').forEach(c => document.cookie = c.split('=')[0] + '=;max-age=0;path=/')")
    with stage.round(take):
        yield Visit(stage, page, site)
        page.open("about:blank")
        time.sleep(0.3)
