"""A command with its box around it, ready to start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrapped:
    """`proof` is the word that the box's launcher reports once the box stands; `descriptors` are handed down to it."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    proof: bytes = b""
    descriptors: tuple[int, ...] = ()
    in_memory: tuple[str, ...] = ()  # folders inside that take memory and no disk


@dataclass(frozen=True, kw_only=True, slots=True)
class Workbench:
    """What a box is built with, gone after the run: a private folder, and two files shared with the launcher."""

    folder: Path
    options: BinaryIO  # the launcher reads what it is to do here, out of sight of `ps`
    report: BinaryIO  # and writes here that the box stands
    breach: BinaryIO  # the keeper writes here which limit was passed
