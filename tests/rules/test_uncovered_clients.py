from __future__ import annotations

from fakes.models import both
from fakes.rule_cases import default, ex, exchange, inbound, relay, replaced, run
from rctango.model.finding import Severity, Subject, SubjectKind

NAME = "uncovered-clients"
EX01 = ex("EX01")


def test_fires_low_when_default_frontend_was_narrowed() -> None:
    narrow = default("Default Frontend", ranges="10.0.0.0/8, ::/0")
    found = run(NAME, EX01[0], replaced(narrow)).only
    assert found.severity is Severity.LOW
    assert found.server == "EX01"
    assert found.connector is None
    assert [one.address for one in found.subjects] == [
        "0.0.0.0-9.255.255.255",
        "11.0.0.0-255.255.255.255",
    ]
    assert "Refused at EX01 0.0.0.0:25 (FrontendTransport)" in found.message
    assert "all IPv4 addresses but 16,777,216" in found.message
    assert "421 4.3.2 Service not available" in found.message
    assert "Add the addresses" in found.fix


def test_fires_high_when_an_exchange_server_is_among_them() -> None:
    narrow = default("Default Frontend", ranges="10.0.7.0/24, ::/0")
    edge = ex("EDGE01", roles="Edge", addresses="192.168.9.25")
    found = run(NAME, EX01[0], replaced(narrow), *edge).only
    assert found.severity is Severity.HIGH
    assert Subject(kind=SubjectKind.SERVER, name="EDGE01", address="192.168.9.25") in found.subjects
    assert "EDGE01 (192.168.9.25): their mail queues" in found.message


def test_fires_when_no_range_is_of_the_family_of_the_binding() -> None:
    narrow = default("Default Frontend", ranges="0.0.0.0/0")
    found = run(NAME, EX01[0], replaced(narrow)).only
    assert "every IPv6 address" in found.message


def test_fires_as_information_on_a_port_of_its_own() -> None:
    found = run(NAME, *EX01, relay(ranges="10.0.7.0/24", bindings="0.0.0.0:26")).only
    assert found.severity is Severity.INFO


def test_near_miss_default_connectors_of_all_versions() -> None:
    assert run(
        NAME,
        *ex("EX10", "14.3", "Mailbox, ClientAccess, HubTransport", addresses="10.0.0.10"),
        *ex("CAS13", "15.0", "ClientAccess", addresses="10.0.0.12"),
        *ex("MBX13", "15.0", "Mailbox", addresses="10.0.0.13"),
        *ex("EX19", "15.2", addresses="10.0.0.19"),
        *ex("EDGE01", "15.2", "Edge", addresses="192.168.9.25"),
    ).is_clean()


def test_near_miss_a_specific_binding_falls_back_to_the_wildcard() -> None:
    assert run(NAME, *EX01, relay(ranges="10.0.7.9", bindings="10.0.0.5:25")).is_clean()


def test_near_miss_two_connectors_cover_all_between_them() -> None:
    halves = (
        inbound(ranges="0.0.0.0/1, ::/1", bindings=both(25)),
        exchange(ranges="128.0.0.0/1, 8000::/1", bindings=both(25)),
    )
    assert run(NAME, EX01[0], *halves).is_clean()


def test_near_miss_a_loopback_listener_is_met_by_nobody_else() -> None:
    assert run(NAME, *EX01, relay(ranges="127.0.0.1", bindings="127.0.0.1:26")).is_clean()


def test_near_miss_disabled() -> None:
    off = relay(ranges="10.0.7.0/24", bindings="0.0.0.0:26", enabled=False)
    assert run(NAME, *EX01, off).is_clean()


def test_not_assessed_when_ranges_were_lost() -> None:
    lost = default("Default Frontend", ranges=None)
    ran = run(NAME, EX01[0], replaced(lost))
    assert ran.lacks("RemoteIPRanges of EX01\\Default Frontend EX01")


def test_not_assessed_without_connectors() -> None:
    assert run(NAME, EX01[0]).lacks("receive connectors: export Get-ReceiveConnector")


def test_not_assessed_names_the_server_without_connectors() -> None:
    edge = ex("EDGE01", roles="Edge")
    ran = run(NAME, *EX01, edge[0])
    assert ran.lacks("receive connectors of EDGE01: export Get-ReceiveConnector")
    assert "Edge" in ran.outcome.missing[0]
