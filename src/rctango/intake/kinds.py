"""What an exported object is, by its type names or, without them, by its properties."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rctango.formats.raw import RawObject


class Kind(Enum):
    """The kinds of evidence; the value is the cmdlet or class that prints it."""

    RECEIVE_CONNECTOR = "Get-ReceiveConnector"
    AD_PERMISSION = "Get-ADPermission"
    EXCHANGE_SERVER = "Get-ExchangeServer"
    TRANSPORT_SERVICE = "Get-TransportService"
    NETWORK_ADAPTER = "Win32_NetworkAdapterConfiguration"
    NET_IP_CONFIGURATION = "Get-NetIPConfiguration"
    ACCEPTED_DOMAIN = "Get-AcceptedDomain"
    SEND_CONNECTOR = "Get-SendConnector"
    TRANSPORT_AGENT = "Get-TransportAgent"
    HEALTH_CHECKER_ADAPTER = "HealthChecker network adapter"


_TYPE_ENDS: tuple[tuple[str, Kind], ...] = (
    (".systemconfiguration.receiveconnector", Kind.RECEIVE_CONNECTOR),
    (".adacepresentationobject", Kind.AD_PERMISSION),
    (".management.exchangeserver", Kind.EXCHANGE_SERVER),
    (".management.transportserver", Kind.TRANSPORT_SERVICE),
    (".management.frontendtransportserver", Kind.TRANSPORT_SERVICE),
    (".management.frontendtransportserverpresentationobject", Kind.TRANSPORT_SERVICE),
    (".management.transportserverpresentationobject", Kind.TRANSPORT_SERVICE),
    ("win32_networkadapterconfiguration", Kind.NETWORK_ADAPTER),
    ("netipconfiguration", Kind.NET_IP_CONFIGURATION),
    (".systemconfiguration.accepteddomain", Kind.ACCEPTED_DOMAIN),
    (".systemconfiguration.smtpsendconnectorconfig", Kind.SEND_CONNECTOR),
    (".transportagent", Kind.TRANSPORT_AGENT),
    (".agentinfo.agent", Kind.TRANSPORT_AGENT),
)

_SIGNATURES: tuple[tuple[frozenset[str], Kind], ...] = tuple(
    (frozenset(names.split()), kind)
    for names, kind in (
        ("remoteipranges", Kind.RECEIVE_CONNECTOR),
        ("permissiongroups", Kind.RECEIVE_CONNECTOR),
        ("bindings authmechanism", Kind.RECEIVE_CONNECTOR),
        ("bindings transportrole", Kind.RECEIVE_CONNECTOR),
        ("user extendedrights", Kind.AD_PERMISSION),
        ("user accessrights deny", Kind.AD_PERMISSION),
        ("admindisplayversion serverrole", Kind.EXCHANGE_SERVER),
        ("name serverrole fqdn", Kind.EXCHANGE_SERVER),
        ("receiveprotocollogpath", Kind.TRANSPORT_SERVICE),
        ("antispamagentsenabled", Kind.TRANSPORT_SERVICE),
        ("ipaddress defaultipgateway", Kind.NETWORK_ADAPTER),
        ("ipaddress ipsubnet", Kind.NETWORK_ADAPTER),
        ("interfacealias ipv4defaultgateway", Kind.NET_IP_CONFIGURATION),
        ("allipaddresses interfaceindex", Kind.NET_IP_CONFIGURATION),
        ("ipv4address interfacealias", Kind.NET_IP_CONFIGURATION),
        ("domainname domaintype", Kind.ACCEPTED_DOMAIN),
        ("addressspaces smarthosts", Kind.SEND_CONNECTOR),
        ("addressspaces sourcetransportservers", Kind.SEND_CONNECTOR),
        ("transportagentfactory", Kind.TRANSPORT_AGENT),
        ("ipv4addresses ipv6addresses", Kind.HEALTH_CHECKER_ADAPTER),
    )
)

_CMDLETS = {kind.value.lower(): kind for kind in Kind if kind.value.startswith("Get-")} | {
    "get-transportserver": Kind.TRANSPORT_SERVICE,
    "get-frontendtransportservice": Kind.TRANSPORT_SERVICE,
}


_AGENT_LISTING = frozenset({"identity", "enabled", "priority"})
"""All that a plain ``Get-TransportAgent`` shows; mailbox rules have these as well, and more."""

_SESSION = frozenset({"pscomputername", "runspaceid", "psshowcomputername", "server"})
"""What a remote session or a script adds to it."""

_CMDLET = re.compile(r"\bGet-\w+", re.IGNORECASE)


def classify(raw: RawObject) -> Kind | None:
    """The kind of an object; None when it is of no kind that is read."""
    for name in raw.types:
        folded = name.lower()
        for end, kind in _TYPE_ENDS:
            if folded.endswith(end) or folded.split("#", 1)[-1].endswith(end):
                return kind
    for names, kind in _SIGNATURES:
        if all(name in raw.properties for name in names):
            return kind
    if raw.properties.keys() - _SESSION == _AGENT_LISTING:
        return Kind.TRANSPORT_AGENT
    return _by_command(raw)


def _by_command(raw: RawObject) -> Kind | None:
    """The kind that the pasted command line before a listing prints: its last cmdlet decides."""
    for stage in reversed((raw.command or "").split("|")):
        cmdlet = _CMDLET.search(stage)
        if cmdlet:
            return _CMDLETS.get(cmdlet[0].lower())
    return None
