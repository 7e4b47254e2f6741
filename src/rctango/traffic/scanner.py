"""From the bytes of a protocol log to session facts (the interface; filled in soon)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rctango.traffic.schema import LineCounts, RejectedLine, SessionFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session without a disconnect row, at the end of what was read.

    Attributes:
        key: what its rows in the next file are recognised by.
        state: everything needed to go on with it, as JSON.
        facts: what is known of it so far.
    """

    key: str
    state: str
    facts: SessionFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Rows of a session that began before the part that was read.

    Attributes:
        key: what the earlier part is recognised by.
        rows: (offset, row) of each, in order.
        file: the number of the file.
        ended: whether the last row is the disconnect row.
    """

    key: str
    rows: tuple[tuple[int, bytes], ...]
    file: int
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Remainder:
    """What is left when all bytes were fed.

    Attributes:
        offset: the bytes that were used up: everything up to the last line end.
        counts: where every line went.
        rejected: the first thousand rejected lines.
        open: the sessions still open.
        pieces: sessions that began earlier, to be joined by ``join``.
        too_many_pieces: whether there were too many to hold, so that the part must be scanned
            again with the earlier open sessions given.
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
        """

    def feed(self, data: bytes) -> list[SessionFacts]:
        """Take the next bytes, split anywhere; give the sessions that ended, as plain tuples."""
        raise NotImplementedError

    def close(self, *, final: bool) -> tuple[list[SessionFacts], Remainder]:
        """End the scan.

        Args:
            final: whether the file can not grow any more (archives, standard input), so that a
                last line without end is a line; else it is left for the next read.
        """
        raise NotImplementedError


def join(state: OpenSession | None, piece: Piece) -> tuple[SessionFacts, OpenSession | None]:
    """Go on with an open session (None: its beginning was never read) by the rows of a piece.

    Returns:
        The facts, and the session if it is still open.
    """
    raise NotImplementedError
