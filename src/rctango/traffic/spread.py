"""Reading logs in many processes that share nothing but the files.

Every process scans whole files without knowing what came before. A session that ended within its
file is a row of facts. What is left of a file follows as other rows: the sessions still open at its
end, the pieces of sessions that began earlier, and where its lines went. ``join_rests`` puts these
together, file after file. Nothing here knows what starts the processes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from heapq import heapify, heapreplace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rctango.errors import EvidenceError, RctangoError
from rctango.traffic.carry import Carry
from rctango.traffic.columnar import ColumnScanner
from rctango.traffic.columns import from_batch
from rctango.traffic.ledger import NO_LINES
from rctango.traffic.logfiles import STANDARD_INPUT, LogFile, read_blocks
from rctango.traffic.scanner import OpenSession, Piece, Remainder
from rctango.traffic.schema import SESSION_COLUMNS, SessionFacts
from rctango.traffic.session import facts, restore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from rctango.traffic.planning import Task

FILE, PIECE, OPEN, WHOLE = "file", "piece", "open", "whole"
"""Kinds of rests; ``WHOLE`` stands for a session that began and ended in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A log file to scan.

    Attributes:
        number: its number in the ledger; within a chain also the order of the files.
        chain: the files whose sessions go on from one to the next.
        log: ``receive`` or ``send``.
        role: the service whose log it is; None where unknown.
        file: where its bytes are.
    """

    number: int
    chain: str
    log: str
    role: str | None
    file: LogFile


class Rest(NamedTuple):
    """Something that is left of a file, or matters for putting that together.

    Attributes:
        chain: the file's chain.
        file: its number.
        kind: FILE, PIECE, OPEN or WHOLE.
        place: the order among those of its kind.
        session: the session-id; empty for a file.
        key: what the rows of a session are recognised by; empty for FILE and WHOLE.
        state: as JSON the counts of a file, the rows of a piece, the state of an open session, or
            what of a whole session's facts tells it from others.
    """

    chain: str
    file: int
    kind: str
    place: int
    session: str
    key: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCounts:
    """Where the lines of a file went.

    Attributes:
        lines, parsed, header, noise, rejected, unfinished: as in ``LineCounts``.
        rejected_lines: (line, reason) of the first thousand of ``rejected``.
        problem: why the rest of it could not be read; None when all was read.
        is_void: whether the facts of this scan do not count, because the file has to be scanned
            again knowing the sessions open before it.
    """

    lines: int
    parsed: int
    header: int
    noise: tuple[tuple[str, int], ...]
    rejected: int
    unfinished: int
    rejected_lines: tuple[tuple[int, str], ...]
    problem: str | None
    is_void: bool


def assign(tasks: Iterable[Task]) -> list[Assignment]:
    """What a plan for an empty ledger has to scan, by paths that hold on every machine.

    Raises:
        RctangoError: standard input is among it.
    """
    return [
        Assignment(
            number=task.number,
            chain=task.chain,
            log=task.kind.log or "",
            role=task.kind.role,
            file=_as_seen_by_all(task.file),
        )
        for task in tasks
    ]


def _as_seen_by_all(file: LogFile) -> LogFile:
    if file.place == STANDARD_INPUT:
        raise RctangoError("other machines cannot read the standard input of this one")
    return replace(file, path=file.place)


def into_bins(files: Iterable[Assignment], most: int) -> list[list[Assignment]]:
    """Share files out so that every bin holds about as many bytes; no bin is empty."""
    ordered = sorted(files, key=lambda one: (-one.file.packed, one.number))
    bins: list[tuple[int, int, list[Assignment]]]
    bins = [(0, at, []) for at in range(min(most, len(ordered)))]
    heapify(bins)
    for one in ordered:
        size, at, held = bins[0]
        held.append(one)
        heapreplace(bins, (size + one.file.packed, at, held))
    return [held for _, _, held in sorted(bins, key=lambda bin_: bin_[1])]


def write_bins(bins: list[list[Assignment]]) -> str:
    """Bins as text."""
    return json.dumps([[asdict(one) for one in held] for held in bins])


def read_bins(text: str) -> list[list[Assignment]]:
    """The bins that ``write_bins`` wrote."""
    return [
        [Assignment(**{**one, "file": LogFile(**one["file"])}) for one in held]
        for held in json.loads(text)
    ]


def scan(task: Assignment) -> Iterator[pa.RecordBatch | Rest]:
    """Scan a file: the facts of sessions that ended in it, as they come, then what is left."""
    scan_ = _Scan(task, None)
    yield from scan_.ended()
    yield from _rests(task, scan_.remainder, scan_.problem)


class _Scan:
    """One file passes through a scanner.

    Attributes:
        remainder: what is left in the end.
        problem: why not all could be read; None when all was.
    """

    def __init__(self, task: Assignment, carried: Sequence[OpenSession] | None) -> None:
        self._task = task
        self._scanner = ColumnScanner(
            file=task.number, log=task.log, role=task.role, carried=carried
        )
        self.remainder: Remainder
        self.problem: str | None = None

    def ended(self) -> Iterator[pa.RecordBatch]:
        """The sessions that ended in the file."""
        file = self._task.file
        try:
            for data, _ in read_blocks(file):
                yield from self._scanner.feed(data)
        except EvidenceError as error:
            self.problem = error.reason
        final = file.is_closed and self.problem is None
        ended, self.remainder = self._scanner.close(final=final)
        yield from ended


def _rests(task: Assignment, remainder: Remainder, problem: str | None) -> Iterator[Rest]:
    counts = FileCounts(
        **asdict(remainder.counts),
        rejected_lines=tuple((one.line, one.reason) for one in remainder.rejected),
        problem=problem,
        is_void=remainder.too_many_pieces,
    )
    yield Rest(task.chain, task.number, FILE, 0, "", "", json.dumps(asdict(counts)))
    if remainder.too_many_pieces:
        return
    for place, piece in enumerate(remainder.pieces):
        session = piece.key.rsplit("|", 2)[-2]
        state = _piece_text(piece)
        yield Rest(task.chain, task.number, PIECE, place, session, piece.key, state)
    for place, one in enumerate(remainder.open):
        session = one.facts.session
        yield Rest(task.chain, task.number, OPEN, place, session, one.key, one.state)


def _piece_text(piece: Piece) -> str:
    values = asdict(piece)
    values["rows"] = [(at, row.decode("latin-1")) for at, row in piece.rows]
    return json.dumps(values)


def _piece(text: str) -> Piece:
    values: dict[str, Any] = json.loads(text)
    values["rows"] = tuple((at, row.encode("latin-1")) for at, row in values["rows"])
    return Piece(**values)


def counts_of(text: str) -> FileCounts:
    """The state of a rest of the kind FILE."""
    values: dict[str, Any] = json.loads(text)
    for name in ("noise", "rejected_lines"):
        values[name] = tuple(tuple(one) for one in values[name])
    return FileCounts(**values)


WHOLE_COLUMNS: Final = ("connector", "remote", "remote_port", "first_offset")
"""The columns of session facts that the state of a WHOLE holds, besides the session-id."""

_NO_FACTS: Final[dict[str, Any]] = dict.fromkeys(SESSION_COLUMNS)


def _whole(rest: Rest) -> SessionFacts:
    """As much of the facts as their identity and their place in the file need."""
    known: dict[str, Any] = json.loads(rest.state)
    return SessionFacts(**{**_NO_FACTS, **known, "session": rest.session})


def _open(rest: Rest) -> OpenSession:
    return OpenSession(key=rest.key, state=rest.state, facts=facts(restore(rest.state)))


def join_rests(
    rests: Iterable[Rest], void: Mapping[int, Assignment], *, by_session: bool
) -> Iterator[SessionFacts]:
    """The sessions that were still open at the end of a file.

    Args:
        rests: what is left, chain by chain; in a chain by files, or first by session-ids.
        void: by their numbers the files that have to be scanned again.
        by_session: whether each session-id of a chain stands for itself.
    """

    def group(rest: Rest) -> tuple[str, str]:
        return rest.chain, rest.session if by_session else ""

    for (chain, _), held in groupby(rests, key=group):
        carry = Carry()
        for number, of_file in groupby(held, key=attrgetter("file")):
            if number in void:
                yield from _again(void[number], carry)
            else:
                yield from _go_on(carry, chain, list(of_file))
        yield from (one.facts for one in carry.of(chain))


def _go_on(carry: Carry, chain: str, rests: list[Rest]) -> list[SessionFacts]:
    """What ends by the rests of the next file."""
    remainder = Remainder(
        offset=0,
        counts=NO_LINES,
        rejected=(),
        open=tuple(_open(one) for one in rests if one.kind == OPEN),
        pieces=tuple(_piece(one.state) for one in rests if one.kind == PIECE),
        too_many_pieces=False,
    )
    whole = [_whole(one) for one in rests if one.kind == WHOLE]
    return carry.continue_with(chain, remainder, whole)


def _again(task: Assignment, carry: Carry) -> Iterator[SessionFacts]:
    """Scan a file again, knowing the sessions open before it."""
    scan_ = _Scan(task, carry.of(task.chain))
    for ended in scan_.ended():
        yield from from_batch(ended)
    carry.replace(task.chain, scan_.remainder)
