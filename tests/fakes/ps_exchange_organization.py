"""Servers, transport services, accepted domains, Send connectors and transport agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.powershell import PSEnum, PSList, PSObject
from fakes.ps_exchange_values import (
    ADMINISTRATIVE_GROUP,
    CHANGED,
    DOMAIN,
    ORGANIZATION,
    ad_object_id,
    byte_size,
    collection,
    configuration_dn,
    directory_properties,
    directory_types,
    dn_of,
    flags,
    group_dn,
    ip_address,
    organization_dn,
    session_members,
    time_span,
    unlimited,
)

if TYPE_CHECKING:
    from datetime import datetime

_SYSTEM = "Microsoft.Exchange.Data.Directory.SystemConfiguration"
_MANAGEMENT = "Microsoft.Exchange.Data.Directory.Management"
_AGENTS = "Microsoft.Exchange.Transport.Agent"
_TRANSPORT_SETTINGS = "Transport Settings"

SERVER_ROLES = {
    "Mailbox": 2,
    "ClientAccess": 4,
    "UnifiedMessaging": 16,
    "HubTransport": 32,
    "Edge": 64,
    "FrontendTransport": 16384,
}
BUILDS = {
    (8, 3): (83, 6),
    (14, 3): (123, 4),
    (15, 0): (1497, 2),
    (15, 1): (2507, 6),
    (15, 2): (1544, 4),
}
"""The build that a server of each version reports."""


def server_role(text: str) -> PSEnum:
    """A ServerRole, also the type of a connector's TransportRole."""
    return flags(f"{_SYSTEM}.ServerRole", SERVER_ROLES, text)


def _version(version: tuple[int, int]) -> PSObject:
    build, revision = BUILDS.get(version, (1, 0))
    properties = {
        "Major": version[0],
        "Minor": version[1],
        "Build": build,
        "Revision": revision,
        "FilePatchLevelDescription": None,
    }
    text = f"Version {version[0]}.{version[1]} (Build {build}.{revision})"
    return PSObject(("Microsoft.Exchange.Data.ServerVersion", "System.Object"), text, properties)


def _network_addresses(server: str, fqdn: str) -> PSList:
    pairs = (("netbios", server), ("ncacn_np", server), ("ncacn_ip_tcp", fqdn))
    types = (
        "Microsoft.Exchange.Data.NetworkAddress",
        "Microsoft.Exchange.Data.ProtocolAddress",
        "System.Object",
    )
    items = tuple(
        PSObject(types, f"{kind}:{name}", {"ProtocolType": kind, "AddressString": name})
        for kind, name in pairs
    )
    bases = collection("Microsoft.Exchange.Data.NetworkAddress").types
    return PSList("Microsoft.Exchange.Data.NetworkAddressCollection", items, bases)


def _role_properties(version: tuple[int, int], roles: set[str]) -> dict[str, Any]:
    merged = version >= (15, 1) and "Mailbox" in roles
    modern_hub = version >= (15, 0) and "Mailbox" in roles
    client_access = merged or "ClientAccess" in roles
    return {
        "IsHubTransportServer": modern_hub or "HubTransport" in roles,
        "IsClientAccessServer": client_access,
        "IsExchange2007OrLater": True,
        "IsEdgeServer": "Edge" in roles,
        "IsMailboxServer": "Mailbox" in roles,
        "IsE14OrLater": version >= (14, 0),
        "IsE15OrLater": version >= (15, 0),
        "IsProvisionedServer": False,
        "IsUnifiedMessagingServer": False,
        "IsFrontendTransportServer": version >= (15, 0) and client_access,
    }


