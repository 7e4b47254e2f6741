from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.models import appliance
from fakes.observations import period, profile, traffic, usage
from fakes.rule_cases import ex, inbound, relay, run
from rctango.model.finding import Confidence, Grade, OutcomeKind, Severity, Subject, SubjectKind

if TYPE_CHECKING:
    from rctango.model.observation import Traffic

NAME = "suspected-source-nat"
RELAY = relay(ranges="10.0.0.240/28, 10.0.7.9")


def logs(client: str = "10.0.0.250", names: int = 12, **more: Any) -> Traffic:
    """Logs with one address that gives this many EHLO names."""
    facts: dict[str, Any] = {"share": 0.2, **more}
    return traffic(period(), profile("10.0.7.9"), profile(client, names=names, **facts))


def test_fires_high_when_the_address_may_relay() -> None:
    found = run(NAME, *ex(), RELAY, traffic=logs()).only
    assert found.severity is Severity.HIGH
    assert found.confidence is Confidence.MEDIUM
    assert found.grade is Grade.POSSIBLE
    assert found.connector == "EX01\\Relay"
    assert found.ranges == ("10.0.0.240/28",)
    assert found.subjects == (Subject(kind=SubjectKind.CLIENT, name="", address="10.0.0.250"),)
    assert "It is likely that 10.0.0.250 stands for many clients (score 65" in found.message
    assert "12 different EHLO names" in found.message
    assert "EX01\\Relay answers it, so everyone behind it may relay" in found.message
    assert "declare it in rctango.toml" in found.fix
    assert [str(one) for one in found.evidence] == ["logs", "test: EX01\\Relay remote_ranges"]


def test_fires_medium_when_it_is_only_possible() -> None:
    found = run(NAME, *ex(), RELAY, traffic=logs(names=2, share=0.5)).only
    assert found.severity is Severity.MEDIUM
    assert found.confidence is Confidence.LOW


def test_fires_milder_when_the_rights_are_not_known() -> None:
    hidden = relay(ranges="10.0.0.250", entries=None)
    ran = run(NAME, *ex(), hidden, traffic=logs())
    assert [one.severity for one in ran.findings] == [Severity.MEDIUM]
    ran = run(NAME, *ex(), hidden, traffic=logs(names=2, share=0.5))
    assert [one.severity for one in ran.findings] == [Severity.LOW]


def test_fires_low_when_no_relay_connector_answers_it() -> None:
    found = run(NAME, *ex(), inbound(ranges="10.0.0.250"), traffic=logs()).only
    assert found.severity is Severity.LOW
    assert found.connector is None
    assert "No connector that relays answers it today." in found.message


def test_fires_as_used_when_it_relayed() -> None:
    relayed = usage(client="10.0.0.250", foreign=31, names=())
    shown = traffic(period(), profile("10.0.0.250", names=12, share=0.2), relayed)
    found = run(NAME, *ex(), RELAY, traffic=shown).only
    assert found.grade is Grade.USED
    assert found.message.endswith(
        "The logs show it: 10.0.0.250 sent to 31 recipients in other domains "
        "2026-03-02 to 2026-03-22."
    )


def test_fires_for_a_masked_address_without_a_connector() -> None:
    found = run(NAME, *ex(), RELAY, traffic=logs("10.0.0.xxx", names=40)).only
    assert found.connector is None


def test_near_miss_a_busy_scanner_and_a_quiet_host() -> None:
    scanner = profile("10.0.0.251", sessions=90_000, listener_sessions=91_000)
    quiet = profile("10.0.0.252", sessions=12)
    shown = traffic(period(), scanner, quiet)
    assert run(NAME, *ex(), RELAY, traffic=shown).is_clean()


def test_near_miss_only_possible_and_no_relay_connector_answers_it() -> None:
    assert run(NAME, *ex(), traffic=logs(names=2, share=0.5)).is_clean()
    assert run(NAME, *ex(), traffic=logs("203.0.113.9", names=90)).is_clean()


def test_near_miss_strangers_whose_mail_was_never_accepted() -> None:
    assert run(NAME, *ex(), RELAY, traffic=logs(names=90, messages=0)).is_clean()


def test_near_miss_a_declared_balancer_is_the_business_of_other_rules() -> None:
    known = (appliance("LB01", "load-balancer", "10.0.0.250"),)
    assert run(NAME, *ex(), RELAY, traffic=logs(), appliances=known).is_clean()


def test_near_miss_an_exchange_server() -> None:
    assert run(NAME, *ex(), RELAY, traffic=logs("10.0.0.5")).is_clean()


def test_near_miss_without_logs_it_does_not_apply() -> None:
    ran = run(NAME, *ex(), RELAY)
    assert ran.outcome.kind is OutcomeKind.NOT_APPLICABLE
    assert ran.outcome.missing == ()


def test_not_assessed_with_too_few_sessions() -> None:
    few = traffic(period(), profile("10.0.0.250", sessions=3))
    assert run(NAME, *ex(), RELAY, traffic=few).lacks("protocol logs with more sessions")


def test_not_assessed_with_logs_that_hold_nothing_or_cannot_be_read() -> None:
    assert run(NAME, *ex(), RELAY, traffic=traffic()).lacks("protocol logs: give")
    shown = traffic(period(), profile(), incomplete=["EX01/RECV1.LOG cannot be read"])
    assert run(NAME, *ex(), RELAY, traffic=shown).lacks(
        "all of the protocol logs: EX01/RECV1.LOG cannot be read"
    )


def test_not_assessed_without_ranges_or_rights() -> None:
    fine = traffic(period(), profile())
    assert run(NAME, *ex(), relay(ranges=None), traffic=fine).lacks("RemoteIPRanges of EX01\\Relay")
    hidden = relay(ranges="10.0.7.9", entries=None)
    assert run(NAME, *ex(), hidden, traffic=fine).lacks("access control entries of EX01\\Relay")
