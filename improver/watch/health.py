"""Whether a freshly started app has come up."""

import http.client
import time
import urllib.request

from improver.watch.app import App
from improver.watch.options import WatchOptions
from improver.watch.signals import Signals

ASK_EVERY_S = 0.2
ANSWER_WITHIN_S = 5


def comes_up(app: App, options: WatchOptions, signals: Signals) -> bool:
    """Wait until it answers, or has lived long enough where there is nothing to ask."""
    wait_s = options.health_deadline if options.health else options.health_seconds
    until = time.monotonic() + wait_s
    while time.monotonic() < until and not app.ending and not signals.asked:
        # It must still run after the answer: something else may be answering on its port.
        if options.health and answers(options.health) and not app.ending:
            return True
        signals.wait(min(ASK_EVERY_S, until - time.monotonic()))
    return not options.health and not app.ending and not signals.asked


def answers(url: str) -> bool:
    # The app is here: no proxy stands between, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=ANSWER_WITHIN_S) as answer:
            return 200 <= int(answer.status) < 300
    except (OSError, http.client.HTTPException):
        return False
