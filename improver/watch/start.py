"""Puts `improver watch` together: which Target, under which keys, from which checkout."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from improver.config import Settings
from improver.connect import ingest_origin, otlp_of, sender_key
from improver.datadir import DataDir
from improver.errors import ImproverError
from improver.manifests import dependencies
from improver.model import TrustLabel
from improver.repo import Repository
from improver.watch.checkout import Checkout
from improver.watch.crash_files import CrashFiles
from improver.watch.environment import Reporting, overruled, set_in_files
from improver.watch.options import WatchOptions
from improver.watch.signals import Signals
from improver.watch.supervisor import Supervisor


def watch(
    options: WatchOptions,
    settings: Settings,
    *,
    base: Mapping[str, str] | None = None,
    now: Callable[[], float] = time.time,
) -> int:
    """Run the app until it ends well or is stopped; its exit code. Only the main thread may: it takes the signals."""
    base = os.environ if base is None else base
    _check(options)
    name = target_of(options.target, settings, Path.cwd())
    data = DataDir(settings.data_dir)
    data.prepare()
    environment = base.get("SENTRY_ENVIRONMENT") or options.environment
    told = reporting(settings, data.crashes, name, environment, set_in_files(Path.cwd()))
    say(f"set for the app: {', '.join(sorted(told.preset(base, '')))}")
    for line in overruled(base, told.in_files):
        say(line)
    checkout = Checkout(
        repository=Repository(settings.targets[name].repo),
        branch=settings.targets[name].branch,
        any_commit=options.any_commit,
        say=say,
    )
    files = CrashFiles(folder=data.crashes, service=name, environment=environment, argv=options.argv, now=now, say=say)
    with Signals() as signals:
        return Supervisor(
            options=options,
            base=base,
            reporting=told,
            checkout=checkout,
            files=files,
            signals=signals,
            say=say,
        ).run()


def say(text: str) -> None:
    sys.stderr.write(f"improver: {text}\n")
    sys.stderr.flush()


def target_of(name: str, settings: Settings, folder: Path) -> str:
    """The Target named, or the one whose checkout holds the folder, or the only one."""
    names = sorted(settings.targets)
    if name in names:
        return name
    here = [each for each in names if folder.resolve().is_relative_to(settings.targets[each].repo.resolve())]
    if not name and len(here or names) == 1:
        return (here or names)[0]
    wrong = f"there is no target {name!r}" if name else "it is not clear which target this app is"
    known = f"--target, one of: {', '.join(names)}" if names else "`improver init` adds one"
    raise ImproverError(wrong, hint=known)


def reporting(
    settings: Settings, crashes: Path, name: str, environment: str, in_files: frozenset[str] = frozenset()
) -> Reporting:
    origin = ingest_origin(settings)
    key = sender_key(settings, name, TrustLabel.SERVER)
    packages = dependencies(settings.targets[name].repo).values()
    otlp = otlp_of(settings, [package for one in packages for package in one])
    return Reporting(
        dsn=key.dsn(origin),
        spotlight=f"{origin}/stream/{key.value}",
        otlp_endpoint=otlp.endpoint,
        otlp_protocol=otlp.protocol,
        posthog_host=origin,
        key=key.value,
        # Pages show this address to anybody: it carries the key that is no secret.
        fixes_url=f"{origin}/fixes?key={sender_key(settings, name, TrustLabel.PUBLIC).value}",
        crashes=crashes,
        target=name,
        environment=environment,
        in_files=in_files,
    )


def _check(options: WatchOptions) -> None:
    if not options.argv:
        raise ImproverError("there is no command to run", hint="give it after `--`: improver watch -- python app.py")
    if options.health and not options.health.startswith(("http://", "https://")):
        raise ImproverError(f"{options.health!r} is no URL", hint="e.g. --health http://127.0.0.1:5000/healthz")
