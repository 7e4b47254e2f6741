from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakes.models import appliance, server, snapshot
from fakes.observations import profile, traffic, usage
from rctango.analysis.source_nat import judge_sources
from rctango.analysis.view import View
from rctango.model.finding import Confidence
from rctango.model.judgement import SignalKind, SourceVerdict

if TYPE_CHECKING:
    from rctango.model.judgement import SourceJudgement
    from rctango.model.observation import SourceProfile, Usage

CHECKS: dict[str, Any] = {"idle_interval": 10.0, "idle_regularity": 0.97}


def judge(*items: SourceProfile | Usage, **facts: Any) -> SourceJudgement:
    """The judgement of the one address, with the evidence of EX01 at 10.0.0.5."""
    (found,) = judge_sources(traffic(*items), View(snapshot(server(), **facts)))
    return found


def points(found: SourceJudgement) -> dict[SignalKind, int]:
    return {one.kind: one.points for one in found.signals}


def test_a_one_arm_balancer_with_three_clients_is_likely() -> None:
    found = judge(profile("10.0.0.250", names=3, share=0.4))
    assert found.verdict is SourceVerdict.LIKELY
    assert found.confidence is Confidence.MEDIUM
    assert points(found)[SignalKind.EHLO_NAMES] > points(found)[SignalKind.SUBNET] > 0
    assert "3 different EHLO names, the commonest in 40 %" in found.signals[0].sentence
    assert "the same /24 as an Exchange server of the evidence" in found.signals[1].sentence
    assert "rctango.toml" in found.settle


def test_health_checks_and_refusals_raise_the_score() -> None:
    bare = judge(profile("10.0.0.250", names=3, share=0.4))
    found = judge(
        profile(
            "10.0.0.250",
            names=3,
            share=0.4,
            sessions=3000,
            idle_sessions=2600,
            limit_refusals=4,
            **CHECKS,
        )
    )
    assert found.score > bare.score
    assert {SignalKind.HEALTH_CHECKS, SignalKind.LIMIT_REFUSALS, SignalKind.SHARE} <= set(
        points(found)
    )


def test_a_quiet_mail_host_is_not_one() -> None:
    found = judge(profile("10.0.9.25", sessions=12))
    assert found.verdict is SourceVerdict.UNLIKELY
    assert found.score == 0
    assert found.confidence is Confidence.LOW


def test_a_busy_scanner_in_the_subnet_is_not_one() -> None:
    found = judge(profile("10.0.0.77", sessions=40_000, listener_sessions=41_000, limit_refusals=3))
    assert found.verdict is SourceVerdict.UNLIKELY
    assert found.confidence is Confidence.MEDIUM
    assert points(found)[SignalKind.SHARE] > 0
    assert points(found)[SignalKind.ONE_NAME] < 0
    assert "limits the score to 25" in found.signals[-1].sentence


def test_a_scanner_that_also_gives_its_short_name_is_one_host() -> None:
    names = ("MFP77", "mfp77.contoso.com")
    found = judge(
        profile("10.0.0.77", sessions=9000, names=2, share=0.6),
        usage(client="10.0.0.77", names=names),
    )
    assert found.verdict is SourceVerdict.UNLIKELY


def test_a_renamed_host_is_possible_at_most() -> None:
    found = judge(
        profile("10.0.0.77", sessions=9000, names=2, share=0.5, limit_refusals=9, **CHECKS),
    )
    assert found.verdict is SourceVerdict.POSSIBLE
    full = profile(
        "10.0.0.77",
        sessions=9000,
        names=2,
        share=0.5,
        limit_refusals=9,
        idle_sessions=3000,
        sender_domains=40,
        common_sender_share=0.1,
        **CHECKS,
    )
    assert judge(full).verdict is SourceVerdict.POSSIBLE
    assert SignalKind.FEW_NAMES in points(judge(full))


def test_a_smart_host_with_many_sender_domains_is_not_one() -> None:
    smart: dict[str, Any] = {"sender_domains": 300, "common_sender_share": 0.05}
    found = judge(profile("10.0.0.40", sessions=9000, **smart))
    assert found.verdict is SourceVerdict.UNLIKELY
    assert points(found)[SignalKind.SENDER_DOMAINS] > 0


def test_a_monitoring_system_is_not_one() -> None:
    only = profile("10.0.0.9", sessions=5000, names=0, share=0.0, idle_sessions=5000, **CHECKS)
    found = judge(only)
    assert found.verdict is SourceVerdict.UNLIKELY
    assert points(found)[SignalKind.HEALTH_CHECKS] > 0
    assert "only tests whether the port answers" in found.settle


def test_few_sessions_say_too_little() -> None:
    assert judge(profile(sessions=4, names=3, share=0.4)).verdict is SourceVerdict.TOO_LITTLE
    assert judge(profile(sessions=9)).verdict is SourceVerdict.TOO_LITTLE
    few_checks = profile(sessions=8, idle_sessions=8, names=0, **CHECKS)
    assert judge(few_checks).verdict is SourceVerdict.TOO_LITTLE
    assert judge(profile(sessions=50, names=0)).verdict is SourceVerdict.TOO_LITTLE


