"""The process wrapper: runs an app so that its failures arrive here, and puts verified fixes into service."""

from improver.watch.options import WatchOptions
from improver.watch.start import watch

__all__ = ["WatchOptions", "watch"]
