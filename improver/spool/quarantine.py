"""Payloads that could not be understood, whole, beside the Spool: unscrubbed bytes have no place in the Warehouse."""

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from improver.machine import files
from improver.model import Payload
from improver.model.ids import digest
from improver.spool.segment import MAGIC, Damaged, encode, records

log = logging.getLogger(__name__)


class Quarantine:
    """One file for each Payload, laid out like a segment of the Spool; the table `quarantine` lists them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, payload: Payload) -> None:
        """Durable when this returns; call it before the Payload is listed, so that what is listed is there."""
        path = self._path(payload.id)
        if not path.exists():
            files.write(path, MAGIC + encode(payload))

    def get(self, payload_id: str) -> Payload | None:
        """None, and a line in the log, where the file is gone or damaged."""
        path = self._path(payload_id)
        try:
            return next((payload for _, payload in records(path, 0, path.stat().st_size)), None)
        except (FileNotFoundError, Damaged) as error:
            log.warning("a Payload in quarantine cannot be read", extra={"payload": payload_id, "error": str(error)})
            return None

    def drop(self, payload_ids: Iterable[str]) -> None:
        for payload_id in payload_ids:
            self._path(payload_id).unlink(missing_ok=True)

    def drop_before(self, moment: datetime) -> None:
        """What was set aside before; also files that a crash left without a line in the table."""
        for path in self._directory.glob("*"):
            if path.stat().st_mtime < moment.timestamp():
                path.unlink()

    def _path(self, payload_id: str) -> Path:
        """A polling Collector makes up its own ids, and those are no file names."""
        return self._directory / f"{digest(payload_id, length=32)}.payload"

