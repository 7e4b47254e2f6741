"""The course of a session, told by the symbols of its rows, and what it comes to.

Most sessions of a log take one of a few hundred courses. Each is gone through once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from rctango.traffic.schema import Replies
from rctango.traffic.session import RCPT, Session, on_reply, tally
from rctango.traffic.symbols import Symbols

if TYPE_CHECKING:
    from rctango.traffic.symbols import Step

_MOST_KEPT: Final = 3000
_MOST_BYTES: Final = 1 << 19  # of courses that are kept; what they come to takes far more
UNANSWERED, ACCEPTED, REFUSED = range(3)


class Course(NamedTuple):
    """What the rows of a session come to, whoever takes part in it.

    Attributes:
        commands, tls, tls_protocol, auth_mechanism, auth_successes, auth_failures,
        offers_exchange_auth, permissions, messages, replies, ended: as in ``SessionFacts``.
        answers: what came of each RCPT command: UNANSWERED, ACCEPTED or REFUSED.
    """

    commands: int
    tls: str | None
    tls_protocol: str | None
    auth_mechanism: str | None
    auth_successes: int
    auth_failures: int
    offers_exchange_auth: bool | None
    permissions: str | None
    messages: int
    replies: list[Replies]
    ended: str | None
    answers: bytes


class Courses:
    """The courses that sessions of one log have taken.

    Attributes:
        symbols: what they are told by.
    """

    def __init__(self, log: str) -> None:
        self.symbols = Symbols(log)
        self._log = log
        self._known: dict[bytes, Course] = {}
        self._size = 0

    def forget(self) -> None:
        """Begin anew, with other symbols."""
        self.symbols = Symbols(self._log)
        self._clear()

    def _clear(self) -> None:
        self._known.clear()
        self._size = 0

    def of(self, course: bytes) -> Course:
        """What a course comes to.

        Args:
            course: the symbols of its rows, 16 bits each.
        """
        known = self._known.get(course)
        if known is None:
            known = self._go(np.frombuffer(course, np.uint16).tolist())
            if len(self._known) >= _MOST_KEPT or self._size > _MOST_BYTES:
                self._clear()
            self._known[course] = known
            self._size += len(course)
        return known

    def _go(self, symbols: list[int]) -> Course:
        session = Session(log=self._log, role=None, file=0)
        steps = self.symbols.steps
        recipients = 0
        for symbol in symbols:
            step = steps[symbol]
            if step.command is None:
                _take(session, step)
                continue
            if step.auth is not None:
                session.auth = step.auth
            session.command(step.command, str(recipients))
            recipients += step.command == RCPT
        return _course(session, recipients)


def _take(session: Session, step: Step) -> None:
    """Let a session go on by a row that is no command."""
    if step.reply:
        on_reply(session, step.reply)
    elif step.failure:
        tally(session.refusals, step.failure)
    if step.permissions is not None:
        session.permissions = step.permissions
    if step.protocol is not None:
        session.protocol = step.protocol
    if step.ended is not None:
        session.ended = step.ended


def _course(session: Session, recipients: int) -> Course:
    counted = session.rcpt
    return Course(
        commands=session.commands,
        tls=session.tls,
        tls_protocol=session.protocol,
        auth_mechanism=session.auth,
        auth_successes=session.auth_ok,
        auth_failures=session.auth_bad,
        offers_exchange_auth=session.exchange,
        permissions=session.permissions,
        messages=session.messages,
        replies=[Replies(code, number) for code, number in session.refusals.items()],
        ended=session.ended,
        answers=bytes(_answer(counted.get(str(place), 0)) for place in range(recipients)),
    )


def _answer(counted: int) -> int:
    if not counted:
        return UNANSWERED
    return ACCEPTED if counted == 1 else REFUSED
