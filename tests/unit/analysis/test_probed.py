"""What saved probes make of findings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fakes.models import appliance, default_connectors, server
from fakes.observations import traffic, usage
from fakes.probes import BEGAN, BOTH_AUTH, saved, seen
from fakes.rule_cases import ex, inbound, relay, run, secured
from rctango.model.finding import Grade
from rctango.rules import CATALOGUE
from rctango.rules._probes import BY_PROBES

if TYPE_CHECKING:
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding
    from rctango.model.probing import ProbeObservation

RELAY = relay(ranges="10.0.7.0/24")
LB01 = (appliance("LB01", "load-balancer", "10.0.1.250"),)
EX10 = (
    server("EX10", version="14.3", roles="HubTransport", addresses="10.0.0.6"),
    default_connectors("EX10", "14.3", "HubTransport"),
)


def found(
    name: str, one: Connector, *probes: ProbeObservation, items: tuple[Any, ...] = (), **more: Any
) -> Finding:
    """The finding about the connector, with probes in the evidence."""
    findings = run(name, *ex(), *items, one, probes=saved(*probes), **more).findings
    (finding,) = (each for each in findings if each.connector == one.identity)
    return finding


def test_every_name_in_the_table_is_a_rule() -> None:
    assert set(BY_PROBES) <= {rule.name for rule in CATALOGUE}
    assert list(BY_PROBES) == sorted(BY_PROBES)


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("anonymous-relay", RELAY),
        ("overbroad-relay-range", RELAY),
        ("externally-secured-relay", secured(ranges="10.0.7.0/24")),
        ("open-relay", relay(ranges="0.0.0.0-239.255.255.255")),
    ],
)
def test_relay_that_was_seen_confirms(name: str, one: Connector) -> None:
    finding = found(name, one, seen(), seen(source="10.0.7.10", began=BEGAN + timedelta(days=1)))
    assert finding.grade is Grade.CONFIRMED
    assert finding.message.endswith(
        "A probe shows it: 10.0.7.9 and 10.0.7.10 could relay to a foreign recipient "
        "2026-03-02 to 2026-03-03."
    )
    assert [str(one) for one in finding.evidence[-2:]] == [
        "probe.json: observations[0]",
        "probe.json: observations[1]",
    ]


def test_a_probe_is_stronger_than_a_log() -> None:
    logs = traffic(usage(foreign=30))
    finding = found("anonymous-relay", RELAY, seen(), traffic=logs)
    assert finding.grade is Grade.CONFIRMED
    assert "The logs show it" in finding.message
    refuted = found("anonymous-relay", RELAY, seen(relay="denied"), traffic=logs)
    assert refuted.grade is Grade.USED


def test_a_refutation_is_told_and_changes_nothing_else() -> None:
    bare = found("overbroad-relay-range", RELAY)
    finding = found("overbroad-relay-range", RELAY, seen(relay="denied"))
    assert finding.grade is Grade.POSSIBLE
    assert finding.severity is bare.severity
    assert finding.message.startswith(bare.message)
    assert (
        "A probe speaks against it: 10.0.7.9 could not relay on 2026-03-02 (550 5.7.54 SMTP; "
        "Unable to relay), although the evidence foretells it. Likeliest cause: "
    ) in finding.message
    assert str(finding.evidence[-1]) == "probe.json: observations[0]"


def test_both_are_told() -> None:
    finding = found("anonymous-relay", RELAY, seen(), seen(source="10.0.7.10", relay="denied"))
    assert finding.grade is Grade.CONFIRMED
    assert "A probe shows it: 10.0.7.9 " in finding.message
    assert "A probe speaks against it: 10.0.7.10 " in finding.message


@pytest.mark.parametrize(
    "probe",
    [
        seen(relay="inconclusive"),
        seen(relay=None),
        seen(source="10.0.8.9"),
        seen(source=None),
        seen(source="not an address"),
        seen(via="LB01"),
        seen(address="10.0.0.99"),
        seen(address=None),
        seen(port=587),
        seen(server="EX77"),
        seen(source="10.0.8.9", relay="denied"),
    ],
)
def test_anything_less_says_nothing(probe: ProbeObservation) -> None:
    finding = found("anonymous-relay", RELAY, probe)
    assert finding.grade is Grade.POSSIBLE
    assert "probe" not in finding.message


def test_a_narrower_connector_takes_the_probe() -> None:
    narrow = inbound(ranges="10.0.7.9")
    findings = run("anonymous-relay", *ex(), RELAY, narrow, probes=saved(seen())).findings
    assert [one.grade for one in findings] == [Grade.POSSIBLE]


def test_only_the_ranges_of_the_finding_count() -> None:
    both = relay(ranges="10.0.7.0/24, 10.0.9.9")
    assert found("overbroad-relay-range", both, seen()).grade is Grade.CONFIRMED
    other = seen(source="10.0.9.9")
    assert found("overbroad-relay-range", both, other).grade is Grade.POSSIBLE


def test_a_probe_from_before_the_last_change_does_not_count() -> None:
    changed = relay(ranges="10.0.7.0/24", when_changed=BEGAN + timedelta(days=2))
    for result in ("allowed", "denied"):
        finding = found("anonymous-relay", changed, seen(relay=result))
        assert finding.grade is Grade.POSSIBLE
        assert finding.message.endswith(
            "1 probe from before the connector's last change did not count."
        )
    same_day = relay(ranges="10.0.7.0/24", when_changed=BEGAN.replace(hour=20, tzinfo=None))
    assert found("anonymous-relay", same_day, seen()).grade is Grade.CONFIRMED


def test_a_forged_sender_that_was_taken() -> None:
    finding = found("internal-sender-spoofing", RELAY, seen(relay=None, spoof="allowed"))
    assert finding.grade is Grade.CONFIRMED
    assert "10.0.7.9 could send as a sender of the organisation on" in finding.message


def test_a_device_is_confirmed_by_a_probe_from_it_or_through_it() -> None:
    one = relay(ranges="10.0.1.250, 10.0.7.7")
    name = "load-balancer-in-relay-range"
    from_it = seen(source="10.0.1.250")
    assert found(name, one, from_it, appliances=LB01).grade is Grade.CONFIRMED
    through = seen(source="10.9.9.9", via="lb01", target="10.0.1.100:25", address="10.0.1.100")
    directly = seen(source="10.9.9.9", relay="denied")
    finding = found(name, one, through, directly, appliances=LB01)
    assert finding.grade is Grade.CONFIRMED
    assert finding.message.endswith(
        "A probe shows it: 10.9.9.9 could relay through LB01 (10.0.1.100:25) on 2026-03-02, and "
        "directly at EX01 it could not."
    )


@pytest.mark.parametrize(
    ("through", "directly"),
    [
        ({"relay": "denied"}, {"relay": "denied"}),
        ({}, {"relay": "allowed"}),
        ({"via": "LB02"}, {"relay": "denied"}),
        ({"source": "10.9.9.8"}, {"relay": "denied"}),
        ({"port": 587}, {"relay": "denied"}),
        ({"greeting": "ex02.contoso.com ready"}, {"relay": "denied"}),
        ({"banner": None}, {"relay": "denied", "banner": None}),
    ],
)
def test_through_a_balancer_only_a_difference_counts(
    through: dict[str, Any], directly: dict[str, Any]
) -> None:
    one = relay(ranges="10.0.1.250, 10.0.7.7")
    probes = (
        seen(**{"source": "10.9.9.9", "via": "LB01", "address": "10.0.1.100", **through}),
        seen(**{"source": "10.9.9.9", **directly}),
    )
    finding = found("load-balancer-in-relay-range", one, *probes, appliances=LB01)
    assert finding.grade is Grade.POSSIBLE


def test_a_captured_server_that_was_offered_nothing() -> None:
    capture = inbound(ranges="10.0.0.6")
    probe = seen(source="10.0.0.6", relay="denied")

    def graded(*probes: ProbeObservation) -> Finding:
        findings = run(
            "captured-exchange-server", *ex(), *EX10, capture, probes=saved(*probes)
        ).findings
        (finding,) = findings
        return finding

    finding = graded(probe)
    assert finding.grade is Grade.CONFIRMED
    assert "10.0.0.6 was offered no Exchange Server authentication on" in finding.message
    offered = graded(seen(source="10.0.0.6", keywords=BOTH_AUTH))
    assert offered.grade is Grade.POSSIBLE
    assert "A probe speaks against it: 10.0.0.6 was offered Exchange Server" in offered.message


def test_rules_without_an_entry_stay_as_they_are() -> None:
    silent = relay(ranges="10.0.7.0/24", verbose_logging=False)
    finding = found("no-protocol-logging", silent, seen())
    assert "probe" not in finding.message


# --- what looks like a confirmation and is none


def with_addresses(probe: ProbeObservation, sender: str, recipient: str) -> ProbeObservation:
    steps = tuple(replace(one, sender=sender, recipient=recipient) for one in probe.steps)
    return replace(probe, steps=steps)


@pytest.mark.parametrize("recipient", ["b@contoso.com", "b@CONTOSO.com.", ""])
def test_a_relay_step_with_an_own_recipient_shows_no_relay(recipient: str) -> None:
    finding = found("anonymous-relay", RELAY, with_addresses(seen(), "a@example.com", recipient))
    assert finding.grade is Grade.POSSIBLE


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [("a@fabrikam.com", "b@contoso.com"), ("a@contoso.com", "b@fabrikam.com")],
)
def test_a_forged_sender_of_somebody_else_shows_nothing(sender: str, recipient: str) -> None:
    probe = with_addresses(seen(relay=None, spoof="allowed"), sender, recipient)
    assert found("internal-sender-spoofing", RELAY, probe).grade is Grade.POSSIBLE


@pytest.mark.parametrize(
    "another",
    [
        {"keywords": BOTH_AUTH},
        {"greeting": "ex02.contoso.com ready"},
        {"spoof": "denied"},
    ],
)
def test_a_probe_that_met_somebody_else_confirms_nothing(another: dict[str, Any]) -> None:
    other = ex("EX02", addresses="10.0.0.7", fqdn="ex02.contoso.com")
    finding = found("anonymous-relay", RELAY, seen(**another), items=other)
    assert finding.grade is Grade.POSSIBLE
    assert "did not count, because another connector seems to have answered." in finding.message


def test_a_masked_offer_shows_nothing_of_the_connector() -> None:
    capture = inbound(ranges="10.0.0.6")
    probe = seen(source="10.0.0.6", relay="denied", keywords=("XXXXXXXA", "XXXB"))
    (finding,) = run(
        "captured-exchange-server", *ex(), *EX10, capture, probes=saved(probe)
    ).findings
    assert finding.grade is Grade.POSSIBLE


def test_a_balancer_is_not_confirmed_by_what_another_server_does() -> None:
    one = relay(ranges="10.0.1.250, 10.0.7.7", when_changed=BEGAN - timedelta(days=1))
    name = "load-balancer-in-relay-range"
    through = seen(source="10.9.9.9", via="LB01", target="10.0.1.100:25", address="10.0.1.100")
    directly = seen(source="10.9.9.9", relay="denied")
    assert found(name, one, through, directly, appliances=LB01).grade is Grade.CONFIRMED
    old = replace(directly, began=BEGAN - timedelta(days=900))
    assert found(name, one, through, old, appliances=LB01).grade is Grade.POSSIBLE
    elsewhere = seen(source="10.9.9.9", target="10.0.0.8:25", address="10.0.0.8")
    grade = found(name, one, through, directly, elsewhere, appliances=LB01).grade
    assert grade is Grade.POSSIBLE
    ports = [replace(probe, port=587) for probe in (through, directly)]
    assert found(name, one, *ports, appliances=LB01).grade is Grade.POSSIBLE
