"""Receive connectors: whose they are, and lists that hold more than addresses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fakes import exchange
from fakes.powershell import clixml
from rctango.addresses import RangeSet
from rctango.model.rights import AuthMechanism, PermissionGroups, TransportRole
from unit.intake.samples import as_list, gap_about, only_connector, read, whys

if TYPE_CHECKING:
    from rctango.model.connector import Connector
    from rctango.model.snapshot import Snapshot

MINIMUM: dict[str, Any] = {
    "Name": "Relay",
    "Bindings": ["0.0.0.0:25"],
    "RemoteIPRanges": ["10.0.0.0/24"],
}


def exported(*many: dict[str, Any], **properties: Any) -> Snapshot:
    """What is read of connectors with these properties, exported as JSON."""
    objects = [MINIMUM | one for one in many] or [MINIMUM | properties]
    return read(json.dumps(objects))


def connector(**properties: Any) -> Connector:
    return only_connector(exported(**properties))


@pytest.mark.parametrize(
    "properties",
    [
        {"Identity": "EX01\\Relay"},
        {"Server": "EX01"},
        {"Server": "ex01.contoso.com", "Identity": "other"},
        {"ServerName": "EX01"},
        {
            "DistinguishedName": "CN=Relay,CN=SMTP Receive Connectors,CN=Protocols,CN=EX01,"
            "CN=Servers,CN=Exchange Administrative Group (FYDIBOHF23SPDLT),DC=contoso,DC=com"
        },
        {
            "Identity": "contoso.com/Configuration/Services/Microsoft Exchange/Contoso/"
            "Administrative Groups/Group/Servers/EX01/Protocols/SMTP Receive Connectors/Relay"
        },
        {"Fqdn": "EX01.contoso.com", "AuthMechanism": "Tls, ExchangeServer"},
        {"Fqdn": "EX01", "AuthMechanism": 16},
        {"Name": "Default Frontend EX01"},
        {"Name": "Client Frontend EX01 "},
        {"Name": "Outbound Proxy Frontend EX01"},
        {"Name": "Client Proxy EX01"},
        {"Name": "Default internal receive connector EX01"},
        {"Name": "Default EX01"},
        {"Name": "Default EX01", "AuthMechanism": 31},
        {"Name": "Client EX01", "Bindings": ["0.0.0.0:587"]},
    ],
)
def test_whose_connector_it_is(properties: dict[str, Any]) -> None:
    assert connector(**properties).server.casefold() == "ex01"


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"Fqdn": "mail.contoso.com", "AuthMechanism": "Tls"},
        {"Fqdn": None, "AuthMechanism": "ExchangeServer"},
        {"Name": "Default Frontend "},
        {"Name": "Client Frontend"},
        {"Name": "Client Proxy"},
        {"Name": "Default internal receive connector"},
        {"Name": "Client Printers"},
        {"Name": "Default Scanners", "AuthMechanism": "Tls"},
        {"Name": "Default Frontend of the old server"},
    ],
)
def test_a_connector_of_nobody_knows_whom(properties: dict[str, Any]) -> None:
    snapshot = exported(**properties)
    assert only_connector(snapshot).server == "(unnamed server in 0)"
    assert gap_about(snapshot, "the server of").unreadable


def test_the_fqdn_of_exchange_authentication_outweighs_a_copied_name() -> None:
    found = connector(Name="Default Frontend EX01", Fqdn="ex02.contoso.com", AuthMechanism=31)
    assert found.server == "ex02"


def test_a_guess_is_said_to_be_one() -> None:
    gap = gap_about(exported(Name="Default EX01"), "Server of Default EX01")
    assert gap.why == "the export does not hold it; taken to be EX01, by Name"
    assert not gap.unreadable


def test_the_only_known_server_is_the_one() -> None:
    snapshot = exported({}, {"Name": "Default Frontend EX01"})
    assert {one.server for one in snapshot.connectors} == {"EX01"}
    assert "the only one known" in gap_about(snapshot, "the server of Relay").why


def test_with_two_known_servers_it_stays_open() -> None:
    snapshot = exported({}, {"Name": "Default Frontend EX01"}, {"Name": "Default Frontend EX02"})
    assert {one.server for one in snapshot.connectors} == {"EX01", "EX02", "(unnamed server in 0)"}


def test_the_same_name_without_a_server_belongs_to_its_only_namesake() -> None:
    named = clixml(
        (exchange.receive_connector("EX01", "Relay"), *exchange.default_connectors("EX02"))
    )
    snapshot = read(named, json.dumps(MINIMUM | {"Comment": "x", "RequireTLS": True}))
    found = {one.identity: one for one in snapshot.connectors}
    assert len(found) == 6
    assert found["EX01\\Relay"].require_tls is True


def test_unnamed_servers_of_two_files_are_two() -> None:
    snapshot = read(json.dumps(MINIMUM), json.dumps(MINIMUM | {"Name": "Other"}))
    assert {one.server for one in snapshot.connectors} == {
        "(unnamed server in 0)",
        "(unnamed server in 1)",
    }


@pytest.mark.parametrize(
    ("command", "identity"),
    [
        (r'Get-ReceiveConnector "EX01\Relay" | fl', "EX01\\Relay"),
        (r"Get-ReceiveConnector -Identity 'EX01\Relay' | Format-List *", "EX01\\Relay"),
        (r"Get-ReceiveConnector EX01\Relay|fl bind*,perm*", "EX01\\Relay"),
        ("get-receiveconnector Relay -Server EX01 | fl", "EX01\\Relay"),
        ("Get-ReceiveConnector -Server EX01 | ? Enabled | fl", "EX01\\(unnamed)"),
        ("Get-ReceiveConnector EX01\\* | fl", "EX01\\(unnamed)"),
        ("Get-ReceiveConnector -Server $env:computername | fl", "(unnamed server in 0)\\(unnamed)"),
        ("Get-ReceiveConnector * | fl", "(unnamed server in 0)\\(unnamed)"),
        ("Get-ReceiveConnector $_.Identity | fl", "(unnamed server in 0)\\(unnamed)"),
        ("Get-ExchangeServer EX01 | Get-ReceiveConnector | fl", "(unnamed server in 0)\\(unnamed)"),
    ],
)
def test_what_the_command_line_tells(command: str, identity: str) -> None:
    text = f"[PS] C:\\>{command}\n\nEnabled  : True\nBindings : {{0.0.0.0:25}}\n"
    snapshot = read(text)
    assert only_connector(snapshot).identity == identity
    assert [item.kind for item in snapshot.evidence] == ["Get-ReceiveConnector (Format-List)"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Relay, Printers", r"CN=Relay\, Printers"),
        ("Relay #1", r"CN=Relay \#1"),
        ("Büro", r"CN=B\C3\BCro"),
        ("A+B", r"CN=A\+B"),
    ],
)
def test_names_in_distinguished_names(name: str, written: str) -> None:
    dn = f"{written},CN=SMTP Receive Connectors,CN=Protocols,CN=EX01,CN=Servers,DC=contoso"
    found = connector(Name=None, DistinguishedName=dn)
    assert found.identity == f"EX01\\{name}"


@pytest.mark.parametrize("text", ["172.x.x.x", "10.0.0.xxx", "***", "10.0.0.1-", "10.0.0.0/33"])
def test_a_masked_range_leaves_the_list_incomplete(text: str) -> None:
    snapshot = exported(Server="EX01", RemoteIPRanges=["10.0.0.1", text, "10.0.0.2"])
    found = only_connector(snapshot)
    assert not found.remote_ranges_complete
    assert [one.text for one in found.remote_ranges or ()] == ["10.0.0.1", "10.0.0.2"]
    gap = gap_about(snapshot, "RemoteIPRanges of EX01\\Relay")
    assert gap.unreadable
    assert text.split("-", maxsplit=1)[0] in gap.why
    assert str(gap.origin) == "0: item 1, RemoteIPRanges"


def test_ranges_that_are_all_masked_are_not_an_empty_list() -> None:
    found = connector(Server="EX01", RemoteIPRanges=["172.x.x.x", "10.y.y.y"])
    assert found.remote_ranges is None


@pytest.mark.parametrize("value", [[], "", "{}"])
def test_empty_lists_cannot_be(value: object) -> None:
    snapshot = exported(Server="EX01", RemoteIPRanges=value, Bindings=value)
    found = only_connector(snapshot)
    assert (found.remote_ranges, found.bindings) == (None, None)
    assert "does not allow" in gap_about(snapshot, "RemoteIPRanges").why
    assert "does not allow" in gap_about(snapshot, "Bindings").why


def test_masked_bindings_leave_the_list_incomplete() -> None:
    snapshot = exported(Server="EX01", Bindings=["10.x.x.x:25", "[::]:25"])
    found = only_connector(snapshot)
    assert [str(one) for one in found.bindings or ()] == ["[::]:25"]
    assert not found.bindings_complete
    assert gap_about(snapshot, "Bindings").unreadable


def test_ranges_exchange_reads_otherwise_than_people_are_noted() -> None:
    snapshot = exported(Server="EX01", RemoteIPRanges=["10.0.0.1 - 10.0.0.9", "010.0.0.1"])
    assert only_connector(snapshot).remote_ranges_complete
    assert len(whys(snapshot, unreadable=False)) == 2
    assert not whys(snapshot, unreadable=True)


def test_repeated_ranges_stay_as_they_are_written() -> None:
    found = connector(Server="EX01", RemoteIPRanges=["10.0.0.0/24", "10.0.0.0(255.255.255.0)"])
    ranges = found.remote_ranges or ()
    assert len(ranges) == 2
    assert len(list(RangeSet.of(one.range for one in ranges))) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.1,10.0.0.2", ["10.0.0.1", "10.0.0.2"]),
        ("10.0.0.1; 10.0.0.2", ["10.0.0.1", "10.0.0.2"]),
        ("10.0.0.1 10.0.0.2", ["10.0.0.1", "10.0.0.2"]),
        ("{10.0.0.1, 10.0.0.2}", ["10.0.0.1", "10.0.0.2"]),
        ("10.0.0.1 - 10.0.0.2", ["10.0.0.1-10.0.0.2"]),
        ("'10.0.0.1' | \"10.0.0.2\"", ["10.0.0.1", "10.0.0.2"]),
        ("10.0.0.1\n10.0.0.2", ["10.0.0.1", "10.0.0.2"]),
    ],
)
def test_joined_ranges(text: str, expected: list[str]) -> None:
    found = connector(Server="EX01", RemoteIPRanges=text)
    assert [one.text for one in found.remote_ranges or ()] == expected


def test_a_range_without_a_text_is_read_by_its_bounds() -> None:
    bounds = {"LowerBound": "10.0.0.1", "UpperBound": "10.0.0.9", "Size": "::9"}
    found = connector(Server="EX01", RemoteIPRanges=[bounds])
    assert [one.text for one in found.remote_ranges or ()] == ["10.0.0.1-10.0.0.9"]


def test_properties_that_were_not_exported_are_not_collected() -> None:
    found = connector(Server="EX01")
    assert (found.enabled, found.transport_role, found.auth_mechanism) == (None, None, None)
    assert (found.permission_groups, found.fqdn, found.verbose_logging) == (None, None, None)


def test_nothing_and_none_differ() -> None:
    found = connector(Server="EX01", AuthMechanism="None", PermissionGroups=0, TransportRole="None")
    assert found.auth_mechanism == AuthMechanism.NONE
    assert found.permission_groups == PermissionGroups.NONE
    assert found.transport_role is None


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("Enabled", "perhaps", "is neither True nor False"),
        ("ProtocolLoggingLevel", "Chatty", "is neither Verbose nor None"),
        ("AuthMechanism", "Tls, Telepathy", "holds values that are not known: Telepathy"),
        ("PermissionGroups", 64, "holds values that are not known: 64"),
        ("PermissionGroups", "System.Object[]", "the export holds the type name"),
    ],
)
def test_values_that_cannot_be_read(name: str, value: object, why: str) -> None:
    snapshot = exported(Server="EX01", **{name: value})
    gap = gap_about(snapshot, f"{name} of EX01\\Relay")
    assert why in gap.why
    assert gap.unreadable
    assert str(gap.origin) == f"0: item 1, {name}"


def test_known_flags_beside_unknown_ones_count() -> None:
    found = connector(Server="EX01", AuthMechanism="Tls, Telepathy")
    assert found.auth_mechanism == AuthMechanism.TLS


@pytest.mark.parametrize(
    ("value", "role"),
    [
        ("FrontendTransport", TransportRole.FRONTEND_TRANSPORT),
        (16384, TransportRole.FRONTEND_TRANSPORT),
        ("32", TransportRole.HUB_TRANSPORT),
        ("hubtransport", TransportRole.HUB_TRANSPORT),
    ],
)
def test_transport_roles(value: object, role: TransportRole) -> None:
    assert connector(Server="EX01", TransportRole=value).transport_role == role


def test_places_of_facts() -> None:
    connectors = exchange.default_connectors("EX01")
    by_name = {one.name: one for one in read(clixml(connectors)).connectors}
    (origin,) = by_name["Default Frontend EX01"].origin("remote_ranges")
    assert str(origin) == "0: object 3, RemoteIPRanges"
    text = as_list(connectors)
    number = next(
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if line.startswith("RemoteIPRanges")
    )
    first = next(one for one in read(text).connectors if one.name == "Default EX01")
    assert [str(one) for one in first.origin("remote_ranges")] == [f"0: line {number}"]


def test_connectors_with_no_name_are_reported() -> None:
    snapshot = exported(Name=None, Server="EX01")
    assert only_connector(snapshot).identity == "EX01\\(unnamed)"
    assert gap_about(snapshot, "Name of").unreadable


@pytest.mark.parametrize(
    "name",
    ["Enabled", "TransportRole", "AuthMechanism", "PermissionGroups", "ProtocolLoggingLevel"],
)
@pytest.mark.parametrize("blank", [None, "", "  "])
def test_null_is_no_fault(name: str, blank: str | None) -> None:
    snapshot = exported(Server="EX01", **{name: blank})
    assert not snapshot.gaps


@pytest.mark.parametrize("name", ["Enabled", "TransportRole", "Fqdn"])
def test_lost_values_are_gaps(name: str) -> None:
    snapshot = exported(Server="EX01", **{name: "System.Object[]"})
    assert "type name" in gap_about(snapshot, f"{name} of EX01\\Relay").why
