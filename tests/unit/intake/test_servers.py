"""Servers, their adapters, and what HealthChecker collects about them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fakes import exchange
from fakes.powershell import PSList, PSObject, clixml
from rctango.addresses import Address
from rctango.intake.snapshot import read_snapshot
from rctango.model.origin import Origin
from rctango.model.server import Server, ServerRole, Version
from unit.intake.samples import artifact, gap_about, read, whys

if TYPE_CHECKING:
    from rctango.model.snapshot import Snapshot

EX01 = clixml((exchange.exchange_server("EX01"),))


def addresses(*texts: str) -> tuple[Address, ...]:
    return tuple(map(Address.parse, texts))


def only_server(snapshot: Snapshot) -> Server:
    (server,) = snapshot.servers
    return server


def exported(**properties: Any) -> Snapshot:
    basis = {"Name": "EX01", "ServerRole": "Mailbox", "AdminDisplayVersion": "Version 15.2"}
    return read(json.dumps(basis | properties))


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Version 15.2 (Build 1544.4)", (15, 2)),
        ("Version 14.3 (Build 123.4)", (14, 3)),
        ("15.1.2507.6", (15, 1)),
        ({"Major": 15, "Minor": 0, "Build": 1497}, (15, 0)),
        ({"Major": "8", "Minor": "3"}, (8, 3)),
    ],
)
def test_versions(text: object, version: tuple[int, int]) -> None:
    found = only_server(exported(AdminDisplayVersion=text)).version
    assert found == Version(major=version[0], minor=version[1])


def test_an_unreadable_version_is_reported() -> None:
    snapshot = exported(AdminDisplayVersion="SE RTM")
    assert only_server(snapshot).version is None
    assert gap_about(snapshot, "AdminDisplayVersion of EX01").unreadable


@pytest.mark.parametrize(
    ("value", "roles"),
    [
        ("Mailbox", ServerRole.MAILBOX),
        (
            "Mailbox, ClientAccess, HubTransport",
            ServerRole.MAILBOX | ServerRole.CLIENT_ACCESS | ServerRole.HUB_TRANSPORT,
        ),
        (54, ServerRole(54)),
        ("Edge", ServerRole.EDGE),
    ],
)
def test_roles(value: object, roles: ServerRole) -> None:
    assert only_server(exported(ServerRole=value)).roles == roles


def test_names_are_short_and_spelled_as_the_server_list_does() -> None:
    connectors = clixml(exchange.default_connectors("ex01"))
    adapter = clixml((exchange.win32_adapter("Ex01.contoso.com", ("10.0.0.5",)),))
    snapshot = read(connectors, adapter, EX01)
    assert only_server(snapshot).name == "EX01"
    assert {one.server for one in snapshot.connectors} == {"EX01"}
    assert only_server(snapshot).addresses == addresses("10.0.0.5")


def test_the_site_is_the_last_part_of_its_name() -> None:
    assert only_server(read(EX01)).site == "HQ"
    assert only_server(exported(Site="CN=Berlin,CN=Sites,CN=Configuration,DC=x")).site == "Berlin"


def test_adapters_of_one_server_add_up_in_any_order() -> None:
    adapters = [
        clixml((exchange.win32_adapter("EX01", ("10.0.0.5",), ("10.0.0.1",), index=1),)),
        clixml((exchange.win32_adapter("EX01", ("10.0.1.5",), ("10.0.1.1",), index=2),)),
        clixml((exchange.net_ip_configuration("EX01", ("10.0.0.5",), ("10.0.0.1",)),)),
    ]
    for order in (adapters, adapters[::-1]):
        server = only_server(read(EX01, *order))
        assert server.addresses == addresses("10.0.0.5", "10.0.1.5")
        assert server.gateways == addresses("10.0.0.1", "10.0.1.1")
        assert server.network_complete


def test_adapters_without_a_number_or_name_are_not_mixed_up() -> None:
    def adapter(address: str) -> str:
        return json.dumps({"DNSHostName": "EX01", "IPAddress": [address], "DefaultIPGateway": None})

    snapshot = read(EX01, adapter("10.0.0.5"), adapter("10.0.1.5"))
    assert only_server(snapshot).addresses == addresses("10.0.0.5", "10.0.1.5")
    assert not snapshot.gaps


def test_a_machine_that_is_no_exchange_server_is_reported() -> None:
    snapshot = read(EX01, clixml((exchange.win32_adapter("FILE01", ("10.0.0.9",)),)))
    assert only_server(snapshot).addresses is None
    assert "no Exchange export names it" in gap_about(snapshot, "the machine FILE01").why


def test_an_adapter_without_a_host_name_belongs_to_the_only_server() -> None:
    adapter = json.dumps({"IPAddress": ["10.0.0.5"], "DefaultIPGateway": ["10.0.0.1"]})
    snapshot = read(EX01, adapter)
    assert only_server(snapshot).gateways == addresses("10.0.0.1")
    assert "the only one known" in gap_about(snapshot, "the server of").why
    two = read(EX01, clixml((exchange.exchange_server("EX02"),)), adapter)
    assert {one.gateways for one in two.servers} == {None}
    assert whys(two, unreadable=True)


def test_a_disabled_adapter_is_no_loss() -> None:
    server = only_server(read(EX01, clixml((exchange.win32_adapter("EX01", (), enabled=False),))))
    assert server.addresses == ()
    assert server.network_complete


def test_an_unreadable_address_leaves_the_network_incomplete() -> None:
    adapter = {"DNSHostName": "EX01", "IPAddress": ["10.0.0.5", "10.x.x.x"], "DefaultIPGateway": []}
    snapshot = read(EX01, json.dumps(adapter))
    server = only_server(snapshot)
    assert server.addresses == addresses("10.0.0.5")
    assert not server.network_complete
    assert gap_about(snapshot, "IPAddress of an adapter of EX01").unreadable


def test_a_route_without_a_gateway_names_none() -> None:
    adapter = {"DNSHostName": "EX01", "IPAddress": ["10.0.0.5"], "DefaultIPGateway": ["0.0.0.0"]}
    server = only_server(read(EX01, json.dumps(adapter)))
    assert server.gateways == ()


PLAIN_LISTING = """
InterfaceAlias       : Ethernet
InterfaceIndex       : 7
IPv4Address          : 10.0.0.5
IPv6Address          : 2001:db8::5
IPv6DefaultGateway   : fe80::1
IPv4DefaultGateway   : 10.0.0.1
"""
BRACED_LISTING = """
InterfaceAlias       : Ethernet
IPv4Address          : {10.0.0.5}
IPv6Address          : {2001:db8::5}
IPv6DefaultGateway   : {fe80::1%7}
IPv4DefaultGateway   : {10.0.0.1}
"""


@pytest.mark.parametrize("listed", [PLAIN_LISTING, BRACED_LISTING])
def test_the_usual_listing_of_the_network(listed: str) -> None:
    server = only_server(read(EX01, listed))
    assert server.addresses == addresses("10.0.0.5", "2001:db8::5")
    assert server.gateways == addresses("10.0.0.1", "fe80::1")


def health_checker(
    *adapters: PSObject, connectors: tuple[PSObject, ...] = (), name: str = "EX01"
) -> PSObject:
    """The object of which HealthChecker writes one a server, as far as it matters."""
    network = PSObject(
        ("System.Management.Automation.PSCustomObject", "System.Object"),
        None,
        {"NetworkAdapters": PSList("System.Object[]", adapters), "HttpProxy": None},
    )
    custom = ("System.Management.Automation.PSCustomObject", "System.Object")
    system = PSObject(custom, None, {"NetworkInformation": network, "ServerBootUp": "1.2:3"})
    exchange_information = PSObject(
        custom,
        None,
        {
            "GetExchangeServer": exchange.exchange_server(name),
            "GetReceiveConnector": PSList("System.Object[]", connectors),
            "BuildInformation": PSObject(custom, None, {"CU": "CU14"}),
        },
    )
    return PSObject(
        custom,
        None,
        {
            "ServerName": f"{name}.contoso.com",
            "HealthCheckerVersion": "25.01.01.0000",
            "OSInformation": system,
            "ExchangeInformation": exchange_information,
        },
    )


def nic(
    ipv4: tuple[dict[str, Any], ...], ipv6: tuple[dict[str, Any], ...] = (), name: str = "Ethernet"
) -> PSObject:
    custom = ("System.Management.Automation.PSCustomObject", "System.Object")
    lists = {
        family: PSList("System.Object[]", tuple(PSObject(custom, None, one) for one in many))
        for family, many in (("IPv4Addresses", ipv4), ("IPv6Addresses", ipv6))
    }
    return PSObject(
        custom, None, {"Description": "Adapter", "Name": name, "MTUSize": 1500, **lists}
    )


IPV4 = {"Address": "192.0.2.5", "Subnet": 24, "DefaultGateway": "192.0.2.1"}
IPV6 = {"Address": "2001:db8::5", "Subnet": 64, "DefaultGateway": "fe80::1"}


def test_health_checker() -> None:
    connectors = exchange.default_connectors("EX01")
    snapshot = read(clixml((health_checker(nic((IPV4,), (IPV6,)), connectors=connectors),)))
    server = only_server(snapshot)
    assert server.addresses == addresses("192.0.2.5", "2001:db8::5")
    assert server.gateways == addresses("192.0.2.1", "fe80::1")
    assert (server.name, server.version) == ("EX01", Version(major=15, minor=2))
    assert len(snapshot.connectors) == 5
    assert {item.kind: item.objects for item in snapshot.evidence} == {
        "Get-ReceiveConnector (CLIXML)": 5,
        "Get-ExchangeServer (CLIXML)": 1,
        "HealthChecker network adapter (CLIXML)": 1,
    }
    assert not snapshot.gaps


def test_health_checker_of_two_servers() -> None:
    other = nic(({"Address": "192.0.2.6", "Subnet": 24, "DefaultGateway": ""},))
    snapshot = read(
        clixml((health_checker(nic((IPV4,))),)),
        clixml((health_checker(other, name="EX02"),)),
    )
    assert [(one.name, one.addresses, one.gateways) for one in snapshot.servers] == [
        ("EX01", addresses("192.0.2.5"), addresses("192.0.2.1")),
        ("EX02", addresses("192.0.2.6"), ()),
    ]


@pytest.mark.parametrize(
    ("gateway", "expected"),
    [
        (None, ()),
        ("", ()),
        ("No default IPv4 gateway set", ()),
        ("192.0.2.1", ("192.0.2.1",)),
        (PSList("System.String[]", ("192.0.2.1", "192.0.2.2")), ("192.0.2.1", "192.0.2.2")),
    ],
)
def test_gateways_of_health_checker(gateway: object, expected: tuple[str, ...]) -> None:
    snapshot = read(clixml((health_checker(nic((IPV4 | {"DefaultGateway": gateway},))),)))
    assert only_server(snapshot).gateways == addresses(*expected)
    assert not snapshot.gaps


def test_health_checker_exported_too_shallow_is_a_gap() -> None:
    shallow = {
        "ServerName": "EX01",
        "NetworkAdapters": [
            {
                "Description": "Adapter",
                "IPv4Addresses": ["@{Address=192.0.2.5; Subnet=24; DefaultGateway=192.0.2.1}"],
                "IPv6Addresses": ["2001:db8::5"],
            }
        ],
    }
    snapshot = read(EX01, json.dumps(shallow))
    server = only_server(snapshot)
    assert server.addresses == addresses("2001:db8::5")
    assert server.gateways is None
    assert not server.network_complete
    assert len(whys(snapshot, unreadable=True)) == 2


def test_declared_servers_supplement_and_do_not_contradict() -> None:
    origin = Origin(source="rctango.toml", locator="server[0]")
    declared = Server(
        name="ex01",
        version=Version(major=15, minor=1),
        roles=ServerRole.MAILBOX,
        addresses=addresses("10.0.0.7"),
        gateways=addresses("10.0.0.1"),
        facts=tuple((name, origin) for name in ("addresses", "gateways", "version", "roles")),
    )
    adapter = artifact("n", clixml((exchange.win32_adapter("EX01", ("10.0.0.5",)),)))
    snapshot = read_snapshot([artifact("s", EX01), adapter], servers=[declared])
    server = only_server(snapshot)
    assert server.name == "EX01"
    assert server.addresses == addresses("10.0.0.5", "10.0.0.7")
    assert server.gateways == addresses("10.0.0.1")
    assert server.version == Version(major=15, minor=2)
    gap = gap_about(snapshot, "version of ex01")
    assert "the configuration says otherwise" in gap.why
    assert gap.origin == origin


def test_a_declared_server_is_enough() -> None:
    declared = Server(
        name="EDGE1",
        addresses=addresses("10.0.0.7"),
        facts=(("addresses", Origin(source="c", locator="server[0].addresses")),),
    )
    server = only_server(read_snapshot([], servers=[declared]))
    assert (server.name, server.addresses) == ("EDGE1", addresses("10.0.0.7"))


@pytest.mark.parametrize(
    ("agents", "expected"),
    [
        ((("Content Filter Agent", True),), True),
        ((("Content Filter Agent", False), ("Sender Id Agent", True)), True),
        ((("Content Filter Agent", False),), False),
        ((("Transport Rule Agent", True),), None),
        ((("Content Filter Agent", None),), None),
    ],
)
def test_anti_spam_agents(agents: tuple[tuple[str, bool | None], ...], expected: object) -> None:
    objects = [
        {"Identity": name, "Enabled": enabled, "Priority": 1, "PSComputerName": "EX01"}
        for name, enabled in agents
    ]
    assert only_server(read(EX01, json.dumps(objects))).anti_spam_agents is expected


def test_agents_without_a_server_belong_to_the_only_one() -> None:
    agents = json.dumps([{"Identity": "Sender Id Agent", "Enabled": True, "Priority": 1}])
    assert only_server(read(EX01, agents)).anti_spam_agents is True
    two = read(EX01, clixml((exchange.exchange_server("EX02"),)), agents)
    assert {one.anti_spam_agents for one in two.servers} == {None}
