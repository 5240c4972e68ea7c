"""What an Order may see, whatever the box is made of."""

import os
from dataclasses import dataclass
from pathlib import Path

from improver.errors import ImproverError
from improver.sandbox.discover import is_too_wide, locate, needs
from improver.sandbox.order import Order

# /etc as a whole holds keys and password hashes, which root could read.
ETC = tuple(
    Path("/etc") / name
    for name in (
        "alternatives", "ca-certificates", "group", "hosts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime",
        "mime.types", "nsswitch.conf", "passwd", "pki/ca-trust", "pki/tls/certs", "protocols", "services", "ssl/certs",
        "ssl/openssl.cnf", "timezone",
    )
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    program: Path
    readable: tuple[Path, ...]
    writable: tuple[Path, ...]


def sight(order: Order, search: str) -> Sight:
    writable = tuple(_absolute(path) for path in (order.tree, *order.writable))
    named = tuple(_narrow(_absolute(path), order.tree) for path in order.readable)
    programs = [locate(name, search=search, tree=order.tree) for name in (order.argv[0], *order.programs)]
    environments = [path / "bin" / "python" for path in (*named, *writable) if (path / "pyvenv.cfg").is_file()]
    found = needs([*programs, *environments], search=search, tree=order.tree, untrusted=writable)
    readable = [*named, *(path for path in found if not _below(path, (*writable, *named)))]
    return Sight(program=programs[0], readable=tuple(readable), writable=writable)


def _absolute(path: Path) -> Path:
    if not path.exists():
        raise ImproverError(f"{path} is to be seen in the box and does not exist", hint="see `readable` of the Target")
    return Path(os.path.normpath(path.absolute()))


def _narrow(path: Path, tree: Path) -> Path:
    """What is behind it counts, not its name. A tree lies in the data folder, so what holds that holds the tree."""
    real = Path(os.path.realpath(path))
    if is_too_wide(real):
        raise ImproverError(f"{path} would show {real} in the box", hint="name less under `readable` of the Target")
    if Path(os.path.realpath(tree)).is_relative_to(real):
        raise ImproverError(
            f"{path} would show {real} in the box, which holds the folder of the command itself",
            hint="name less under `readable` of the Target, or set another data_dir",
        )
    return path


def _below(path: Path, folders: tuple[Path, ...]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
