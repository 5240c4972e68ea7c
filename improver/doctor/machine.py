"""This machine: Python, git, and the data folder."""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from improver import render
from improver.config import Settings
from improver.datadir import DataDir
from improver.doctor.check import Check, fail, failed, ok, warn
from improver.errors import ImproverError
from improver.repo.git import launch
from improver.repo.safe import CLEAN, inherited

GIT_NEEDED = (2, 38)  # the first that merges without a worktree
MIB = 1 << 20


def python() -> Check:
    return ok("python", f"{sys.version.split()[0]}, {sys.executable}")


def git() -> Check:
    try:
        said = launch(
            ("--version",), env={**inherited("PATH"), **CLEAN}, cwd=Path("/"), stdin=b"", timeout_s=10
        ).text.strip()
    except ImproverError as error:
        return failed("git", error)
    found = re.search(r"(\d+)\.(\d+)", said)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    if version < GIT_NEEDED:
        return fail("git", said, f"install git {'.'.join(map(str, GIT_NEEDED))} or newer")
    return ok("git", said)


def data_folder(settings: Settings) -> Check:
    data = DataDir(settings.data_dir)
    try:
        data.prepare()
        tempfile.TemporaryFile(dir=data.root).close()
    except ImproverError as error:
        return failed("data folder", error)
    except OSError as error:
        return fail("data folder", f"{data.root}: {error.strerror}", "set data_dir to a folder you may write")
    others = data.root.stat().st_mode & 0o077
    if others:
        return fail("data folder", f"others may look into {data.root}", f"chmod 700 {data.root}")
    free = shutil.disk_usage(data.root).free
    said = f"{data.root}, {render.size(free)} free"
    if free < settings.spool.min_free_mb * MIB:
        return fail("data folder", said, f"senders are turned away below {settings.spool.min_free_mb} MiB: free some")
    if free < 4 * settings.spool.min_free_mb * MIB:
        return warn("data folder", said, f"senders are turned away below {settings.spool.min_free_mb} MiB")
    return ok("data folder", said)
