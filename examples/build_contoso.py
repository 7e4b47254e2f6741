"""Write examples/contoso: the exports of an awkward Exchange organisation.

``python examples/build_contoso.py`` rewrites the exports byte for byte; ``--check`` writes nothing
and exits with 1 when a file would differ. README.md and rctango.toml in the folder are kept by
hand. What is wrong with the organisation, and why, stands in its README.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from fakes import exchange, powershell  # noqa: E402 - the path must be set first

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fakes.powershell import PSObject

FOLDER = ROOT / "examples" / "contoso"
BY_HAND = {"README.md", "rctango.toml"}

Version = tuple[int, int]

SERVERS: dict[str, tuple[Version, str]] = {
    "EX10": ((14, 3), "Mailbox, ClientAccess, HubTransport"),
    "CAS13": ((15, 0), "ClientAccess"),
    "MBX13": ((15, 0), "Mailbox"),
    "EX16A": ((15, 1), "Mailbox"),
    "EX16B": ((15, 1), "Mailbox"),
    "EX19": ((15, 2), "Mailbox"),
    "EDGE1": ((15, 2), "Edge"),
}


def defaults(server: str) -> tuple[PSObject, ...]:
    """What setup created on the server."""
    version, roles = SERVERS[server]
    return exchange.default_connectors(server, version, roles)


def relay(
    server: str,
    name: str,
    ranges: Sequence[str],
    *,
    bindings: Sequence[str] = ("0.0.0.0:25",),
    logging: str = "Verbose",
) -> PSObject:
    """An anonymous relay on port 25, made the documented first way."""
    return exchange.receive_connector(
        server,
        name,
        bindings,
        ranges,
        groups="AnonymousUsers, Custom",
        logging=logging,
        version=SERVERS[server][0],
    )


def narrow(
    server: str,
    name: str,
    ranges: Sequence[str],
    *,
    groups: str = "AnonymousUsers",
    auth: str = "Tls",
    role: str = "FrontendTransport",
) -> PSObject:
    """Another connector on port 25 for a few addresses."""
    return exchange.receive_connector(
        server,
        name,
        ("0.0.0.0:25",),
        ranges,
        transport_role=role,
        auth=auth,
        groups=groups,
        logging="Verbose",
        version=SERVERS[server][0],
    )


def ex10() -> tuple[PSObject, ...]:
    """The old hub: its default connector was opened to everyone, for any recipient."""
    groups = "AnonymousUsers, ExchangeUsers, ExchangeServers, ExchangeLegacyServers, Custom"
    opened = exchange.receive_connector(
        "EX10",
        "Default EX10",
        (":::25", "0.0.0.0:25"),
        (exchange.WHOLE_IPV6, exchange.WHOLE_IPV4),
        transport_role=None,
        auth="Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer",
        groups=groups,
        version=(14, 3),
    )
    return (opened, *defaults("EX10")[1:])


def cas13() -> tuple[PSObject, ...]:
    """Client Access: one relay whose rights nobody exported, one half-made trusted one."""
    return (
        *defaults("CAS13"),
        relay("CAS13", "Relay Legacy", ("10.20.4.0/24",)),
        narrow("CAS13", "CRM", ("10.20.5.20",), auth="Tls, ExternalAuthoritative"),
    )


def mbx13() -> tuple[PSObject, ...]:
    """Mailbox only, so the Transport service itself listens on port 25."""
    hardened = narrow(
        "MBX13",
        "From Exchange 2010",
        ("192.168.1.10",),
        groups="ExchangeServers, ExchangeLegacyServers",
        role="HubTransport",
    )
    return (*defaults("MBX13"), hardened)


def ex16a() -> tuple[PSObject, ...]:
    """The printers' relay swallows EX10; branch offices and the DMZ relay too."""
    printers = ("192.168.1.0/25", "10.20.7.0/26", "10.20.1.250")
    branch = ("10.64.0.0/16", "172.30.0.0-172.33.255.255", "10.20.6.1")
    return (
        *defaults("EX16A"),
        relay("EX16A", "Relay Printers", printers),
        relay("EX16A", "Relay Branch", branch),
        relay("EX16A", "Relay DMZ", ("10.20.9.32/28",)),
        relay("EX16A", "Relay ERP", ("10.20.5.30",)),
    )


def ex16b() -> tuple[PSObject, ...]:
    """A copy of EX16A that drifted, and connectors that compete."""
    printers = ("192.168.1.32-192.168.1.96", "10.20.7.0/27", "10.20.1.250", "10.20.1.16")
    return (
        *defaults("EX16B"),
        relay("EX16B", "Relay Printers", printers, logging="None"),
        narrow(
            "EX16B",
            "LOB Application",
            ("10.20.5.10-10.20.5.12",),
            groups="ExchangeServers",
            auth="Tls, ExternalAuthoritative",
        ),
        relay("EX16B", "Relay Backup", ("10.20.8.15",)),
        narrow("EX16B", "Backup Alerts", ("10.20.8.15",)),
    )


