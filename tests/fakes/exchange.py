"""Exchange objects as PowerShell hands them out: what intake must read back.

Builders of every object rctango reads; ``default_connectors`` gives what setup creates. The value
types live in ``ps_exchange_values``, access entries in ``ps_exchange_access``, adapters in
``ps_exchange_network``, the rest in ``ps_exchange_organization``; all are offered here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fakes.powershell import PSEnum, PSObject
from fakes.ps_exchange_access import (
    PRINCIPALS,
    SIDS,
    ad_permission,
    allow_each,
    anonymous_relay_aces,
    default_aces,
    externally_secured_aces,
    inherited_aces,
)
from fakes.ps_exchange_network import net_ip_configuration, win32_adapter
from fakes.ps_exchange_organization import (
    ANTI_SPAM_AGENTS,
    OTHER_AGENTS,
    accepted_domain,
    exchange_server,
    logging_level,
    send_connector,
    server_role,
    transport_agent,
    transport_service,
)
from fakes.ps_exchange_values import (
    CHANGED,
    DOMAIN,
    WHOLE_IPV4,
    WHOLE_IPV6,
    ad_object_id,
    byte_size,
    collection,
    directory_properties,
    directory_types,
    dn_of,
    flags,
    host_name,
    ip_binding,
    ip_range,
    session_members,
    time_span,
    unlimited,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

__all__ = [
    "ANTI_SPAM_AGENTS",
    "OTHER_AGENTS",
    "PRINCIPALS",
    "SIDS",
    "WHOLE_IPV4",
    "WHOLE_IPV6",
    "accepted_domain",
    "ad_permission",
    "allow_each",
    "anonymous_relay_aces",
    "default_aces",
    "default_connectors",
    "exchange_server",
    "externally_secured_aces",
    "inherited_aces",
    "ip_range",
    "net_ip_configuration",
    "receive_connector",
    "send_connector",
    "transport_agent",
    "transport_service",
    "win32_adapter",
]

AUTH_MECHANISMS = {
    "None": 0,
    "Tls": 1,
    "Integrated": 2,
    "BasicAuth": 4,
    "BasicAuthRequireTLS": 8,
    "ExchangeServer": 16,
    "ExternalAuthoritative": 32,
}
PERMISSION_GROUPS = {
    "None": 0,
    "AnonymousUsers": 1,
    "ExchangeUsers": 2,
    "ExchangeServers": 4,
    "ExchangeLegacyServers": 8,
    "Partners": 16,
    "Custom": 32,
}
_RATE_SOURCES = {"None": 0, "IPAddress": 1, "User": 2, "All": 3}
_SIZE_MODES = {"Disabled": 0, "Enabled": 1, "EnabledWithoutValue": 2}

_SYSTEM = "Microsoft.Exchange.Data.Directory.SystemConfiguration"
_SINCE_2013 = ("ServiceDiscoveryFqdn", "TransportRole", "ProxyEnabled", "OrarEnabled")
_SINCE_2016 = (
    "AcceptConsumerMail",
    "AuthTarpitInterval",
    "RejectReservedTopLevelRecipientDomains",
    "RejectReservedSecondLevelRecipientDomains",
    "RejectSingleLabelRecipientDomains",
)
_SINCE_2019 = ("SmtpUtf8Enabled",)


def receive_connector(
    server: str,
    name: str,
    bindings: Iterable[str] = ("0.0.0.0:25",),
    remote_ip_ranges: Iterable[str] = (WHOLE_IPV4,),
    *,
    transport_role: str | None = "FrontendTransport",
    auth: str = "Tls",
    groups: str = "AnonymousUsers",
    enabled: bool = True,
    logging: str = "None",
    version: tuple[int, int] = (15, 2),
    changed: datetime = CHANGED,
    **overrides: Any,
) -> PSObject:
    r"""A receive connector as Get-ReceiveConnector returns it on a server of that version.

    Texts are as in the cmdlet, such as ``auth="Tls, ExchangeServer"``. ``transport_role`` None
    leaves the property out, as Exchange 2010 does. ``overrides`` replace or add any property.
    """
    identity_text = f"{server}\\{name}"
    dn = dn_of(server, name, "SMTP Receive Connectors", "Protocols")
    identity = ad_object_id(dn, identity_text)
    properties: dict[str, Any] = {
        **_protocol(server, bindings, auth, enabled=enabled),
        **_limits(version),
        **_security(remote_ip_ranges, groups, logging),
        "Server": ad_object_id(dn_of(server)),
        "TransportRole": None if transport_role is None else server_role(transport_role),
        **_late(),
        **directory_properties(
            dn,
            identity,
            ("top", "msExchSmtpReceiveConnector"),
            "ms-Exch-Smtp-Receive-Connector",
            changed,
        ),
    }
    for absent in _absent(version, transport_role):
        properties.pop(absent, None)
    types = directory_types(f"{_SYSTEM}.ReceiveConnector", f"{_SYSTEM}.ADConfigurationObject")
    return PSObject(types, identity_text, properties | overrides, session_members(server))


def _absent(version: tuple[int, int], transport_role: str | None) -> tuple[str, ...]:
    absent: tuple[str, ...] = ("TransportRole",) if transport_role is None else ()
    steps = (((15, 0), _SINCE_2013), ((15, 1), _SINCE_2016), ((15, 2), _SINCE_2019))
    for since, names in steps:
        if version < since:
            absent += names
    return absent


def _protocol(server: str, bindings: Iterable[str], auth: str, *, enabled: bool) -> dict[str, Any]:
    items = tuple(ip_binding(text) for text in bindings)
    return {
        "AuthMechanism": flags(f"{_SYSTEM}.AuthMechanisms", AUTH_MECHANISMS, auth),
        "Banner": "",
        "BinaryMimeEnabled": True,
        "Bindings": collection("Microsoft.Exchange.Data.IPBinding", items),
        "ChunkingEnabled": True,
        "DefaultDomain": None,
        "DeliveryStatusNotificationEnabled": True,
        "EightBitMimeEnabled": True,
        "SmtpUtf8Enabled": True,
        "BareLinefeedRejectionEnabled": False,
        "DomainSecureEnabled": False,
        "EnhancedStatusCodesEnabled": True,
        "LongAddressesEnabled": False,
        "OrarEnabled": False,
        "SuppressXAnonymousTls": False,
        "ProxyEnabled": False,
        "AdvertiseClientSettings": False,
        "Fqdn": host_name(f"{server.lower()}.{DOMAIN}"),
        "ServiceDiscoveryFqdn": None,
        "TlsCertificateName": None,
        "Comment": "",
        "Enabled": enabled,
    }


def _limits(version: tuple[int, int]) -> dict[str, Any]:
    megabytes = 36 if version >= (15, 0) else 10
    header = 2**18 if version >= (15, 1) else 2**17
    return {
        "ConnectionTimeout": time_span(600),
        "ConnectionInactivityTimeout": time_span(300),
        "MessageRateLimit": unlimited(),
        "MessageRateSource": rate_source("IPAddress"),
        "MaxInboundConnection": unlimited(5000),
        "MaxInboundConnectionPerSource": unlimited(20),
        "MaxInboundConnectionPercentagePerSource": 2,
        "MaxHeaderSize": byte_size(header),
        "MaxHopCount": 60,
        "MaxLocalHopCount": 5,
        "MaxLogonFailures": 3,
        "MaxMessageSize": byte_size(megabytes * 2**20),
        "MaxProtocolErrors": unlimited(5),
        "MaxRecipientsPerMessage": 200,
    }


def rate_source(text: str) -> PSEnum:
    """A MessageRateSource."""
    return flags(f"{_SYSTEM}.MessageRateSourceFlags", _RATE_SOURCES, text)


def size_mode(text: str) -> PSEnum:
    """A SizeEnabled."""
    return flags("Microsoft.Exchange.Data.SizeMode", _SIZE_MODES, text)


def _security(ranges: Iterable[str], groups: str, logging: str) -> dict[str, Any]:
    items = tuple(ip_range(text) for text in ranges)
    policies = {"None": 0, "Allow": 1, "Require": 2}
    policy_type = f"{_SYSTEM}.ExtendedProtectionPolicySetting"
    return {
        "PermissionGroups": flags(
            "Microsoft.Exchange.Data.PermissionGroups", PERMISSION_GROUPS, groups
        ),
        "PipeliningEnabled": True,
        "ProtocolLoggingLevel": logging_level(logging),
        "RemoteIPRanges": collection("Microsoft.Exchange.Data.IPRange", items),
        "RequireEHLODomain": False,
        "RequireTLS": False,
        "EnableAuthGSSAPI": False,
        "ExtendedProtectionPolicy": flags(policy_type, policies, "None"),
        "LiveCredentialEnabled": False,
        "TlsDomainCapabilities": collection(
            "Microsoft.Exchange.Data.SmtpReceiveDomainCapabilities"
        ),
    }


def _late() -> dict[str, Any]:
    return {
        "RejectReservedTopLevelRecipientDomains": False,
        "RejectReservedSecondLevelRecipientDomains": False,
        "RejectSingleLabelRecipientDomains": False,
        "AcceptConsumerMail": False,
        "SizeEnabled": size_mode("Enabled"),
        "TarpitInterval": time_span(5),
        "AuthTarpitInterval": time_span(5),
        "MaxAcknowledgementDelay": time_span(30),
    }


@dataclass(frozen=True, slots=True)
class _Default:
    """What setup creates: a name before the server's, a port, and how it differs."""

    prefix: str
    port: int
    role: str | None
    groups: str
    auth: str
    logging: str = "None"
    extra: dict[str, Any] = field(default_factory=dict)


