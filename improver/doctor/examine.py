"""The order of the examination: what others stand on comes first."""

from collections.abc import Iterator
from pathlib import Path

from improver import sandbox
from improver.config import Settings, load
from improver.doctor import box, machine, reach, targets
from improver.doctor.check import Check, failed, ok
from improver.errors import ImproverError


def examine(config: Path | None) -> Iterator[Check]:
    """Each Check as soon as it is made; without a config that loads, the rest means nothing."""
    yield machine.python()
    yield machine.git()
    try:
        settings = load(config)
    except ImproverError as error:
        yield failed("config", error)
        return
    yield ok("config", str(settings.source or "no file: the defaults hold"))
    yield machine.data_folder(settings)
    yield from _rest(settings)


def _rest(settings: Settings) -> Iterator[Check]:
    isolation = sandbox.probe()
    yield from box.examine(isolation, settings.data_dir)
    yield from targets.examine(settings, isolation)
    yield from reach.examine(settings)
