"""Reads logs into a store: what is new, in several processes, and nothing twice.

Workers scan files, the parent joins the sessions that go on from file to file, in the order of the
files, and commits facts and ledger together. So the facts do not depend on the number of workers,
and a run that is killed goes on where it last committed.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from rctango.errors import EvidenceError
from rctango.traffic import columns
from rctango.traffic.carry import NOTHING_SHARED, Carry, Shared
from rctango.traffic.ledger import (
    NO_LINES,
    Entry,
    Fingerprint,
    add_counts,
    digest,
    place_of,
    sum_counts,
)
from rctango.traffic.logfiles import NONE
from rctango.traffic.planning import make_plan
from rctango.traffic.rows import read_time
from rctango.traffic.scanning import Job, Scanned
from rctango.traffic.store import PSEUDONYMISED
from rctango.traffic.workers import Progress, scans_of, work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    import pyarrow as pa

    from rctango.traffic.ledger import Place
    from rctango.traffic.logfiles import LogFile
    from rctango.traffic.planning import Plan, Refusal, Task
    from rctango.traffic.schema import LineCounts, SessionFacts
    from rctango.traffic.store import Store
    from rctango.traffic.workers import OnBytes, Scans

COMMIT_BYTES: Final = 64 << 20
"""Bytes of logs after which what was read is committed."""

WORTH_A_PROCESS: Final = 32 << 20
"""Bytes below which starting processes takes longer than reading."""

_INSERT_ROWS: Final = 20_000
_UNREAD: Final = Fingerprint(head_length=0, head=digest(b""), offset=0, tail=digest(b""),
                             at_line_end=True)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSummary:
    """What a run did.

    Attributes:
        read: the names of the files that were read, wholly or on from where they had ended.
        unchanged: the names of files with nothing new.
        copies: the names of files with the content of another one, or with a beginning of it.
        refused: (name, reason) of files that are no SMTP protocol logs.
        problems: (name, reason) of what could not be read, wholly or from some place on.
        lines: where the lines that were read went.
        sessions: how many sessions ended in what was read.
        open_sessions: how many sessions may go on.
        split_sessions: how many sessions stand in two parts, because a later log was read before
            an earlier one.
        length: how many bytes of content were read.
    """

    read: tuple[str, ...]
    unchanged: tuple[str, ...]
    copies: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    problems: tuple[tuple[str, str], ...]
    lines: LineCounts
    sessions: int
    open_sessions: int
    split_sessions: int
    length: int


def read_logs(
    files: Iterable[LogFile],
    store: Store,
    *,
    workers: int | None = None,
    on_bytes: OnBytes | None = None,
) -> ReadSummary:
    """Read logs into a store.

    Args:
        files: what ``logfiles.find`` gives, in any order.
        store: what is known goes on from there; it is committed in steps.
        workers: how many processes scan; None for one on each core, or none where there is little
            to do; with 1 this process scans.
        on_bytes: called now and then with the name of the file read last, the bytes on disk read
            so far, and the bytes on disk to be read in all.

    Raises:
        EvidenceError: the store cannot be read or written.
    """
    plan = make_plan(files, store.ledger())
    if PSEUDONYMISED in store.meta() and plan.tasks:
        raise EvidenceError(store.name, "", "pseudonymised: no more logs can be read into it")
    total = sum(_to_read(task) for task in plan.tasks)
    with tempfile.TemporaryDirectory(prefix="rctango-") as spool, store.frugal():
        reader = _Reader(store, plan, spool)
        count = _processes(workers, len(plan.tasks), total)
        progress = Progress(on_bytes or _ignore, total)
        with scans_of(plan.tasks, reader.job, count, progress) as scans:
            reader.run(scans, progress)
    return reader.summary()


def _to_read(task: Task) -> int:
    done = task.entry.fingerprint.offset if task.entry and task.file.compression == NONE else 0
    return max(0, task.file.packed - done)


def _processes(workers: int | None, tasks: int, total: int) -> int:
    """How many processes to start; 0 for none."""
    if workers is None:
        workers = (os.cpu_count() or 1) if total >= WORTH_A_PROCESS else 1
    count = min(workers, tasks)
    return count if count > 1 else 0


def _no_matter(_used: int) -> None:
    """The bytes of this file have been told before."""


def _ignore(_name: str, _done: int, _total: int) -> None:
    """Nobody wants to know."""


class _Reader:
    """Joins and stores what was scanned."""

    def __init__(self, store: Store, plan: Plan, spool: str) -> None:
        self._store = store
        self._plan = plan
        self._spool = spool
        self._carry = store.carry() if plan.tasks else Carry()
        self._entries: list[Entry] = []
        self._places: list[Place] = []
        self._batches: list[pa.RecordBatch] = []
        self._rows = 0
        self._uncommitted = 0
        self._read: list[str] = []
        self._problems = list(plan.problems)
        self._lines = NO_LINES
        self._sessions = 0
        self._length = 0

    def job(self, task: Task) -> Job:
        """How to scan a task's file."""
        entry = task.entry
        counts = entry.counts if entry else NO_LINES
        return Job(
            file=task.file,
            number=task.number,
            log=task.kind.log or "",
            role=entry.role if entry else task.kind.role,
            offset=entry.fingerprint.offset if entry else 0,
            line=counts.lines - counts.unfinished + 1,
            spool=self._spool,
        )

    def run(self, scans: Scans, progress: Progress) -> None:
        """Take all scans, in the order of the tasks."""
        plan = self._plan
        if not (plan.tasks or plan.refusals or plan.places or plan.removals):
            return
        with self._store.transaction():
            self._begin()
            complete = self._take_some(scans, progress)
        while not complete:
            with self._store.transaction():
                complete = self._take_some(scans, progress)

    def _take_some(self, scans: Scans, progress: Progress) -> bool:
        """Take as many as go into one transaction; whether all have been taken."""
        complete = True
        for task, scanned in scans:
            if isinstance(scanned, str):
                self._problems.append((task.file.name, scanned))
                continue
            progress.name = task.file.name
            self._take(task, scanned)
            if self._uncommitted >= COMMIT_BYTES:
                complete = False
                break
        self._write()
        return complete

    def _begin(self) -> None:
        for number in self._plan.removals:
            self._remove(number)
        for refusal in self._plan.refusals:
            self._entries.append(_refused(refusal))
            self._places.append(place_of(refusal.file, refusal.number))
        self._places += self._plan.places

    def _remove(self, number: int) -> Shared:
        """Remove a content; the sessions it shares with others stay."""
        shared = [*self._carry.forget_file(number), *self._store.shared_sessions(number)]
        self._store.remove(number)
        return Shared.of(shared) if shared else NOTHING_SHARED

    def _take(self, task: Task, scanned: Scanned) -> None:
        """Take what a file held."""
        shared = NOTHING_SHARED
        if task.replaces is not None:
            self._insert()  # what waits may have rows in what is removed
            shared = self._remove(task.replaces)
        if scanned.remainder.too_many_pieces:
            for _ in scanned.batches():
                pass
            again = self._scan_again(task)
            if isinstance(again, str):
                self._problems.append((task.file.name, again))
                return
            self._keep(again.batches(), shared, set())
            self._carry.replace(task.chain, again.remainder)
            self._enter(task, again)
            return
        pieces = scanned.remainder.pieces
        whole = self._keep(scanned.batches(), shared, self._carry.ids(task.chain, pieces))
        joined = self._carry.continue_with(task.chain, scanned.remainder, whole, shared)
        if joined:
            self._append(columns.to_batch(joined))
        self._enter(task, scanned)

    def _scan_again(self, task: Task) -> Scanned | str:
        """Scan a file with the open sessions of its chain given."""
        carried = self._carry.of(task.chain)
        job = replace(self.job(task), carried=carried)
        try:
            return work(job, _no_matter)
        except ValueError:  # another version wrote their states: they end with what is known
            self._append(columns.to_batch([one.facts for one in carried]))
            return work(replace(job, carried=()), _no_matter)

    def _keep(
        self, batches: Iterable[pa.RecordBatch], shared: Shared, ids: set[str]
    ) -> list[SessionFacts]:
        """Keep the ended sessions; the result are those with one of these session-ids."""
        found = []
        for batch in batches:
            if shared.spans:
                rows = [row for row in columns.from_batch(batch) if not shared.holds(row)]
                self._append(columns.to_batch(rows))
            else:
                self._append(batch)
            if not ids.isdisjoint(columns.session_ids(batch)):
                found += [row for row in columns.from_batch(batch) if row.session in ids]
        return found

    def _append(self, batch: pa.RecordBatch) -> None:
        self._batches.append(batch)
        self._rows += batch.num_rows
        self._sessions += batch.num_rows
        if self._rows >= _INSERT_ROWS:
            self._insert()

    def _insert(self) -> None:
        self._store.add("sessions", self._batches)
        self._batches = []
        self._rows = 0

    def _enter(self, task: Task, scanned: Scanned) -> None:
        """Enter in the ledger what was read."""
        self._read.append(task.file.name)
        self._length += scanned.length
        self._uncommitted += scanned.length
        counts = scanned.remainder.counts
        self._lines = sum_counts((self._lines, counts))
        self._store.put_rejected(task.number, scanned.remainder.rejected)
        self._entries.append(_entry(task, scanned))
        place = place_of(task.file, task.number)
        if scanned.problem is not None:
            self._problems.append((task.file.name, scanned.problem))
            if task.file.compression == NONE:
                place = replace(place, size=-1)  # to be tried again
        self._places.append(place)
        self._places += [place_of(copy, task.number) for copy in task.copies]

    def _write(self) -> None:
        """Write everything that waits."""
        self._insert()
        self._store.put_entries(self._entries)
        self._store.put_places(self._places)
        self._store.put_open(*self._carry.changes())
        self._entries = []
        self._places = []
        self._uncommitted = 0

    def summary(self) -> ReadSummary:
        """What was done."""
        return ReadSummary(
            read=tuple(self._read),
            unchanged=tuple(self._plan.unchanged),
            copies=tuple(self._plan.copies),
            refused=tuple(self._plan.refused),
            problems=tuple(self._problems),
            lines=self._lines,
            sessions=self._sessions,
            open_sessions=len(self._carry),
            split_sessions=self._store.split_sessions() if self._read else 0,
            length=self._length,
        )


