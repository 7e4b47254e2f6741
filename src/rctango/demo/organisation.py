"""The organisation: servers, connectors, accepted domains, and which connector answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from rctango.addresses import Address, AddressRange

if TYPE_CHECKING:
    from collections.abc import Iterable

DOMAIN = "northwind.example"
BALANCER = "10.20.1.250"
FIREWALL = "10.20.6.1"
GATEWAY = "10.20.9.40"

ACCEPTED: tuple[tuple[str, str], ...] = (
    (DOMAIN, "Authoritative"),
    ("sales.northwind.example", "Authoritative"),
    ("*.subsidiary.example", "InternalRelay"),
)
"""The accepted domains and their kinds."""

_WHOLE = ("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0.0.0.0-255.255.255.255")
_FULL = "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer"
_CLIENT = "Tls, Integrated, BasicAuth, BasicAuthRequireTLS"
_SERVERS = "ExchangeUsers, ExchangeServers, ExchangeLegacyServers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One Exchange server.

    Attributes:
        ipv6: its addresses of that family, the link-local one last.
    """

    name: str
    version: tuple[int, int]
    build: str
    roles: str
    ipv4: str
    ipv6: tuple[str, ...] = ()

    @property
    def fqdn(self) -> str:
        """Its full name."""
        return f"{self.name}.{DOMAIN}"

    @property
    def is_old(self) -> bool:
        """Whether it logs as Exchange did up to 2013."""
        return self.version < (15, 1)

    @property
    def is_split(self) -> bool:
        """Whether a Front End stands before its Transport service."""
        return self.version >= (15, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One receive connector.

    Attributes:
        role: ``frontend`` or ``hub``; None where there is but one transport service.
        relays: whether anybody may send to foreign domains through it.
        earlier: ranges it had on the first day and has no more.
    """

    server: str
    name: str
    port: int
    role: str | None
    ranges: tuple[str, ...] = _WHOLE
    auth: str = "Tls"
    groups: str = "AnonymousUsers"
    relays: bool = False
    verbose: bool = False
    earlier: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        r"""``SERVER\Name``, as the logs write it."""
        return f"{self.server}\\{self.name}"

    def has(self, mechanism: str) -> bool:
        """Whether it offers this authentication mechanism."""
        return mechanism in self.auth.split(", ")


EX19A = Server(
    name="EX19A",
    version=(15, 2),
    build="1544.4",
    roles="Mailbox",
    ipv4="10.20.1.11",
    ipv6=("fd00:20:1::11", "fe80::11"),
)
EX19B = replace(EX19A, name="EX19B", ipv4="10.20.1.12", ipv6=("fd00:20:1::12", "fe80::12"))
EX13 = Server(
    name="EX13",
    version=(15, 0),
    build="1497.2",
    roles="Mailbox, ClientAccess",
    ipv4="10.20.1.13",
)
EX10 = Server(
    name="EX10",
    version=(14, 3),
    build="123.4",
    roles="Mailbox, ClientAccess, HubTransport",
    ipv4="10.20.1.10",
)
SERVERS = (EX19A, EX19B, EX13, EX10)


def _defaults(server: Server) -> Iterable[Connector]:
    """What setup creates."""
    name = server.name
    if not server.is_split:
        groups = f"AnonymousUsers, {_SERVERS}"
        rows: tuple[tuple[str, int, str | None, str, str], ...] = (
            ("Default", 25, None, _FULL, groups),
            ("Client", 587, None, _CLIENT, "ExchangeUsers"),
        )
    else:
        groups = "AnonymousUsers, ExchangeServers, ExchangeLegacyServers"
        rows = (
            ("Default Frontend", 25, "frontend", _FULL, groups),
            ("Client Frontend", 587, "frontend", _CLIENT, "ExchangeUsers"),
            ("Outbound Proxy Frontend", 717, "frontend", _FULL, "ExchangeServers"),
            ("Default", 2525, "hub", _FULL, _SERVERS),
            ("Client Proxy", 465, "hub", _FULL, "ExchangeUsers, ExchangeServers"),
        )
    for prefix, port, role, auth, allowed in rows:
        yield Connector(
            server=name,
            name=f"{prefix} {name}",
            port=port,
            role=role,
            auth=auth,
            groups=allowed,
            verbose=role != "hub" or name == "EX19A",
        )


def _relay(server: Server, name: str, *ranges: str, earlier: tuple[str, ...] = ()) -> Connector:
    """An anonymous relay."""
    return Connector(
        server=server.name,
        name=name,
        port=25,
        role="frontend" if server.is_split else None,
        ranges=ranges,
        relays=True,
        verbose=True,
        earlier=earlier,
    )


def _narrowed(connectors: Iterable[Connector]) -> Iterable[Connector]:
    """On EX13 somebody cut the default connector down, and not everybody is answered."""
    for one in connectors:
        cut = one.name == "Default Frontend EX13"
        yield replace(one, ranges=("10.0.0.0/8", "203.0.113.0/24")) if cut else one


_APPS = ("10.20.7.0/24", "10.20.8.15", "10.20.8.20-10.20.8.29", BALANCER)
CONNECTORS: tuple[Connector, ...] = (
    *_defaults(EX19A),
    _relay(EX19A, "Relay Apps", *_APPS, "fd00:20:7::/64", earlier=("10.20.6.64/27",)),
    Connector(
        server="EX19A",
        name="Trusted Partner",
        port=25,
        role="frontend",
        ranges=("10.20.5.30", "10.20.5.32/31"),
        auth="Tls, ExternalAuthoritative",
        groups="AnonymousUsers, ExchangeServers",
        relays=True,
        verbose=True,
    ),
    *_defaults(EX19B),
    _relay(EX19B, "Relay Apps", *_APPS, "fd00:20:7::/64", "10.20.1.8-10.20.1.10"),
    *_narrowed(_defaults(EX13)),
    _relay(EX13, "Relay Plant", "10.20.7.0/25", "10.20.12.0/26", BALANCER, FIREWALL),
    *_defaults(EX10),
    _relay(EX10, "Relay Legacy", "10.20.4.0/24", "10.20.8.15"),
)


@cache
def answering(
    server: str, role: str | None, port: int, address: str, *, first_day: bool = False
) -> Connector | None:
    """The connector that answers this client, by the narrowest of the ranges that hold it.

    Args:
        server: the server it connects to.
        role: the service that listens.
        port: the port.
        address: where it comes from.
        first_day: with the ranges of the first day instead of those of the exports.
    """
    client = Address.parse(address)
    best: tuple[int, Connector] | None = None
    for one in CONNECTORS:
        if (one.server, one.role, one.port) != (server, role, port):
            continue
        for text in (*one.ranges, *(one.earlier if first_day else ())):
            held = AddressRange.parse(text)
            if client in held and (best is None or held.size < best[0]):
                best = (held.size, one)
    return best[1] if best else None
