from __future__ import annotations

import pytest

from fakes.models import appliance
from fakes.rule_cases import ex, inbound, relay, run, secured
from rctango.model.finding import OutcomeKind, Severity, Subject, SubjectKind

NAME = "nat-device-in-relay-range"
FW01 = (appliance("FW01", "firewall", "10.0.6.1"),)


@pytest.mark.parametrize("kind", ["nat", "firewall", "gateway"])
def test_fires_for_each_kind_of_device(kind: str) -> None:
    device = (appliance("DEV01", kind, "10.0.6.1"),)
    found = run(NAME, *ex(), relay(ranges="10.0.6.0/24, 10.0.7.9"), appliances=device).only
    assert found.severity is Severity.CRITICAL
    assert found.connector == "EX01\\Relay"
    assert found.ranges == ("10.0.6.0/24",)
    assert found.subjects == (
        Subject(kind=SubjectKind.APPLIANCE, name="DEV01", address="10.0.6.1"),
    )
    assert "1 IPv4 address of DEV01 (10.0.6.1)" in found.message
    assert "everyone behind DEV01 may relay to any recipient" in found.message
    assert "Take 10.0.6.1 out of the remote ranges of EX01\\Relay" in found.fix


def test_fires_for_each_device_by_itself() -> None:
    devices = (*FW01, appliance("NAT01", "nat", "10.0.6.2"))
    ran = run(NAME, *ex(), relay(ranges="10.0.6.0/24"), appliances=devices)
    assert [one.subjects[0].name for one in ran.findings] == ["FW01", "NAT01"]


def test_fires_for_an_externally_secured_connector() -> None:
    found = run(NAME, *ex(), secured(ranges="10.0.6.1"), appliances=FW01).only
    assert "counts as internal" in found.message


def test_fires_as_information_when_the_connector_does_not_relay() -> None:
    found = run(NAME, *ex(), inbound(ranges="10.0.6.1"), appliances=FW01).only
    assert found.severity is Severity.INFO


def test_fires_low_while_a_narrower_range_protects() -> None:
    ran = run(NAME, *ex(), relay(ranges="10.0.6.0/24"), inbound(ranges="10.0.6.1"), appliances=FW01)
    severities = {one.connector: one.severity for one in ran.findings}
    assert severities == {"EX01\\Relay": Severity.LOW, "EX01\\Inbound": Severity.INFO}


def test_near_miss_the_device_is_beside_the_range() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.6.2-10.0.6.9"), appliances=FW01).is_clean()


def test_near_miss_the_default_connector_answers_it() -> None:
    assert run(NAME, *ex(), appliances=FW01).is_clean()


def test_near_miss_disabled() -> None:
    off = relay(ranges="10.0.6.1", enabled=False)
    assert run(NAME, *ex(), off, appliances=FW01).is_clean()


def test_near_miss_not_applicable_for_other_kinds() -> None:
    balancer = (appliance("LB01", "load-balancer", "10.0.6.1"),)
    ran = run(NAME, *ex(), relay(ranges="10.0.6.1"), appliances=balancer)
    assert ran.outcome.kind is OutcomeKind.NOT_APPLICABLE


def test_not_assessed_without_an_inventory() -> None:
    ran = run(NAME, *ex(), relay(ranges="10.0.6.1"), appliances=None)
    assert ran.lacks("declare [[appliance]] in rctango.toml")


def test_not_assessed_without_entries() -> None:
    hidden = relay(ranges="10.0.7.9", entries=None)
    assert run(NAME, *ex(), hidden, appliances=FW01).lacks("access control entries of EX01\\Relay")