def _refused(refusal: Refusal) -> Entry:
    return Entry(
        number=refusal.number,
        path=refusal.file.place,
        member=refusal.file.member,
        log=None,
        role=refusal.kind.role,
        refusal=refusal.kind.refusal,
        chain="",
        began="",
        fingerprint=_UNREAD,
        counts=NO_LINES,
        first_seen=None,
        last_seen=None,
        problem=None,
    )


def _entry(task: Task, scanned: Scanned) -> Entry:
    before = task.entry
    times = list(_times(scanned))
    if before is not None:
        times += [time for time in (before.first_seen, before.last_seen) if time is not None]
    return Entry(
        number=task.number,
        path=task.file.place,
        member=task.file.member,
        log=task.kind.log,
        role=before.role if before else task.kind.role,
        refusal=None,
        chain=task.chain,
        began=before.began if before else task.kind.began,
        fingerprint=scanned.fingerprint,
        counts=add_counts(before.counts if before else NO_LINES, scanned.remainder.counts),
        first_seen=min(times, default=None),
        last_seen=max(times, default=None),
        problem=scanned.problem,
    )


def _times(scanned: Scanned) -> Iterator[datetime]:
    """The times that show when a file's rows begin and end."""
    if scanned.first_seen is not None and scanned.last_seen is not None:
        yield scanned.first_seen
        yield scanned.last_seen
    for one in scanned.remainder.open:
        yield one.facts.began
        yield one.facts.last_seen
    for piece in scanned.remainder.pieces:
        for _, row in (piece.rows[0], piece.rows[-1]):
            yield read_time(row[:24])
