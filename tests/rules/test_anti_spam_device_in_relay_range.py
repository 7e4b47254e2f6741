from __future__ import annotations

from fakes.models import appliance
from fakes.rule_cases import ex, exchange, inbound, relay, run, secured
from rctango.model.finding import OutcomeKind, Severity, Subject, SubjectKind

NAME = "anti-spam-device-in-relay-range"
SPAM01 = (appliance("SPAM01", "anti-spam", "10.0.5.20"),)


def test_fires_for_a_relay_connector() -> None:
    found = run(NAME, *ex(), relay(ranges="10.0.5.0/27, 10.0.7.9"), appliances=SPAM01).only
    assert found.severity is Severity.CRITICAL
    assert found.connector == "EX01\\Relay"
    assert found.ranges == ("10.0.5.0/27",)
    assert found.subjects == (
        Subject(kind=SubjectKind.APPLIANCE, name="SPAM01", address="10.0.5.20"),
    )
    assert "1 IPv4 address of SPAM01 (10.0.5.20)" in found.message
    assert "the whole Internet" in found.message
    assert "may relay to any recipient without authentication" in found.message
    assert "10.0.5.20" in found.fix


def test_fires_for_an_externally_secured_connector_and_says_what_it_makes_of_the_mail() -> None:
    found = run(NAME, *ex(), secured(ranges="10.0.5.20"), appliances=SPAM01).only
    assert found.severity is Severity.CRITICAL
    assert "counts as internal" in found.message
    assert "AnonymousUsers and Tls" in found.fix


def test_fires_high_when_the_rights_are_not_known() -> None:
    ran = run(NAME, *ex(), relay(ranges="10.0.5.20", entries=None), appliances=SPAM01)
    (found,) = ran.findings
    assert found.severity is Severity.HIGH
    assert "may be able to relay" in found.message
    assert "Get-ADPermission" in ran.outcome.missing[0]


def test_fires_low_while_a_narrower_range_protects() -> None:
    found = run(
        NAME, *ex(), relay(ranges="10.0.5.0/27"), inbound(ranges="10.0.5.20"), appliances=SPAM01
    ).only
    assert found.severity is Severity.LOW
    assert "narrower range of another connector answers" in found.message


def test_near_miss_a_connector_for_internet_mail_that_does_not_relay() -> None:
    assert run(NAME, *ex(), inbound(ranges="10.0.5.20"), appliances=SPAM01).is_clean()


def test_near_miss_the_default_connector_answers_it() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.5.21-10.0.5.40"), appliances=SPAM01).is_clean()


def test_near_miss_a_connector_for_exchange_servers() -> None:
    assert run(NAME, *ex(), exchange(ranges="10.0.5.20"), appliances=SPAM01).is_clean()


def test_near_miss_a_disabled_relay_connector() -> None:
    off = relay(ranges="10.0.5.0/24", enabled=False)
    assert run(NAME, *ex(), off, appliances=SPAM01).is_clean()


def test_near_miss_not_applicable_without_such_a_device() -> None:
    other = (appliance("LB01", "load-balancer", "10.0.5.20"),)
    for inventory in ((), other):
        ran = run(NAME, *ex(), relay(ranges="10.0.5.0/24"), appliances=inventory)
        assert ran.outcome.kind is OutcomeKind.NOT_APPLICABLE


def test_not_assessed_without_an_inventory() -> None:
    ran = run(NAME, *ex(), relay(ranges="10.0.5.0/24"), appliances=None)
    assert ran.lacks("declare [[appliance]] in rctango.toml")


def test_not_assessed_without_accepted_domains_or_entries() -> None:
    facts = {"appliances": SPAM01, "accepted_domains": None}
    assert run(NAME, *ex(), inbound(ranges="10.0.5.20"), **facts).lacks("Get-AcceptedDomain")
    hidden = relay(ranges="10.0.7.9", entries=None)
    assert run(NAME, *ex(), hidden, appliances=SPAM01).lacks("Get-ADPermission")
