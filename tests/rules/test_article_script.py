"""Where the script of "Exchange: Receive Connector Tango!" goes wrong, and rctango must not."""

from __future__ import annotations

import pytest

from fakes.models import WHOLE, WHOLE_IPV4, connector, entry, server
from fakes.rule_cases import (
    ANY_RECIPIENT,
    RELAY_ENTRIES,
    USERS,
    default,
    defaults,
    ex,
    inbound,
    relay,
    replaced,
    run,
    secured,
)
from rctango.addresses import Address, Family
from rctango.analysis.access import effective
from rctango.analysis.relay import is_relay_candidate, is_wide_open
from rctango.model.finding import OutcomeKind, Severity
from rctango.model.rights import ALL_RIGHTS, ANONYMOUS_RIGHTS, Answer, Right, TrusteeKind

DENY = entry("anonymous", "ms-Exch-SMTP-Accept-Any-Recipient", deny=True)


@pytest.mark.parametrize(
    "ranges",
    ["10.0.0.0/28, 10.0.7.9", "10.0.7.9, 10.0.0.0/28", "10.0.7.1, 10.0.0.1, 10.0.7.9, 10.0.8.0/24"],
)
def test_a_the_last_range_does_not_overwrite_the_verdict_on_the_gateway(ranges: str) -> None:
    found = run("default-gateway-in-relay-range", *ex(), relay(ranges=ranges)).only
    assert [one.address for one in found.subjects] == ["10.0.0.1"]


@pytest.mark.parametrize("gateway", ["10.0.0.1", "10.9.0.1", "10.8.0.1"])
def test_b_every_gateway_counts_not_only_the_first(gateway: str) -> None:
    host = server(gateways="10.0.0.1, 10.9.0.1, 10.8.0.1")
    found = run("default-gateway-in-relay-range", host, defaults(), relay(ranges=gateway)).only
    assert [one.address for one in found.subjects] == [gateway]


def test_c_ipv6_compares_all_128_bits() -> None:
    gateway = server(gateways="2001:db8:0:1::1")
    for ranges, inside in (
        ("2001:db8:0:1::/64", True),
        ("2001:db8::/64", False),
        ("2001:db8:0:2::/63", False),
        ("2001:db8::-2001:db8:0:1::", False),
        ("2001:db8::-2001:db8:0:1::1", True),
    ):
        one = relay(ranges=ranges, bindings="[::]:25")
        ran = run("default-gateway-in-relay-range", gateway, defaults(), one)
        assert bool(ran.findings) is inside, ranges


def test_c_an_ipv6_address_is_not_taken_for_the_ipv4_address_of_the_same_bytes() -> None:
    gateway = server(gateways="10.0.0.1")
    assert Address.parse("a00:1::").value >> 96 == Address.parse("10.0.0.1").value
    one = relay(ranges="a00:1::/32", bindings="[::]:25")
    assert run("default-gateway-in-relay-range", gateway, defaults(), one).is_clean()


def test_d_addresses_are_compared_as_numbers_not_as_pieces_of_text() -> None:
    gateway = server(gateways="10.0.0.1")
    for ranges in ("10.0.0.10", "110.0.0.1", "10.0.0.100-10.0.0.199", "210.0.0.1/32"):
        ran = run("default-gateway-in-relay-range", gateway, defaults(), relay(ranges=ranges))
        assert ran.is_clean(), ranges
    same = relay(ranges="10.000.0.01, 10.0.0.5")
    assert run("default-gateway-in-relay-range", gateway, defaults(), same).findings


def test_e_externally_secured_relays_are_found() -> None:
    trusted = secured(ranges="10.0.0.0/28")
    assert is_relay_candidate(trusted)
    assert run("externally-secured-relay", *ex(), trusted).findings
    assert run("default-gateway-in-relay-range", *ex(), trusted).only.severity is Severity.CRITICAL


def test_f_a_server_is_compared_with_its_own_connectors_too() -> None:
    found = run("exchange-server-in-relay-range", *ex(), relay(ranges="10.0.0.5")).only
    assert found.severity is Severity.INFO
    assert found.subjects[0].name == "EX01"


