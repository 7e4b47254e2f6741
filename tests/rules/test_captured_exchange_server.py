from __future__ import annotations

from fakes.models import AUTH_31, server
from fakes.rule_cases import default, ex, exchange, inbound, relay, replaced, run, secured
from rctango.model.finding import Confidence, OutcomeKind, Severity, Subject, SubjectKind

NAME = "captured-exchange-server"
EX01 = ex("EX01")
EX10 = ex("EX10", "14.3", "HubTransport", addresses="10.0.0.10")


def test_fires_when_a_relay_range_holds_a_2010_server() -> None:
    found = run(NAME, *EX01, *EX10, relay(ranges="10.0.0.0/24")).only
    assert found.severity is Severity.HIGH
    assert found.confidence is Confidence.HIGH
    assert found.server == "EX01"
    assert found.connector == "EX01\\Relay"
    assert found.ranges == ("10.0.0.0/24",)
    assert found.subjects == (Subject(kind=SubjectKind.SERVER, name="EX10", address="10.0.0.10"),)
    assert "EX01\\Relay answers EX10 (10.0.0.10) on port 25" in found.message
    assert "10.0.0.0/24 is the narrowest" in found.message
    assert "451 5.7.3 Cannot achieve Exchange Server authentication" in found.message
    assert "Take 10.0.0.10 out of the remote ranges of EX01\\Relay" in found.fix


def test_fires_in_one_finding_for_several_servers() -> None:
    ex11 = ex("EX11", "14.3", "HubTransport", addresses="10.0.0.11, 2001:db8::11")
    found = run(NAME, *ex11, *EX01, *EX10, relay(ranges="10.0.0.0/24")).only
    assert [one.name for one in found.subjects] == ["EX10", "EX11"]
    assert "EX10 (10.0.0.10) and EX11 (10.0.0.11)" in found.message


def test_fires_for_an_externally_secured_connector() -> None:
    assert run(NAME, *EX01, *EX10, secured(ranges="10.0.0.10")).only.severity is Severity.HIGH


def test_fires_for_an_edge_server() -> None:
    edge = ex("EDGE01", roles="Edge", addresses="192.168.9.25")
    found = run(NAME, *EX01, *edge, relay(ranges="192.168.9.0/24")).only
    assert found.subjects[0].name == "EDGE01"


def test_fires_on_2013_mailbox_servers_of_split_roles() -> None:
    mbx = ex("MBX13", "15.0", "Mailbox", addresses="10.0.0.13")
    catcher = inbound("MBX13", ranges="10.0.0.5", role="HubTransport")
    found = run(NAME, *EX01, *mbx, catcher).only
    assert found.connector == "MBX13\\Inbound"
    assert "EX01 (10.0.0.5)" in found.message


def test_fires_for_the_default_connector_without_exchange_authentication() -> None:
    frontend = default("Default Frontend", auth="Tls")
    found = run(NAME, EX01[0], replaced(frontend), *EX10).only
    assert found.connector == "EX01\\Default Frontend EX01"
    assert "Give EX01\\Default Frontend EX01 back ExchangeServer" in found.fix


def test_fires_when_the_connector_lacks_the_permission_group() -> None:
    lame = exchange(ranges="10.0.0.10", auth=AUTH_31, groups="ExchangeUsers")
    found = run(NAME, *EX01, *EX10, lame).only
    assert "lacks the permission group ExchangeServers" in found.message


def test_fires_for_both_when_neither_of_two_tied_connectors_can_do_it() -> None:
    twins = (inbound(ranges="10.0.0.10"), relay(ranges="10.0.0.10"))
    ran = run(NAME, *EX01, *EX10, *twins)
    assert [one.connector for one in ran.findings] == ["EX01\\Inbound", "EX01\\Relay"]
    assert {one.confidence for one in ran.findings} == {Confidence.MEDIUM}
    assert all("may answer EX10" in one.message for one in ran.findings)


def test_fires_with_the_port_of_each_flow() -> None:
    ex02 = ex("EX02", addresses="10.0.0.6")
    hub = exchange(
        ranges="10.0.0.6, 10.0.0.10", auth="Tls", role="HubTransport", bindings="0.0.0.0:2525"
    )
    front = inbound(ranges="10.0.0.6, 10.0.0.10")
    found = {one.connector: one for one in run(NAME, *EX01, *ex02, *EX10, hub, front).findings}
    assert "EX02 (10.0.0.6) on port 2525" in found["EX01\\Exchange"].message
    assert "EX10" not in found["EX01\\Exchange"].message
    assert "EX10 (10.0.0.10) on port 25 " in found["EX01\\Inbound"].message
    assert "EX02" not in found["EX01\\Inbound"].message


