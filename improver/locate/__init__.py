"""Where in the code: what telemetry names, led back to files and functions that the Target has at a revision."""

from improver.locate.atlas import Atlas, atlas_of
from improver.locate.clue import Clue, Spot
from improver.locate.frames import failing_line, file_of, locate, touched
from improver.locate.functions import function_at

__all__ = ["Atlas", "Clue", "Spot", "atlas_of", "failing_line", "file_of", "function_at", "locate", "touched"]
