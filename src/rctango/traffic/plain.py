"""What to do about plain rows, told by the first bytes from their event on.

A plain row holds no quote, and no comma but those between its columns. An action is called with
the session, the line and the place of the event in it. ``SKIP`` stands for rows that show nothing,
``SLOW`` for rows to be read in full.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rctango.traffic.rows import BLANKS
from rctango.traffic.schema import RECEIVE
from rctango.traffic.session import (
    BODY,
    DATA,
    EHLO,
    LONGEST_NAME,
    MAIL,
    OTHER,
    RCPT,
    Session,
    accepted,
    add,
    domain_of,
    offers,
    on_command,
    on_information,
    on_reply,
    shows_nothing,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Action = Callable[[Session, bytes, int], None]

KEY: Final = 7
MILLISECONDS: Final = frozenset(b"%03dZ," % number for number in range(1000))
SEQUENCES: Final = (b"\n", *(b"%d" % number for number in range(1, 4096)))
"""Sequence-numbers as they are written; row 0 begins a session and is never plain."""
_MOST_KEYS = 10_000
_MOST_DOMAINS = 20_000
_POSITIVE = re.compile(rb"2\d\d[ ,\r]")
_CONTINUED = re.compile(rb"2\d\d-")
_domains: dict[bytes, str] = {}


def SKIP(_session: Session, _line: bytes, _place: int) -> None:  # noqa: N802 - a constant action
    """A row that shows nothing."""


def SLOW(_session: Session, _line: bytes, _place: int) -> None:  # noqa: N802 - a constant action
    """A row to be read in full; never called."""


class Actions(dict[bytes, "Action"]):
    """The action for each beginning, found once and kept."""

    def __init__(self, log: str, disconnect: Action) -> None:
        """For a ``receive`` or a ``send`` log, in which the directions are exchanged.

        ``disconnect`` is the action for ``-`` rows.
        """
        self._disconnect = disconnect
        self._commands, self._replies = (b"<", b">") if log == RECEIVE else (b">", b"<")

    def __missing__(self, key: bytes) -> Action:
        """Find the action for rows that begin so."""
        if len(self) >= _MOST_KEYS:
            self.clear()
        self[key] = action = self._find(key)
        return action

    def _find(self, key: bytes) -> Action:
        event, comma, start = key[:1], key[1:2], key[2:]
        if comma != b"," or start[:1] == b'"':
            return SLOW
        if event == self._commands:
            return _COMMANDS.get(start, _command)
        if event == self._replies:
            return _reply_action(start)
        if event == b"*":
            return _information_action(start)
        return self._disconnect if event == b"-" else SLOW


def _reply_action(start: bytes) -> Action:
    if _POSITIVE.match(start):
        return _positive
    if _CONTINUED.match(start):
        return _reply if start[4:5] == b"X" else _continued
    return _go_ahead if start in {b"354 S", b"354 E"} else _reply


def _information_action(start: bytes) -> Action:
    return SKIP if shows_nothing(start) else _information


def _data(line: bytes, place: int) -> bytes:
    return line[place + 2 : line.rfind(b",")]


def _information(session: Session, line: bytes, place: int) -> None:
    data, context = line[place + 2 :].split(b",")
    on_information(session, data, context.rstrip(BLANKS))


def _command(session: Session, line: bytes, place: int) -> None:
    on_command(session, _data(line, place))


def _reply(session: Session, line: bytes, place: int) -> None:
    on_reply(session, _data(line, place))


def _rcpt(session: Session, line: bytes, place: int) -> None:
    """``RCPT TO:<user@domain>``, as most clients write it."""
    end = line.find(b">", place + 11)
    at = line.rfind(b"@", place, end)
    if not line.startswith(b"TO:<", place + 7) or at < 0:
        on_command(session, _data(line, place))
        return
    raw = line[at + 1 : end]
    session.command(RCPT, _domains.get(raw) or _domain(raw))


def _mail(session: Session, line: bytes, place: int) -> None:
    """``MAIL FROM:<user@domain>``, as most clients write it."""
    end = line.find(b">", place + 13)
    at = line.rfind(b"@", place, end)
    if not line.startswith(b"FROM:<", place + 7) or at < 0:
        on_command(session, _data(line, place))
        return
    raw = line[at + 1 : end]
    name = _domains.get(raw) or _domain(raw)
    if name not in session.senders:
        add(session.senders, name)
    session.command(MAIL)


def _domain(raw: bytes) -> str:
    """The domain in lower case; kept, because the same ones come again and again."""
    if len(_domains) >= _MOST_DOMAINS:
        _domains.clear()
    name = domain_of(b"<@" + raw + b">")
    if len(raw) <= LONGEST_NAME:
        _domains[raw] = name
    return name


def _ehlo(session: Session, line: bytes, place: int) -> None:
    add(session.names, text_of(line[place + 7 : line.rfind(b",")].strip()))
    session.command(EHLO)


def _begin_data(session: Session, _line: bytes, _place: int) -> None:
    session.command(DATA)


def _other(session: Session, _line: bytes, _place: int) -> None:
    session.command(OTHER)


_COMMANDS: dict[bytes, Action] = {
    b"RCPT ": _rcpt,
    b"MAIL ": _mail,
    b"EHLO ": _ehlo,
    b"HELO ": _ehlo,
    b"DATA,": _begin_data,
    b"QUIT,": _other,
    b"RSET,": _other,
    b"NOOP,": _other,
}


def _positive(session: Session, line: bytes, place: int) -> None:
    if session.wait == EHLO:
        if not session.exchange:
            session.exchange = offers(line)
        session.answered()
    elif session.wait:
        accepted(session, line[place + 2 : place + 5])


def _continued(session: Session, line: bytes, place: int) -> None:
    """A line of an EHLO reply that offers nothing of Exchange's own."""
    if session.exchange is None:
        on_reply(session, _data(line, place))


def _go_ahead(session: Session, _line: bytes, _place: int) -> None:
    if session.wait == DATA:
        session.wait = BODY
