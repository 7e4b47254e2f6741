"""The exports that describe the organisation, as PowerShell writes them."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from rctango.demo.organisation import ACCEPTED, CONNECTORS, DOMAIN, GATEWAY, SERVERS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rctango.demo.organisation import Connector, Server
    from rctango.demo.plan import Plan

_ROLES = {"frontend": "FrontendTransport", "hub": "HubTransport"}
_ANONYMOUS = (
    "ms-Exch-SMTP-Submit",
    "ms-Exch-SMTP-Accept-Any-Sender",
    "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender",
    "ms-Exch-Accept-Headers-Routing",
)
_ANY_RECIPIENT = "ms-Exch-SMTP-Accept-Any-Recipient"
_USERS = (
    "ms-Exch-SMTP-Submit",
    _ANY_RECIPIENT,
    "ms-Exch-Bypass-Anti-Spam",
    "ms-Exch-Accept-Headers-Routing",
)
_TRUSTED = (
    *_ANONYMOUS,
    _ANY_RECIPIENT,
    "ms-Exch-SMTP-Accept-Authentication-Flag",
    "ms-Exch-Bypass-Anti-Spam",
    "ms-Exch-Bypass-Message-Size-Limit",
    "ms-Exch-SMTP-Accept-Exch50",
)
_PEERS = (*_TRUSTED, "ms-Exch-Accept-Headers-Forest", "ms-Exch-Accept-Headers-Organization")
_GRANTED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("AnonymousUsers", r"NT AUTHORITY\ANONYMOUS LOGON", _ANONYMOUS),
    ("ExchangeUsers", r"NT AUTHORITY\Authenticated Users", _USERS),
    ("ExchangeServers", r"NORTHWIND\Exchange Servers", _PEERS),
    ("ExchangeServers", r"MS Exchange\Hub Transport Servers", _PEERS),
    ("ExchangeServers", r"MS Exchange\Edge Transport Servers", _PEERS),
    ("ExchangeServers", r"MS Exchange\Externally Secured Servers", _TRUSTED),
    ("ExchangeLegacyServers", r"NORTHWIND\ExchangeLegacyInterop", _TRUSTED),
)
"""Which rights a permission group gives to whom."""

Record = dict[str, Any]


def evidence_files(plan: Plan) -> dict[str, bytes]:
    """The exports by file name, taken when the logs end."""
    files = {
        "exchange-servers.json": _json(_server(one) for one in SERVERS),
        "network-adapters.json": _json(_adapter(one) for one in SERVERS),
        "accepted-domains.csv": _accepted(),
        "send-connectors.json": _json([_outbound()]),
    }
    for server in SERVERS:
        own = [one for one in CONNECTORS if one.server == server.name]
        name = server.name.casefold()
        files[f"{name}-connectors.json"] = _json(_connector(one, server, plan) for one in own)
        files[f"{name}-permissions.json"] = _json(entry for one in own for entry in _entries(one))
    return files


def _json(objects: Iterable[Record]) -> bytes:
    return (json.dumps(list(objects), indent=2) + "\n").replace("\n", "\r\n").encode()


def _server(server: Server) -> Record:
    major, minor = server.version
    return {
        "Name": server.name,
        "Fqdn": server.fqdn,
        "ServerRole": server.roles,
        "AdminDisplayVersion": f"Version {major}.{minor} (Build {server.build})",
        "Site": "northwind.example/Configuration/Sites/HQ",
    }


def _adapter(server: Server) -> Record:
    return {
        "DNSHostName": server.name,
        "InterfaceIndex": 7,
        "IPEnabled": True,
        "IPAddress": [server.ipv4, *server.ipv6],
        "IPSubnet": ["255.255.255.0", *("64" for _ in server.ipv6)],
        "DefaultIPGateway": ["10.20.1.1"],
    }


def _connector(one: Connector, server: Server, plan: Plan) -> Record:
    changed = plan.start - timedelta(days=200)
    if one.earlier:
        changed = plan.start + timedelta(days=1)
    record: Record = {
        "Name": one.name,
        "Identity": one.identity,
        "Server": one.server,
        "Enabled": True,
        "TransportRole": _ROLES.get(one.role or ""),
        "Bindings": [f"[::]:{one.port}", f"0.0.0.0:{one.port}"],
        "RemoteIPRanges": list(one.ranges),
        "AuthMechanism": one.auth,
        "PermissionGroups": one.groups + (", Custom" if _is_custom(one) else ""),
        "Fqdn": server.fqdn,
        "Banner": "",
        "RequireTLS": False,
        "SuppressXAnonymousTls": False,
        "ProtocolLoggingLevel": "Verbose" if one.verbose else "None",
        "TlsDomainCapabilities": [],
        "WhenChangedUTC": _utc(changed),
    }
    if one.role is None:
        del record["TransportRole"]
    return record


def _is_custom(one: Connector) -> bool:
    """Whether the right to relay was added by hand."""
    return one.relays and not one.has("ExternalAuthoritative")


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def _entries(one: Connector) -> Iterable[Record]:
    groups = one.groups.split(", ")
    for group, principal, rights in _GRANTED:
        if group in groups:
            for right in rights:
                yield _entry(one, principal, right)
    if _is_custom(one):
        yield _entry(one, r"NT AUTHORITY\ANONYMOUS LOGON", _ANY_RECIPIENT)
    for principal in (
        r"NORTHWIND\Organization Management",
        r"NORTHWIND\Exchange Trusted Subsystem",
    ):
        inherited = {"IsInherited": True, "AccessRights": ["GenericAll"], "ExtendedRights": None}
        yield _entry(one, principal, "") | inherited


def _entry(one: Connector, principal: str, right: str) -> Record:
    return {
        "Identity": one.identity,
        "User": principal,
        "Deny": False,
        "IsInherited": False,
        "AccessRights": ["ExtendedRight"],
        "ExtendedRights": [right],
    }


def _accepted() -> bytes:
    rows = ['"Name","DomainName","DomainType","Default"']
    rows += [f'"{name}","{name}","{kind}","{name == DOMAIN}"' for name, kind in ACCEPTED]
    return ("\r\n".join(rows) + "\r\n").encode("utf-8-sig")


def _outbound() -> Record:
    return {
        "Name": "Internet via gateway",
        "Enabled": True,
        "AddressSpaces": ["SMTP:*;1"],
        "SmartHosts": [f"[{GATEWAY}]"],
        "SourceTransportServers": ["EX19A"],
    }
