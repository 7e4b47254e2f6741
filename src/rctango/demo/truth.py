"""What the logs hold, counted while they are made."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

SCHEMA = "rctango.demo-truth/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTruth:
    """One log file.

    Attributes:
        path: below the folder that was written, with slashes.
        lines: header lines and rows.
    """

    path: str
    lines: int
    rows: int
    header_lines: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageTruth:
    """What one client did at one connector.

    Attributes:
        log: ``receive`` or ``send``.
        role: ``frontend`` or ``hub``; None for a server with one transport service.
        server: what stands before the backslash; None in send logs.
        connector: the connector-id as it stands in the log, empty if there was none.
        client: the remote address without port and zone.
        messages: those that were accepted as a whole; the reply to a chunk that is not the last
            counts for none, though it begins with ``250 2.6.0`` as well.
        recipients_own: accepted ones in accepted domains.
        recipients_foreign: accepted ones in other domains.
        recipients_refused: those answered with 4xx or 5xx.
        auth_failures: ``AUTH`` that ended in 4xx or 5xx.
        tls_sessions: sessions with STARTTLS or X-ANONYMOUSTLS answered by 220.
        first_seen: the first row of the earliest session.
        last_seen: the latest row.
        days: how many dates (UTC) have a session that begins on them.
        ehlo_names: the arguments of EHLO and HELO, bad bytes replaced, in order of code points.
    """

    log: str
    role: str | None
    server: str | None
    connector: str
    client: str
    sessions: int
    messages: int
    recipients_own: int
    recipients_foreign: int
    recipients_refused: int
    auth_failures: int
    tls_sessions: int
    first_seen: str
    last_seen: str
    days: int
    ehlo_names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTruth:
    """An address and how many clients stand behind it.

    Attributes:
        kind: what it is: ``load-balancer``, ``nat``, ``scanner`` and so on.
        clients: how many sent something through it, itself included if it is one.
    """

    address: str
    kind: str
    clients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionTruth:
    """How many receive sessions the exports explain.

    Attributes:
        explained: the connector in the log is the one that the exports give, or both give none.
        unexplained: how many are not, by cause.
    """

    explained: int
    unexplained: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTruth:
    """A session that is still open when the logs end."""

    log: str
    role: str | None
    server: str
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureTruth:
    """An Exchange server that a connector for others answers.

    Attributes:
        peer: the address of the server that is answered wrongly.
        sessions: how often it tried.
    """

    server: str
    connector: str
    peer: str
    sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Everything that is known about the logs.

    Attributes:
        shared_sources: addresses that stand for several clients.
        single_sources: addresses that stand for one, however busy.
    """

    files: tuple[FileTruth, ...]
    usage: tuple[UsageTruth, ...]
    shared_sources: tuple[SourceTruth, ...]
    single_sources: tuple[SourceTruth, ...]
    selection: SelectionTruth
    empty_connector_sessions: int
    open_at_end: tuple[OpenTruth, ...]
    captured_servers: tuple[CaptureTruth, ...]

    def to_document(self) -> dict[str, Any]:
        """The truth as plain lists and dictionaries."""
        document = {"schema": SCHEMA, **asdict(self)}
        document["selection"] = {
            "explained": self.selection.explained,
            "unexplained": dict(self.selection.unexplained),
        }
        return document
