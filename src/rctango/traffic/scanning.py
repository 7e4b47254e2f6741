"""Scans one file: what a worker process does. The result is small even for large files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rctango.errors import EvidenceError
from rctango.traffic import columns
from rctango.traffic.columnar import ColumnScanner
from rctango.traffic.ledger import Fingerprint, Recorder, take_fingerprint
from rctango.traffic.logfiles import NONE, read_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    import pyarrow as pa

    from rctango.traffic.logfiles import LogFile
    from rctango.traffic.scanner import OpenSession, Remainder

MOST_IN_MEMORY: Final = 4 << 20
"""Bytes of session facts above which they go through a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to scan.

    Attributes:
        file: which file.
        number: what the facts call it by.
        log: ``receive`` or ``send``.
        role: the service whose log it is; None where unknown.
        offset: where to begin.
        line: the number of the line there.
        spool: a folder for facts that are too many to hold.
        carried: the sessions open before; None when they are not known yet.
    """

    file: LogFile
    number: int
    log: str
    role: str | None
    offset: int
    line: int
    spool: str
    carried: tuple[OpenSession, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a file held.

    Attributes:
        data: the ended sessions as an Arrow stream; empty if they are in a file.
        path: the file that holds them instead; empty if there is none.
        remainder: the rest.
        fingerprint: what the content is recognised by from now on.
        first_seen: the earliest time of an ended session; None without one.
        last_seen: the latest one.
        length: how many bytes of content were there.
        problem: why the rest could not be read; None if nothing is lacking.
    """

    data: bytes
    path: str
    remainder: Remainder
    fingerprint: Fingerprint
    first_seen: datetime | None
    last_seen: datetime | None
    length: int
    problem: str | None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The ended sessions; a file that holds them is gone afterwards."""
        if self.path:
            yield from columns.from_file(self.path)
            Path(self.path).unlink()
        else:
            yield from columns.from_bytes(self.data)


class _Outbox:
    """Collects session facts in batches; in a file as soon as they are many."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._small: list[pa.RecordBatch] = []
        self._batches: list[pa.RecordBatch] = []
        self._size = 0
        self._writer: columns.FileWriter | None = None
        self.first: datetime | None = None
        self.last: datetime | None = None

    def add(self, batches: list[pa.RecordBatch]) -> None:
        self._small += batches
        if sum(batch.num_rows for batch in self._small) >= columns.BATCH:
            self._pack()

    def _pack(self) -> None:
        batch = columns.join_batches(self._small)
        self._small.clear()
        first, last = columns.extent(batch)
        self.first = first if self.first is None else min(first, self.first)
        self.last = last if self.last is None else max(last, self.last)
        self._size += batch.nbytes
        if self._writer is None and self._size <= MOST_IN_MEMORY:
            self._batches.append(batch)
            return
        if self._writer is None:
            self._writer = columns.FileWriter(str(self._path))
            for earlier in self._batches:
                self._writer.write(earlier)
            self._batches.clear()
        self._writer.write(batch)

    def close(self) -> tuple[bytes, str]:
        """The data, or the path of the file that holds them."""
        if self._small:
            self._pack()
        if self._writer is None:
            return columns.to_bytes(self._batches), ""
        self._writer.close()
        return b"", str(self._path)


def scan(job: Job, on_bytes: Callable[[int], None]) -> Scanned:
    """Scan a file from an offset on.

    Args:
        job: which file, and how.
        on_bytes: called with the bytes on disk that each block took.

    Raises:
        EvidenceError: it cannot be read at all.
    """
    scanner = ColumnScanner(
        file=job.number,
        log=job.log,
        role=job.role,
        offset=job.offset,
        line=job.line,
        carried=job.carried,
    )
    outbox = _Outbox(Path(job.spool) / f"facts-{job.number}")
    recorder = Recorder()
    problem = None
    try:
        for data, used in _blocks(job, recorder):
            outbox.add(scanner.feed(data))
            on_bytes(used)
    except EvidenceError as error:
        if not recorder.length:
            raise
        problem = error.reason
    ended, remainder = scanner.close(final=job.file.is_closed and problem is None)
    outbox.add(ended)
    data, path = outbox.close()
    return Scanned(
        data=data,
        path=path,
        remainder=remainder,
        fingerprint=(
            take_fingerprint(job.file, remainder.offset)
            if job.file.compression == NONE
            else recorder.fingerprint(remainder.offset)
        ),
        first_seen=outbox.first,
        last_seen=outbox.last,
        length=recorder.length,
        problem=problem,
    )


def _blocks(job: Job, recorder: Recorder) -> Iterator[tuple[bytes, int]]:
    """The content from the offset on; archives have to be read from their beginning."""
    if job.file.compression == NONE:
        for data, used in read_blocks(job.file, job.offset):
            recorder.length += len(data)
            yield data, used
        return
    at = 0
    for data, used in read_blocks(job.file):
        recorder.add(data)
        start = max(0, job.offset - at)
        at += len(data)
        yield data[start:], used
