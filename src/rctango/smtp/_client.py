"""Whose turn it is, and what the peer's bytes mean at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from rctango.errors import RctangoError
from rctango.model.probing import EhloOffer, RemoteErrorKind, RemoteFault, SmtpReply
from rctango.smtp._replies import MOST_LINES, ReplyReader, too_long

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.smtp._commands import Command


class LocalProtocolError(RctangoError):
    """This side wanted something that the protocol does not allow now; never a peer's fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyContinued:
    """One more line of the reply to EHLO, after a line that looked like its last.

    Some devices put a blank where the dash belongs. Only this reply is read so, and only until the
    next command.
    """

    reply: SmtpReply


Event = SmtpReply | ReplyContinued | RemoteFault


class _Turn(Enum):
    THEIRS = auto()
    OURS = auto()
    OURS_MESSAGE = auto()
    OURS_TLS = auto()
    NOBODYS = auto()
    FAULTY = auto()


PLAIN_TEXT_AFTER_STARTTLS = "plain text after the reply to STARTTLS (RFC 3207 section 6)"
"""The detail of the fault of a peer, or of somebody between, that adds to the reply to STARTTLS.

Source: https://www.cve.org/CVERecord?id=CVE-2011-0411, the same fault at the server's side.
"""

_CONTINUED = b"250"
_GOING_AWAY = b"421"


class SmtpClient:
    """One session at the client's side. It begins with the peer's turn, the greeting.

    A fault is the last event: after it nothing is read and nothing may be sent.
    """

    def __init__(self) -> None:
        self._reader = ReplyReader()
        self._turn = _Turn.THEIRS
        self._verb = ""
        self._more = 0

    @property
    def is_waiting(self) -> bool:
        """Whether a reply is outstanding."""
        return self._turn is _Turn.THEIRS

    @property
    def may_send(self) -> bool:
        """Whether a command may be sent now."""
        return self._turn is _Turn.OURS

    @property
    def has_failed(self) -> bool:
        """Whether a fault has ended the session."""
        return self._turn is _Turn.FAULTY

    @property
    def held(self) -> int:
        """How many bytes of the peer are held."""
        return self._reader.held

    def send(self, command: Command) -> bytes:
        """The bytes of a command.

        Raises:
            LocalProtocolError: a reply is outstanding, TLS has to begin, or the session is over.
        """
        self._expect(_Turn.OURS, command.verb)
        self._verb = command.verb
        self._turn = _Turn.THEIRS
        return command.wire

    def send_message(self, data: bytes) -> bytes:
        """The bytes of a message that ``message`` composed, after a 354 to DATA.

        Raises:
            LocalProtocolError: the peer has not asked for a message.
        """
        self._expect(_Turn.OURS_MESSAGE, "a message")
        self._verb = "."
        self._turn = _Turn.THEIRS
        return data

    def tls_begun(self) -> None:
        """Go on inside TLS: everything that was known of the peer's offer is void.

        Source: RFC 3207 section 4.2.

        Raises:
            LocalProtocolError: the peer has not agreed to STARTTLS.
        """
        self._expect(_Turn.OURS_TLS, "TLS")
        self._verb = "STARTTLS"
        self._turn = _Turn.OURS

    def receive(self, data: bytes) -> list[Event]:
        """What the peer's bytes mean; no bytes are the end of the stream."""
        if self.has_failed:
            return []
        if not data:
            return self._end()
        events: list[Event] = []
        begin = 0
        while begin < len(data) and not self.has_failed:
            end = data.find(b"\n", begin) + 1 or len(data)
            event = self._take(data[begin:end])
            if event is not None:
                events.append(event)
            begin = end
        return events

    def _expect(self, turn: _Turn, what: str) -> None:
        if self._turn is not turn:
            raise LocalProtocolError(f"{what} cannot be sent now: {self._turn.name}")

    def _end(self) -> list[Event]:
        was_over = self._turn is _Turn.NOBODYS
        fault = self._fail(RemoteErrorKind.CLOSED, "the peer closed the connection")
        return [] if was_over else [fault]

    def _take(self, piece: bytes) -> Event | None:
        fault = self._reader.add(piece)
        if self._turn is not _Turn.THEIRS and not self._is_welcome(self._reader.start):
            return self._fail(RemoteErrorKind.UNEXPECTED_DATA, self._uninvited())
        found = fault or self._reader.finish()
        if isinstance(found, RemoteFault):
            self._turn = _Turn.FAULTY
            return found
        return None if found is None else self._replied(found)

    def _is_welcome(self, start: bytes) -> bool:
        if self._turn is not _Turn.OURS:
            return False
        may_continue = self._verb == "EHLO" and _CONTINUED.startswith(start)
        return may_continue or _GOING_AWAY.startswith(start)

    def _uninvited(self) -> str:
        if self._turn is _Turn.OURS_TLS:
            return PLAIN_TEXT_AFTER_STARTTLS
        if self._turn is _Turn.NOBODYS:
            return "data after the reply to QUIT"
        return "data that no command asked for"

    def _replied(self, reply: SmtpReply) -> Event:
        if self._turn is _Turn.THEIRS:
            self._turn = self._next(reply.code)
            return reply
        if reply.code == 421:
            return self._fail(RemoteErrorKind.REFUSED_SERVICE, reply.text[:500])
        self._more += len(reply.lines)
        if self._more > MOST_LINES:
            self._turn = _Turn.FAULTY
            return too_long(f"a reply has more than {MOST_LINES} lines")
        return ReplyContinued(reply=reply)

    def _next(self, code: int) -> _Turn:
        if self._verb == "STARTTLS" and code == 220:
            return _Turn.OURS_TLS
        if self._verb == "DATA" and code == 354:
            return _Turn.OURS_MESSAGE
        return _Turn.NOBODYS if self._verb == "QUIT" else _Turn.OURS

    def _fail(self, kind: RemoteErrorKind, detail: str) -> RemoteFault:
        self._turn = _Turn.FAULTY
        return RemoteFault(kind=kind, detail=detail)


def offer_of(reply: SmtpReply, more: Iterable[SmtpReply] = ()) -> EhloOffer:
    """What a reply to EHLO offers. Source: RFC 5321 section 4.1.1.1.

    Args:
        reply: the reply.
        more: what came as ``ReplyContinued``.
    """
    lines = [*reply.lines[1:], *(line for one in more for line in one.lines)]
    keywords = (line.strip() for line in lines)
    return EhloOffer(
        greeting=reply.lines[0].strip(), keywords=tuple(one for one in keywords if one)
    )
