from __future__ import annotations

from fakes.models import AUTH_31
from fakes.rule_cases import ex, exchange, inbound, relay, run
from rctango.model.finding import Confidence, Severity, SubjectKind

NAME = "ambiguous-selection"


def test_fires_where_equal_ranges_grant_different_rights() -> None:
    found = run(
        NAME,
        *ex(),
        relay(ranges="10.0.7.0/24"),
        inbound(ranges="10.0.7.0-10.0.7.255, 10.0.9.1"),
    ).only
    assert found.severity is Severity.HIGH
    assert found.confidence is Confidence.HIGH
    assert found.connector == "EX01\\Inbound"
    assert found.ranges == ("10.0.7.0-10.0.7.255", "10.0.7.0/24")
    assert [(one.kind, one.address) for one in found.subjects] == [
        (SubjectKind.RANGE, "10.0.7.0/24")
    ]
    assert "EX01\\Inbound and EX01\\Relay have equally large ranges" in found.message
    assert "256 IPv4 addresses (10.0.7.0/24)" in found.message
    assert "which of them answers is not defined" in found.message
    assert "different rights" in found.message
    assert "all but one" in found.fix


def test_fires_low_where_equal_ranges_grant_the_same_rights() -> None:
    twins = (relay(name="Relay A", ranges="10.0.7.9"), relay(name="Relay B", ranges="10.0.7.9/32"))
    found = run(NAME, *ex(), *twins).only
    assert found.severity is Severity.LOW
    assert "the same rights" in found.message


def test_fires_medium_where_the_rights_are_not_known() -> None:
    twins = (
        relay(name="Relay A", ranges="10.0.7.9", entries=None),
        relay(name="Relay B", ranges="10.0.7.9", entries=None),
    )
    found = run(NAME, *ex(), *twins).only
    assert found.severity is Severity.MEDIUM
    assert "Whether they grant the same rights is not known" in found.message


def test_fires_where_ranges_of_one_size_overlap_in_part() -> None:
    found = run(
        NAME,
        *ex(),
        relay(ranges="10.0.7.1-10.0.7.20"),
        exchange(ranges="10.0.7.11-10.0.7.30", auth=AUTH_31),
    ).only
    assert [one.address for one in found.subjects] == ["10.0.7.11-10.0.7.20"]


def test_near_miss_a_single_address_decides_between_equal_ranges() -> None:
    decided = run(
        NAME,
        *ex(),
        relay(ranges="10.0.7.8/31"),
        inbound(ranges="10.0.7.8/31"),
        exchange(ranges="10.0.7.8, 10.0.7.9"),
    )
    assert decided.is_clean()


def test_near_miss_the_tie_is_broken_by_a_specific_binding() -> None:
    assert run(
        NAME,
        *ex(),
        relay(ranges="10.0.7.0/24", bindings="10.0.0.5:25"),
        inbound(ranges="10.0.7.0/24"),
    ).is_clean()


def test_near_miss_one_of_the_two_is_disabled() -> None:
    assert run(
        NAME, *ex(), relay(ranges="10.0.7.9"), inbound(ranges="10.0.7.9", enabled=False)
    ).is_clean()


def test_near_miss_equal_ranges_on_other_ports_servers_and_services() -> None:
    assert run(
        NAME,
        *ex("EX01"),
        *ex("EX02", addresses="10.0.0.6"),
        relay("EX01", "Relay", ranges="10.0.7.9"),
        relay("EX02", "Relay", ranges="10.0.7.9"),
        relay("EX01", "Relay 26", ranges="10.0.7.9", bindings="0.0.0.0:26"),
        relay("EX01", "Relay Hub", ranges="10.0.7.9", role="HubTransport"),
    ).is_clean()


def test_near_miss_partial_overlap_of_different_sizes_has_an_answer() -> None:
    assert run(
        NAME, *ex(), relay(ranges="10.0.7.1-10.0.7.20"), inbound(ranges="10.0.7.11-10.0.7.40")
    ).is_clean()


def test_not_assessed_without_ranges() -> None:
    assert run(NAME, *ex(), relay(ranges=None)).lacks("RemoteIPRanges of EX01\\Relay")


def test_not_assessed_without_connectors() -> None:
    assert run(NAME).lacks("receive connectors: export Get-ReceiveConnector")
