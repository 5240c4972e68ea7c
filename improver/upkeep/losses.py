"""Whether something was lost with a damaged database, and what: it is noted beside what is kept of it."""

from improver.runtime import Runtime

FOLDER = "damaged"
NOTE = "LOST.txt"


def suspected(runtime: Runtime) -> bool:
    """A database was damaged, or does not know its place in the Spool though it holds some of it."""
    placed = "select exists (from offsets) or not exists (from payloads)"
    return bool(runtime.warehouse.damage) or not runtime.warehouse.telemetry.value(placed)


def notes(runtime: Runtime) -> tuple[str, ...]:
    """What and when, until somebody removes the folder that says so."""
    found = sorted(runtime.data.root.glob(f"{FOLDER}/*/{NOTE}"))
    return tuple(f"{note.parent.name}: {note.read_text().strip()}" for note in found)
