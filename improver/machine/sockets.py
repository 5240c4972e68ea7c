"""Which process listens on a port, read from /proc: for error messages only."""

from pathlib import Path

LISTENING = "0A"


def listening_process(port: int) -> str:
    """ "name (pid)", or nothing where the system does not tell."""
    inode = _inode(port)
    return next(
        (_describe(process) for process in Path("/proc").glob("[0-9]*") if inode and _holds(process, inode)), ""
    )


def _inode(port: int) -> str:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in (line.split() for line in lines):
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                return fields[9]
    return ""


def _holds(process: Path, inode: str) -> bool:
    try:
        return any(str(link.readlink()) == f"socket:[{inode}]" for link in (process / "fd").iterdir())
    except OSError:
        return False  # gone, or somebody else's


def _describe(process: Path) -> str:
    try:
        return f"{(process / 'comm').read_text().strip()} (process {process.name})"
    except OSError:
        return f"process {process.name}"
