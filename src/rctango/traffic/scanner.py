"""From the bytes of a protocol log to session facts, line by line.

``columnar.ColumnScanner`` gives the same facts much faster, and leaves to this one what it cannot
take; the tests compare them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rctango.traffic.open_sessions import (
    OpenSession,
    Piece,
    Sessions,
    join,
)
from rctango.traffic.rows import TOO_LONG, BadLineError, is_header, noise, read_rows
from rctango.traffic.schema import LineCounts, RejectedLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rctango.traffic.rows import Row
    from rctango.traffic.schema import SessionFacts

__all__ = ["OpenSession", "Piece", "Remainder", "Scanner", "join"]

LONGEST_LINE: Final = 16 << 20
MOST_REJECTED: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Remainder:
    """What is left when all bytes were fed.

    Attributes:
        offset: where in the file the next read begins: after the last line end.
        counts: where every line went.
        rejected: the first thousand rejected lines.
        open: the sessions still open.
        pieces: sessions that began earlier, to be joined by ``join``.
        too_many_pieces: whether there were too many to hold, so that the part must be scanned
            again with the earlier open sessions given; nothing else of this scan then counts.
    """

    offset: int
    counts: LineCounts
    rejected: tuple[RejectedLine, ...]
    open: tuple[OpenSession, ...]
    pieces: tuple[Piece, ...]
    too_many_pieces: bool


class Scanner:
    """Scans one log file, block by block: bytes in, facts out."""

    def __init__(
        self,
        *,
        file: int,
        log: str,
        role: str | None,
        offset: int = 0,
        line: int = 1,
        carried: Sequence[OpenSession] | None = None,
    ) -> None:
        """Begin a scan.

        Args:
            file: the file's number in the ledger.
            log: ``receive`` or ``send``.
            role: the service whose log it is; None where unknown.
            offset: where in the file the first byte to come lies.
            line: the number of the line it begins.
            carried: the sessions open before; with None (unknown) rows of sessions that began
                earlier are kept as pieces, with a sequence they are joined or taken as they are.

        Raises:
            ValueError: the state of a carried session was not written by this version.
        """
        self._offset = offset
        self._rest: list[bytes] = []
        self._held = 0
        self._tally = _Tally(line)
        self._sessions = Sessions(file=file, log=log, role=role, carried=carried)

    def feed(self, data: bytes) -> list[SessionFacts]:
        """Take the next bytes, split anywhere; give the sessions that ended, as plain tuples."""
        end = data.rfind(b"\n") + 1
        if end:
            self._complete(memoryview(data)[:end])
        if end < len(data):
            self._hold(data[end:])
        ended, self._sessions.ended = self._sessions.ended, []
        return ended

    def _complete(self, block: bytes | memoryview) -> None:
        """Take bytes that end with a line end; their first line may have begun before."""
        if self._held > LONGEST_LINE:
            block = bytes(block)
            start = block.index(b"\n") + 1
            self._offset += self._held + start
            self._tally.reject(self._tally.lines, TOO_LONG)
            self._tally.lines += 1
            block = block[start:]
        parts = [*self._rest, block]
        self._rest.clear()
        self._held = 0
        if any(parts):
            self._scan(parts)

    def _hold(self, data: bytes) -> None:
        """Keep the beginning of a line, unless it grows beyond all measure."""
        self._held += len(data)
        if self._held > LONGEST_LINE:
            self._rest.clear()
        else:
            self._rest.append(data)

    def _scan(self, parts: list[bytes | memoryview]) -> None:
        """Read the lines of a block, which is given in parts and ends with a line end."""
        lines = b"".join(parts).split(b"\n")
        lines.pop()
        at = self._offset
        for index, line in enumerate(lines):
            for row in self._rows(line, index):
                self._sessions.row(row, at)
            at += len(line) + 1
        self._offset = at
        self._tally.lines += len(lines)

    def _rows(self, line: bytes, index: int) -> list[Row]:
        """The rows of a line of the block, which is counted."""
        tally = self._tally
        if is_header(line):
            tally.header += 1
            return []
        reason = noise(line)
        if reason is not None:
            tally.noise[reason] = tally.noise.get(reason, 0) + 1
            return []
        try:
            return read_rows(line)
        except BadLineError as error:
            tally.reject(tally.lines + index, error.reason)
            return []

    def close(self, *, final: bool) -> tuple[list[SessionFacts], Remainder]:
        """End the scan.

        Args:
            final: whether the file can not grow any more (archives, standard input), so that a
                last line without end is a line; else it is left for the next read.

        Returns:
            The sessions that ended with the last line, and what is left.
        """
        unfinished = 0
        if self._held and final:
            self._complete(b"\n")
            self._offset -= 1
        elif self._held:
            unfinished = 1
        still_open, pieces, too_many = self._sessions.left()
        ended, self._sessions.ended = self._sessions.ended, []
        return ended, Remainder(
            offset=self._offset,
            counts=self._tally.counts(unfinished),
            rejected=tuple(self._tally.listed),
            open=still_open,
            pieces=pieces,
            too_many_pieces=too_many,
        )


class _Tally:
    """Counts lines."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.lines = self.header = self.rejected = 0
        self.noise: dict[str, int] = {}
        self.listed: list[RejectedLine] = []

    def reject(self, index: int, reason: str) -> None:
        self.rejected += 1
        if len(self.listed) < MOST_REJECTED:
            self.listed.append(RejectedLine(line=self.first + index, reason=reason))

    def counts(self, unfinished: int) -> LineCounts:
        other = self.header + self.rejected + sum(self.noise.values())
        return LineCounts(
            lines=self.lines + unfinished,
            parsed=self.lines - other,
            header=self.header,
            noise=tuple(sorted(self.noise.items())),
            rejected=self.rejected,
            unfinished=unfinished,
        )
