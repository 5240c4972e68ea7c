"""The change stays where the Spec allows it, or, when asked, where the stack of the Finding leads."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from improver.gates._refusals import Refusal, verdict
from improver.gates._test_side import is_test_side
from improver.model import Change, ChangedFile, Glossed, Verdict
from improver.model.configured import Configured
from improver.paths import matches

ORDER = 32


class Config(Configured):
    keep_to_stack: bool = False
    """Besides tests, only files that the Finding's stack names may be changed, and new ones made in their folders.
    What a stack names never widens a Target's `allowed_paths`: telemetry may narrow a change, not permit one."""


class Reason(Glossed):
    WITHIN = "within_scope", "every changed file is one that the Spec allows"
    NOT_ALLOWED = "not_allowed_path", "a path outside the Target's `allowed_paths`"
    OFF_STACK = "off_stack", "neither a test nor a file that the stack of the Finding touches"


def judge(change: Change, config: Config) -> Verdict:
    return verdict("scope", _refusals(change, config), Reason.WITHIN)


def _refusals(change: Change, config: Config) -> Iterator[Refusal]:
    stack = _stack(change) if config.keep_to_stack else frozenset()
    for file in change.files:
        if not any(matches(file.path, glob) for glob in change.spec.allowed_paths):
            yield Refusal(reason=Reason.NOT_ALLOWED, path=file.path)
        elif stack and not _on(stack, file):
            yield Refusal(reason=Reason.OFF_STACK, path=file.path)


def _stack(change: Change) -> frozenset[str]:
    """Nothing is known of where a Finding without a place leads: then nothing is narrowed."""
    place = change.spec.location
    return frozenset({*change.stack, *([place.file] if place else [])})


def _on(stack: frozenset[str], file: ChangedFile) -> bool:
    if file.path in stack or is_test_side(file.path):
        return True
    folders = {PurePosixPath(path).parent for path in stack}
    return file.status == "A" and PurePosixPath(file.path).parent in folders
