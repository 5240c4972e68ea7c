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
    """Module, else file name, and function: never a line number, never a folder of one machine."""
    return f"{_place(frame)}|{_GENERATED.sub('', frame.function)}"


def _place(frame: Frame) -> str:
    if frame.module and frame.module != "__main__":
        return frame.module
    path = (frame.filename or frame.abs_path).replace("\\", "/")
    if path in _PLACELESS or path.startswith(("http:", "https:", "blob:", "data:")):
        return ""
    return path.rsplit("/", 1)[-1].lower()
