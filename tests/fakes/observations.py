"""Short builders of what logs showed; a server, a connector and a client, the rest by default."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

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
from rctango.model.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    Item = Usage | SourceProfile | LoggedAnswer | LogPeriod | ProxiedUsage | SendFailure

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""A Monday."""
LOGS = Origin(source="logs", locator="")


def on(day: int, hour: int = 0) -> datetime:
    """A moment on the given day of the logs, the first being 0."""
    return START + timedelta(days=day, hours=hour)


def address_of(text: str) -> Address | None:
    """The address in the text; None where it is masked."""
    try:
        return Address.parse(text)
    except AddressError:
        return None


def usage(
    connector: str = "EX01\\Relay",
    client: str = "10.0.7.9",
    *,
    sessions: int = 40,
    foreign: int | None = 0,
    own: int | None = 0,
    names: Iterable[str] = ("client.contoso.com",),
    days: tuple[int, int] = (0, 20),
    **more: Any,
) -> Usage:
    """What one client did on one connector; ``days`` are the first and the last."""
    known = tuple(names)
    server, _, _ = connector.partition("\\")
    values: dict[str, Any] = {
        "log": "receive",
        "role": "frontend",
        "server": server or None,
        "address": address_of(client),
        "messages": (own or 0) + (foreign or 0),
        "recipients_accepted": (own or 0) + (foreign or 0),
        "recipients_refused": 0,
        "foreign_domains": ("fabrikam.com",) if foreign else (),
        "auth_successes": 0,
        "auth_failures": 0,
        "tls_sessions": 0,
        "days": days[1] - days[0] + 1,
        "ehlo_name_count": len(known),
        "sender_domain_count": 1,
        **more,
    }
    return Usage(
        connector=connector,
        client=client,
        sessions=sessions,
        recipients_own=own,
        recipients_foreign=foreign,
        first_seen=on(days[0]),
        last_seen=on(days[1], 9),
        ehlo_names=known,
        **values,
    )


def profile(
    client: str = "10.0.7.9",
    *,
    server: str | None = "EX01",
    local: str = "10.0.0.5",
    sessions: int = 200,
    names: int = 1,
    share: float = 1.0,
    **more: Any,
) -> SourceProfile:
    """How one address behaves at one listener of nine clients and 1,000 other sessions."""
    values: dict[str, Any] = {
        "port": 25,
        "address": address_of(client),
        "listener_sessions": sessions + 1000,
        "listener_clients": 10,
        "idle_sessions": 0,
        "idle_interval": None,
        "idle_regularity": None,
        "limit_refusals": 0,
        "messages": sessions,
        "sender_domains": 1,
        "common_sender_share": 1.0,
        "days": 14,
        **more,
    }
    return SourceProfile(
        server=server,
        local=local,
        client=client,
        sessions=sessions,
        ehlo_names=names,
        common_ehlo_share=share,
        **values,
    )


def answer(
    connector: str = "EX01\\Relay",
    client: str = "10.0.7.9",
    *,
    local: str = "10.0.0.5",
    sessions: int = 10,
    days: tuple[int, int] = (0, 20),
    **more: Any,
) -> LoggedAnswer:
    """Which connector answered one address; an empty connector: nobody did."""
    server, _, _ = connector.partition("\\")
    values: dict[str, Any] = {
        "server": server or None,
        "role": "frontend",
        "port": 25,
        "address": address_of(client),
        "first_seen": on(days[0]),
        "last_seen": on(days[1], 9),
        "example": "08D68A0000000001",
        **more,
    }
    return LoggedAnswer(
        connector=connector, client=client, local=local, sessions=sessions, **values
    )


def period(
    connector: str = "EX01\\Relay",
    days: Iterable[int] = range(21),
    *,
    ports: tuple[int, ...] = (25,),
    **more: Any,
) -> LogPeriod:
    """When a connector's sessions were logged: on these days, the first being 0."""
    every = sorted(days)
    server, _, _ = connector.partition("\\")
    values: dict[str, Any] = {
        "log": "receive",
        "role": "frontend",
        "server": server or None,
        "sessions": 10 * len(every),
        "proxied": 0,
        **more,
    }
    return LogPeriod(
        connector=connector,
        first_seen=on(every[0]),
        last_seen=on(every[-1], 9),
        days=tuple(on(day).date() for day in every),
        ports=ports,
        **values,
    )


def proxied(
    client: str = "10.0.7.9",
    permissions: int | None = 1077,
    *,
    server: str = "EX01",
    sessions: int = 12,
    days: tuple[int, int] = (0, 20),
) -> ProxiedUsage:
    """What a Hub log says about a client of the Front End."""
    return ProxiedUsage(
        server=server,
        client=client,
        address=address_of(client),
        permissions=permissions,
        sessions=sessions,
        first_seen=on(days[0]),
        last_seen=on(days[1], 9),
    )


def failure(
    local: str = "10.0.0.6",
    remote: str = "10.0.0.5",
    reply: str = "451 5.7.3",
    *,
    sessions: int = 7,
    **more: Any,
) -> SendFailure:
    """Sessions of a send log that were refused."""
    values: dict[str, Any] = {
        "connector": "Intra-Organization SMTP Send Connector",
        "ehlo_name": "EX10.contoso.com",
        "offers_exchange_auth": False,
        "first_seen": on(0),
        "last_seen": on(20, 9),
        **more,
    }
    return SendFailure(
        local=local,
        local_address=address_of(local) if local else None,
        remote=remote,
        remote_address=address_of(remote),
        reply=reply,
        sessions=sessions,
        **values,
    )


def traffic(*items: Item, incomplete: Iterable[str] = ()) -> Traffic:
    """Everything given, each kind in the order given."""

    def those(kind: type[Any]) -> tuple[Any, ...]:
        return tuple(one for one in items if isinstance(one, kind))

    return Traffic(
        usage=those(Usage),
        sources=those(SourceProfile),
        answers=those(LoggedAnswer),
        periods=those(LogPeriod),
        proxied=those(ProxiedUsage),
        send_failures=those(SendFailure),
        incomplete=tuple(incomplete),
        origin=LOGS,
    )