def exchange_server(
    name: str,
    version: tuple[int, int] = (15, 2),
    roles: str = "Mailbox",
    *,
    site: str = "HQ",
    seen_from: str | None = None,
    changed: datetime = CHANGED,
) -> PSObject:
    """A server as Get-ExchangeServer returns it; it holds names, never IP addresses."""
    fqdn = f"{name.lower()}.{DOMAIN}"
    dn = dn_of(name)
    site_dn = f"CN={site},CN=Sites,{configuration_dn()}"
    role = server_role(roles)
    classes = ("top", "server", "msExchExchangeServer")
    identity = ad_object_id(dn)
    properties: dict[str, Any] = {
        "Name": name,
        "Domain": DOMAIN,
        "Edition": PSEnum("Microsoft.Exchange.Data.ServerEditionType", "Standard", 1),
        "ExchangeLegacyDN": f"/o={ORGANIZATION}/ou={ADMINISTRATIVE_GROUP}"
        f"/cn=Configuration/cn=Servers/cn={name}",
        "ExchangeLegacyServerRole": 0,
        "Fqdn": fqdn,
        "CustomerFeedbackEnabled": False,
        **_role_properties(version, set(role.text.split(", "))),
        "NetworkAddress": _network_addresses(name, fqdn),
        "OrganizationalUnit": f"{DOMAIN}/{name}",
        "AdminDisplayVersion": _version(version),
        "Site": ad_object_id(site_dn, f"{DOMAIN}/Configuration/Sites/{site}"),
        "ServerRole": role,
        "IsExchangeTrialEdition": False,
        **directory_properties(dn, identity, classes, "ms-Exch-Exchange-Server", changed),
    }
    types = directory_types(f"{_MANAGEMENT}.ExchangeServer", f"{_MANAGEMENT}.ADPresentationObject")
    return PSObject(types, name, properties, session_members(seen_from or name))


def transport_service(
    name: str,
    *,
    receive_log_path: str | None = None,
    receive_log_days: int = 30,
    anti_spam: bool = False,
    changed: datetime = CHANGED,
) -> PSObject:
    """The Transport service of a server, as Get-TransportService returns it."""
    logs = r"C:\Program Files\Microsoft\Exchange Server\V15\TransportRoles\Logs\Hub\ProtocolLog"
    dn = dn_of(name)
    identity = ad_object_id(dn)
    properties: dict[str, Any] = {
        "ConnectivityLogEnabled": True,
        "ReceiveProtocolLogMaxAge": time_span(receive_log_days * 86400),
        "ReceiveProtocolLogMaxDirectorySize": unlimited(byte_size(250 * 2**20)),
        "ReceiveProtocolLogMaxFileSize": unlimited(byte_size(10 * 2**20)),
        "ReceiveProtocolLogPath": receive_log_path or rf"{logs}\SmtpReceive",
        "SendProtocolLogPath": rf"{logs}\SmtpSend",
        "IntraOrgConnectorProtocolLoggingLevel": logging_level("None"),
        "InternalDNSAdapterEnabled": True,
        "AntispamAgentsEnabled": anti_spam,
        **directory_properties(
            dn,
            identity,
            ("top", "server", "msExchExchangeServer"),
            "ms-Exch-Exchange-Server",
            changed,
        ),
    }
    types = directory_types(f"{_MANAGEMENT}.TransportServer", f"{_MANAGEMENT}.ADPresentationObject")
    return PSObject(types, name, properties, session_members(name))


def logging_level(text: str) -> PSEnum:
    """A ProtocolLoggingLevel."""
    return flags("Microsoft.Exchange.Data.ProtocolLoggingLevel", {"None": 0, "Verbose": 1}, text)


def accepted_domain(
    domain: str,
    kind: str = "Authoritative",
    *,
    name: str | None = None,
    default: bool = False,
    changed: datetime = CHANGED,
) -> PSObject:
    """An accepted domain; ``domain`` may be ``*`` or ``*.example.com``."""
    label = name or domain
    dn = organization_dn(label, "Accepted Domains", _TRANSPORT_SETTINGS)
    identity = ad_object_id(dn)
    kinds = {"Authoritative": 0, "ExternalRelay": 1, "InternalRelay": 2}
    written = PSObject(
        ("Microsoft.Exchange.Data.SmtpDomainWithSubdomains", "System.Object"),
        domain,
        {
            "Domain": domain.removeprefix("*.") if domain != "*" else None,
            "IncludeSubDomains": domain.startswith("*"),
            "Address": domain,
        },
    )
    properties: dict[str, Any] = {
        "DomainName": written,
        "CatchAllRecipientID": None,
        "DomainType": flags(f"{_SYSTEM}.AcceptedDomainType", kinds, kind),
        "MatchSubDomains": False,
        "AddressBookEnabled": kind != "ExternalRelay",
        "Default": default,
        **directory_properties(
            dn,
            identity,
            ("top", "msExchAcceptedDomain"),
            "ms-Exch-Accepted-Domain",
            changed,
        ),
    }
    types = directory_types(f"{_SYSTEM}.AcceptedDomain", f"{_SYSTEM}.ADConfigurationObject")
    return PSObject(types, label, properties, session_members("EX19"))


