"""The same organisation says the same in every encoding, or a gap says what was lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes import exchange
from fakes.powershell import clixml
from rctango.addresses import Address
from rctango.model.rights import Right, TrusteeKind
from unit.intake.samples import FAITHFUL, LOSSY, bare, only_connector, read, whys

if TYPE_CHECKING:
    from fakes.powershell import PSObject
    from rctango.model.snapshot import Snapshot

RELAY = exchange.receive_connector(
    "EX19",
    'Relay "A"; <B> & {C} Gerät\'s',
    ("10.0.0.5:25", "[::]:25", "[2001:db8::5]:587"),
    (
        "10.0.0.0/24",
        "10.1.0.1-10.1.0.9",
        "10.2.0.0(255.255.255.0)",
        "2001:db8:1::/64",
        "10.9.9.9",
        "2001:db8::-2001:db8::ff",
    ),
    auth="Tls, ExternalAuthoritative",
    groups="AnonymousUsers, ExchangeServers, Custom",
    enabled=False,
    logging="Verbose",
)
RELAY_ENTRIES = (
    *exchange.anonymous_relay_aces("EX19\\Relay"),
    *exchange.externally_secured_aces("EX19\\Relay", language="sid"),
    exchange.ad_permission("EX19\\Relay", r"NT AUTHORITY\ANONYMOUS LOGON", deny=True),
)
ORGANISATION: dict[str, tuple[PSObject, ...]] = {
    "Get-ReceiveConnector": (*exchange.default_connectors("EX19"), RELAY),
    "Get-ReceiveConnector of 2010": exchange.default_connectors(
        "EX10", (14, 3), "Mailbox, HubTransport"
    ),
    "Get-ADPermission": RELAY_ENTRIES,
    "Get-ExchangeServer": (
        exchange.exchange_server("EX10", (14, 3), "Mailbox, ClientAccess, HubTransport"),
        exchange.exchange_server("EX19"),
        exchange.exchange_server("EDGE1", (15, 2), "Edge"),
    ),
    "Get-TransportService": (
        exchange.transport_service("EX19", anti_spam=True),
        exchange.transport_service("EX16"),
    ),
    "Get-AcceptedDomain": (
        exchange.accepted_domain("contoso.com", default=True),
        exchange.accepted_domain("*", "InternalRelay", name="everything"),
        exchange.accepted_domain("*.fabrikam.com", "ExternalRelay"),
    ),
    "Get-SendConnector": (
        exchange.send_connector(
            "Internet", ("[10.20.9.40]", "mail.example.com"), source_servers=("EX19", "EX16")
        ),
        exchange.send_connector("Partner", source_servers=("EX19",), enabled=False),
    ),
    "Get-TransportAgent": tuple(
        exchange.transport_agent("EX19", name, priority=number, enabled=number != 2)
        for number, name in enumerate(exchange.ANTI_SPAM_AGENTS + exchange.OTHER_AGENTS)
    ),
    "CIM adapters": (
        exchange.win32_adapter(
            "EX19", ("10.0.0.5", "fe80::1", "10.0.0.6"), ("10.0.0.1", "fd00::1")
        ),
        exchange.win32_adapter("EX19", (), index=2, enabled=False),
        exchange.win32_adapter("EX16", ("10.0.0.7",), ("10.0.0.1",)),
    ),
    "WMI adapters": (
        exchange.win32_adapter("EX19", ("10.0.0.5", "10.0.0.6"), ("10.0.0.1",), cim=False),
        exchange.win32_adapter("EX16", ("10.0.0.7",), cim=False),
    ),
}
AROUND = clixml(
    (
        *exchange.default_connectors("EX19"),
        exchange.receive_connector("EX19", "Relay"),
        exchange.exchange_server("EX16"),
        exchange.exchange_server("EX19"),
    )
)
"""What makes access entries and adapters belong to something."""

NETWORK = (
    exchange.net_ip_configuration(
        "EX19", ("10.0.0.5", "fd00::5", "10.0.0.6"), ("10.0.0.1", "fd00::1")
    ),
    exchange.net_ip_configuration("EX16", ("10.0.0.7",)),
)


def around(kind: str) -> tuple[bytes, ...]:
    return (AROUND,) if "adapters" in kind or kind == "Get-ADPermission" else ()


def network_of(snapshot: Snapshot) -> dict[str, list[str] | None]:
    return {
        f"{server.name} {name}": None if values is None else [str(one) for one in values]
        for server in snapshot.servers
        for name, values in (("addresses", server.addresses), ("gateways", server.gateways))
    }


@pytest.mark.parametrize("encoding", FAITHFUL)
@pytest.mark.parametrize("kind", ORGANISATION)
def test_every_encoding_says_the_same(kind: str, encoding: str) -> None:
    objects = ORGANISATION[kind]
    reference = read(*around(kind), clixml(objects))
    snapshot = read(*around(kind), FAITHFUL[encoding](objects))
    assert bare(snapshot) == bare(reference)
    assert not whys(snapshot, unreadable=True)
    assert sum(
        item.objects for item in snapshot.evidence if item.path == str(len(around(kind)))
    ) == (len(objects))


@pytest.mark.parametrize("encoding", FAITHFUL)
@pytest.mark.parametrize("kind", ORGANISATION)
def test_a_single_object_is_no_special_case(kind: str, encoding: str) -> None:
    objects = ORGANISATION[kind][:1]
    reference = read(*around(kind), clixml(objects))
    assert bare(read(*around(kind), FAITHFUL[encoding](objects))) == bare(reference)


def test_the_reference_is_what_was_exported() -> None:
    connector = next(
        one
        for one in read(clixml(ORGANISATION["Get-ReceiveConnector"])).connectors
        if one.name.startswith("Relay")
    )
    assert connector.identity == 'EX19\\Relay "A"; <B> & {C} Gerät\'s'
    assert [str(one) for one in connector.bindings or ()] == [
        "10.0.0.5:25",
        "[::]:25",
        "[2001:db8::5]:587",
    ]
    assert [one.text for one in connector.remote_ranges or ()] == [
        "10.0.0.0/24",
        "10.1.0.1-10.1.0.9",
        "10.2.0.0(255.255.255.0)",
        "2001:db8:1::/64",
        "10.9.9.9",
        "2001:db8::-2001:db8::ff",
    ]
    assert connector.enabled is False
    assert connector.verbose_logging is True
    assert connector.auth_mechanism == 33
    assert connector.permission_groups == 37
    assert connector.transport_role == 16384
    assert connector.tls_domain_capabilities == ()
    assert connector.fqdn == "ex19.contoso.com"
    assert connector.when_changed is not None


def test_exchange_2010_has_no_transport_role() -> None:
    connectors = read(clixml(ORGANISATION["Get-ReceiveConnector of 2010"])).connectors
    assert {one.transport_role for one in connectors} == {None}


@pytest.mark.parametrize("encoding", LOSSY)
def test_lost_lists_of_connectors_are_never_empty_or_whole(encoding: str) -> None:
    snapshot = read(LOSSY[encoding](ORGANISATION["Get-ReceiveConnector"]))
    assert len(snapshot.connectors) == 6
    for connector in snapshot.connectors:
        assert connector.bindings != ()
        assert connector.remote_ranges != ()
        assert connector.bindings is None or not connector.bindings_complete
        assert connector.remote_ranges is None or not connector.remote_ranges_complete
        for name in ("Bindings", "RemoteIPRanges"):
            assert any(
                line.startswith(f"{name} of {connector.identity}:")
                for line in whys(snapshot, unreadable=True)
            )


def test_the_first_elements_of_a_cut_list_are_kept() -> None:
    connector = only_connector(read(LOSSY["list-cut"]((RELAY,))))
    assert [one.text for one in connector.remote_ranges or ()] == ["10.0.0.0/24"]
    assert [str(one) for one in connector.bindings or ()] == ["10.0.0.5:25"]


@pytest.mark.parametrize("encoding", LOSSY)
@pytest.mark.parametrize("kind", ["CIM adapters", "WMI adapters"])
def test_lost_addresses_of_adapters_are_never_empty_or_whole(kind: str, encoding: str) -> None:
    snapshot = read(AROUND, LOSSY[encoding](ORGANISATION[kind]))
    server = next(one for one in snapshot.servers if one.name == "EX19")
    assert not server.network_complete
    assert server.addresses != ()
    assert server.gateways != () or kind == "WMI adapters"
    assert any("of an adapter of EX19" in line for line in whys(snapshot, unreadable=True))


def test_the_first_address_of_a_cut_list_is_kept() -> None:
    snapshot = read(AROUND, LOSSY["list-cut"](ORGANISATION["CIM adapters"]))
    server = next(one for one in snapshot.servers if one.name == "EX19")
    assert server.addresses == (Address.parse("10.0.0.5"),)
    assert server.gateways == (Address.parse("10.0.0.1"),)


def test_lost_rights_are_not_taken_for_no_rights() -> None:
    relay, entries = exchange.receive_connector("EX19", "Relay"), RELAY_ENTRIES
    snapshot = read(clixml((relay,)), LOSSY["csv-type-names"](entries))
    assert only_connector(snapshot).access_entries is None
    lines = whys(snapshot, unreadable=True)
    assert any(line.startswith("access control entries of EX19\\Relay: some") for line in lines)


def test_lost_rights_of_administrators_do_no_harm() -> None:
    relay = exchange.receive_connector("EX19", "Relay")
    entries = exchange.allow_each(relay.text or "", r"CONTOSO\Helpdesk", ("Receive-As",))
    snapshot = read(clixml((relay,)), LOSSY["csv-type-names"](entries))
    assert [one.rights for one in only_connector(snapshot).access_entries or ()] == [Right(0)]


def test_rights_exported_elsewhere_stand_in_for_lost_ones() -> None:
    relay = exchange.receive_connector("EX19", "Relay")
    lost, whole = LOSSY["csv-type-names"](RELAY_ENTRIES), clixml(RELAY_ENTRIES)
    for order in ((lost, whole), (whole, lost)):
        entries = only_connector(read(clixml((relay,)), *order)).access_entries or ()
        granted = [one for one in entries if one.trustee is TrusteeKind.ANONYMOUS and one.allow]
        assert any(one.rights & Right.ACCEPT_ANY_RECIPIENT for one in granted)


@pytest.mark.parametrize("encoding", LOSSY)
def test_lost_lists_of_send_connectors(encoding: str) -> None:
    snapshot = read(LOSSY[encoding](ORGANISATION["Get-SendConnector"]))
    (internet, _) = snapshot.send_connectors or ()
    assert internet.smart_hosts == ("[10.20.9.40]", "mail.example.com")
    assert internet.source_servers is None
    lines = whys(snapshot, unreadable=True)
    assert any(line.startswith("SourceTransportServers of Internet:") for line in lines)


@pytest.mark.parametrize(
    "encoding", ["clixml", "clixml-utf-8-mark", "clixml-utf-8-declaration", "json-7-depth-5"]
)
def test_network_configuration(encoding: str) -> None:
    snapshot = read(AROUND, FAITHFUL[encoding](NETWORK))
    assert network_of(snapshot) == {
        "EX16 addresses": ["10.0.0.7"],
        "EX16 gateways": [],
        "EX19 addresses": ["10.0.0.5", "10.0.0.6", "fd00::5"],
        "EX19 gateways": ["10.0.0.1", "fd00::1"],
    }
    assert not snapshot.gaps


@pytest.mark.parametrize(
    "encoding",
    sorted(
        FAITHFUL.keys()
        - {"clixml", "json-7-depth-5"}
        - {name for name in FAITHFUL if name.startswith("clixml-utf")}
    ),
)
def test_routes_that_lie_too_deep_are_a_gap(encoding: str) -> None:
    snapshot = read(AROUND, FAITHFUL[encoding](NETWORK))
    assert network_of(snapshot) == {
        "EX16 addresses": ["10.0.0.7"],
        "EX16 gateways": [],
        "EX19 addresses": ["10.0.0.5", "10.0.0.6", "fd00::5"],
        "EX19 gateways": None,
    }
    assert len(whys(snapshot, unreadable=True)) == 2
    assert [one.network_complete for one in snapshot.servers] == [True, False]


def test_nothing_of_a_connector_depends_on_the_session_it_came_through() -> None:
    (relay,) = read(clixml((RELAY,))).connectors
    (remote,) = read(clixml((RELAY,), deserialized=True)).connectors
    assert replace(relay, facts=()) == replace(remote, facts=())


@pytest.mark.parametrize("encoding", FAITHFUL)
def test_a_property_that_only_newer_servers_have(encoding: str) -> None:
    mixed = (
        *ORGANISATION["Get-ReceiveConnector"],
        *ORGANISATION["Get-ReceiveConnector of 2010"],
    )
    snapshot = read(FAITHFUL[encoding](mixed))
    assert bare(snapshot) == bare(read(clixml(mixed)))
    assert not whys(snapshot, unreadable=True)
