"""What has been read: how contents are recognised, and which of them a file holds.

A content is known by a hash of its head, how much of it was read, and a hash of what stands just
before that. Where a content was seen is a *place*: a path, with the size and the time the file had.
Copies of a content are places of the same entry.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from rctango.errors import EvidenceError
from rctango.traffic.logfiles import NONE, read_blocks
from rctango.traffic.schema import LineCounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rctango.traffic.logfiles import LogFile

WINDOW: Final = 1 << 16
"""The bytes at the head and before the read offset that are hashed."""

NO_LINES: Final = LineCounts(lines=0, parsed=0, header=0, noise=(), rejected=0, unfinished=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What a content is recognised by.

    Attributes:
        head_length: how many bytes of the head are hashed.
        head: their hash.
        offset: where reading goes on: everything before is read.
        tail: the hash of up to 64 KiB before the offset.
        at_line_end: whether a line ends at the offset, so that reading can go on there.
    """

    head_length: int
    head: str
    offset: int
    tail: str
    at_line_end: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One content.

    Attributes:
        number: what session facts call it by.
        path: where it was read: the place, see ``LogFile``.
        member: of an archive; empty otherwise.
        log: ``receive`` or ``send``; None for refused files.
        role: the service whose log it is; None where unknown.
        refusal: why it is not read; None for protocol logs.
        chain: the logs among which its sessions go on.
        began: ``#Date``, or the time of the first row.
        fingerprint: what it is recognised by.
        counts: where its lines went.
        first_seen: the earliest time in it.
        last_seen: the latest time in it.
        problem: why the rest of it could not be read; None if nothing is lacking.
    """

    number: int
    path: str
    member: str
    log: str | None
    role: str | None
    refusal: str | None
    chain: str
    began: str
    fingerprint: Fingerprint
    counts: LineCounts
    first_seen: datetime | None
    last_seen: datetime | None
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a content was seen.

    Attributes:
        path: the place, see ``LogFile``.
        member: of an archive; empty otherwise.
        size: bytes on disk when it was seen.
        modified: in nanoseconds since 1970.
        number: the entry's.
    """

    path: str
    member: str
    size: int
    modified: int
    number: int


def place_of(file: LogFile, number: int) -> Place:
    """The place where a file lies, as it is now."""
    return Place(
        path=file.place,
        member=file.member,
        size=file.size,
        modified=file.modified,
        number=number,
    )


class Ledger:
    """All entries and places."""

    def __init__(self, entries: Iterable[Entry], places: Iterable[Place]) -> None:
        self.entries = {entry.number: entry for entry in entries}
        self._places = {(place.path, place.member): place for place in places}
        self._by_number: dict[int, list[Place]] = defaultdict(list)
        for place in self._places.values():
            self._by_number[place.number].append(place)
        self._by_began: dict[tuple[str | None, str], list[Entry]] = defaultdict(list)
        for entry in self.entries.values():
            if entry.began:
                self._by_began[entry.log, entry.began].append(entry)

    @property
    def next_number(self) -> int:
        """The number for the next content."""
        return max(self.entries, default=0) + 1

    def entry_at(self, file: LogFile) -> Entry | None:
        """What was last seen at the file's place."""
        place = self._places.get((file.place, file.member))
        return None if place is None else self.entries.get(place.number)

    def is_unchanged(self, file: LogFile) -> bool:
        """Whether the file has the size and the time it had when it was last seen."""
        place = self._places.get((file.place, file.member))
        return (
            place is not None
            and file.modified != 0
            and (place.size, place.modified) == (file.size, file.modified)
            and place.number in self.entries
        )

    def alike(self, log: str | None, began: str) -> list[Entry]:
        """The contents of the same kind that began at the same time."""
        return self._by_began[log, began] if began else []

    def places(self, number: int) -> list[Place]:
        """Where a content was seen."""
        return self._by_number[number]


class Match(Enum):
    """How a file relates to a content in the ledger.

    ``SHORTER``: the file ends before what was read of the content, so that only the head speaks.
    """

    SAME = "same"
    GROWN = "grown"
    SHORTER = "shorter"
    OTHER = "other"


def digest(data: bytes) -> str:
    """A hash of some bytes."""
    return blake2b(data, digest_size=16).hexdigest()


class Recorder:
    """Remembers the head and the last bytes of a content that passes by as a stream."""

    def __init__(self) -> None:
        self.head = b""
        self.last = b""
        self.length = 0

    def add(self, data: bytes) -> None:
        """The next bytes."""
        if len(self.head) < WINDOW:
            self.head += data[: WINDOW - len(self.head)]
        kept = 2 * WINDOW  # a line without end may stand after the part that was read
        self.last = data[-kept:] if len(data) >= kept else (self.last + data)[-kept:]
        self.length += len(data)

    def fingerprint(self, offset: int) -> Fingerprint:
        """The fingerprint of the content, read up to an offset not far from its end."""
        end = max(0, len(self.last) - (self.length - offset))
        return fingerprint(self.head, offset, self.last[max(0, end - WINDOW) : end])