def test_a_dominating_name_weakens_few_names_only() -> None:
    three = judge(profile("10.0.0.250", names=3, share=0.97))
    assert three.verdict is SourceVerdict.UNLIKELY
    many = judge(profile("10.0.0.250", names=30, share=0.97))
    assert many.verdict is SourceVerdict.LIKELY


def test_addresses_on_the_internet_are_possible_at_most() -> None:
    found = judge(profile("192.0.0.9", sessions=9000, names=500, share=0.01))
    assert found.verdict is SourceVerdict.POSSIBLE
    assert SignalKind.INTERNET in points(found)


def test_a_default_gateway_counts_and_a_public_one_too() -> None:
    found = judge(profile("10.0.0.1", names=4, share=0.5))
    assert points(found)[SignalKind.GATEWAY] == 20
    assert "default gateway of EX01" in found.signals[2].sentence
    public = View(snapshot(server(addresses="192.0.0.10", gateways="192.0.0.9")))
    (judged,) = judge_sources(
        traffic(profile("192.0.0.9", local="192.0.0.10", names=40, share=0.2)), public
    )
    assert judged.verdict is SourceVerdict.LIKELY


def test_without_an_accepted_message_it_is_unlikely() -> None:
    found = judge(profile("10.0.0.66", names=80, share=0.02, messages=0))
    assert found.verdict is SourceVerdict.UNLIKELY
    assert SignalKind.NO_MAIL in points(found)


def test_a_declared_balancer_is_recognised() -> None:
    devices = (appliance("LB01", "load-balancer", "10.0.0.250"),)
    found = judge(profile("10.0.0.250", sessions=3), appliances=devices)
    assert found.verdict is SourceVerdict.DECLARED
    assert (found.name, found.score, found.confidence) == ("LB01", 100, Confidence.HIGH)
    assert found.stands_for_many
    assert "declared as load-balancer LB01" in found.signals[0].sentence


def test_an_exchange_server_is_explained_by_being_one() -> None:
    chatty = profile("10.0.0.5", names=4, sender_domains=900, common_sender_share=0.1)
    found = judge(chatty)
    assert found.verdict is SourceVerdict.EXCHANGE_SERVER
    assert (found.name, found.score) == ("EX01", 0)
    assert not found.stands_for_many


def test_without_evidence_local_endpoints_tell_servers_and_subnets() -> None:
    judged = judge_sources(
        traffic(
            profile("10.0.0.6", server="EX01", local="10.0.0.5", names=9, share=0.2),
            profile("10.0.0.250", server="EX02", local="10.0.0.6", names=9, share=0.2),
        ),
        None,
    )
    by_client = {one.client: one for one in judged}
    assert by_client["10.0.0.6"].verdict is SourceVerdict.EXCHANGE_SERVER
    assert by_client["10.0.0.6"].name == "EX02"
    balancer = by_client["10.0.0.250"]
    assert balancer.verdict is SourceVerdict.LIKELY
    assert "a local endpoint in the logs" in balancer.signals[1].sentence


def test_the_share_of_a_listener_counts_only_beside_other_clients() -> None:
    alone = judge(profile("10.0.9.9", listener_sessions=200, listener_clients=2))
    assert SignalKind.SHARE not in points(alone)


def test_all_listeners_count_together() -> None:
    found = judge(
        profile("10.0.0.250", sessions=100, names=2, share=0.5),
        profile("10.0.0.250", server="EX02", local="10.0.0.6", sessions=300, names=1),
        usage(client="10.0.0.250", names=("a.contoso.com", "b.contoso.com")),
        usage("EX02\\Relay", "10.0.0.250", names=("c.contoso.com",)),
    )
    assert found.verdict is SourceVerdict.LIKELY
    assert found.sessions == 400
    assert found.listeners == ("EX02 10.0.0.6:25", "EX01 10.0.0.5:25")
    assert "3 different EHLO names, the commonest in 88 %" in found.signals[0].sentence


def test_masked_addresses_are_judged_with_low_confidence() -> None:
    found = judge(profile("10.0.0.xxx", local="10.0.0.xxx", names=40, share=0.1, port=None))
    assert found.address is None
    assert found.confidence is Confidence.LOW
    assert SignalKind.SUBNET not in points(found)
    assert found.listeners == ("EX01 10.0.0.xxx:?",)


def test_ipv6_subnets_are_64_bits_long() -> None:
    facts = View(snapshot(server(addresses="2001:db8::5")))
    near, far = profile("2001:db8::250", names=3, share=0.4), profile("2001:db8:1::250", names=3)
    for one, expected in ((near, True), (far, False)):
        (found,) = judge_sources(traffic(one), facts)
        assert (SignalKind.SUBNET in points(found)) is expected


@pytest.mark.parametrize("names", [0, 1, 2, 3, 4, 9, 10, 500])
@pytest.mark.parametrize("share", [0.05, 0.85, 0.95, 1.0])
@pytest.mark.parametrize("client", ["10.0.0.250", "10.9.9.9", "192.0.0.9", "10.0.0.1", "x"])
def test_the_score_is_the_sum_of_explained_points(names: int, share: float, client: str) -> None:
    found = judge(profile(client, names=names, share=share, sender_domains=12, limit_refusals=2))
    total = sum(one.points for one in found.signals)
    assert found.score == max(0, min(100, total))
    for one in found.signals:
        assert one.sentence.endswith(".")
        assert one.points
    assert found.settle
