"""The Targets: repository, branch, test command, Agent, and where changes go."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from improver import plugins, sandbox
from improver.config import Settings, Target, plugin_config
from improver.doctor.check import Check, fail, failed, ok, warn
from improver.errors import ImproverError
from improver.model import Autonomy, Isolation
from improver.repo import Repository
from improver.sandbox import Order, isolation_for
from improver.sandbox.discover import locate
from improver.sandbox.order import PATH

RUNNERS = ("pytest", "unittest")
TRIAL_S = 60.0


def examine(settings: Settings, probed: Isolation) -> Iterator[Check]:
    if not settings.targets:
        yield warn("targets", "none: telemetry has nobody to belong to", "`improver init` in a repository adds one")
    for name, target in settings.targets.items():
        isolation = isolation_for(target.isolation, probed)
        if isolation == Isolation.HOST:
            yield warn(f"{name}: isolation", isolation.gloss, f'targets.{name}.isolation = "sandbox" ends that')
        yield from _repository(name, target)
        yield from _commands(name, target, isolation)
        yield _agent(settings, name, target)
        yield from _delivery(name, target)


def _repository(name: str, target: Target) -> Iterator[Check]:
    label = f"{name}: repository"
    try:
        repository = Repository(target.repo)
    except ImproverError as error:
        yield failed(label, error)
        return
    tip = repository.resolve(f"refs/heads/{target.branch}")
    if not tip:
        yield fail(label, f"{target.repo} has no branch {target.branch!r}", f"set targets.{name}.branch to one it has")
        return
    changed = repository.tracked_changes()
    if changed and target.autonomy == Autonomy.COMMIT:
        said = f"{len(changed)} tracked files are changed, {changed[0]} first: nothing can be committed there"
        yield warn(label, said, "commit them, or put them aside")
        return
    yield ok(label, f"{repository.path}, {target.branch} at {tip[:12]}")


def _commands(name: str, target: Target, isolation: Isolation) -> Iterator[Check]:
    label = f"{name}: tests"
    if not target.test:
        yield warn(label, "no test command: nothing goes further than `report`", f"set targets.{name}.test")
    for argv in (target.setup, target.test):
        if argv:
            yield _command(label if argv is target.test else f"{name}: setup", argv, target, isolation)
    for folder in target.readable:
        if not folder.exists():
            yield fail(f"{name}: readable", f"{folder} does not exist", f"correct targets.{name}.readable")


def _command(label: str, argv: list[str], target: Target, isolation: Isolation) -> Check:
    try:
        found = locate(argv[0], search=PATH, tree=target.repo)
        if not _has_module(argv, target, isolation):
            todo = "name the Python of an environment that has it, and its folder under `readable`"
            return fail(label, f"{found} has no module {argv[2]}", todo)
    except ImproverError as error:
        return failed(label, error)
    return ok(label, f"{' '.join(argv)} ({found})" if str(found) != argv[0] else " ".join(argv))


def _has_module(argv: list[str], target: Target, isolation: Isolation) -> bool:
    """Whether a test runner that is asked for with `-m` is there, as seen from inside the box."""
    if isolation == Isolation.NONE or argv[1:2] != ["-m"] or argv[2] not in RUNNERS:
        return True
    with tempfile.TemporaryDirectory(prefix="improver-doctor-") as tree:
        order = Order(
            argv=(argv[0], "-c", f"import {argv[2]}"),
            tree=Path(tree),
            wall_clock_s=TRIAL_S,
            readable=tuple(folder for folder in target.readable if folder.exists()),
        )
        return sandbox.run(order, isolation).code == 0


def _agent(settings: Settings, name: str, target: Target) -> Check:
    label = f"{name}: agent"
    plugin = plugins.load("agents", target.agent)
    missing = plugin.missing(plugin_config(settings, "agents", target.agent, plugin))
    if missing:
        said, _, todo = missing.partition(": ")
        return fail(label, f"{target.agent}: {said}", todo or "`improver plugins` lists other Agents")
    return ok(label, f"{target.agent}: {plugins.describe(plugin)}")


def _delivery(name: str, target: Target) -> Iterator[Check]:
    """Remote and Forge, as far as this Target's Autonomy needs them."""
    label = f"{name}: delivery"
    wants_pr = target.autonomy == Autonomy.PR
    if wants_pr and not (target.remote and target.repository):
        todo = f"set targets.{name}.remote and .repository"
        yield fail(label, "autonomy is pr, and there is nowhere to open one: changes stay at branch", todo)
        return
    if target.remote:
        yield _remote(label, target)
        return
    yield ok(label, f"at most {target.autonomy}: {target.autonomy.gloss}")


def _remote(label: str, target: Target) -> Check:
    try:
        tip = Repository(target.repo).ls_remote(target.remote, target.branch)
    except ImproverError as error:
        return failed(label, error)
    if tip is None:
        return warn(label, f"{target.remote} has no branch {target.branch!r}", "push it, or correct the branch")
    return ok(label, f"at most {target.autonomy}; {target.remote} answers")
