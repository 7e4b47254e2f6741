from __future__ import annotations

from dataclasses import replace

from fakes.models import server
from fakes.rule_cases import defaults, ex, inbound, relay, run, secured
from rctango.model.finding import Confidence, Severity, Subject, SubjectKind

NAME = "default-gateway-in-relay-range"
EX01 = ex(addresses="10.0.0.5", gateways="10.0.0.1")


def test_fires_when_the_gateway_is_inside() -> None:
    found = run(NAME, *EX01, relay(ranges="10.0.7.9, 10.0.0.0/28")).only
    assert found.severity is Severity.CRITICAL
    assert found.confidence is Confidence.MEDIUM
    assert found.connector == "EX01\\Relay"
    assert found.ranges == ("10.0.0.0/28",)
    assert found.subjects == (
        Subject(kind=SubjectKind.GATEWAY, name="default gateway of EX01", address="10.0.0.1"),
    )
    assert "answers the default gateway 10.0.0.1 of EX01 (range 10.0.0.0/28)" in found.message
    assert "the whole Internet may relay to any recipient" in found.message
    assert found.fix == "Take 10.0.0.1 out of the remote ranges of EX01\\Relay."


def test_fires_for_every_gateway_of_every_adapter_and_family() -> None:
    many = server(gateways="10.0.0.1, 10.9.0.1, 2001:db8::1, fe80::1")
    found = run(
        NAME,
        many,
        defaults(),
        relay(ranges="10.9.0.0/24, 2001:db8::/64, fe80::/64", bindings="0.0.0.0:25, [::]:25"),
    ).only
    assert [one.address for one in found.subjects] == ["10.9.0.1", "2001:db8::1", "fe80::1"]
    assert "10.9.0.1, 2001:db8::1 and fe80::1" in found.message


def test_fires_and_mentions_anti_spam_agents() -> None:
    guarded = replace(EX01[0], anti_spam_agents=True)
    found = run(NAME, guarded, EX01[1], relay(ranges="10.0.0.1")).only
    assert "anti-spam agents" in found.message


def test_fires_for_an_externally_secured_connector() -> None:
    assert run(NAME, *EX01, secured(ranges="10.0.0.0/28")).only.severity is Severity.CRITICAL


def test_fires_high_when_the_rights_are_not_known() -> None:
    ran = run(NAME, *EX01, relay(ranges="10.0.0.0/28", entries=None))
    (found,) = ran.findings
    assert found.severity is Severity.HIGH
    assert "may be able to relay" in found.message
    assert "Get-ADPermission" in ran.outcome.missing[0]


def test_fires_as_information_when_the_connector_does_not_relay() -> None:
    found = run(NAME, *EX01, inbound(ranges="10.0.0.1")).only
    assert found.severity is Severity.INFO
    assert "submit mail to internal recipients" in found.message


def test_fires_low_while_a_narrower_range_protects() -> None:
    found = run(NAME, *EX01, relay(ranges="10.0.0.0/24"), inbound(ranges="10.0.0.0/28")).findings
    by_connector = {one.connector: one for one in found}
    assert by_connector["EX01\\Relay"].severity is Severity.LOW
    assert "narrower range of another connector" in by_connector["EX01\\Relay"].message


def test_near_miss_the_gateway_is_one_address_beside_the_range() -> None:
    assert run(NAME, *EX01, relay(ranges="10.0.0.2-10.0.0.255")).is_clean()


def test_near_miss_the_gateway_of_another_server() -> None:
    other = ex("EX02", addresses="10.9.0.6", gateways="10.9.0.1")
    assert run(NAME, *EX01, *other, relay("EX01", ranges="10.9.0.0/24")).is_clean()


def test_near_miss_disabled_or_default_connectors() -> None:
    assert run(NAME, *EX01, relay(ranges="10.0.0.0/24", enabled=False)).is_clean()
    assert run(NAME, *ex("EDGE01", roles="Edge")).is_clean()
    assert run(NAME, *ex("EX10", "14.3", "HubTransport")).is_clean()


def test_near_miss_an_ipv6_range_that_looks_like_the_gateway() -> None:
    both = server(gateways="10.0.0.1, 2001:db8::1")
    other = relay(ranges="2001:db8:0:0:1::/80", bindings="[::]:25")
    assert run(NAME, both, defaults(), other).is_clean()


def test_not_assessed_without_gateways() -> None:
    unknown = server(gateways=None)
    ran = run(NAME, unknown, defaults(), relay(ranges="10.0.0.0/24"))
    assert ran.lacks("addresses and gateways of EX01: export Win32_NetworkAdapterConfiguration")


def test_not_assessed_when_the_export_lost_some_gateways() -> None:
    cut = replace(EX01[0], network_complete=False)
    assert run(NAME, cut, EX01[1], relay(ranges="10.0.7.9")).lacks("gateways of EX01")


def test_not_assessed_without_server_facts() -> None:
    ran = run(NAME, relay(ranges="10.0.0.0/24"))
    assert ran.lacks("servers: export Get-ExchangeServer")


def test_fires_for_few_ipv4_addresses_beside_all_of_ipv6() -> None:
    mixed = relay(ranges="10.0.0.0/28, ::/0", bindings="0.0.0.0:25, [::]:25")
    found = run(NAME, *EX01, mixed).only
    assert found.ranges == ("10.0.0.0/28",)


def test_near_miss_a_gateway_of_the_family_that_is_held_as_a_whole() -> None:
    dual = (server(addresses="10.0.0.5, 2001:db8::5", gateways="2001:db8::1"), EX01[1])
    mixed = relay(ranges="10.0.7.0/28, ::/0", bindings="0.0.0.0:25, [::]:25")
    assert run(NAME, *dual, mixed).is_clean()
