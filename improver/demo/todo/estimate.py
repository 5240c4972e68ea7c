"""Guesses how long a task takes from its notes, where every line is one step."""


def steps(notes: str) -> list[str]:
    return [line.strip() for line in notes.splitlines() if line.strip()]


def time_needed(notes: str) -> int:
    """In minutes: two a step, and one more for every five words of a typical step: wordy steps take longer."""
    todo = steps(notes)
    typical = sum(len(step.split()) for step in todo) / len(todo)
    return round(len(todo) * (2 + typical / 5))
