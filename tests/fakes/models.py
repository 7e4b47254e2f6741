"""Short builders of model objects; texts are written as Exchange prints them, None is unknown."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, Any, TypeVar

from rctango.addresses import Address, Binding, RangeSet, read_range
from rctango.model.connector import Connector
from rctango.model.origin import Origin
from rctango.model.rights import (
    ALL_RIGHTS,
    AccessEntry,
    AuthMechanism,
    PermissionGroups,
    Right,
    TransportRole,
    TrusteeKind,
)
from rctango.model.server import (
    AcceptedDomain,
    Appliance,
    ApplianceKind,
    DomainType,
    Server,
    ServerRole,
    Version,
)
from rctango.model.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

WHOLE_IPV4 = "0.0.0.0-255.255.255.255"
WHOLE_IPV6 = "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
WHOLE = f"{WHOLE_IPV4}, {WHOLE_IPV6}"
AUTH_31 = "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer"
AUTH_15 = "Tls, Integrated, BasicAuth, BasicAuthRequireTLS"
AUTH_17 = "Tls, ExchangeServer"
EXCHANGE_GROUPS = "ExchangeUsers, ExchangeServers, ExchangeLegacyServers"
FRONTEND_GROUPS = "AnonymousUsers, ExchangeServers, ExchangeLegacyServers"
EDGE_GROUPS = "AnonymousUsers, ExchangeServers, Partners"

_F = TypeVar("_F", bound=IntFlag)
_PREFIXES = ("ms-Exch-SMTP-", "ms-Exch-")


def both(port: int) -> str:
    """The two wildcard bindings of a port."""
    return f"0.0.0.0:{port}, [::]:{port}"


def flags(kind: type[_F], text: str | None) -> _F | None:
    """Flags from their names as Exchange prints them; ``None`` and an empty text are no flag."""
    if text is None:
        return None
    names = {member.name.replace("_", "").casefold(): member for member in kind if member.name}
    result = kind(0)
    for word in _split(text):
        if word != "None":
            result |= names[word.casefold()]
    return result


def connector(
    server: str = "EX01",
    name: str = "Relay",
    *,
    ranges: str | None = WHOLE,
    bindings: str | None = "0.0.0.0:25, [::]:25",
    role: str | None = "FrontendTransport",
    auth: str | None = "Tls",
    groups: str | None = "AnonymousUsers",
    entries: Iterable[AccessEntry] | None = None,
    enabled: bool | None = True,
    **more: Any,
) -> Connector:
    """A receive connector; ``more`` goes to ``Connector`` as it is."""
    values: dict[str, Any] = {
        "enabled": enabled,
        "transport_role": flags(TransportRole, role),
        "bindings": None if bindings is None else tuple(map(Binding.parse, _split(bindings))),
        "remote_ranges": None if ranges is None else tuple(map(read_range, _split(ranges))),
        "auth_mechanism": flags(AuthMechanism, auth),
        "permission_groups": flags(PermissionGroups, groups),
        "access_entries": None if entries is None else tuple(entries),
        **more,
    }
    values.setdefault("facts", _facts(f"{server}\\{name}", values))
    return Connector(server=server, name=name, **values)


def default_connectors(
    name: str = "EX01", version: str = "15.2", roles: str = "Mailbox", **more: Any
) -> tuple[Connector, ...]:
    """The connectors that setup makes on such a server; ``more`` goes to each of them.

    Source: https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors
    """
    number, held = _version(version), flags(ServerRole, roles) or ServerRole.NONE
    if held & ServerRole.EDGE:
        role = None if number.major < 15 else "HubTransport"
        return (_edge_connector(name, role, **more),)
    if number.major < 15:
        return _legacy_connectors(name, **more)
    found: tuple[Connector, ...] = ()
    mailbox = bool(held & ServerRole.MAILBOX)
    frontend = bool(held & (ServerRole.CLIENT_ACCESS | ServerRole.CAFE))
    if frontend or (mailbox and number.minor >= 1):
        found += _frontend_connectors(name, **more)
    if mailbox:
        found += _hub_connectors(name, 2525 if found else 25, **more)
    return found


def server(
    name: str = "EX01",
    *,
    version: str | None = "15.2",
    roles: str | None = "Mailbox",
    addresses: str | None = "10.0.0.5",
    gateways: str | None = "10.0.0.1",
    **more: Any,
) -> Server:
    """An Exchange server; ``more`` goes to ``Server`` as it is."""
    values: dict[str, Any] = {
        "version": None if version is None else _version(version),
        "roles": flags(ServerRole, roles),
        "addresses": _addresses(addresses),
        "gateways": _addresses(gateways),
        **more,
    }
    values.setdefault("facts", _facts(name, values))
    return Server(name=name, **values)


def snapshot(*items: Server | Connector | Iterable[Connector], **more: Any) -> Snapshot:
    """Everything given, servers and connectors in the order given."""
    servers: list[Server] = []
    connectors: list[Connector] = []
    for item in items:
        if isinstance(item, Server):
            servers.append(item)
        elif isinstance(item, Connector):
            connectors.append(item)
        else:
            connectors.extend(item)
    return Snapshot(servers=tuple(servers), connectors=tuple(connectors), **more)


def entry(
    trustee: str | TrusteeKind = TrusteeKind.ANONYMOUS,
    right: str | Right = ALL_RIGHTS,
    *,
    deny: bool = False,
    inherited: bool | None = False,
    name: str | None = None,
) -> AccessEntry:
    """An access control entry.

    Args:
        trustee: a ``TrusteeKind`` or its first word, ``anonymous`` for example.
        right: bits, or names such as ``ms-Exch-SMTP-Accept-Any-Recipient``, comma separated.
    """
    kind = _trustee(trustee)
    rights = right if isinstance(right, Right) else _rights(right)
    return AccessEntry(
        trustee=kind,
        name=kind.value if name is None else name,
        rights=rights,
        allow=not deny,
        inherited=inherited,
        locator="access entry",
    )


def appliance(name: str, kind: str, *addresses: str) -> Appliance:
    """A declared device, ``load-balancer`` for example, seen from these ranges."""
    return Appliance(
        name=name,
        kind=ApplianceKind(kind),
        addresses=RangeSet.parse(*addresses),
        origin=Origin(source="inventory", locator=name),
    )


def domain(text: str, kind: str | None = "Authoritative") -> AcceptedDomain:
    """An accepted domain."""
    return AcceptedDomain(
        name=text,
        domain=text,
        kind=None if kind is None else DomainType(kind),
        origin=Origin(source="accepted domains", locator=text),
    )


def _frontend_connectors(name: str, **more: Any) -> tuple[Connector, ...]:
    rows = (
        ("Default Frontend", 25, FRONTEND_GROUPS, AUTH_31),
        ("Client Frontend", 587, "ExchangeUsers", AUTH_15),
        ("Outbound Proxy Frontend", 717, "ExchangeServers", AUTH_31),
    )
    return _build(name, rows, "FrontendTransport", **more)


def _hub_connectors(name: str, port: int, **more: Any) -> tuple[Connector, ...]:
    rows = (
        ("Default", port, EXCHANGE_GROUPS, AUTH_31),
        ("Client Proxy", 465, "ExchangeUsers, ExchangeServers", AUTH_31),
    )
    return _build(name, rows, "HubTransport", **more)


def _legacy_connectors(name: str, **more: Any) -> tuple[Connector, ...]:
    """Those of Exchange 2007 and 2010, which know no TransportRole."""
    rows = (
        ("Default", 25, EXCHANGE_GROUPS, AUTH_31),
        ("Client", 587, "ExchangeUsers", AUTH_15),
    )
    return _build(name, rows, None, **more)


def _edge_connector(name: str, role: str | None, **more: Any) -> Connector:
    values: dict[str, Any] = {
        "ranges": WHOLE_IPV4,
        "bindings": "0.0.0.0:25",
        "role": role,
        "auth": AUTH_17,
        "groups": EDGE_GROUPS,
    }
    return connector(name, f"Default internal receive connector {name}", **{**values, **more})


def _build(
    name: str, rows: Iterable[tuple[str, int, str, str]], role: str | None, **more: Any
) -> tuple[Connector, ...]:
    result = []
    for title, port, groups, auth in rows:
        values = {"bindings": both(port), "role": role, "auth": auth, "groups": groups}
        result.append(connector(name, f"{title} {name}", **{**values, **more}))
    return tuple(result)


def _split(text: str) -> list[str]:
    return [piece.strip() for piece in text.split(",") if piece.strip()]


def _version(text: str) -> Version:
    major, minor = text.split(".")[:2]
    return Version(major=int(major), minor=int(minor))


def _addresses(text: str | None) -> tuple[Address, ...] | None:
    return None if text is None else tuple(map(Address.parse, _split(text)))


def _trustee(trustee: str | TrusteeKind) -> TrusteeKind:
    if isinstance(trustee, TrusteeKind):
        return trustee
    return next(kind for kind in TrusteeKind if kind.value.startswith(trustee))


def _rights(text: str) -> Right:
    result = Right(0)
    for word in _split(text):
        bare = word
        for prefix in _PREFIXES:
            bare = bare.removeprefix(prefix)
        result |= Right[bare.replace("-", "_").upper()]
    return result


def _facts(owner: str, values: dict[str, Any]) -> tuple[tuple[str, Origin], ...]:
    return tuple(
        (name, Origin(source="test", locator=f"{owner} {name}"))
        for name, value in values.items()
        if value is not None
    )
