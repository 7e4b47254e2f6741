from __future__ import annotations

from fakes.models import both, server
from fakes.rule_cases import defaults, ex, inbound, relay, run
from rctango.model.finding import Severity

NAME = "relay-over-ipv4-only"
DUAL = ex(addresses="10.0.0.5, 2001:db8::5")


def test_fires_on_a_dual_stack_server() -> None:
    found = run(NAME, *DUAL, relay(ranges="10.0.7.0/24")).only
    assert found.severity is Severity.LOW
    assert found.connector == "EX01\\Relay"
    assert "EX01 has an IPv6 address" in found.message
    assert "answers IPv4 clients only" in found.message
    assert "EX01\\Default Frontend EX01" in found.message
    assert "cannot relay" in found.message
    assert "IPv6 binding" in found.fix


def test_fires_when_the_binding_is_there_but_no_range() -> None:
    assert run(NAME, *DUAL, relay(ranges="10.0.7.0/24", bindings=both(25))).only.severity


def test_fires_for_unique_local_addresses() -> None:
    assert run(NAME, *ex(addresses="10.0.0.5, fd00::5"), relay(ranges="10.0.7.9")).only.severity


def test_near_miss_the_server_has_link_local_ipv6_only() -> None:
    local = ex(addresses="10.0.0.5, fe80::5, ::1")
    assert run(NAME, *local, relay(ranges="10.0.7.0/24")).is_clean()


def test_near_miss_the_connector_has_ipv6_ranges() -> None:
    dual = relay(ranges="10.0.7.0/24, 2001:db8:7::/64", bindings=both(25))
    assert run(NAME, *DUAL, dual).is_clean()


def test_near_miss_a_second_connector_relays_for_ipv6() -> None:
    six = relay(name="Relay IPv6", ranges="2001:db8:7::/64", bindings="[::]:25")
    assert run(NAME, *DUAL, relay(ranges="10.0.7.0/24"), six).is_clean()


def test_near_miss_nobody_listens_on_ipv6() -> None:
    edge = ex("EDGE01", roles="Edge", addresses="192.168.9.25, 2001:db8::25")
    assert run(NAME, *edge, relay("EDGE01", ranges="10.0.7.0/24", role="HubTransport")).is_clean()


def test_near_miss_connectors_that_do_not_relay() -> None:
    assert run(NAME, *DUAL, inbound(ranges="10.0.7.0/24")).is_clean()


def test_near_miss_disabled() -> None:
    assert run(NAME, *DUAL, relay(ranges="10.0.7.0/24", enabled=False)).is_clean()


def test_not_assessed_without_addresses() -> None:
    unknown = server(addresses=None, gateways=None)
    ran = run(NAME, unknown, defaults(), relay(ranges="10.0.7.0/24"))
    assert ran.lacks("addresses and gateways of EX01")


def test_not_assessed_without_server_facts() -> None:
    assert run(NAME, relay(ranges="10.0.7.0/24")).lacks("servers: export Get-ExchangeServer")