def ex19() -> tuple[PSObject, ...]:
    """Applications relay over both families; the firewall's inside address relays with them."""
    apps = (
        "10.20.2.0/28",
        "10.20.7.0/26",
        "10.20.7.64",
        "10.20.7.65",
        "2001:db8:20:7::100-2001:db8:20:7::1ff",
    )
    return (
        *defaults("EX19"),
        relay("EX19", "Relay Apps", apps, bindings=("[::]:25", "0.0.0.0:25")),
        narrow("EX19", "Monitoring", ("10.20.7.64/31",)),
        narrow("EX19", "Relay Migration", ("10.20.7.200",), role="HubTransport"),
    )


def relay_aces(server: str, names: Sequence[str], *, language: str = "en") -> list[PSObject]:
    """Get-ADPermission of anonymous relays made the documented way."""
    found: list[PSObject] = []
    for name in names:
        found += exchange.anonymous_relay_aces(f"{server}\\{name}", language=language)
    return found


def ex10_aces() -> list[PSObject]:
    """Everyone may relay: the last entry but the inherited ones."""
    identity = "EX10\\Default EX10"
    groups = "AnonymousUsers, ExchangeUsers, ExchangeServers, ExchangeLegacyServers"
    anonymous = exchange.PRINCIPALS["en"]["anonymous"]
    right = ("ms-Exch-SMTP-Accept-Any-Recipient",)
    return [
        *exchange.default_aces(identity, groups, version=(14, 3)),
        *exchange.allow_each(identity, anonymous, right),
        *exchange.inherited_aces(identity),
    ]


def ex16b_aces() -> list[PSObject]:
    """A German server: localised principals, and one connector the documented second way."""
    return [
        *relay_aces("EX16B", ("Relay Printers", "Relay Backup"), language="de"),
        *exchange.default_aces("EX16B\\Backup Alerts", "AnonymousUsers", language="de"),
        *exchange.externally_secured_aces("EX16B\\LOB Application", language="de"),
    ]


def ex19_aces() -> list[PSObject]:
    """The relay right of Relay Apps hides in an entry that names no right at all."""
    apps = "EX19\\Relay Apps"
    anonymous = exchange.PRINCIPALS["en"]["anonymous"]
    return [
        *exchange.default_aces(apps, "AnonymousUsers"),
        exchange.ad_permission(apps, anonymous),
        *exchange.inherited_aces(apps),
        *exchange.default_aces("EX19\\Monitoring", "AnonymousUsers"),
        *exchange.default_aces("EX19\\Relay Migration", "AnonymousUsers"),
    ]


def old_adapters() -> list[PSObject]:
    """Get-WmiObject on the servers before 2016, an unplugged adapter among them."""
    wmi = {
        "EX10": ("192.168.1.10", "192.168.1.254"),
        "CAS13": ("10.20.1.13", "10.20.1.254"),
        "MBX13": ("10.20.1.14", "10.20.1.254"),
    }
    adapters = [
        exchange.win32_adapter(server, (address,), (gateway,), cim=False)
        for server, (address, gateway) in wmi.items()
    ]
    return [*adapters, exchange.win32_adapter("MBX13", (), index=2, cim=False, enabled=False)]


def agents() -> list[PSObject]:
    """EX19 filters spam itself: the agents are installed."""
    names = (*exchange.OTHER_AGENTS, *exchange.ANTI_SPAM_AGENTS)
    return [
        exchange.transport_agent("EX19", name, priority=number)
        for number, name in enumerate(names, start=1)
    ]


def accepted_domains() -> list[PSObject]:
    """The organisation's domains, and a partner's."""
    return [
        exchange.accepted_domain("contoso.com", default=True),
        exchange.accepted_domain("sales.contoso.com"),
        exchange.accepted_domain("*.fabrikam.com", "ExternalRelay", name="Fabrikam"),
    ]


def send_connectors() -> list[PSObject]:
    """Mail leaves through the anti-spam device and, as a spare way, through the Edge."""
    return [
        exchange.send_connector(
            "Internet", ("[10.20.9.40]",), source_servers=("EX16A", "EX16B", "EX19")
        ),
        exchange.send_connector(
            "EdgeSync - HQ to Internet",
            source_servers=("EDGE1",),
            address_spaces=("SMTP:*;100",),
        ),
    ]


CONNECTOR_COLUMNS = (
    "Name",
    "Server",
    "Enabled",
    "TransportRole",
    "Bindings",
    "RemoteIPRanges",
    "AuthMechanism",
    "PermissionGroups",
    "Fqdn",
    "RequireTLS",
    "SuppressXAnonymousTls",
    "ProtocolLoggingLevel",
    "TlsDomainCapabilities",
    "WhenChanged",
)
ACE_COLUMNS = ("Identity", "User", "Deny", "IsInherited", "AccessRights", "ExtendedRights")


def exchange_servers() -> bytes:
    """One Get-ExchangeServer holds all of them, and no address of any."""
    servers = [
        exchange.exchange_server(
            name, version, roles, site="Branch" if name == "EX19" else "HQ", seen_from="EX19"
        )
        for name, (version, roles) in SERVERS.items()
    ]
    return powershell.clixml(servers)


