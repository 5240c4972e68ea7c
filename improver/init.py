"""Writes a config for a repository: one that works as it is, and says what else there is to decide."""

import hashlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from improver import render
from improver.config import load
from improver.config.load import FILE
from improver.connect import dsn_of
from improver.datadir import DataDir
from improver.errors import ImproverError
from improver.model import TrustLabel
from improver.repo import Repository, project

EXCLUDE = f"/{FILE}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What was found out; `test` is empty when the repository does not say how its tests are run."""

    name: str
    file: Path
    repository: Path
    branch: str
    language: str
    services: tuple[str, ...]
    setup: tuple[str, ...]
    test: tuple[str, ...]
    readable: tuple[Path, ...]
    data_dir: Path


def plan(path: Path, name: str, environment: Mapping[str, str]) -> Plan:
    repository = _repository(path)
    root = repository.path
    found = project.look(root, environment)
    target = _target_name(name or root.name)
    return Plan(
        name=target,
        file=root / FILE,
        repository=root,
        branch=_branch(repository),
        language=found.language,
        services=(found.name,) if found.name and found.name != target else (),
        setup=found.setup,
        test=found.test,
        readable=found.readable,
        data_dir=_data_home(environment) / f"{target}-{hashlib.sha256(os.fsencode(root)).hexdigest()[:6]}",
    )


def write(plan: Plan) -> str:
    """As `overwrite`, unless there is a config already."""
    if os.path.lexists(plan.file):
        raise ImproverError(
            f"{plan.file} exists already", hint="edit it, or write it anew with `improver init --force`"
        )
    return overwrite(plan)


def overwrite(plan: Plan) -> str:
    """The config, the data folder, and a key: the DSN that the app's server reports with."""
    _put(plan.file, render.jinja("improver.toml.j2").render(plan=plan, toml=_toml))
    settings = load(plan.file)
    DataDir(settings.data_dir).prepare()
    _leave_out_of_git(Repository(plan.repository).git_dir)
    return dsn_of(settings, plan.name, TrustLabel.SERVER)


def _put(file: Path, text: str) -> None:
    """A new file in its place: a repository may bring a link here that leads to a file of the person's."""
    if os.path.lexists(file) and not stat.S_ISREG(file.lstat().st_mode):
        raise ImproverError(f"{file} is a link or a folder", hint="look where it leads, and remove it")
    descriptor, unfinished = tempfile.mkstemp(dir=file.parent, prefix=f".{FILE}.")  # exclusive, and mode 0600
    with os.fdopen(descriptor, "w") as new:
        new.write(text)
    Path(unfinished).replace(file)


def _repository(path: Path) -> Repository:
    try:
        return Repository(path)
    except ImproverError as error:
        raise ImproverError(
            error.message, hint="improver changes code in git: name a folder of a repository, or run `git init`"
        ) from error


def _branch(repository: Repository) -> str:
    if repository.resolve("HEAD") is None:
        raise ImproverError(f"{repository.path} has no commit yet", hint="commit something: changes start from it")
    branch = repository.current_branch()
    if not branch:
        raise ImproverError(f"{repository.path} is on no branch", hint="check out the branch that is deployed")
    return branch


def _target_name(name: str) -> str:
    cleaned = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")
    if not cleaned:
        raise ImproverError(f"{name!r} cannot name a target", hint="--name takes letters, digits, - and _")
    return cleaned


def _data_home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "improver"


def _toml(value: object) -> str:
    """What JSON writes for a string is TOML too."""
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return json.dumps(str(value), ensure_ascii=False)


def _leave_out_of_git(git_dir: Path) -> None:
    """The config names folders of this machine, so it stays out of commits without touching the project's files."""
    exclude = git_dir / "info" / "exclude"
    known = exclude.read_text() if exclude.is_file() else ""
    if EXCLUDE in known.splitlines():
        return
    exclude.parent.mkdir(exist_ok=True)
    with exclude.open("a") as file:
        file.write(f"{'' if known.endswith(chr(10)) or not known else chr(10)}{EXCLUDE}\n")
