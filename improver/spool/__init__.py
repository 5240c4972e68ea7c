"""The Spool: Payloads are on the disk before they are acked; what nobody understands is kept beside it."""

from improver.spool.queue import Spool
from improver.spool.segment import Loss, Position

__all__ = ["Loss", "Position", "Spool"]