def _smart_host(text: str) -> PSObject:
    literal = text.startswith("[")
    address = ip_address(text.strip("[]") if literal else "0.0.0.0")
    properties = {
        "Address": address,
        "IsIPAddress": literal,
        "Domain": None if literal else text,
    }
    return PSObject(("Microsoft.Exchange.Data.SmartHost", "System.Object"), text, properties)


def _address_space(text: str) -> PSObject:
    kind, _, rest = text.partition(":")
    space, _, cost = rest.partition(";")
    properties = {
        "Address": space,
        "Type": kind,
        "Cost": int(cost),
        "IncludeSubDomains": space.startswith("*"),
        "Domain": space,
        "IsSmtpType": kind == "SMTP",
        "IsX400Type": kind == "X400",
        "X400Address": None,
    }
    return PSObject(("Microsoft.Exchange.Data.AddressSpace", "System.Object"), text, properties)


def send_connector(
    name: str,
    smart_hosts: tuple[str, ...] = (),
    *,
    source_servers: tuple[str, ...] = (),
    address_spaces: tuple[str, ...] = ("SMTP:*;1",),
    enabled: bool = True,
    frontend_proxy: bool = False,
    changed: datetime = CHANGED,
) -> PSObject:
    """A Send connector; a smart host that is an address stands in square brackets."""
    routing = "Exchange Routing Group (DWBGZMFD01QNBJR)"
    dn = f"CN={name},CN=Connections,CN={routing},CN=Routing Groups,{group_dn()}"
    identity = ad_object_id(dn)
    sources = tuple(ad_object_id(dn_of(server)) for server in source_servers)
    properties: dict[str, Any] = {
        "DNSRoutingEnabled": not smart_hosts,
        "TlsDomain": None,
        "TlsAuthLevel": None,
        "SmartHosts": collection(
            "Microsoft.Exchange.Data.SmartHost", tuple(_smart_host(text) for text in smart_hosts)
        ),
        "Port": 25,
        "ConnectionInactivityTimeOut": time_span(600),
        "ForceHELO": False,
        "FrontendProxyEnabled": frontend_proxy,
        "Fqdn": None,
        "RequireTLS": False,
        "Enabled": enabled,
        "ProtocolLoggingLevel": logging_level("None"),
        "SmartHostsString": ",".join(smart_hosts),
        "AddressSpaces": collection(
            "Microsoft.Exchange.Data.AddressSpace",
            tuple(_address_space(text) for text in address_spaces),
        ),
        "IsScopedConnector": False,
        "IsSmtpConnector": True,
        "Comment": "",
        "SourceTransportServers": collection(
            "Microsoft.Exchange.Data.Directory.ADObjectId", sources
        ),
        "MaxMessageSize": unlimited(byte_size(35 * 2**20)),
        **directory_properties(
            dn,
            identity,
            ("top", "msExchConnector", "mailGateway", "msExchRoutingSMTPConnector"),
            "ms-Exch-Routing-SMTP-Connector",
            changed,
        ),
    }
    leading = tuple(
        f"{_SYSTEM}.{kind}" for kind in ("SmtpSendConnectorConfig", "MailGateway", "SendConnector")
    )
    types = directory_types(*leading, f"{_SYSTEM}.ADConfigurationObject")
    return PSObject(types, name, properties, session_members("EX19"))


def transport_agent(server: str, name: str, *, enabled: bool = True, priority: int = 1) -> PSObject:
    """A transport agent; only the session's PSComputerName tells whose it is."""
    properties: dict[str, Any] = {
        "Enabled": enabled,
        "Priority": priority,
        "TransportAgentFactory": f"{_AGENTS}.{name.replace(' ', '')}Factory",
        "AssemblyPath": r"C:\Program Files\Microsoft\Exchange Server\V15\Agents\Hygiene\Agent.dll",
        "Identity": name,
        "IsValid": True,
        "ObjectState": PSEnum("Microsoft.Exchange.Data.ObjectState", "New", 0),
    }
    types = (
        "Microsoft.Exchange.Management.AgentTasks.TransportAgent",
        "Microsoft.Exchange.Data.ConfigurableObject",
        "System.Object",
    )
    return PSObject(types, name, properties, session_members(server))


ANTI_SPAM_AGENTS = (
    "Content Filter Agent",
    "Sender Id Agent",
    "Sender Filter Agent",
    "Protocol Analysis Agent",
)
"""What Install-AntispamAgents.ps1 puts on a Mailbox server."""

OTHER_AGENTS = ("Transport Rule Agent", "DLP Policy Agent", "Malware Agent")
