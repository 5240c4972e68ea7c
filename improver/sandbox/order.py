"""What is to be run in a box, and what it may see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from improver.model import Glossed
from improver.sandbox.limits import Limits

PATH = "/usr/local/bin:/usr/bin:/bin"


class Network(Glossed):
    NONE = "none", "its own, in which there is nobody, or only the model's proxy"
    SHARED = "shared", "this machine's: for a trusted setup command that downloads"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One command; `tree` is its folder, and writable. What is neither named here nor found to be needed is hidden."""

    argv: tuple[str, ...]
    tree: Path
    wall_clock_s: float
    env: Mapping[str, str] = field(default_factory=dict)  # all it gets, besides PATH, HOME, TMPDIR and LANG
    programs: tuple[str, ...] = ()  # what the command itself will start: made visible the same way as argv[0]
    writable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    stdin: bytes = b""
    network: Network = Network.NONE
    limits: Limits = field(default_factory=Limits)
    output_limit: int = 256 * 1024  # bytes of output kept: the head and the tail
    git_dir: Path | None = None  # the repository's common .git, shown read-only with its config masked
    model_socket: Path | None = None  # where the ModelProxy listens, for a box without a network
    model_port: int = 0  # where it listens, for a box that shares the network: the only port it may connect to

    def environment(self, home: str, temporary: str) -> dict[str, str]:
        """The whole environment inside; what the Order names wins over our defaults."""
        return {"PATH": PATH, "HOME": home, "TMPDIR": temporary, "LANG": "C.UTF-8", **self.env}
