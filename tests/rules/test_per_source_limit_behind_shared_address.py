from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.models import appliance
from fakes.observations import period, profile, traffic, usage
from fakes.rule_cases import default, ex, run
from rctango.model.connector import Unlimited
from rctango.model.finding import Grade, OutcomeKind, Severity, Subject, SubjectKind

if TYPE_CHECKING:
    from rctango.model.connector import Connector
    from rctango.model.observation import Traffic

NAME = "per-source-limit-behind-shared-address"
FRONT = "EX01\\Default Frontend EX01"
GATEWAY = (appliance("MX01", "anti-spam", "10.0.3.4"),)


def limited(number: int | Unlimited | None = 20, percentage: int | None = 2) -> Connector:
    return default(
        "Default Frontend",
        max_inbound=5000,
        max_inbound_per_source=number,
        max_inbound_percentage_per_source=percentage,
    )


def logs(client: str = "10.0.3.4", **more: Any) -> Traffic:
    used = usage(FRONT, client, own=900)
    return traffic(period(FRONT), profile("10.0.9.9"), profile(client, **more), used)


def test_fires_when_a_declared_gateway_met_the_limit() -> None:
    """A mail gateway, 100 connections and 2 percent: mail stops now and then."""
    ran = run(NAME, ex()[0], limited(100), traffic=logs(limit_refusals=41), appliances=GATEWAY)
    found = ran.only
    assert found.severity is Severity.MEDIUM
    assert found.grade is Grade.USED
    assert found.connector == FRONT
    assert found.subjects == (Subject(kind=SubjectKind.APPLIANCE, name="MX01", address="10.0.3.4"),)
    assert found.message == (
        f"{FRONT} limits connections from one address to 100 at a time and 2 % of those still "
        "free, and 10.0.3.4 is MX01, which stands for many clients. The logs show 41 connections "
        "of it that met a limit (421)."
    )
    assert "MaxInboundConnectionPercentagePerSource" in found.fix


def test_fires_low_as_a_warning_while_nothing_was_refused() -> None:
    found = run(NAME, ex()[0], limited(), traffic=logs(), appliances=GATEWAY).only
    assert found.severity is Severity.LOW
    assert found.grade is Grade.POSSIBLE
    assert "show no refusal yet" in found.message


def test_fires_for_an_address_that_seems_to_stand_for_many() -> None:
    shown = logs("10.0.0.250", names=12, share=0.2)
    found = run(NAME, ex()[0], limited(), traffic=shown).only
    assert "10.0.0.250 stands for many clients by the logs (likely)" in found.message
    assert found.subjects[0].kind is SubjectKind.CLIENT


def test_fires_for_an_undeclared_gateway_that_was_refused() -> None:
    many: dict[str, Any] = {"sender_domains": 80, "common_sender_share": 0.1}
    shown = logs(limit_refusals=3, **many)
    found = run(NAME, ex()[0], limited(), traffic=shown).only
    assert "10.0.3.4 passes on mail of 80 sender domains" in found.message


def test_fires_for_one_of_the_two_limits() -> None:
    shown = logs(limit_refusals=3)
    found = run(NAME, ex()[0], limited(500, 100), traffic=shown, appliances=GATEWAY).only
    assert "to 500 at a time, and" in found.message
    found = run(
        NAME, ex()[0], limited(Unlimited.UNLIMITED, 2), traffic=shown, appliances=GATEWAY
    ).only
    assert "to 2 % of those still free, and" in found.message


def test_near_miss_limits_are_raised_or_off() -> None:
    raised = limited(500, 50)
    assert run(NAME, ex()[0], raised, traffic=logs(), appliances=GATEWAY).is_clean()
    off = limited(Unlimited.UNLIMITED, 100)
    refused = logs(limit_refusals=9)
    assert run(NAME, ex()[0], off, traffic=refused, appliances=GATEWAY).is_clean()


def test_near_miss_a_busy_single_client_and_an_exchange_server() -> None:
    scanner = logs(limit_refusals=9)
    assert run(NAME, ex()[0], limited(), traffic=scanner).is_clean()
    peer = logs("10.0.0.5", limit_refusals=9, sender_domains=80)
    assert run(NAME, ex()[0], limited(), traffic=peer).is_clean()


def test_near_miss_the_device_used_another_connector() -> None:
    shown = traffic(period(FRONT), profile("10.0.3.4"), usage("EX77\\Relay", "10.0.3.4"))
    assert run(NAME, ex()[0], limited(), traffic=shown, appliances=GATEWAY).is_clean()


def test_near_miss_without_logs_it_does_not_apply() -> None:
    ran = run(NAME, ex()[0], limited(), appliances=GATEWAY)
    assert ran.outcome.kind is OutcomeKind.NOT_APPLICABLE


def test_not_assessed_without_the_limits() -> None:
    unknown = limited(None, None)
    shown = logs()
    ran = run(NAME, ex()[0], unknown, traffic=shown, appliances=GATEWAY)
    assert ran.lacks(f"MaxInboundConnectionPercentagePerSource of {FRONT}")
    assert run(NAME, ex()[0], unknown, traffic=shown).is_clean()


def test_not_assessed_with_logs_that_cannot_be_read() -> None:
    shown = traffic(period(FRONT), profile("10.0.9.9"), incomplete=["2 files"])
    assert run(NAME, ex()[0], limited(), traffic=shown).lacks("2 files")
