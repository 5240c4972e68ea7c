"""What of a stack frame stays the same between two occurrences of one failure."""

import re

from improver.model import Frame

_LIBRARY = (
    "/site-packages/", "/dist-packages/", "/node_modules/", "/lib/python3", "/lib/python2",
    "/vendor/bundle/", "/.venv/", "node:",
)  # fmt: skip
_GENERATED = re.compile(r"<lambda>|<locals>\.?|0x[0-9a-f]+|\$\d+|(?<=[\w>])\.\d+$")
_PLACELESS = ("<anonymous>", "[native code]", "<string>", "<stdin>", "")


def is_in_app(frame: Frame) -> bool:
    """Whether the frame is the user's own code: the client's word, else a guess from the path."""
    if frame.in_app is not None:
        return frame.in_app
    path = (frame.abs_path or frame.filename).replace("\\", "/")
    return not path.startswith(("<frozen", "<")) and not any(part in path for part in _LIBRARY)


def key(frame: Frame) -> str:
    """Module, else file name, and function: never a line number, never a folder of one machine.

    A module at the top is called by its file: in a printed stack it has no other name.
    """
    return f"{_place(frame)}|{_GENERATED.sub('', frame.function)}"


def _place(frame: Frame) -> str:
    file = _file((frame.filename or frame.abs_path).replace("\\", "/"))
    is_named = frame.module not in ("", "__main__", file.partition(".")[0])
    return frame.module if is_named else file.lower()


def _file(path: str) -> str:
    is_address = path in _PLACELESS or path.startswith(("http:", "https:", "blob:", "data:"))
    return "" if is_address else path.rsplit("/", 1)[-1]
