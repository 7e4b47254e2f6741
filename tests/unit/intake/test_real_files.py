"""Exports that other people published: what they say is read, and what is mangled is a gap."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from fakes.realdata import real_file
from rctango.audit import audit_snapshot
from rctango.intake.snapshot import read_snapshot
from rctango.model.finding import Severity
from rctango.model.rights import PermissionGroups, Right, TransportRole, TrusteeKind
from rctango.model.server import ServerRole, Version
from unit.intake.samples import artifact, whys

if TYPE_CHECKING:
    from rctango.model.snapshot import Snapshot

HEALTH_CHECKER = tuple(
    f"css-exchange-healthchecker/E19_{name}.xml"
    for name in (
        "GetReceiveConnector",
        "GetExchangeServer",
        "GetNetIPConfiguration",
        "GetSendConnector",
        "Win32_NetworkAdapterConfiguration",
    )
)


def snapshot_of(*names: str) -> Snapshot:
    return read_snapshot(artifact(name, real_file(name).read_bytes()) for name in names)


def test_five_connectors_of_an_exchange_2019_server() -> None:
    snapshot = snapshot_of(HEALTH_CHECKER[0])
    assert not snapshot.gaps
    assert {one.server for one in snapshot.connectors} == {"WIN-CTD3L0RGEN4"}
    found = {one.name.removesuffix(f" {one.server}"): one for one in snapshot.connectors}
    assert {
        name: sorted({binding.port for binding in one.bindings or ()})
        for name, one in found.items()
    } == {
        "Client Frontend": [587],
        "Client Proxy": [465],
        "Default": [2525],
        "Default Frontend": [25],
        "Outbound Proxy Frontend": [717],
    }
    for one in found.values():
        assert sorted(entry.text for entry in one.remote_ranges or ()) == [
            "0.0.0.0-255.255.255.255",
            "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        ]
        assert one.bindings_complete
        assert one.remote_ranges_complete
        assert one.when_changed is not None
    frontend = found["Default Frontend"]
    assert frontend.transport_role == TransportRole.FRONTEND_TRANSPORT
    assert frontend.auth_mechanism == 31
    assert frontend.permission_groups == PermissionGroups(13)
    assert found["Default"].transport_role == TransportRole.HUB_TRANSPORT


def test_the_server_and_its_network() -> None:
    snapshot = snapshot_of(*HEALTH_CHECKER)
    (server,) = [one for one in snapshot.servers if one.name == "SOLO-E19A"]
    assert server.version == Version(major=15, minor=2)
    assert server.roles == ServerRole.MAILBOX
    assert "192.168.11.11" in {str(one) for one in server.addresses or ()}
    assert [str(one) for one in server.gateways or ()] == ["192.168.11.1"]
    assert server.network_complete
    assert snapshot.send_connectors
    assert not whys(snapshot, unreadable=True)
    assert {item.path: item.objects for item in snapshot.evidence}[HEALTH_CHECKER[0]] == 5
    assert {item.path for item in snapshot.evidence} == set(HEALTH_CHECKER)


def test_no_false_alarm() -> None:
    result = audit_snapshot(snapshot_of(*HEALTH_CHECKER), today=date(2025, 1, 1))
    assert [
        (one.rule, one.connector) for one in result.findings if one.severity is not Severity.INFO
    ] == []


def test_a_listing_and_a_table_of_rights_without_a_server() -> None:
    name = "msqa-1193037/get-receiveconnector-fl-and-adpermission.txt"
    snapshot = snapshot_of(name)
    (connector,) = snapshot.connectors
    assert connector.identity == f"(unnamed server in {name})\\Anonymous Relay"
    assert connector.enabled is True
    assert [str(one) for one in connector.bindings or ()] == ["0.0.0.0:25"]
    assert [one.text for one in connector.remote_ranges or ()] == ["127.0.0.1", "192.168.4.17"]
    assert {one.trustee for one in connector.access_entries or ()} == {TrusteeKind.ANONYMOUS}
    granted = Right(0)
    for entry in connector.access_entries or ():
        granted |= entry.rights
    assert granted == Right(1077)
    assert whys(snapshot, unreadable=True)


def test_notes_with_listings_between_sentences() -> None:
    snapshot = snapshot_of("1ask2-pop3-notes/get-receiveconnector-notes.txt")
    found = {one.name: one for one in snapshot.connectors}
    assert [str(one) for one in found["Client EX0"].bindings or ()] == ["0.0.0.0:587"]
    assert found["Client EX0"].permission_groups == PermissionGroups.EXCHANGE_USERS
    assert found["Default EX0"].auth_mechanism == 23
    assert found["Default EX0"].permission_groups == PermissionGroups(15)
    assert {one.remote_ranges for one in found.values()} == {None}


def test_a_csv_of_connectors_whose_names_lost_the_server() -> None:
    name = "exch-recon-default-settings/default-receive-connectors.csv"
    snapshot = snapshot_of(name)
    assert sorted(one.name for one in snapshot.connectors) == [
        "Client Frontend",
        "Client Proxy",
        "Default",
        "Default Frontend",
        "Outbound Proxy Frontend",
    ]
    assert {one.server for one in snapshot.connectors} == {f"(unnamed server in {name})"}
    assert {len(one.remote_ranges or ()) for one in snapshot.connectors} == {2}
    assert {len(one.bindings or ()) for one in snapshot.connectors} == {2}
    assert len(whys(snapshot, unreadable=True)) == 5


def test_what_is_no_export_of_settings_is_refused_with_a_reason() -> None:
    names = (
        "elastic-microsoft-exchange-server/SmtpRecive.log",
        "ehlo-transcripts/ms-learn-telnet-full-2016.txt",
        "ldp-multivalue-limit/ldp-excerpt.txt",
        "p365-anonymous-relay/console-paste.ps1.txt",
    )
    snapshot = snapshot_of(*names)
    assert not snapshot.connectors
    assert {gap.origin.source for gap in snapshot.gaps if gap.origin} == set(names)
    assert {item.path for item in snapshot.evidence} == set(names)