def test_near_miss_modern_servers_use_port_2525() -> None:
    ex02 = ex("EX02", addresses="10.0.0.6")
    assert run(NAME, *EX01, *ex02, relay(ranges="10.0.0.0/24")).is_clean()


def test_near_miss_a_narrower_range_protects_the_sender() -> None:
    protector = exchange(ranges="10.0.0.10")
    assert run(NAME, *EX01, *EX10, relay(ranges="10.0.0.0/24"), protector).is_clean()


def test_near_miss_a_specific_binding_does_not_beat_a_narrower_range() -> None:
    bound = relay(ranges="10.0.0.0/24", bindings="10.0.0.5:25")
    assert run(NAME, *EX01, *EX10, bound, exchange(ranges="10.0.0.10")).is_clean()


def test_near_miss_the_connector_can_authenticate_exchange_servers() -> None:
    able = relay(
        ranges="10.0.0.0/24", auth=AUTH_31, groups="AnonymousUsers, ExchangeServers, Custom"
    )
    assert run(NAME, *EX01, *EX10, able).is_clean()


def test_near_miss_disabled_or_on_another_port() -> None:
    off = relay(ranges="10.0.0.0/24", enabled=False)
    other = relay(name="Port 26", ranges="10.0.0.0/24", bindings="0.0.0.0:26")
    assert run(NAME, *EX01, *EX10, off, other).is_clean()


def test_near_miss_default_connectors_of_all_versions() -> None:
    assert run(
        NAME,
        *ex("EX10", "14.3", "Mailbox, ClientAccess, HubTransport", addresses="10.0.0.10"),
        *ex("CAS13", "15.0", "ClientAccess", addresses="10.0.0.12"),
        *ex("MBX13", "15.0", "Mailbox", addresses="10.0.0.13"),
        *ex("EX13", "15.0", "Mailbox, ClientAccess", addresses="10.0.0.14"),
        *ex("EX16", "15.1", addresses="10.0.0.16"),
        *ex("EX19", "15.2", addresses="10.0.0.19"),
        *ex("EDGE01", "15.2", "Edge", addresses="192.168.9.25"),
    ).is_clean()


def test_near_miss_not_applicable_with_a_single_server() -> None:
    ran = run(NAME, *EX01, relay(ranges="10.0.0.0/24"))
    assert ran.outcome.kind is OutcomeKind.NOT_APPLICABLE


def test_not_assessed_without_servers() -> None:
    assert run(NAME).lacks("receive connectors", "servers: export Get-ExchangeServer")


def test_not_assessed_when_nobody_said_that_there_is_one_server_only() -> None:
    only_connectors = server(version=None, roles=None)
    ran = run(NAME, only_connectors, relay(ranges="10.0.0.0/24"))
    assert ran.lacks("version and roles of EX01: export Get-ExchangeServer")


def test_not_assessed_without_addresses_or_versions() -> None:
    unseen = ex("EX02", addresses=None, gateways=None)
    assert run(NAME, *EX01, *unseen, *EX10).lacks("addresses and gateways of EX02")
    bare = server("EX02", version=None, roles=None, addresses="10.0.0.6")
    ran = run(NAME, *EX01, bare, exchange("EX02", ranges="10.0.0.0/8"), relay(ranges="10.0.0.6"))
    assert ran.lacks("version and roles of EX02")


def test_not_assessed_when_a_server_has_no_address_another_can_see() -> None:
    mute = ex("EX10", "14.3", "HubTransport", addresses="169.254.3.3", gateways="10.0.0.1")
    assert run(NAME, *EX01, *mute).lacks("addresses and gateways of EX10")


def test_not_assessed_without_authentication_settings() -> None:
    assert run(NAME, *EX01, *EX10, relay(ranges="10.0.0.10", auth=None)).lacks(
        "AuthMechanism of EX01\\Relay"
    )


def test_not_assessed_without_the_connectors_of_a_server() -> None:
    assert run(NAME, *EX01, EX10[0]).lacks("receive connectors of EX10")
