"""Keeps one app running: restarts it after a crash or on a verified fix, and goes back when a fix does not come up."""

import secrets
import shlex
import signal
import time
from collections.abc import Callable, Mapping

from improver.errors import ImproverError
from improver.watch.app import App, Ending
from improver.watch.checkout import Checkout
from improver.watch.crash_files import CrashFiles
from improver.watch.environment import Reporting
from improver.watch.health import comes_up
from improver.watch.options import WatchOptions
from improver.watch.signals import Signals

LOOK_EVERY_S = 1.0
COMMAND = 80  # characters of the command line, where it is only mentioned


class Supervisor:
    def __init__(
        self,
        *,
        options: WatchOptions,
        base: Mapping[str, str],
        reporting: Reporting,
        checkout: Checkout,
        files: CrashFiles,
        signals: Signals,
        say: Callable[[str], None],
    ) -> None:
        self._options = options
        self._base = base
        self._reporting = reporting
        self._checkout = checkout
        self._files = files
        self._signals = signals
        self._say = say
        self._good = ""  # the last commit that came up
        self._quick_crashes = 0

    def run(self) -> int:
        """Until the app ends well, a person stops it, or it can't be kept up; the exit code."""
        code: int | None = None
        while code is None:
            code = self._one_run()
        return code

    def _one_run(self) -> int | None:
        app = self._start()
        try:
            return self._see_through(app)
        finally:
            # Whatever went wrong here, the app does not stay behind without its wrapper.
            if app.ending is None:
                app.finish()

    def _start(self) -> App:
        commit, run = self._checkout.head(), secrets.token_hex(8)
        env = self._reporting.for_app(self._base, release=commit, run=run)
        app = App(self._options.argv, env=env, run=run, commit=commit, release=env.get("SENTRY_RELEASE", commit))
        command = shlex.join(self._options.argv).splitlines()[0][:COMMAND]
        self._say(f"started {command} at {commit[:10]} (process {app.pid})")
        self._files.alive(app, "started")
        return app

    def _see_through(self, app: App) -> int | None:
        if comes_up(app, self._options, self._signals):
            self._good = app.commit
            self._files.alive(app, "healthy")
        elif fixes := self._unproven_fixes(app):
            return self._go_back(app, fixes)
        elif not app.ending and not self._signals.asked:
            self._say(f"{self._why_not_up()}; it is left running")
        self._attend(app)
        return self._after(app)

    def _attend(self, app: App) -> None:
        """Until the app has ended, a person asks to stop, or there is something better to run."""
        look_at = 0.0
        while not app.ending and not self._signals.asked:
            if time.monotonic() >= look_at:
                if self._replacement(app):
                    return
                look_at = time.monotonic() + LOOK_EVERY_S
            self._signals.wait(look_at - time.monotonic())

    def _after(self, app: App) -> int | None:
        if self._signals.asked:
            return self._stop(app, self._signals.asked[0]).exit_code
        if app.ending is None:
            self._say(f"restarting on {self._replacement(app)[:10]}")
            self._stop(app, signal.SIGTERM)
            self._quick_crashes = 0
            return None
        if app.ending.well:
            self._files.alive(app, "ended")
            return 0
        return self._crashed(app, app.finish())

    def _stop(self, app: App, number: int) -> Ending:
        ending = app.stop(number, self._options.drain_seconds, self._signals)
        self._files.alive(app, "ended")
        return ending

    def _crashed(self, app: App, ending: Ending) -> int | None:
        self._files.died(app, ending)
        quick = ending.seconds < self._options.quick_seconds
        self._quick_crashes = self._quick_crashes + 1 if quick else 0
        if self._quick_crashes >= self._options.most_quick_crashes:
            self._say(f"the app {ending}: {self._quick_crashes} quick crashes in a row, giving up")
            return 1
        doubled = self._options.first_backoff * 2 ** max(0, self._quick_crashes - 1)
        pause = min(self._options.longest_backoff, doubled)
        self._say(f"the app {ending} after {ending.seconds:.1f} s; starting it again in {pause:g} s")
        return self._pause(app, pause)

    def _pause(self, app: App, seconds: float) -> int | None:
        """Wait before the next start; a fix on the branch ends the wait."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._signals.asked:
            if self._replacement(app):
                self._quick_crashes = 0
                return None
            self._signals.wait(min(left, LOOK_EVERY_S))
        return 128 + self._signals.asked[0] if self._signals.asked else None

    def _replacement(self, app: App) -> str:
        try:
            return self._checkout.replaces(app.commit)
        except ImproverError as error:
            # Another git at work, or a checkout in the middle of something: the next look tells.
            self._say(error.message)
            return ""

    def _unproven_fixes(self, app: App) -> list[str]:
        """The verified fixes that are new in this run, if it failed by itself and there is something to go back to."""
        ended_well = app.ending is not None and app.ending.well
        if self._signals.asked or not self._good or ended_well:
            return []
        try:
            return self._checkout.fixes(self._good, app.commit)
        except ImproverError as error:
            self._say(f"cannot tell what came after {self._good[:10]}: {error.message}")
            return []

    def _go_back(self, app: App, fixes: list[str]) -> int | None:
        """Undo the fixes by revert commits and run that."""
        self._tell_of_failed_start(app)
        try:
            self._checkout.undo(fixes)
        except ImproverError as error:
            self._say(f"cannot go back to {self._good[:10]}: {error.message} ({error.hint})")
            self._good = app.commit
            return self._pause(app, self._options.first_backoff)
        self._good = self._checkout.head()
        self._say(f"{app.commit[:10]} does not come up: reverted, back at the code of before")
        return None

    def _tell_of_failed_start(self, app: App) -> None:
        ended_alone = app.ending is not None
        ending = app.finish() if ended_alone else app.stop(signal.SIGTERM, self._options.drain_seconds, self._signals)
        if ended_alone and not ending.well:
            self._files.died(app, ending)
        else:
            self._files.never_up(app, ending, self._why_not_up())

    def _why_not_up(self) -> str:
        if self._options.health:
            return f"the app did not answer {self._options.health} within {self._options.health_deadline:g} s"
        return f"the app did not stay up for {self._options.health_seconds:g} s"