def test_g_no_server_has_to_be_reached_and_one_without_network_facts_is_reported() -> None:
    unseen = server("EX02", addresses=None, gateways=None)
    ran = run(
        "default-gateway-in-relay-range",
        *ex("EX01"),
        unseen,
        defaults("EX02"),
        relay("EX01", ranges="10.0.0.1"),
        relay("EX02", ranges="10.0.0.1"),
    )
    assert [one.connector for one in ran.findings] == ["EX01\\Relay"]
    assert ran.outcome.kind is OutcomeKind.FIRED
    (text,) = ran.outcome.missing
    assert text.startswith("addresses and gateways of EX02:")


def test_deny_is_not_allow() -> None:
    allowed = entry("anonymous", ANONYMOUS_RIGHTS)
    only_denied = relay(ranges=WHOLE_IPV4, entries=(allowed, DENY, USERS))
    assert run("open-relay", ex()[0], only_denied).is_clean()
    assert run(
        "anonymous-relay", ex()[0], relay(ranges="10.0.7.9", entries=(allowed, DENY))
    ).is_clean()


@pytest.mark.parametrize(
    ("allow_inherited", "deny_inherited", "answer"),
    [
        (False, False, Answer.NO),
        (True, False, Answer.NO),
        (True, True, Answer.UNKNOWN),
        (False, True, Answer.YES),
        (None, True, Answer.UNKNOWN),
        (False, None, Answer.UNKNOWN),
    ],
)
def test_explicit_entries_come_before_inherited_ones(
    allow_inherited: bool | None, deny_inherited: bool | None, answer: Answer
) -> None:
    allow = entry("anonymous", ALL_RIGHTS, inherited=allow_inherited)
    deny = entry("anonymous", Right.ACCEPT_ANY_RECIPIENT, deny=True, inherited=deny_inherited)
    for entries in ((allow, deny), (deny, allow)):
        grant = effective(entries, TrusteeKind.ANONYMOUS)
        assert grant.has(Right.ACCEPT_ANY_RECIPIENT) is answer
        assert grant.has(Right.SUBMIT) is Answer.YES


def test_an_allow_entry_that_names_no_right_grants_everything() -> None:
    untyped = entry("anonymous", ALL_RIGHTS, name="NT AUTHORITY\\ANONYMOUS LOGON")
    one = relay(ranges=WHOLE_IPV4, groups="Custom", entries=(untyped, USERS))
    assert run("open-relay", ex()[0], one).only.severity is Severity.CRITICAL


def test_two_halves_are_wide_open() -> None:
    halves = connector(ranges="0.0.0.0/1, 128.0.0.0/1")
    assert is_wide_open(halves)
    assert not is_relay_candidate(halves)
    assert not is_wide_open(connector(ranges="0.0.0.0/1, 128.0.0.0/2"))
    assert is_wide_open(connector(ranges=f"{WHOLE_IPV4}, 10.0.7.9")), "one narrow range more"
    assert is_wide_open(connector(ranges="::/1, 8000::/1"))
    found = run("open-relay", ex()[0], relay(ranges="0.0.0.0/1, 128.0.0.0/1")).only
    assert found.severity is Severity.CRITICAL
    assert f"every {Family.IPV4.label} address" in found.message


@pytest.mark.parametrize("title", ["Default Frontend", "Default", "Client Frontend"])
def test_a_default_connector_is_never_skipped_by_open_relay(title: str) -> None:
    open_one = default(title, groups="AnonymousUsers, Custom", entries=RELAY_ENTRIES)
    found = run("open-relay", ex()[0], replaced(open_one)).only
    assert found.severity is Severity.CRITICAL
    assert found.connector == f"EX01\\{title} EX01"


def test_a_wide_open_connector_is_never_skipped_by_open_relay() -> None:
    for ranges in (WHOLE, WHOLE_IPV4, "::/0", f"{WHOLE_IPV4}, 10.0.7.9"):
        one = relay(ranges=ranges, bindings="0.0.0.0:25, [::]:25")
        assert run("open-relay", ex()[0], one).only.severity is Severity.CRITICAL


def test_a_connector_with_one_narrow_range_more_is_still_no_relay_candidate() -> None:
    extra = inbound(ranges=f"{WHOLE_IPV4}, 10.0.0.1")
    assert not is_relay_candidate(extra)
    assert run("default-gateway-in-relay-range", ex()[0], extra).is_clean()


def test_the_right_to_any_recipient_alone_is_nothing_without_submit() -> None:
    alone = relay(ranges=WHOLE_IPV4, groups="Custom", entries=(ANY_RECIPIENT, USERS))
    assert run("open-relay", ex()[0], alone).is_clean()