def connector_listing() -> bytes:
    """Both 2013 servers in one text, as somebody sent it from a narrow window."""
    command = "Get-ReceiveConnector | Format-List " + ",".join(CONNECTOR_COLUMNS)
    text = powershell.format_list(
        (*cas13(), *mbx13()), CONNECTOR_COLUMNS, width=80, prompt=f"[PS] C:\\>{command}"
    )
    return powershell.encoded(text, "utf-16")


def transport_services() -> bytes:
    """Where the newer servers keep their logs, and for how long."""
    columns = (
        "Name",
        "ReceiveProtocolLogPath",
        "ReceiveProtocolLogMaxAge",
        "AntispamAgentsEnabled",
    )
    services = [
        exchange.transport_service(name, anti_spam=name == "EX19")
        for name in ("EX16A", "EX16B", "EX19")
    ]
    return powershell.encoded(powershell.format_list(services, columns), "utf-16")


def json_7(objects: Sequence[PSObject]) -> bytes:
    """PowerShell 7 holds no Exchange types: what it writes came through remoting."""
    flat = powershell.deserialize(objects)
    return powershell.encoded(powershell.json_text(flat, flavour="7") + "\r\n", "utf-8")


def csv(objects: Sequence[PSObject], columns: Sequence[str], encoding: str) -> bytes:
    """Export-Csv with semicolons and the lists joined, as a careful script does it."""
    text = powershell.csv_text(objects, columns, delimiter=";", joined=", ")
    return powershell.encoded(text, encoding)


def network(server: str, addresses: tuple[str, ...], gateways: tuple[str, ...]) -> bytes:
    """Get-NetIPConfiguration of one server."""
    return powershell.clixml(
        [exchange.net_ip_configuration(server, addresses, gateways)], encoding="utf-8-sig"
    )


FILES: dict[str, Callable[[], bytes]] = {
    "servers.xml": exchange_servers,
    "ex10-connectors.xml": lambda: powershell.clixml(ex10()),
    "2013-connectors.txt": connector_listing,
    "ex16a-connectors.xml": lambda: powershell.clixml(
        ex16a(), deserialized=True, encoding="utf-8-sig"
    ),
    "ex16b-connectors.json": lambda: powershell.encoded(
        powershell.json_text(ex16b(), flavour="5.1") + "\r\n", "utf-16"
    ),
    "ex19-connectors.json": lambda: json_7(ex19()),
    "edge1-connectors.csv": lambda: csv(defaults("EDGE1"), CONNECTOR_COLUMNS, "ascii"),
    "ex10-permissions.txt": lambda: powershell.encoded(
        powershell.format_list(ex10_aces(), ACE_COLUMNS), "utf-16"
    ),
    "ex16a-permissions.xml": lambda: powershell.clixml(
        relay_aces("EX16A", ("Relay Printers", "Relay Branch", "Relay DMZ", "Relay ERP")),
        deserialized=True,
        encoding="utf-8-sig",
    ),
    "ex16b-permissions.csv": lambda: csv(ex16b_aces(), ACE_COLUMNS, "utf-8-sig"),
    "ex19-permissions.json": lambda: json_7(ex19_aces()),
    "old-adapters.xml": lambda: powershell.clixml(old_adapters()),
    "ex16a-adapter.json": lambda: json_7(
        [exchange.win32_adapter("EX16A", ("10.20.1.16",), ("10.20.1.254",))]
    ),
    "ex16b-network.xml": lambda: network(
        "EX16B", ("10.20.1.17", "2001:db8:20:1::17"), ("10.20.1.254", "2001:db8:20:1::1")
    ),
    "ex19-network.xml": lambda: network(
        "EX19", ("10.20.2.19", "2001:db8:20:2::19"), ("10.20.2.1", "2001:db8:20:2::1")
    ),
    "transport-services.txt": transport_services,
    "ex19-agents.json": lambda: powershell.encoded(
        powershell.json_text(agents(), flavour="5.1", wrapper=True) + "\r\n", "utf-16"
    ),
    "accepted-domains.csv": lambda: csv(
        accepted_domains(), ("Name", "DomainName", "DomainType", "Default"), "utf-8-sig"
    ),
    "send-connectors.xml": lambda: powershell.clixml(
        send_connectors(), deserialized=True, encoding="utf-8-sig"
    ),
}


def stale() -> list[str]:
    """The files that are missing, differ or do not belong there."""
    present = {path.name for path in FOLDER.iterdir()} if FOLDER.is_dir() else set()
    strange = present - FILES.keys() - BY_HAND
    return sorted(
        strange
        | {name for name in FILES if name not in present}
        | {
            name
            for name, build in FILES.items()
            if name in present and (FOLDER / name).read_bytes() != build()
        }
    )


def main() -> int:
    """Write the folder, or check it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="exit with 1 when a file would differ")
    if parser.parse_args().check:
        for name in (found := stale()):
            print(f"examples/contoso/{name} is not what this script writes", file=sys.stderr)
        return 1 if found else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, build in FILES.items():
        (FOLDER / name).write_bytes(build())
    return 0


if __name__ == "__main__":
    sys.exit(main())
