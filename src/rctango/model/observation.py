"""What logs showed: the observations that analysis and rules judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from rctango.addresses import Address
    from rctango.model.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    r"""What one client did on one connector, by the protocol logs.

    Attributes:
        log: ``receive`` or ``send``.
        role: ``frontend``, ``hub``, ``edge`` or ``mailbox``; None when the folder did not tell.
        server: the server's name as logged; None in a send log.
        connector: the connector-id, ``SERVER\\Name`` in a receive log; empty when none answered.
        client: the remote address as logged, without port and zone.
        address: the same as an address; None when it cannot be read (masked logs).
        sessions: SMTP sessions.
        messages: messages accepted.
        recipients_own: recipients accepted in accepted domains; None when these are not known.
        recipients_foreign: recipients accepted in other domains: relay that really happened.
        recipients_accepted: all recipients accepted.
        recipients_refused: recipients refused with 4xx or 5xx.
        foreign_domains: the domains of ``recipients_foreign``, most used first, at most ten.
        auth_successes: AUTH commands that succeeded.
        auth_failures: AUTH commands that failed.
        tls_sessions: sessions with STARTTLS or X-ANONYMOUSTLS.
        first_seen: the first row (UTC).
        last_seen: the last row (UTC).
        days: different days (UTC) on which sessions began.
        ehlo_names: the different EHLO names in order, at most twenty.
        ehlo_name_count: how many different ones there are.
        sender_domain_count: how many different sender domains there are.
        without_exchange_auth: sessions with an EHLO reply that offered neither X-ANONYMOUSTLS nor
            X-EXPS; 0 also where that was not counted.
    """

    log: str
    role: str | None
    server: str | None
    connector: str
    client: str
    address: Address | None
    sessions: int
    messages: int
    recipients_own: int | None
    recipients_foreign: int | None
    recipients_accepted: int
    recipients_refused: int
    foreign_domains: tuple[str, ...]
    auth_successes: int
    auth_failures: int
    tls_sessions: int
    first_seen: datetime
    last_seen: datetime
    days: int
    ehlo_names: tuple[str, ...]
    ehlo_name_count: int
    sender_domain_count: int
    without_exchange_auth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProfile:
    """How one remote address behaves at one listener, for judging whether it stands for many.

    Attributes:
        server: the server's name as logged.
        local: the local address as logged.
        port: the local TCP port; None where it is not given.
        client: the remote address as logged.
        address: the same as an address; None when it cannot be read.
        sessions: its sessions at this listener.
        listener_sessions: all sessions at this listener.
        listener_clients: how many remote addresses this listener has seen.
        idle_sessions: sessions without one command, as health checks make.
        idle_interval: the median time between the beginnings of such sessions, in seconds; None
            with fewer than three.
        idle_regularity: the share of those intervals within a tenth of the median, 0 to 1; None
            with fewer than three.
        limit_refusals: 421 replies, as connection limits per source give.
        messages: messages accepted.
        ehlo_names: how many different EHLO names.
        common_ehlo_share: the share of its sessions with a name that use the commonest name.
        sender_domains: how many different sender domains.
        common_sender_share: the share of its sessions with a sender that use the commonest domain.
        days: different days on which sessions began.
    """

    server: str | None
    local: str
    port: int | None
    client: str
    address: Address | None
    sessions: int
    listener_sessions: int
    listener_clients: int
    idle_sessions: int
    idle_interval: float | None
    idle_regularity: float | None
    limit_refusals: int
    messages: int
    ehlo_names: int
    common_ehlo_share: float
    sender_domains: int
    common_sender_share: float
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAnswer:
    r"""Which connector answered one remote address at one local endpoint, by the receive logs.

    Attributes:
        connector: the connector-id; empty when none answered.
        role: as in ``Usage``.
        sessions: how often.
        first_seen: the first time (UTC).
        last_seen: the last time (UTC).
        example: a session-id, for looking at one.
    """

    server: str | None
    role: str | None
    local: str
    port: int | None
    client: str
    address: Address | None
    connector: str
    sessions: int
    first_seen: datetime
    last_seen: datetime
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPeriod:
    """When one connector's sessions were logged.

    Attributes:
        log, role, server, connector: as in ``Usage``.
        sessions: sessions logged.
        first_seen: the first row (UTC).
        last_seen: the last row (UTC).
        days: every day (UTC) with a session, in order.
        proxied: sessions with an XPROXYFROM command: what only a Hub log holds.
        ports: the local TCP ports seen.
    """

    log: str
    role: str | None
    server: str | None
    connector: str
    sessions: int
    first_seen: datetime
    last_seen: datetime
    days: tuple[date, ...]
    proxied: int
    ports: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxiedUsage:
    """What Hub logs say about clients of a Front End, from XPROXYFROM.

    Attributes:
        server: the Hub's server.
        client: the true client's address as logged.
        permissions: the mask of session rights the Front End's connector gave; None if absent.
        sessions: how many.
        first_seen: the first time (UTC).
        last_seen: the last time (UTC).
    """

    server: str | None
    client: str
    address: Address | None
    permissions: int | None
    sessions: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFailure:
    """Sessions of a send log that were refused, by target and reply.

    Attributes:
        connector: the send connector's name.
        ehlo_name: the name the sending server gave; the sender's FQDN as a rule.
        local: the sender's address, empty where never connected.
        remote: the target's address.
        reply: the code, such as ``451 5.7.3``.
        sessions: how many sessions.
        offers_exchange_auth: whether the target offered X-ANONYMOUSTLS or X-EXPS; None: not seen.
    """

    connector: str
    ehlo_name: str
    local: str
    local_address: Address | None
    remote: str
    remote_address: Address | None
    reply: str
    sessions: int
    offers_exchange_auth: bool | None
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Everything that the logs showed.

    Attributes:
        usage: per connector and client.
        sources: per listener and remote address.
        answers: per listener, remote address and connector.
        periods: per connector.
        proxied: true clients behind Front Ends.
        send_failures: refused sessions of send logs.
        incomplete: why the logs may say too little: files or lines that could not be read.
        origin: where it was read: the log paths or the store.
    """

    usage: tuple[Usage, ...]
    sources: tuple[SourceProfile, ...]
    answers: tuple[LoggedAnswer, ...]
    periods: tuple[LogPeriod, ...]
    proxied: tuple[ProxiedUsage, ...]
    send_failures: tuple[SendFailure, ...]
    incomplete: tuple[str, ...]
    origin: Origin
