"""What the rows of each question mean: observations for analysis, rules and reports."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from rctango.addresses import Address
from rctango.errors import AddressError
from rctango.model.observation import (
    LoggedAnswer,
    LogPeriod,
    ProxiedUsage,
    SendFailure,
    SourceProfile,
    Traffic,
    Usage,
)
from rctango.traffic.queries import Question
from rctango.traffic.schema import (
    SESSION_COLUMNS,
    ProxiedClient,
    Recipients,
    Replies,
    SessionFacts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rctango.model.origin import Origin
    from rctango.traffic.engines import Engine
    from rctango.traffic.queries import Asked

_T = TypeVar("_T")
_ADDRESSES = {"address": "client", "local_address": "local", "remote_address": "remote"}
"""The fields that no text has a column for, and the column that each is read from."""
_NESTED: dict[str, type[Any]] = {
    "recipients": Recipients,
    "replies": Replies,
    "proxied": ProxiedClient,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTotals:
    """What there is of one kind of log of one server.

    Attributes:
        log, role, server: as in ``Usage``.
        sessions: sessions logged.
        rows: their rows.
        messages: messages accepted.
        without_start: sessions whose first row was not read.
        without_end: sessions without a disconnect row.
        without_connector: sessions that no connector answered.
        first_seen: the first row (UTC).
        last_seen: the last row (UTC).
    """

    log: str
    role: str | None
    server: str | None
    sessions: int
    rows: int
    messages: int
    without_start: int
    without_end: int
    without_connector: int
    first_seen: datetime
    last_seen: datetime


def traffic(
    engine: Engine, asked: Asked, *, incomplete: tuple[str, ...], origin: Origin
) -> Traffic:
    """Everything that the logs show.

    Args:
        engine: what holds the session facts.
        asked: which part of it.
        incomplete: why it may say too little.
        origin: where it was read.
    """
    return Traffic(
        usage=usage(engine, asked),
        sources=sources(engine, asked),
        answers=answers(engine, asked),
        periods=periods(engine, asked),
        proxied=proxied(engine, asked),
        send_failures=send_failures(engine, asked),
        incomplete=incomplete,
        origin=origin,
    )


def usage(engine: Engine, asked: Asked) -> tuple[Usage, ...]:
    """What each client did on each connector."""
    return tuple(
        Usage(
            **{
                **values,
                "foreign_domains": tuple(one["domain"] for one in values["foreign_domains"] or ()),
                "ehlo_names": tuple(values["ehlo_names"] or ()),
            }
        )
        for values in _values(engine, Question.USAGE, asked, Usage)
    )


def sources(engine: Engine, asked: Asked) -> tuple[SourceProfile, ...]:
    """How each remote address behaves at each listener."""
    return _plain(engine, Question.SOURCES, asked, SourceProfile)


def answers(engine: Engine, asked: Asked) -> tuple[LoggedAnswer, ...]:
    """Which connector answered each remote address at each local endpoint."""
    return _plain(engine, Question.ANSWERS, asked, LoggedAnswer)


def unanswered(engine: Engine, asked: Asked) -> tuple[LoggedAnswer, ...]:
    """The same for the sessions that no connector answered."""
    return _plain(engine, Question.UNANSWERED, asked, LoggedAnswer)


def periods(engine: Engine, asked: Asked) -> tuple[LogPeriod, ...]:
    """When the sessions of each connector were logged."""
    return tuple(
        LogPeriod(
            **{
                **values,
                "days": tuple(values["days"] or ()),
                "ports": tuple(values["ports"] or ()),
            }
        )
        for values in _values(engine, Question.PERIODS, asked, LogPeriod)
    )


def proxied(engine: Engine, asked: Asked) -> tuple[ProxiedUsage, ...]:
    """What Hub logs say about the clients of Front Ends."""
    return _plain(engine, Question.PROXIED, asked, ProxiedUsage)


def send_failures(engine: Engine, asked: Asked) -> tuple[SendFailure, ...]:
    """The sessions of send logs that were refused."""
    return _plain(engine, Question.SEND_FAILURES, asked, SendFailure)


def totals(engine: Engine, asked: Asked) -> tuple[LogTotals, ...]:
    """What there is of each kind of log of each server."""
    return _plain(engine, Question.TOTALS, asked, LogTotals)


def find_sessions(engine: Engine, asked: Asked) -> tuple[SessionFacts, ...]:
    """The sessions with the session-id ``asked.session``: one server uses it once."""
    return tuple(_session(row) for row in engine.rows(Question.SESSIONS, asked))


def _session(row: tuple[Any, ...]) -> SessionFacts:
    values: dict[str, Any] = dict(zip(SESSION_COLUMNS, row, strict=True))
    for name, kind in _NESTED.items():
        values[name] = [kind(**one) for one in values[name]]
    return SessionFacts(**values)


def _plain(engine: Engine, question: Question, asked: Asked, kind: type[_T]) -> tuple[_T, ...]:
    return tuple(kind(**values) for values in _values(engine, question, asked, kind))


def _values(
    engine: Engine, question: Question, asked: Asked, kind: type[Any]
) -> Iterator[dict[str, Any]]:
    """The fields of ``kind``: the columns of the text in order, and addresses read from them."""
    names = [field.name for field in fields(kind)]
    columns = [name for name in names if name not in _ADDRESSES]
    derived = [(name, _ADDRESSES[name]) for name in names if name in _ADDRESSES]
    for row in engine.rows(question, asked):
        values: dict[str, Any] = dict(zip(columns, row, strict=True))
        for name, column in derived:
            values[name] = address_of(values[column])
        yield values


@lru_cache(maxsize=1 << 16)
def address_of(text: str) -> Address | None:
    """A logged address; None when it is none, as in masked logs (``x.x.x.x``)."""
    try:
        return Address.parse(text)
    except AddressError:
        return None
