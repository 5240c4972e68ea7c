"""Files that an Agent's launch comes with, laid out where the Agent can only read them."""

import shutil

from improver.errors import ImproverError
from improver.model import Job, Launch


def lay_out(job: Job, launch: Launch) -> None:
    """Afresh each time, and never in a folder that an Agent could have left a link in."""
    shutil.rmtree(job.papers, ignore_errors=True)
    job.papers.mkdir(mode=0o700, parents=True)
    for name, text in launch.papers.items():
        if "/" in name or name.startswith("."):
            raise ImproverError(f"{name!r} is no name for a file of a launch", hint="one plain file name")
        (job.papers / name).write_text(text)
