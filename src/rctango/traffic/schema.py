"""What is kept of each session: the columns of the session facts.

One row is one SMTP session of a protocol log. The scanner gives the rows as plain tuples in the
order of ``SESSION_COLUMNS``; the embedded store, Parquet files and Spark all use these columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

RECEIVE = "receive"
SEND = "send"


class Recipients(NamedTuple):
    """Recipients of one domain, as answered to RCPT.

    Attributes:
        domain: in lower case; empty for recipients without one, and for those beyond the first
            thousand domains of a session.
        accepted: answered with 2xx.
        refused: answered with 4xx or 5xx.
    """

    domain: str
    accepted: int
    refused: int


class Replies(NamedTuple):
    """Negative replies of one kind.

    Attributes:
        code: the reply code and, where there is one, the enhanced status code: ``550 5.7.54``.
        count: how many.
    """

    code: str
    count: int  # type: ignore[assignment]  # the column's name; tuple.count is not used


class ProxiedClient(NamedTuple):
    """What an XPROXYFROM command of the Front End says about the true client.

    Attributes:
        session: the session id on the Front End, 16 hexadecimal digits.
        address: the client's IP address as the Front End saw it.
        helo: the client's EHLO name.
        permissions: the mask of session rights on the Front End's connector; None when absent.
    """

    session: str
    address: str
    helo: str
    permissions: int | None


class SessionFacts(NamedTuple):
    r"""What a protocol log says about one SMTP session.

    Source of the log's format:
    https://learn.microsoft.com/exchange/mail-flow/connectors/protocol-logging

    Attributes:
        log: ``receive`` or ``send``.
        role: the service whose log it is, by the folder: ``frontend``, ``hub``, ``edge`` or
            ``mailbox``; None where the folder does not tell.
        server: the server's name, the part of ``connector`` before the backslash; None in a
            send log, which does not name it.
        connector: the connector-id, ``SERVER\\Name`` in a receive log; empty when no connector
            answered.
        session: the session-id; unique for one server only.
        local: the local IP address, without port; empty before a send session is connected.
        local_port: the local TCP port; None where it is not given.
        remote: the remote IP address, without port, brackets and zone.
        remote_port: the remote TCP port; None where it is not given.
        began: the time of the first row (UTC, without zone).
        last_seen: the time of the last row (UTC, without zone).
        started: whether the session's first row was read.
        ended: the context of the disconnect row, such as ``Local`` or
            ``Remote(ConnectionReset)``; None when no disconnect row was read.
        rows: how many rows.
        commands: how many SMTP commands.
        ehlo_names: the different arguments of EHLO and HELO, in order of appearance.
        tls: ``STARTTLS`` or ``X-ANONYMOUSTLS`` once answered with 220; else None.
        tls_protocol: such as ``SP_PROT_TLS1_2``; None where not logged.
        auth_mechanism: the mechanism of the last AUTH or X-EXPS command; None without one.
        auth_successes: AUTH and X-EXPS commands answered with 235.
        auth_failures: those answered with 4xx or 5xx.
        offers_exchange_auth: whether an EHLO reply offered X-ANONYMOUSTLS or X-EXPS; None when no
            EHLO reply was read.
        permissions: the names of the session rights of the last ``Set Session Permissions`` row;
            None where there is none.
        messages: messages accepted (2xx after the data).
        sender_domains: the different domains of MAIL FROM in lower case, in order of appearance;
            ``<>`` stands for the null reverse-path.
        recipients: per domain, in order of appearance.
        replies: the 4xx and 5xx replies, in order of appearance.
        proxied: the true clients, from the XPROXYFROM commands of a Hub log.
        first_file: the number of the file with its first row, in the ledger.
        first_offset: where that row begins, in bytes of the uncompressed file.
        last_file: the number of the file with its last row.
        last_offset: where that row begins.
    """

    log: str
    role: str | None
    server: str | None
    connector: str
    session: str
    local: str
    local_port: int | None
    remote: str
    remote_port: int | None
    began: datetime
    last_seen: datetime
    started: bool
    ended: str | None
    rows: int
    commands: int
    ehlo_names: list[str]
    tls: str | None
    tls_protocol: str | None
    auth_mechanism: str | None
    auth_successes: int
    auth_failures: int
    offers_exchange_auth: bool | None
    permissions: str | None
    messages: int
    sender_domains: list[str]
    recipients: list[Recipients]
    replies: list[Replies]
    proxied: list[ProxiedClient]
    first_file: int
    first_offset: int
    last_file: int
    last_offset: int


SESSION_COLUMNS: tuple[str, ...] = SessionFacts._fields


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedLine:
    """A line that is no row.

    Attributes:
        line: its number in the file, from 1.
        reason: why it is none.
    """

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCounts:
    """Where every line of a file went: ``lines`` is the sum of the others.

    Attributes:
        lines: all physical lines that ended.
        parsed: lines that hold a row (or, joined by mistake, several).
        header: the lines that begin with ``#``.
        noise: (reason, how many) of lines that carry nothing, such as blank ones.
        rejected: lines that should be rows and are not.
        unfinished: 1 when the last line has no end yet, so that it is left for the next read.
    """

    lines: int
    parsed: int
    header: int
    noise: tuple[tuple[str, int], ...]
    rejected: int
    unfinished: int
