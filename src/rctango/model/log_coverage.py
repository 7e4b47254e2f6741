"""What a set of logs can tell, and where it is silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayGap:
    """Days (UTC) without a session, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSpan:
    """The time that a server's log, or one connector in it, covers.

    Attributes:
        log, role, server: as in ``Usage``.
        connector: the connector-id; None for all connectors together.
        sessions: sessions logged.
        first_seen: the first row (UTC).
        last_seen: the last row (UTC).
        days: how many days had a session.
        gaps: runs of days between the first and the last that had none.
    """

    log: str
    role: str | None
    server: str | None
    connector: str | None
    sessions: int
    first_seen: datetime
    last_seen: datetime
    days: int
    gaps: tuple[DayGap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenConnector:
    r"""An enabled connector of the evidence that no log names.

    Attributes:
        connector: ``SERVER\\Name``.
        verbose: whether its protocol logging is on; None when that was not collected.
        why: what that means.
    """

    connector: str
    verbose: bool | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnloggedTraffic:
    r"""Traffic of a connector that writes no log, as other logs give it away.

    Attributes:
        connector: ``SERVER\\Name``.
        sessions: how many sessions were seen elsewhere.
        clients: from whom, most sessions first.
        first_seen: the first time (UTC).
        last_seen: the last time (UTC).
        shown_by: which log shows it.
    """

    connector: str
    sessions: int
    clients: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    shown_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Sessions with an empty connector-id: no connector answered.

    Attributes:
        server: the server's name as logged, None where the log does not tell.
        local: the local address as logged.
        clients: from whom, most sessions first.
    """

    server: str | None
    local: str
    port: int | None
    sessions: int
    clients: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCoverage:
    """What the logs cover. What needs evidence is None when there was no evidence.

    Attributes:
        servers: per log, role and server.
        connectors: per connector.
        unseen: enabled connectors of the evidence that no receive log names.
        unlogged: connectors without logging whose traffic other logs give away.
        hub_only: servers with a Front End of which there are Hub logs only.
        unanswered: sessions that no connector answered.
        silent_servers: servers of the evidence without any receive log.
        unknown_servers: servers in the logs that are not in the evidence.
        incomplete: files or lines that could not be read.
    """

    servers: tuple[LoggedSpan, ...]
    connectors: tuple[LoggedSpan, ...]
    unseen: tuple[UnseenConnector, ...] | None
    unlogged: tuple[UnloggedTraffic, ...] | None
    hub_only: tuple[str, ...]
    unanswered: tuple[Unanswered, ...]
    silent_servers: tuple[str, ...] | None
    unknown_servers: tuple[str, ...] | None
    incomplete: tuple[str, ...]
