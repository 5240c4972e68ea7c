"""The durable queue of Payloads on disk: acked means synced, and a reader never sees what a crash could take back."""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path

from improver.config import settings as config
from improver.errors import ImproverError
from improver.model import Payload
from improver.spool.committer import Committer
from improver.spool.segment import MAGIC, Damaged, Loss, Position, encode, mend, numbers, path_of, records, rewrite

log = logging.getLogger(__name__)

MIB = 1 << 20
START = Position()
SEAL_S = 5.0
DISK_S = 0.2


class Spool:
    """Only the process that holds the data folder's lock may open one."""

    def __init__(self, directory: Path, settings: config.Spool) -> None:
        self._directory = directory
        self._settings = settings
        self._lock = threading.RLock()
        self._ends: dict[int, int] = {}  # segment → where its durable bytes end
        self._losses: dict[tuple[int, int], Loss] = {}
        self._digested = START
        self._look_at_disk = 0.0
        self._disk_is_short = False
        try:
            self._open()
        except OSError as error:
            raise ImproverError(
                f"cannot open the Spool {directory}: {error.strerror}", hint="check the folder's owner and mode"
            ) from error
        self._committer = Committer(directory, settings.segment_mb * MIB, max(self._ends, default=0), self._durable)

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What was found damaged since this Spool was opened."""
        with self._lock:
            return tuple(self._losses.values())

    async def append(self, payload: Payload) -> None:
        """Returns when the Payload is on the disk; raises a retryable error when it could not be written."""
        import asyncio  # a command that only looks has no loop

        await asyncio.wrap_future(self._submit((payload,)))

    def append_now(self, payloads: Iterable[Payload]) -> None:
        if together := tuple(payloads):
            self._submit(together).result()

    def read(self, position: Position | None, max_bytes: int) -> list[tuple[Position, Payload]]:
        """Payloads after `position`, each with the position after it; what lies before it counts as digested."""
        position = self._valid(position or START)
        self._mark(position)
        found, size = [], 0
        for after, payload in self._after(position):
            found.append((after, payload))
            size += len(payload.body)
            if size >= max_bytes:
                break
        return found

    def full(self) -> bool:
        """Whether senders should be turned away."""
        pending = self.pending_bytes() + self._committer.waiting_bytes()
        return pending >= self._settings.max_mb * MIB or self._short_of_disk()

    def bytes_after(self, position: Position) -> int:
        position = self._valid(position)
        with self._lock:
            held = sum(max(0, end - begin) for _, begin, end in self._spans(position))
            lost = sum(loss.bytes for loss in self._losses.values() if self._holds(loss, position))
            return max(0, held - lost)

    def pending_bytes(self) -> int:
        """Bytes after the newest position that anybody has read from."""
        return self.bytes_after(self._digested)

    def oldest_after(self, position: Position) -> datetime | None:
        """When the Payload after `position` came in: whoever looks at it knows how far behind that is."""
        oldest = next(self._after(self._valid(position)), None)
        return oldest[1].received_at if oldest else None

    def received_after(self, position: Position) -> tuple[datetime, datetime] | None:
        """When the oldest and the newest Payload after `position` came in."""
        first = self.oldest_after(position)
        if first is None:
            return None
        position = self._valid(position)
        with self._lock:
            newest_segment = Position(max(self._ends))
        newest = [payload.received_at for _, payload in self._after(max(position, newest_segment))]
        return first, max([first, *newest])

    def release(self, up_to: Position, older_than: datetime) -> int:
        """Unlink digested segments: the old ones, and others, oldest first, while room is short. Returns how many."""
        self._mark(up_to)
        released = 0
        for number in self._digested_segments(up_to):
            path = path_of(self._directory, number)
            if path.stat().st_mtime >= older_than.timestamp() and not self.needs_room():
                break
            path.unlink()
            with self._lock:
                del self._ends[number]
            released += 1
        return released

    def rewrite(self, up_to: Position, unwanted: Callable[[Payload], bool]) -> int:
        """Leave some Payloads out of the segments that are digested: they cannot be replayed. Returns how many."""
        self._mark(up_to)
        removed = 0
        for number in self._finished_segments(up_to):
            with self._lock:
                end = self._ends[number]
            now_ends, left_out = rewrite(path_of(self._directory, number), end, unwanted)
            with self._lock:
                self._ends[number] = now_ends
            removed += left_out
        return removed

    def needs_room(self) -> bool:
        """Whether segments go before their time."""
        with self._lock:
            held = sum(self._ends.values())
        return held > self._settings.max_mb * MIB or self._short_of_disk()

    def close(self) -> None:
        """Write what is waiting, then stop."""
        self._committer.close()

    def _open(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = numbers(self._directory)
        self._ends = {number: path_of(self._directory, number).stat().st_size for number in found}
        if not found:
            return
        self._ends[found[-1]], loss = mend(self._directory, found[-1])
        if loss:
            self._report(loss, "a crash left a torn record in the Spool; it was never acked and is cut off")

    def _submit(self, payloads: tuple[Payload, ...]) -> Future[None]:
        return self._committer.submit(b"".join(encode(payload) for payload in payloads))

    def _durable(self, number: int, end: int) -> None:
        with self._lock:
            self._ends[number] = end

    def _after(self, position: Position) -> Iterator[tuple[Position, Payload]]:
        with self._lock:
            spans = list(self._spans(position))
        for number, begin, end in spans:
            try:
                for offset, payload in records(path_of(self._directory, number), begin, end):
                    yield Position(number, offset), payload
            except FileNotFoundError:
                continue  # released since
            except Damaged as damage:
                if not self._committer.seal(number):
                    return
                with self._lock:
                    final = self._ends.get(number, end)
                loss = Loss(segment=number, start=damage.start, end=final, reason=damage.reason)
                self._report(loss, "the rest of a damaged segment of the Spool cannot be read and is skipped")

    def _report(self, loss: Loss, sentence: str) -> None:
        with self._lock:
            known = (loss.segment, loss.start) in self._losses
            self._losses[loss.segment, loss.start] = loss
        if not known:
            fields = {"segment": loss.segment, "offset": loss.start, "bytes": loss.bytes, "reason": loss.reason}
            log.error(sentence, extra=fields)

    def _spans(self, position: Position) -> Iterator[tuple[int, int, int]]:
        """(segment, begin, end) of what is durable after a position; call it with the lock held."""
        for number, end in sorted(self._ends.items()):
            if number >= position.segment:
                yield number, max(len(MAGIC), position.offset if number == position.segment else 0), end

    def _holds(self, loss: Loss, position: Position) -> bool:
        """Whether a loss lies among the bytes after a position: a cut tail does not."""
        return Position(loss.segment, loss.start) >= position and loss.end <= self._ends.get(loss.segment, 0)

    def _valid(self, position: Position) -> Position:
        """The newest segment is never released: a position behind it means that somebody emptied the folder."""
        with self._lock:
            return START if self._ends and position.segment > max(self._ends) else position

    def _mark(self, position: Position) -> None:
        with self._lock:
            self._digested = max(self._valid(self._digested), position)

    def _digested_segments(self, up_to: Position) -> list[int]:
        """Those wholly before a position; never the newest, whose number says where to go on."""
        with self._lock:
            newest = max(self._ends, default=0)
            return [n for n, end in sorted(self._ends.items()) if Position(n, end) <= up_to and n < newest]

    def _finished_segments(self, up_to: Position) -> list[int]:
        """Those wholly before a position, to which nothing more will be appended."""
        with self._lock:
            whole = [n for n, end in sorted(self._ends.items()) if Position(n, end) <= up_to]
        return [number for number in whole if self._sealed(number)]

    def _sealed(self, number: int) -> bool:
        give_up = time.monotonic() + SEAL_S
        while not self._committer.seal(number):
            if time.monotonic() > give_up:
                return False
            time.sleep(0.01)
        return True

    def _short_of_disk(self) -> bool:
        """As of a moment ago: to ask costs more than all else that an append needs, and the margin is wide."""
        now = time.monotonic()
        if now >= self._look_at_disk:
            self._look_at_disk = now + DISK_S
            self._disk_is_short = shutil.disk_usage(self._directory).free < self._settings.min_free_mb * MIB
        return self._disk_is_short