_CLIENT_AUTH = "Tls, Integrated, BasicAuth, BasicAuthRequireTLS"
_SERVER_AUTH = f"{_CLIENT_AUTH}, ExchangeServer"
_SERVERS = "ExchangeServers, ExchangeLegacyServers"


def _server_extra() -> dict[str, Any]:
    return {
        "MaxInboundConnectionPerSource": unlimited(),
        "MaxInboundConnectionPercentagePerSource": 100,
        "MaxRecipientsPerMessage": 5000,
        "SizeEnabled": size_mode("EnabledWithoutValue"),
    }


def _client_extra() -> dict[str, Any]:
    return {
        "MessageRateLimit": unlimited(5),
        "MessageRateSource": rate_source("User"),
        "EnableAuthGSSAPI": True,
    }


def _edge_extra() -> dict[str, Any]:
    return {
        "DomainSecureEnabled": True,
        "ConnectionTimeout": time_span(300),
        "ConnectionInactivityTimeout": time_span(60),
        "MessageRateLimit": unlimited(600),
    }


def _frontend_defaults() -> tuple[_Default, ...]:
    role = "FrontendTransport"
    secure = {"DomainSecureEnabled": True}
    proxy = secure | {"TarpitInterval": time_span(0)}
    return (
        _Default(
            "Default Frontend",
            25,
            role,
            f"AnonymousUsers, {_SERVERS}",
            _SERVER_AUTH,
            "Verbose",
            secure,
        ),
        _Default(
            "Outbound Proxy Frontend", 717, role, "ExchangeServers", _SERVER_AUTH, "Verbose", proxy
        ),
        _Default(
            "Client Frontend", 587, role, "ExchangeUsers", _CLIENT_AUTH, extra=_client_extra()
        ),
    )