def fingerprint(head: bytes, offset: int, before: bytes) -> Fingerprint:
    """The fingerprint of a content that was read up to an offset.

    Args:
        head: its first bytes, as many as there are up to 64 KiB.
        offset: how far it was read.
        before: the bytes before the offset, as many as there are up to 64 KiB.
    """
    length = min(len(head), offset)
    return Fingerprint(
        head_length=length,
        head=digest(head[:length]),
        offset=offset,
        tail=digest(before),
        at_line_end=before[-1:] in {b"", b"\n"},
    )


def take_fingerprint(file: LogFile, offset: int) -> Fingerprint:
    """The fingerprint of a plain file that was read up to an offset.

    Raises:
        EvidenceError: the file cannot be read.
    """
    return fingerprint(read_part(file, 0, WINDOW), offset, _before(file, offset))


def _before(file: LogFile, offset: int) -> bytes:
    start = max(0, offset - WINDOW)
    return read_part(file, start, offset - start)


def read_part(file: LogFile, start: int, length: int) -> bytes:
    """Some bytes of the content; fewer where it ends.

    Raises:
        EvidenceError: the file cannot be read; what comes before damage is given.
    """
    parts: list[bytes] = []
    try:
        for data, _ in read_blocks(file, start):
            parts.append(data[:length])
            length -= len(parts[-1])
            if length <= 0:
                break
    except EvidenceError:
        if not parts:
            raise
    return b"".join(parts)


def _readable(file: LogFile) -> Iterator[bytes]:
    """The content, up to the damage if there is any."""
    with suppress(EvidenceError):
        for data, _ in read_blocks(file):
            yield data


def match(file: LogFile, known: Fingerprint) -> Match:
    """How a file relates to a content.

    Raises:
        EvidenceError: the file cannot be read at all.
    """
    head = read_part(file, 0, known.head_length)
    if len(head) == known.head_length and digest(head) != known.head:
        return Match.OTHER
    if len(head) < known.head_length or (file.length or known.offset) < known.offset:
        return Match.SHORTER
    if file.compression == NONE:
        return _verdict(known, _before(file, known.offset), (file.length or 0) - known.offset)
    before = b""
    at = 0
    for data in _readable(file):
        wanted = known.offset - at
        if wanted > 0:
            before = (before + data[:wanted])[-WINDOW:]
        at += len(data)
        if at > known.offset:
            break
    return Match.SHORTER if at < known.offset else _verdict(known, before, at - known.offset)


def _verdict(known: Fingerprint, before: bytes, more: int) -> Match:
    if digest(before) != known.tail:
        return Match.OTHER
    if not more:
        return Match.SAME
    return Match.GROWN if known.at_line_end else Match.OTHER


class Relation(Enum):
    """How the contents of two files relate: which one is a beginning of the other."""

    EQUAL = "equal"
    FIRST_IS_SHORTER = "first is shorter"
    SECOND_IS_SHORTER = "second is shorter"
    DISTINCT = "distinct"


def relate(first: LogFile, second: LogFile) -> Relation:
    """Compare two contents, byte by byte, up to the first difference.

    What cannot be read counts as the end.
    """
    left = _readable(first)
    right = _readable(second)
    a = b = b""
    while True:
        a = a or next(left, b"")
        b = b or next(right, b"")
        if not (a and b):
            break
        common = min(len(a), len(b))
        if a[:common] != b[:common]:
            return Relation.DISTINCT
        a, b = a[common:], b[common:]
    if a:
        return Relation.SECOND_IS_SHORTER
    return Relation.FIRST_IS_SHORTER if b else Relation.EQUAL


def add_counts(earlier: LineCounts, later: LineCounts) -> LineCounts:
    """The counts of a content that was read in two steps.

    A line without end that the first step left is counted by the second one.
    """
    noise = dict(earlier.noise)
    for reason, count in later.noise:
        noise[reason] = noise.get(reason, 0) + count
    return LineCounts(
        lines=earlier.lines - earlier.unfinished + later.lines,
        parsed=earlier.parsed + later.parsed,
        header=earlier.header + later.header,
        noise=tuple(sorted(noise.items())),
        rejected=earlier.rejected + later.rejected,
        unfinished=later.unfinished,
    )


def sum_counts(all_counts: Iterable[LineCounts]) -> LineCounts:
    """The counts of several contents together."""
    total = NO_LINES
    for counts in all_counts:
        joined = add_counts(total, counts)
        total = LineCounts(
            lines=total.lines + counts.lines,
            parsed=joined.parsed,
            header=joined.header,
            noise=joined.noise,
            rejected=joined.rejected,
            unfinished=total.unfinished + counts.unfinished,
        )
    return total
