"""What makes two errors the same error. A version, once shipped, is frozen: a better one gets the next number."""

from improver.grouping import v1
from improver.grouping.frames import is_in_app
from improver.grouping.messages import parameterize
from improver.grouping.v1 import Grouping

VERSION = 1
group = v1.group

__all__ = ["VERSION", "Grouping", "group", "is_in_app", "parameterize"]
