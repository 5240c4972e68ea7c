"""What makes two errors the same error. A version, once shipped, is frozen: a better one gets the next number."""

from improver.grouping import v2
from improver.grouping.messages import parameterize
from improver.grouping.ownership import is_in_app
from improver.grouping.parts import Part
from improver.grouping.v2 import Grouping

VERSION = v2.NUMBER
group = v2.group
explain = v2.explain

__all__ = ["VERSION", "Grouping", "Part", "explain", "group", "is_in_app", "parameterize"]