def _hub_defaults(port: int) -> tuple[_Default, ...]:
    role = "HubTransport"
    return (
        _Default(
            "Default", port, role, f"ExchangeUsers, {_SERVERS}", _SERVER_AUTH, extra=_server_extra()
        ),
        _Default(
            "Client Proxy",
            465,
            role,
            "ExchangeUsers, ExchangeServers",
            _SERVER_AUTH,
            extra=_client_extra(),
        ),
    )


def _old_hub_defaults() -> tuple[_Default, ...]:
    return (
        _Default(
            "Default", 25, None, f"ExchangeUsers, {_SERVERS}", _SERVER_AUTH, extra=_server_extra()
        ),
        _Default("Client", 587, None, "ExchangeUsers", _CLIENT_AUTH, extra=_client_extra()),
    )


def _defaults(version: tuple[int, int], roles: set[str]) -> tuple[_Default, ...]:
    if version < (15, 0):
        return _old_hub_defaults() if "HubTransport" in roles else ()
    frontend = "ClientAccess" in roles or (version >= (15, 1) and "Mailbox" in roles)
    hub = _hub_defaults(2525 if frontend else 25) if "Mailbox" in roles else ()
    return hub + (_frontend_defaults() if frontend else ())


def default_connectors(
    server: str, version: tuple[int, int] = (15, 2), roles: str = "Mailbox"
) -> tuple[PSObject, ...]:
    """The receive connectors setup creates on a server of that version and those roles."""
    installed = {role.strip() for role in roles.split(",")}
    if "Edge" in installed:
        return (_edge_default(server, version),)
    return tuple(_built(server, version, default) for default in _defaults(version, installed))


def _edge_default(server: str, version: tuple[int, int]) -> PSObject:
    return receive_connector(
        server,
        f"Default internal receive connector {server}",
        transport_role="HubTransport" if version >= (15, 0) else None,
        auth="Tls, ExchangeServer",
        groups="AnonymousUsers, ExchangeServers, Partners",
        version=version,
        **_edge_extra(),
    )


def _built(server: str, version: tuple[int, int], default: _Default) -> PSObject:
    ipv4, ipv6 = f"0.0.0.0:{default.port}", f"[::]:{default.port}"
    if version < (15, 0):
        bindings = (f":::{default.port}", ipv4)
    else:
        bindings = (ipv4, ipv6) if default.prefix == "Default" else (ipv6, ipv4)
    return receive_connector(
        server,
        f"{default.prefix} {server}",
        bindings,
        (WHOLE_IPV6, WHOLE_IPV4),
        transport_role=default.role,
        auth=default.auth,
        groups=default.groups,
        logging=default.logging,
        version=version,
        **default.extra,
    )
