from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakes.models import WHOLE_IPV4, appliance, default_connectors, server
from fakes.observations import failure, period, traffic, usage
from fakes.rule_cases import PUBLIC_IPV4, ex, inbound, relay, run, secured
from rctango.model.finding import Grade
from rctango.rules import CATALOGUE
from rctango.rules._grades import BY_LOGS

if TYPE_CHECKING:
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding
    from rctango.model.observation import LogPeriod, SendFailure, Usage

RELAY = relay(ranges="10.0.7.0/24")
LB01 = (appliance("LB01", "load-balancer", "10.0.1.250"),)
EX10 = (
    server("EX10", version="14.3", roles="HubTransport", addresses="10.0.0.6"),
    default_connectors("EX10", "14.3", "HubTransport"),
)
CAPTURE = inbound(ranges="10.0.0.6")


def found(
    name: str, one: Connector, *seen: Usage | SendFailure | LogPeriod, **more: Any
) -> Finding:
    findings = run(name, *ex(), one, traffic=traffic(*seen), **more).findings
    (finding,) = findings
    return finding


def test_every_name_in_the_table_is_a_rule() -> None:
    assert set(BY_LOGS) <= {rule.name for rule in CATALOGUE}
    assert list(BY_LOGS) == sorted(BY_LOGS)


def test_relay_that_happened_makes_it_used() -> None:
    seen = usage(foreign=30), usage(client="10.0.7.8", foreign=4, days=(3, 25)), usage(own=9)
    one = found("anonymous-relay", RELAY, *seen)
    assert one.grade is Grade.USED
    assert one.message.endswith(
        "The logs show it: 2 clients sent to 34 recipients in other domains "
        "2026-03-02 to 2026-03-27."
    )
    assert one.evidence[-1].source == "logs"


@pytest.mark.parametrize(
    "seen",
    [
        usage(own=30),
        usage(foreign=None, own=None, recipients_accepted=9),
        usage(foreign=9, auth_successes=1),
        usage("EX01\\Default Frontend EX01", foreign=9),
        usage(client="10.0.8.9", foreign=9),
        usage(client="10.0.7.x", foreign=9),
        usage(foreign=9, log="send"),
        period(),
    ],
)
def test_anything_less_leaves_it_possible(seen: Usage | LogPeriod) -> None:
    one = found("anonymous-relay", RELAY, seen)
    assert one.grade is Grade.POSSIBLE
    assert "logs" not in one.message


def test_only_the_ranges_of_the_finding_count() -> None:
    both = relay(ranges="10.0.7.0/24, 10.0.9.9")
    inside, outside = usage(foreign=2), usage(client="10.0.9.9", foreign=2)
    assert found("overbroad-relay-range", both, inside).grade is Grade.USED
    assert found("overbroad-relay-range", both, outside).grade is Grade.POSSIBLE


def test_an_open_relay_is_used_by_public_addresses_only() -> None:
    wide = relay(ranges=WHOLE_IPV4)
    inner, outer = usage(foreign=9), usage(client=PUBLIC_IPV4, foreign=2)
    assert found("open-relay", wide, inner).grade is Grade.POSSIBLE
    one = found("open-relay", wide, inner, outer)
    assert f"{PUBLIC_IPV4} sent to 2 recipients" in one.message
    some = relay(ranges=f"10.0.7.0/24, {PUBLIC_IPV4}")
    assert found("public-address-in-relay-range", some, outer).grade is Grade.USED


def test_an_externally_secured_connector_that_relayed() -> None:
    one = found(
        "externally-secured-relay", secured(ranges="10.0.7.9"), usage("EX01\\Trusted", foreign=1)
    )
    assert "10.0.7.9 sent to 1 recipient in other" in one.message


def test_a_device_or_gateway_that_came_makes_it_used() -> None:
    balanced = relay(ranges="10.0.1.250")
    came = usage(client="10.0.1.250", own=3, sessions=1, days=(0, 0))
    one = found("load-balancer-in-relay-range", balanced, came, appliances=LB01)
    assert one.grade is Grade.USED
    assert one.message.endswith(
        "The logs show 1 session of 10.0.1.250 with the connector on 2026-03-02."
    )
    relayed = usage(client="10.0.1.250", foreign=3)
    one = found("load-balancer-in-relay-range", balanced, relayed, appliances=LB01)
    assert "10.0.1.250 sent to 3 recipients" in one.message
    gateway = found(
        "default-gateway-in-relay-range", relay(ranges="10.0.0.1"), usage(client="10.0.0.1")
    )
    assert gateway.grade is Grade.USED
    beside = found("default-gateway-in-relay-range", relay(ranges="10.0.0.1"), usage())
    assert beside.grade is Grade.POSSIBLE


def captured(*seen: Usage | SendFailure) -> Finding:
    (one,) = run("captured-exchange-server", *ex(), *EX10, CAPTURE, traffic=traffic(*seen)).findings
    return one


def test_a_send_log_with_451_5_7_3_makes_a_capture_used() -> None:
    one = captured(failure(sessions=40), failure(sessions=2))
    assert one.grade is Grade.USED
    assert one.message.endswith(
        "The send log of EX10 shows it: 42 sessions to EX01 failed with 451 5.7.3 "
        "2026-03-02 to 2026-03-22."
    )
    assert captured(failure(local="")).grade is Grade.USED


@pytest.mark.parametrize(
    "seen",
    [
        failure(reply="454 4.7.0"),
        failure(offers_exchange_auth=True),
        failure(remote="10.0.0.99"),
        failure(local="10.0.0.99"),
        failure(local="", ehlo_name="EX77.contoso.com"),
        usage("EX01\\Inbound", "10.0.0.6", without_exchange_auth=5, messages=1),
        usage("EX01\\Inbound", "10.0.0.6"),
        usage("EX01\\Inbound", "10.0.0.77", without_exchange_auth=5),
    ],
)
def test_other_failures_leave_a_capture_possible(
    seen: Usage | SendFailure,
) -> None:
    assert captured(seen).grade is Grade.POSSIBLE


def test_a_peer_that_is_offered_nothing_and_leaves_makes_a_capture_used() -> None:
    one = captured(usage("EX01\\Inbound", "10.0.0.6", without_exchange_auth=5, sessions=6))
    assert one.grade is Grade.USED
    assert "5 sessions of EX10 were offered no Exchange Server authentication" in one.message


def test_without_logs_nothing_changes() -> None:
    (one,) = run("anonymous-relay", *ex(), RELAY).findings
    assert one.grade is Grade.POSSIBLE
