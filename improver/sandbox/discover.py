"""What a command needs to see, found by reading only: nothing that an Agent may have written is ever started here."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from improver.errors import ImproverError
from improver.paths import search_path

# Not /usr as a whole: images like to keep the app itself in /usr/src.
SYSTEM = tuple(
    Path(path)
    for path in (
        "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/libexec", "/usr/local",
        "/usr/share", "/usr/include", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store",
    )
)  # fmt: skip
LDD = "/usr/bin/ldd"
LIBRARY = re.compile(r"(?:=>)?\s(/\S+) \(0x")
HOME_LINE = re.compile(r"^home\s*=\s*(.+?)\s*$", re.MULTILINE)
PREFIX_PARTS = ("bin", "lib", "lib64")
HOMES = (Path("/home"), Path("/root"), Path("/Users"))


def locate(program: str, *, search: str, tree: Path) -> Path:
    """The file that `program` names, as a shell in `tree` would find it."""
    if "/" in program:
        named = tree / program
        found = str(named) if named.is_file() and os.access(named, os.X_OK) else None
    else:
        found = shutil.which(program, path=search_path({"PATH": search}))
    if found is None:
        raise ImproverError(f"no program {program!r} (PATH {search})", hint="install it, or name it by its full path")
    return Path(os.path.normpath(Path(found).absolute()))


def needs(programs: Sequence[Path], *, search: str, tree: Path, untrusted: Sequence[Path]) -> list[Path]:
    """Files and folders outside the system's own that these programs cannot start without."""
    found: set[Path] = set()
    seen: set[Path] = set()
    queue = list(programs)
    while queue:
        program = queue.pop()
        if program in seen or not _executable(program):
            continue
        seen.add(program)
        for hop in hops(program):
            found |= {hop, *prefix(hop)}
        real = Path(os.path.realpath(program))
        queue += [*interpreter(real, search, tree), *base_python(program)]
        if not any(real.is_relative_to(folder) for folder in untrusted):
            found |= libraries(real)
    return outermost({path for path in found if path.exists() and not is_system(path) and not is_too_wide(path)})


def hops(program: Path) -> Iterator[Path]:
    """A program and every link on the way to its file."""
    seen: set[Path] = set()
    while program not in seen:
        seen.add(program)
        yield program
        if program.is_symlink():
            # A relative link starts at its real folder, not at the way we came.
            program = Path(os.path.normpath(Path(os.path.realpath(program.parent)) / program.readlink()))
    yield Path(os.path.realpath(program))


def prefix(program: Path) -> set[Path]:
    """The installation that a program in a `bin` folder belongs to, as little of it as does the job."""
    root = program.parent.parent
    if program.parent.name == "shims":
        return {root} if (root / "versions").is_dir() or (root / "installs").is_dir() else set()
    if program.parent.name != "bin":
        return set()
    if (root / "pyvenv.cfg").is_file() or (root / "conda-meta").is_dir():
        return {root}
    if any(root.glob("lib/python3*/os.py")):
        # Not the root itself: ~/.local is a prefix, and ~/.local/share holds keyrings.
        return {root / part for part in PREFIX_PARTS}
    return {root / "lib" / "node_modules"}


def interpreter(program: Path, search: str, tree: Path) -> list[Path]:
    """What the program's first line says it is run by."""
    with program.open("rb") as file:
        first = file.read(256).partition(b"\n")[0]
    if not first.startswith(b"#!"):
        return []
    words = os.fsdecode(first[2:]).split()
    if words and Path(words[0]).name == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if not words:
        return []
    named = words[0] if "/" in words[0] else shutil.which(words[0], path=search_path({"PATH": search}))
    return [tree / named] if named else []


def base_python(program: Path) -> list[Path]:
    """The interpreter that the program's virtual environment was made from."""
    config = program.parent.parent / "pyvenv.cfg"
    home = HOME_LINE.search(config.read_text(errors="replace")) if config.is_file() else None
    return [Path(home[1]) / "python3"] if home else []


def libraries(program: Path) -> set[Path]:
    """Shared libraries of a trusted program (`ldd` may run what it looks at)."""
    with program.open("rb") as file:
        elf = file.read(4) == b"\x7fELF"
    if not elf or is_system(program) or not Path(LDD).exists():
        return set()
    state = program.stat()
    return {Path(path) for path in LIBRARY.findall(_linked(program, state.st_mtime_ns, state.st_size))}


@lru_cache(maxsize=256)
def _linked(program: Path, changed_ns: int, size: int) -> str:
    """What ldd prints; asked again when the program is another one."""
    return subprocess.run([LDD, program], capture_output=True, text=True, timeout=20, env={}, check=False).stdout


def outermost(paths: set[Path]) -> list[Path]:
    """Without what lies in another one of them."""
    return sorted(path for path in paths if paths.isdisjoint(path.parents))


def is_system(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in SYSTEM)


def is_too_wide(path: Path) -> bool:
    """The home folder, and whatever holds it, is never shown: neither because a program lies in it nor by a link."""
    home = Path(os.path.realpath(Path.home()))
    return path in (home, Path.home(), *home.parents, *HOMES)


def _executable(path: Path) -> bool:
    # What is no program is not shown, whatever a link or a first line in the worktree says.
    return path.is_file() and os.access(path, os.X_OK)
