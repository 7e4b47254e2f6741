from __future__ import annotations

from dataclasses import replace

from fakes.models import AUTH_31, server
from fakes.rule_cases import defaults, ex, exchange, inbound, relay, run, secured
from rctango.model.finding import OutcomeKind, Severity, Subject, SubjectKind

NAME = "exchange-server-in-relay-range"
EX01 = ex("EX01", addresses="10.0.0.5")
EX02 = ex("EX02", addresses="10.0.0.6")
EX10 = ex("EX10", "14.3", "HubTransport", addresses="10.0.0.10")


def test_fires_for_a_modern_server_that_uses_another_port() -> None:
    found = run(NAME, *EX01, *EX02, relay(ranges="10.0.7.9, 10.0.0.6-10.0.0.9")).only
    assert found.severity is Severity.MEDIUM
    assert found.connector == "EX01\\Relay"
    assert found.ranges == ("10.0.0.6-10.0.0.9",)
    assert found.subjects == (Subject(kind=SubjectKind.SERVER, name="EX02", address="10.0.0.6"),)
    assert "EX01\\Relay answers EX02 (10.0.0.6) on port 25" in found.message
    assert "cannot do Exchange Server authentication" in found.message
    assert "uses another port today" in found.message
    assert "451 5.7.3" in found.message
    assert found.fix == "Take 10.0.0.6 out of the remote ranges of EX01\\Relay."


def test_fires_low_where_another_connector_protects() -> None:
    protector = exchange(ranges="10.0.0.6")
    found = run(NAME, *EX01, *EX02, relay(ranges="10.0.0.6-10.0.0.9"), protector).only
    assert found.severity is Severity.LOW
    assert "nothing breaks" in found.message


def test_fires_low_where_exchange_authentication_works() -> None:
    able = relay(ranges="10.0.0.6", auth=AUTH_31, groups="AnonymousUsers, ExchangeServers, Custom")
    assert run(NAME, *EX01, *EX02, able).only.severity is Severity.LOW


def test_fires_as_information_for_its_own_address() -> None:
    found = run(NAME, *EX01, relay(ranges="10.0.0.5, 10.0.7.9")).only
    assert found.severity is Severity.INFO
    assert "the server's own address 10.0.0.5" in found.message
    assert "harmless here" in found.message
    assert "no other device" not in found.message
    assert "Nothing has to change" in found.fix


def test_fires_and_says_that_a_connector_for_itself_serves_nobody_else() -> None:
    for ranges in ("127.0.0.1, 10.0.0.5", "10.0.0.5/32, 127.0.0.0/8, ::1"):
        assert "no other device can use" in run(NAME, *EX01, relay(ranges=ranges)).only.message
    pair = ex("EX01", addresses="10.0.0.4, 10.0.0.5")
    found = run(NAME, *pair, relay(ranges="10.0.0.4/31")).only
    assert "own addresses 10.0.0.4 and 10.0.0.5" in found.message
    assert "no other device" in found.message


def test_fires_separately_for_own_and_other_servers() -> None:
    ran = run(NAME, *EX01, *EX02, secured(ranges="10.0.0.0/29"))
    assert [one.severity for one in ran.findings] == [Severity.MEDIUM, Severity.INFO]


def test_fires_without_claiming_to_know_the_port() -> None:
    unknown = server("EX02", version=None, roles=None, addresses="10.0.0.6")
    ran = run(NAME, *EX01, unknown, defaults("EX02"), relay(ranges="10.0.0.6"))
    (found,) = ran.findings
    assert found.severity is Severity.MEDIUM
    assert "another port today" not in found.message
    assert "Whether mail from there uses that port is not known" in found.message
    assert ran.outcome.kind is OutcomeKind.FIRED
    assert "version and roles of EX02" in ran.outcome.missing[0]


def test_fires_without_claiming_to_know_the_authentication() -> None:
    ran = run(NAME, *EX01, *EX02, relay(ranges="10.0.0.6", auth=None))
    (found,) = ran.findings
    assert "perhaps cannot do Exchange Server authentication" in found.message


def test_fires_for_a_client_access_server_that_sends_nothing() -> None:
    cas = ex("CAS13", "15.0", "ClientAccess", addresses="10.0.0.12")
    mbx10 = ex("EX10", "14.3", "HubTransport", addresses="10.0.0.10")
    ran = run(NAME, *mbx10, *cas, relay("EX10", ranges="10.0.0.12", role=None))
    assert ran.only.severity is Severity.MEDIUM


def test_near_miss_what_breaks_is_the_business_of_another_rule() -> None:
    assert run(NAME, *EX01, *EX10, relay(ranges="10.0.0.10")).is_clean()


def test_near_miss_the_address_is_beside_the_range() -> None:
    assert run(NAME, *EX01, *EX02, relay(ranges="10.0.0.7-10.0.0.9, 10.0.0.4")).is_clean()


def test_near_miss_default_and_exchange_connectors() -> None:
    assert run(NAME, *EX01, *EX02, exchange(ranges="10.0.0.0/24")).is_clean()


def test_near_miss_disabled_or_on_another_port() -> None:
    off = relay(ranges="10.0.0.0/24", enabled=False)
    other = inbound(ranges="10.0.0.0/24", bindings="0.0.0.0:26")
    assert run(NAME, *EX01, *EX02, off, other).is_clean()


def test_near_miss_link_local_and_loopback_addresses_are_no_neighbours() -> None:
    other = ex("EX02", addresses="10.0.0.6, 169.254.1.2, fe80::2, 127.0.0.1")
    odd = relay(ranges="169.254.0.0/16, 127.0.0.0/8, fe80::/10", bindings="0.0.0.0:25, [::]:25")
    assert run(NAME, *EX01, *other, odd).is_clean()


def test_not_assessed_without_addresses() -> None:
    unseen = ex("EX02", addresses=None)
    assert run(NAME, *EX01, *unseen, relay(ranges="10.0.0.6")).lacks("addresses and gateways of EX")


def test_not_assessed_when_an_export_lost_addresses() -> None:
    cut = replace(EX02[0], network_complete=False)
    assert run(NAME, *EX01, cut, EX02[1], relay(ranges="10.0.7.9")).lacks("gateways of EX02")


def test_not_assessed_without_server_facts() -> None:
    ran = run(NAME, relay(ranges="10.0.0.0/24"))
    assert ran.lacks("servers: export Get-ExchangeServer")
