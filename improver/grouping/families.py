"""Which language a stack frame is of: each names its functions and its files in its own way."""

from functools import lru_cache

from improver.model import Frame

_ENDINGS = {
    "python": ("py", "pyx", "pyi", "pyc"),
    "javascript": ("js", "mjs", "cjs", "ts", "mts", "cts", "tsx", "jsx", "vue", "svelte", "bundle", "html"),
    "jvm": ("java", "kt", "kts", "scala", "groovy", "clj"),
    "go": ("go",),
    "ruby": ("rb", "erb", "rake", "ru"),
    "php": ("php", "phtml"),
    "rust": ("rs",),
    "dotnet": ("cs", "fs", "vb", "cshtml", "razor"),
    "native": ("c", "cc", "cpp", "cxx", "h", "hh", "hpp", "inc", "m", "mm", "swift", "s", "so", "dylib", "dll", "exe"),
}
_FAMILIES = {ending: family for family, endings in _ENDINGS.items() for ending in endings}
_PLATFORMS = {
    "python": "python", "javascript": "javascript", "node": "javascript", "java": "jvm", "kotlin": "jvm", "go": "go",
    "ruby": "ruby", "php": "php", "rust": "rust", "csharp": "dotnet", "dotnet": "dotnet", "native": "native",
    "c": "native", "cocoa": "native", "objc": "native", "swift": "native", "unknown": "native",
}  # fmt: skip
URL_SCHEMES = ("http:", "https:", "blob:", "data:", "file:", "app:", "webpack:", "webpack-internal:", "capacitor:")
_SCRIPT_SCHEMES = ("node:", *URL_SCHEMES)


def family(frame: Frame, platform: str) -> str:
    """The file's ending says more than the client's platform: stacks of two languages are met."""
    place = frame.filename or frame.abs_path
    return _by_ending(place.rpartition(".")[2][:12].lower()) or _otherwise(frame, place, platform)


def _otherwise(frame: Frame, place: str, platform: str) -> str:
    if place.startswith(_SCRIPT_SCHEMES):
        return "javascript"
    known = _PLATFORMS.get(platform.lower(), "native" if not place or "::" in frame.function else "")
    if known in ("", "native") and _looks_like_rust(frame.function):
        return "rust"
    return known


@lru_cache(maxsize=1024)
def _by_ending(ending: str) -> str:
    return _FAMILIES.get(ending.partition("?")[0], "")


def _looks_like_rust(function: str) -> bool:
    _, mangled, tail = function.rpartition("::h")
    return bool(mangled) and len(tail) == 16 and all(character in "0123456789abcdef" for character in tail)
