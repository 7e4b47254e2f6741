from __future__ import annotations

from fakes.models import WHOLE
from fakes.rule_cases import PUBLIC_IPV4, PUBLIC_IPV6, ex, exchange, inbound, relay, run, secured
from rctango.model.finding import Severity

NAME = "public-address-in-relay-range"


def test_fires_for_a_public_address() -> None:
    found = run(NAME, *ex(), relay(ranges=f"10.0.7.0/24, {PUBLIC_IPV4}")).only
    assert found.severity is Severity.HIGH
    assert found.connector == "EX01\\Relay"
    assert found.ranges == (PUBLIC_IPV4,)
    assert [one.address for one in found.subjects] == [PUBLIC_IPV4]
    assert f"{PUBLIC_IPV4} in EX01\\Relay holds 1 IPv4 address of the public" in found.message
    assert "may relay to any recipient" in found.message
    assert "587" in found.fix


def test_fires_when_a_range_runs_past_the_private_block() -> None:
    found = run(NAME, *ex(), relay(ranges="172.31.0.0-172.32.0.255")).only
    assert "holds 256 IPv4 addresses of the public Internet" in found.message


def test_fires_over_ipv6_and_for_externally_secured_connectors() -> None:
    six = secured(ranges=f"{PUBLIC_IPV6}, fd00::9", bindings="[::]:25")
    assert run(NAME, *ex(), six).only.ranges == (PUBLIC_IPV6,)


def test_fires_medium_when_the_rights_are_not_known() -> None:
    ran = run(NAME, *ex(), relay(ranges=PUBLIC_IPV4, entries=None))
    assert [one.severity for one in ran.findings] == [Severity.MEDIUM]


def test_fires_low_while_a_narrower_range_protects() -> None:
    ran = run(
        NAME, *ex(), relay(ranges="192.0.0.8/30"), inbound(ranges="192.0.0.8/31, 192.0.0.10/31")
    )
    assert ran.only.severity is Severity.LOW
    assert "narrower range of another connector" in ran.only.message


def test_near_miss_every_block_that_is_not_public() -> None:
    special = (
        "10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.0.2.0/24, "
        "192.168.0.0/16, 198.18.0.0/15, 198.51.100.0/24, 203.0.113.0/24, fc00::/7, fe80::/10, "
        "2001:db8::/32, ::1"
    )
    assert run(NAME, *ex(), relay(ranges=special, bindings="0.0.0.0:25, [::]:25")).is_clean()


def test_near_miss_connectors_that_do_not_relay() -> None:
    assert run(NAME, *ex(), inbound(ranges=PUBLIC_IPV4), exchange(ranges="192.0.0.10")).is_clean()


def test_near_miss_all_addresses_are_not_specific() -> None:
    assert run(NAME, ex()[0], relay(ranges=WHOLE)).is_clean()


def test_near_miss_disabled() -> None:
    assert run(NAME, *ex(), relay(ranges=PUBLIC_IPV4, enabled=False)).is_clean()


def test_not_assessed_when_ranges_were_cut_off() -> None:
    cut = relay(ranges="10.0.7.9", remote_ranges_complete=False)
    assert run(NAME, *ex(), cut).lacks("RemoteIPRanges of EX01\\Relay")


def test_not_assessed_without_entries() -> None:
    hidden = relay(ranges="10.0.7.9", entries=None)
    assert run(NAME, *ex(), hidden).lacks("access control entries of EX01\\Relay")
