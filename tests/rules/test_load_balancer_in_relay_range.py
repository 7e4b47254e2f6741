from __future__ import annotations

from fakes.models import appliance
from fakes.rule_cases import ex, exchange, inbound, relay, run, secured
from rctango.model.finding import OutcomeKind, Severity, Subject, SubjectKind

NAME = "load-balancer-in-relay-range"
LB01 = (appliance("LB01", "load-balancer", "10.0.1.250", "2001:db8:1::250"),)


def test_fires_when_the_balancer_may_relay() -> None:
    found = run(NAME, *ex(), relay(ranges="10.0.7.9, 10.0.1.0/24"), appliances=LB01).only
    assert found.severity is Severity.CRITICAL
    assert found.connector == "EX01\\Relay"
    assert found.ranges == ("10.0.1.0/24",)
    assert found.subjects == (
        Subject(kind=SubjectKind.APPLIANCE, name="LB01", address="10.0.1.250"),
    )
    assert "1 IPv4 address of LB01 (10.0.1.250)" in found.message
    assert "everyone behind LB01 may relay to any recipient without authentication" in found.message
    assert "Take 10.0.1.250 out of the remote ranges of EX01\\Relay" in found.fix


def test_fires_for_part_of_a_pool_and_over_ipv6() -> None:
    pool = (appliance("LB02", "load-balancer", "10.0.1.0/28"),)
    found = run(NAME, *ex(), relay(ranges="10.0.1.12-10.0.1.20"), appliances=pool).only
    assert [one.address for one in found.subjects] == ["10.0.1.12/30"]
    six = relay(ranges="2001:db8:1::/64", bindings="[::]:25")
    found = run(NAME, *ex(), six, appliances=LB01).only
    assert [one.address for one in found.subjects] == ["2001:db8:1::250"]


def test_fires_on_every_server_by_itself() -> None:
    ran = run(
        NAME,
        *ex("EX01"),
        *ex("EX02"),
        relay("EX01", ranges="10.0.1.250"),
        relay("EX02", ranges="10.0.1.250"),
        appliances=LB01,
    )
    assert [one.connector for one in ran.findings] == ["EX01\\Relay", "EX02\\Relay"]


def test_fires_for_an_externally_secured_connector() -> None:
    found = run(NAME, *ex(), secured(ranges="10.0.1.250"), appliances=LB01).only
    assert found.severity is Severity.CRITICAL
    assert "counts as internal" in found.message


def test_fires_high_when_the_rights_are_not_known() -> None:
    ran = run(NAME, *ex(), relay(ranges="10.0.1.250", entries=None), appliances=LB01)
    assert [one.severity for one in ran.findings] == [Severity.HIGH]
    assert "access control entries of EX01\\Relay" in ran.outcome.missing[0]


def test_fires_as_information_when_the_connector_does_not_relay() -> None:
    found = run(NAME, *ex(), inbound(ranges="10.0.1.250"), appliances=LB01).only
    assert found.severity is Severity.INFO


def test_fires_low_while_a_narrower_range_protects() -> None:
    protector = exchange(ranges="10.0.1.250")
    found = run(NAME, *ex(), relay(ranges="10.0.1.0/24"), protector, appliances=LB01).only
    assert found.severity is Severity.LOW
    assert "narrower range of another connector" in found.message


def test_near_miss_the_balancer_is_beside_the_range() -> None:
    beside = relay(ranges="10.0.1.0-10.0.1.249, 10.0.1.251")
    assert run(NAME, *ex(), beside, appliances=LB01).is_clean()


def test_near_miss_only_default_and_exchange_connectors_answer_it() -> None:
    assert run(NAME, *ex(), exchange(ranges="10.0.1.250"), appliances=LB01).is_clean()
    assert run(NAME, *ex("EDGE01", roles="Edge"), appliances=LB01).is_clean()


def test_near_miss_disabled() -> None:
    off = relay(ranges="10.0.1.250", enabled=False)
    assert run(NAME, *ex(), off, appliances=LB01).is_clean()


def test_near_miss_an_application_server_is_no_balancer() -> None:
    application = (appliance("APP01", "application", "10.0.1.250"),)
    ran = run(NAME, *ex(), relay(ranges="10.0.1.250"), appliances=application)
    assert ran.outcome.kind is OutcomeKind.NOT_APPLICABLE


def test_not_assessed_without_an_inventory() -> None:
    ran = run(NAME, *ex(), relay(ranges="10.0.1.250"), appliances=None)
    assert ran.lacks("declare [[appliance]] in rctango.toml")


def test_not_assessed_without_ranges() -> None:
    ran = run(NAME, *ex(), relay(ranges=None), appliances=LB01)
    assert ran.lacks("RemoteIPRanges of EX01\\Relay")
