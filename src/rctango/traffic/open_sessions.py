"""The sessions that are open while a log is scanned, and the pieces of sessions begun earlier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rctango.traffic.rows import Row, read_rows
from rctango.traffic.schema import RECEIVE, SEND
from rctango.traffic.session import (
    Session,
    facts,
    on_command,
    on_disconnect,
    on_information,
    on_reply,
    restore,
    save,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rctango.traffic.schema import SessionFacts

MOST_OPEN: Final = 200_000
MOST_PIECES: Final = 4 << 20  # bytes


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
        log: ``receive`` or ``send``.
        role: the service whose log it is; None where unknown.
        file: the number of the file.
        ended: whether the last row is the disconnect row.
    """

    key: str
    rows: tuple[tuple[int, bytes], ...]
    log: str
    role: str | None
    file: int
    ended: bool


def take(session: Session, row: Row, at: int) -> None:
    """Let a session go on by one row that begins at ``at``."""
    session.rows += 1
    session.sequence = row.sequence
    session.last = row.time
    session.at = at
    if not session.began:
        session.began = row.time
    if row.local:
        session.local = row.local
    event(session, row.event, row.data, row.context)


def event(session: Session, kind: bytes, data: bytes, context: bytes) -> None:
    """What the last three columns of a row say."""
    commands = b"<" if session.log == RECEIVE else b">"
    if kind == commands:
        on_command(session, data)
    elif kind in b"<>":
        on_reply(session, data)
    elif kind == b"*":
        on_information(session, data, context)
    elif kind == b"-":
        on_disconnect(session, context)


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")


def _key(connector: bytes, session: bytes, remote: bytes) -> bytes:
    """What a session is recognised by: a session-id alone may be all zeros."""
    return b"%b|%b|%b" % (connector.replace(b"|", b"!"), session, remote.replace(b"|", b"!"))


def _begin(row: Row, *, log: str, role: str | None, file: int) -> Session:
    """A session by the first of its rows that was read."""
    session = Session(log=RECEIVE if b"\\" in row.connector else log, role=role, file=file)
    session.connector = row.connector
    session.session = row.session
    session.remote = row.remote
    session.local = row.local
    return session


class Sessions:
    """The open sessions of one file.

    Attributes:
        ended: the facts of the sessions that have ended.
    """

    def __init__(
        self, *, file: int, log: str, role: str | None, carried: Sequence[OpenSession] | None
    ) -> None:
        """Begin with the sessions that were open before; None when these are not known."""
        self.ended: list[SessionFacts] = []
        self._file = file
        self._log = log
        self._role = role
        self._keeps_pieces = carried is None
        self._open: dict[bytes, Session] = {}
        self._ids: dict[bytes, int] = {}
        self._pieces: list[Piece] = []
        self._pieces_size = 0
        for one in carried or ():
            self._put(restore(one.state))

    def holds(self, identity: bytes) -> bool:
        """Whether a session with this session-id is open."""
        return identity in self._ids

    def _put(self, session: Session) -> None:
        if session.key not in self._open:
            self._ids[session.session] = self._ids.get(session.session, 0) + 1
        self._open[session.key] = session

    def row(self, row: Row, at: int) -> None:
        """A row that was read in full."""
        key = _key(row.connector, row.session, row.remote)
        session = self._open.get(key)
        if session is None or _begins_anew(session, row):
            session = self._start(session, key, row)
        if session.piece is not None:
            self._keep(session, row, at)
            return
        if session.began == b"":
            session.first_at = at
        session.file = self._file
        take(session, row, at)
        if row.event == b"-":
            self._close(session)

    def _start(self, before: Session | None, key: bytes, row: Row) -> Session:
        if before is not None:
            self._close(before)
        session = _begin(row, log=self._log, role=self._role, file=self._file)
        session.key = key
        session.started = _is_first(session, row)
        if not session.started and self._keeps_pieces:
            session.piece = []
        if len(self._open) >= MOST_OPEN:
            self._close(next(iter(self._open.values())))
        self._put(session)
        return session

    def _keep(self, session: Session, row: Row, at: int) -> None:
        """Keep a row of a session that began earlier."""
        assert session.piece is not None  # noqa: S101 - told by the only caller
        if self._pieces_size <= MOST_PIECES:
            line = write_row(row)
            session.piece.append((at, line))
            self._pieces_size += len(line) + 100
        else:
            session.piece.clear()
        if row.event == b"-":
            session.ended = ""
            self._close(session)

    def _close(self, session: Session) -> None:
        del self._open[session.key]
        left = self._ids.pop(session.session) - 1
        if left:
            self._ids[session.session] = left
        if session.piece is not None:
            self._pieces.append(_piece(session))
        else:
            self.ended.append(facts(session))

    def left(self) -> tuple[tuple[OpenSession, ...], tuple[Piece, ...], bool]:
        """The open sessions, the pieces, and whether there were too many pieces to hold."""
        unfinished = [one for one in self._open.values() if one.piece is not None]
        for one in unfinished:
            self._close(one)
        still_open = tuple(_saved(one) for one in self._open.values())
        too_many = self._pieces_size > MOST_PIECES
        return still_open, () if too_many else tuple(self._pieces), too_many


def _is_first(session: Session, row: Row) -> bool:
    """Whether a session begins with this row: by ``+``, which in a send log comes later."""
    return row.sequence == 0 or (row.event == b"+" and session.log != SEND)


def _begins_anew(session: Session, row: Row) -> bool:
    """Whether a row is the first of another session with the same key.

    Row 0 may stand twice in a row.
    """
    if session.log == RECEIVE and row.event == b"+":
        return True
    return row.sequence == 0 and session.sequence > 0


def _saved(session: Session) -> OpenSession:
    return OpenSession(key=_text(session.key), facts=facts(session), state=save(session))


def _piece(session: Session) -> Piece:
    assert session.piece is not None  # noqa: S101 - told by the callers
    return Piece(
        key=_text(session.key),
        rows=tuple(session.piece),
        log=session.log,
        role=session.role,
        file=session.file,
        ended=session.ended is not None,
    )


def write_row(row: Row) -> bytes:
    """A row as Exchange writes it."""
    before = (row.time, row.connector, row.session, b"%d" % row.sequence)
    after = (row.local, row.remote, row.event, row.data, row.context)
    return b",".join(_quoted(part) for part in (*before, *after))


def _quoted(text: bytes) -> bytes:
    if b"," in text or b'"' in text:
        return b'"%b"' % text.replace(b'"', b'""')
    return text


def join(before: OpenSession | None, piece: Piece) -> tuple[SessionFacts, OpenSession | None]:
    """Go on with an open session by the rows of a piece.

    Args:
        before: the session; None when its beginning was never read.
        piece: rows with the same key.

    Returns:
        The facts, and the session if it is still open.

    Raises:
        ValueError: the session's state was not written by this version.
    """
    session = None if before is None else restore(before.state)
    for at, line in piece.rows:
        row = read_rows(line)[0]
        if session is None:
            session = _begin(row, log=piece.log, role=piece.role, file=piece.file)
            session.key = piece.key.encode("latin-1")
            session.first_at = at
        session.file = piece.file
        take(session, row, at)
    if session is None:
        raise ValueError("a piece without rows")
    if piece.ended:
        return facts(session), None
    open_session = _saved(session)
    return open_session.facts, open_session
