"""Reads the config: finds the file, names the key, the line and the nearest valid name when it is wrong."""

import difflib
import os
import stat
import tomllib
import typing
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError

from improver import plugins
from improver.config.environment import INNER, PREFIX, overlaid, type_at
from improver.config.lines import line_of
from improver.config.settings import Settings, Target
from improver.errors import ImproverError
from improver.model.configured import Configured

FILE = "improver.toml"
# Set by `improver watch` for the app it runs, or naming the config itself: no settings.
NOT_SETTINGS = {"IMPROVER_CONFIG", "IMPROVER_CRASH_DIR", "IMPROVER_RUN_ID", "IMPROVER_SERVICE", "IMPROVER_FIXES_URL"}
PLUGIN_SECTIONS = tuple(plugins.KINDS)


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of `path`, or of the nearest config; without any file, the defaults."""
    environment = os.environ if environment is None else environment
    source = path or find(Path.cwd(), environment)
    if source and not named(path, environment):
        _refuse_writable_by_others(source)
    text = _read(source) if source else ""
    _refuse_unknown_variables(environment)
    try:
        settings = Settings(**overlaid(_parse(text, source), environment, Settings))
    except ValidationError as error:
        raise _explained(error, text, source, Settings, environment=environment) from error
    settings = _rooted(settings, source)
    _check_plugin_sections(settings, text)
    return settings


def named(path: Path | None, environment: Mapping[str, str]) -> bool:
    """Whether a person said which config to read, by --config or $IMPROVER_CONFIG."""
    return path is not None or bool(environment.get("IMPROVER_CONFIG"))


def find(start: Path, environment: Mapping[str, str]) -> Path | None:
    """$IMPROVER_CONFIG, else improver.toml here or in a folder above, else the user's own."""
    if named := environment.get("IMPROVER_CONFIG"):
        return Path(named).expanduser()
    user = Path(environment.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "improver" / "config.toml"
    candidates = [*(folder / FILE for folder in (start, *start.parents)), user]
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def plugin_config(settings: Settings, kind: str, name: str, plugin: ModuleType) -> Configured:
    """The plugin's own section, checked against its `Config`."""
    section = {k: v for k, v in getattr(settings, kind).get(name, {}).items() if k != "enabled"}
    try:
        return typing.cast(Configured, plugin.Config(**section))
    except ValidationError as error:
        text = _read(settings.source) if settings.source else ""
        raise _explained(error, text, settings.source, plugin.Config, prefix=(kind, name)) from error


def _check_plugin_sections(settings: Settings, text: str) -> None:
    for kind in PLUGIN_SECTIONS:
        for name in getattr(settings, kind):
            try:
                plugin = plugins.load(kind, name)
            except ImproverError as error:
                raise ImproverError(
                    f"{_place(settings.source, line_of(text, (kind, name)))}{error.message}", hint=error.hint
                ) from error
            plugin_config(settings, kind, name, plugin)
    for name, target in settings.targets.items():
        _check_target(settings, name, target, text)


def _check_target(settings: Settings, name: str, target: Target, text: str) -> None:
    for key, kind in (("agent", "agents"), ("forge", "forges")):
        value = getattr(target, key)
        if "." not in value and value not in plugins.names(kind):
            place = _place(settings.source, line_of(text, ("targets", name, key)))
            raise ImproverError(
                f"{place}targets.{name}.{key}: there is no {value!r}",
                hint=f"available: {', '.join(plugins.names(kind))}",
            )


def _read(source: Path) -> str:
    try:
        return source.read_text()
    except OSError as error:
        raise ImproverError(
            f"cannot read the config {source}: {error.strerror}", hint="`improver init` writes one"
        ) from error
    except UnicodeDecodeError as error:
        raise ImproverError(f"the config {source} is not UTF-8: {error}", hint="save it as UTF-8") from error


def _refuse_writable_by_others(source: Path) -> None:
    """A config names commands to run: one that was merely found must be ours."""
    hint = f"name it with --config if you trust it; else it is not for you: `improver init` writes {FILE}"
    owners = {source.lstat().st_uid, source.stat().st_uid} - {0, os.geteuid()}
    if owners:
        raise ImproverError(f"the config {source} belongs to another user (uid {min(owners)})", hint=hint)
    mode = stat.S_IMODE(source.stat().st_mode)
    if mode & 0o022:
        raise ImproverError(
            f"the config {source} can be changed by others (mode {mode:04o})",
            hint=f"chmod go-w {source}, or name it with --config if you trust it",
        )


def _parse(text: str, source: Path | None) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ImproverError(f"{source}: not valid TOML: {error}", hint="see config.example.toml") from error


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    for variable in environment:
        if not variable.startswith(PREFIX) or variable in NOT_SETTINGS:
            continue
        if variable.partition("__")[0] not in known:
            raise ImproverError(
                f"the environment variable {variable} names no setting",
                hint=_nearest(variable.partition("__")[0], known),
            )


def _rooted(settings: Settings, source: Path | None) -> Settings:
    """Relative paths are meant from the config file's folder."""
    folder = source.resolve().parent if source else Path.cwd()

    def rooted(path: Path) -> Path:
        return (folder / path.expanduser()).resolve()

    targets = {
        name: target.model_copy(update={"repo": rooted(target.repo), "readable": [rooted(p) for p in target.readable]})
        for name, target in settings.targets.items()
    }
    settings = settings.model_copy(update={"data_dir": rooted(settings.data_dir), "targets": targets})
    settings._source = source
    return settings


def _explained(
    error: ValidationError,
    text: str,
    source: Path | None,
    model: type[BaseModel],
    prefix: tuple[str, ...] = (),
    environment: Mapping[str, str] = MappingProxyType({}),
) -> ImproverError:
    """All that is wrong at once: nobody wants to run it once for each mistake."""
    told = []
    for one in error.errors():
        inner = tuple(str(part) for part in one["loc"])
        path = prefix + inner
        variable = f"{PREFIX}{INNER.join(path).upper()}"
        place = f"{variable}: " if variable in environment else _place(source, line_of(text, path))
        told.append((f"{place}{_mistake(one, path)}", _hint(one, inner, model)))
    return ImproverError("\n".join(dict.fromkeys(said for said, _ in told)), hint=told[0][1])


def _mistake(one: Mapping[str, Any], path: tuple[str, ...]) -> str:
    if one["type"] == "extra_forbidden":
        return f"unknown key {'.'.join(path)}"
    # A secret that stands in the config itself is not repeated.
    told_already = one["type"] == "missing" or one["msg"].endswith("secret itself")
    got = "" if told_already else f" (got {one['input']!r:.80})"
    return f"{'.'.join(path)}: {one['msg']}{got}"


def _hint(one: Mapping[str, Any], inner: tuple[str, ...], model: type[BaseModel]) -> str:
    if one["type"] == "extra_forbidden":
        return _nearest(inner[-1], _siblings(model, inner[:-1]))
    return "`improver config schema` lists every key"


def _place(source: Path | None, line: int | None) -> str:
    if source is None:
        return ""
    return f"{source}, line {line}: " if line else f"{source}: "


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(sorted(known))}"


def _siblings(model: type[BaseModel], path: tuple[str, ...]) -> list[str]:
    """The keys that are valid where `path` leads."""
    here = type_at(model, path)
    return list(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []
