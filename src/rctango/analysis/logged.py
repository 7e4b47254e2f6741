"""From what logs say to what the evidence says: names, listeners and times."""

from __future__ import annotations

from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING

from rctango.addresses import Address
from rctango.errors import AddressError
from rctango.model.rights import TransportRole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rctango.analysis.selection import Table
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.observation import LogPeriod, Traffic

ROLES = {
    "frontend": TransportRole.FRONTEND_TRANSPORT,
    "hub": TransportRole.HUB_TRANSPORT,
    "edge": TransportRole.HUB_TRANSPORT,
    "mailbox": TransportRole.MAILBOX,
}
"""The transport process that writes a log, by the role of the log."""
RECEIVE = "receive"


@lru_cache(maxsize=4096)
def connector_key(identity: str) -> tuple[str, str]:
    r"""What to compare a ``SERVER\Name`` by: case and blanks at the ends play no part."""
    server, _, name = identity.partition("\\")
    return server_key(server), name.strip().casefold()


def server_key(name: str) -> str:
    """What to compare a server's name by: its first label, in any case."""
    return name.strip().partition(".")[0].casefold()


def connectors_by_key(view: View) -> dict[tuple[str, str], Connector]:
    """Every connector of the evidence, by what a log can be compared with."""
    return {connector_key(one.identity): one for one in view.connectors}


def servers_by_key(view: View) -> dict[str, str]:
    """The names of all servers that the evidence names, by what a log can be compared with."""
    return {server_key(name): name for name in (*view.connectors_of, *view.servers)}


@lru_cache(maxsize=1024)
def known_address(text: str) -> Address | None:
    """The address in a log's text; None where it is masked or missing."""
    try:
        return Address.parse(text) if text else None
    except AddressError:
        return None


def tables_for(view: View, server: str, role: str | None, local: Address, port: int) -> list[Table]:
    """The listeners that a logged connection may have met, one for each transport process.

    Args:
        view: the evidence.
        server: the server's name as the evidence spells it.
        role: the role of the log; None when it is not known, so that every process counts.
        local: the local address.
        port: the local port.
    """
    wanted = ROLES.get(role or "")
    chosen: dict[TransportRole | None, Table] = {}
    for table in view.tables_at(server):
        place = table.listener.local
        if place.port != port or table.family is not local.family:
            continue
        of = table.listener.role
        if wanted is not None and of is not None and not of & wanted:
            continue
        if place.address == local or (place.is_wildcard and of not in chosen):
            chosen[of] = table
    return list(chosen.values())


def utc(moment: datetime) -> datetime:
    """The same moment in UTC, which a time without zone already is."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def time_span(first: datetime, last: datetime) -> str:
    """A period in words: ``on 2026-03-02``, or ``2026-03-02 to 2026-03-09``."""
    begin, end = utc(first).date(), utc(last).date()
    return f"on {begin}" if begin == end else f"{begin} to {end}"


def periods_of(traffic: Traffic, connector: Connector) -> list[LogPeriod]:
    """When the connector's own sessions were logged."""
    key = connector_key(connector.identity)
    return [
        one
        for one in traffic.periods
        if one.log == RECEIVE and one.connector and connector_key(one.connector) == key
    ]


def counted(number: int, noun: str) -> str:
    """A number and its noun, in the plural where it has to be."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def enumerated(names: Iterable[str], most: int = 5) -> str:
    """Names in order; a long enumeration ends with how many more there are."""
    every = list(dict.fromkeys(names))
    if len(every) > most:
        return f"{', '.join(every[:most])} and {len(every) - most:,} more"
    return " and ".join(filter(None, (", ".join(every[:-1]), every[-1] if every else "")))
