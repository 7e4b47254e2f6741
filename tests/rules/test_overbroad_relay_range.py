from __future__ import annotations

from fakes.models import WHOLE_IPV4
from fakes.rule_cases import ex, exchange, inbound, relay, run, secured
from rctango.model.finding import Severity

NAME = "overbroad-relay-range"


def test_fires_for_a_whole_network() -> None:
    found = run(NAME, *ex(), relay(ranges="10.0.7.0/24, 10.0.9.1")).only
    assert found.severity is Severity.MEDIUM
    assert found.connector == "EX01\\Relay"
    assert found.ranges == ("10.0.7.0/24",)
    assert "10.0.7.0/24 in EX01\\Relay holds 256 IPv4 addresses" in found.message
    assert "every machine there may relay to any recipient" in found.message
    assert "Replace the range" in found.fix


def test_fires_high_for_65536_addresses() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.0.0/16")).only.severity is Severity.HIGH


def test_fires_when_adjacent_ranges_make_a_wide_one() -> None:
    found = run(NAME, *ex(), relay(ranges="10.0.7.0/25, 10.0.9.1, 10.0.7.128/25")).only
    assert found.ranges == ("10.0.7.0/25", "10.0.7.128/25")
    assert "10.0.7.0/25 and 10.0.7.128/25 in EX01\\Relay hold 256 IPv4" in found.message


def test_fires_medium_for_one_ipv6_network_and_high_for_more() -> None:
    one = relay(ranges="2001:db8:7::/64", bindings="[::]:25")
    assert run(NAME, *ex(), one).only.severity is Severity.MEDIUM
    site = relay(ranges="2001:db8:7::/48", bindings="[::]:25")
    assert run(NAME, *ex(), site).only.severity is Severity.HIGH


def test_fires_for_externally_secured_connectors_and_other_ports() -> None:
    assert run(NAME, *ex(), secured(ranges="10.0.7.0/24")).only.severity is Severity.MEDIUM
    other = relay(ranges="10.0.7.0/24", bindings="0.0.0.0:26")
    assert run(NAME, *ex(), other).only.severity is Severity.MEDIUM


def test_fires_low_when_the_rights_are_not_known() -> None:
    ran = run(NAME, *ex(), relay(ranges="10.0.0.0/16", entries=None))
    assert [one.severity for one in ran.findings] == [Severity.LOW]
    assert "may be able to relay" in ran.findings[0].message


def test_fires_and_counts_what_it_really_answers() -> None:
    found = run(NAME, *ex(), relay(ranges="10.0.7.0/24"), exchange(ranges="10.0.7.0/25")).only
    assert "holds 256 IPv4 addresses and answers 128 IPv4 addresses of them" in found.message


def test_near_miss_255_addresses() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.7.1-10.0.7.255")).is_clean()


def test_near_miss_many_separate_addresses() -> None:
    some = ", ".join(f"10.0.{net}.{host}" for net in range(20) for host in range(1, 250, 2))
    assert run(NAME, *ex(), relay(ranges=some)).is_clean()


def test_near_miss_a_connector_for_internet_mail_does_not_relay() -> None:
    assert run(NAME, *ex(), inbound(ranges="10.0.0.0/16")).is_clean()


def test_near_miss_wide_open_connectors_are_the_business_of_open_relay() -> None:
    assert run(NAME, ex()[0], relay(ranges=WHOLE_IPV4)).is_clean()


def test_near_miss_disabled_or_shadowed() -> None:
    off = relay(ranges="10.0.0.0/16", enabled=False)
    assert run(NAME, *ex(), off).is_clean()
    narrower = exchange(ranges="10.0.7.0/25, 10.0.7.128/25")
    assert run(NAME, *ex(), relay(ranges="10.0.7.0/24"), narrower).is_clean()


def test_not_assessed_without_ranges_or_accepted_domains() -> None:
    assert run(NAME, *ex(), relay(ranges=None)).lacks("RemoteIPRanges of EX01\\Relay")
    wide = inbound(ranges="10.0.0.0/16")
    assert run(NAME, *ex(), wide, accepted_domains=None).lacks("Get-AcceptedDomain")


def test_not_assessed_when_a_named_machine_has_hidden_rights() -> None:
    hidden = relay(ranges="10.0.7.9", entries=None)
    assert run(NAME, *ex(), hidden).lacks("access control entries of EX01\\Relay")
