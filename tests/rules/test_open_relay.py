from __future__ import annotations

from typing import Any

from fakes.models import WHOLE, WHOLE_IPV4, domain, entry
from fakes.rule_cases import (
    ANY_RECIPIENT,
    PUBLIC_IPV4,
    PUBLIC_IPV6,
    RELAY_ENTRIES,
    USERS,
    default,
    ex,
    exchange,
    inbound,
    relay,
    replaced,
    run,
    secured,
)
from rctango.model.finding import Confidence, Severity, SubjectKind

NAME = "open-relay"
OPEN: dict[str, Any] = {
    "groups": "AnonymousUsers, ExchangeServers, Custom",
    "entries": RELAY_ENTRIES,
}


def test_fires_for_default_frontend_with_any_recipient() -> None:
    found = run(NAME, ex()[0], replaced(default("Default Frontend", **OPEN))).only
    assert found.severity is Severity.CRITICAL
    assert found.confidence is Confidence.HIGH
    assert found.connector == "EX01\\Default Frontend EX01"
    assert found.ranges == tuple(WHOLE.split(", "))
    assert {one.kind for one in found.subjects} == {SubjectKind.RANGE}
    assert "every IPv4 address and every IPv6 address, the Internet included" in found.message
    assert "grants Anonymous Logon" in found.message
    assert "an open relay for whoever reaches its port" in found.message
    assert "Remove ms-Exch-SMTP-Accept-Any-Recipient for Anonymous Logon" in found.fix


def test_fires_for_the_hub_connector_on_port_2525() -> None:
    found = run(NAME, ex()[0], replaced(default("Default", **OPEN))).only
    assert found.connector == "EX01\\Default EX01"


def test_fires_for_two_halves_and_for_holes() -> None:
    halves = relay(ranges="0.0.0.0/1, 128.0.0.0/1")
    assert run(NAME, ex()[0], halves).only.severity is Severity.CRITICAL
    holed = relay(ranges="0.0.0.0-9.255.255.255, 11.0.0.0-255.255.255.255")
    assert run(NAME, *ex(), holed).only.severity is Severity.CRITICAL


def test_fires_for_an_externally_secured_connector() -> None:
    found = run(NAME, ex()[0], secured(ranges=WHOLE_IPV4)).only
    assert found.severity is Severity.CRITICAL
    assert "treats every client as an internal server" in found.message
    assert "Remove ExternalAuthoritative" in found.fix


def test_fires_when_every_domain_is_accepted() -> None:
    wildcard = (domain("*", "InternalRelay"),)
    found = run(NAME, *ex(), accepted_domains=wildcard).only
    assert found.connector == "EX01\\Default Frontend EX01"
    assert found.fix == "Remove the accepted domain '*'."


def test_fires_high_and_soberly_for_a_few_public_addresses() -> None:
    found = run(NAME, *ex(), relay(ranges=f"10.0.7.0/24, {PUBLIC_IPV4}")).only
    assert found.severity is Severity.HIGH
    assert found.ranges == (PUBLIC_IPV4,)
    assert [one.address for one in found.subjects] == [PUBLIC_IPV4]
    assert "257 IPv4 addresses, 1 IPv4 address of them public" in found.message
    assert "whoever reaches its port" not in found.message
    assert "an open relay for the public addresses" in found.message


def test_fires_high_for_one_public_ipv6_network() -> None:
    found = run(NAME, *ex(), relay(ranges=f"{PUBLIC_IPV6}/128", bindings="[::]:25")).only
    assert found.severity is Severity.HIGH
    site = relay(ranges="2001:20::/64", bindings="[::]:25")
    assert run(NAME, *ex(), site).only.severity is Severity.HIGH
    more = relay(ranges="2001:20::/48", bindings="[::]:25")
    assert run(NAME, *ex(), more).only.severity is Severity.CRITICAL


def test_fires_and_says_that_an_extra_address_changes_nothing() -> None:
    extra = default("Default Frontend", ranges=f"{WHOLE}, 10.0.1.10, 10.0.50.0/24", **OPEN)
    found = run(NAME, ex()[0], replaced(extra)).only
    assert "10.0.1.10 and 10.0.50.0/24 beside all addresses limit nothing" in found.message


def test_fires_with_low_confidence_where_another_connector_may_answer() -> None:
    unsure = inbound(ranges=WHOLE_IPV4)
    found = run(NAME, ex()[0], relay(ranges=WHOLE_IPV4), unsure).only
    assert found.confidence is Confidence.LOW
    assert "may answer every IPv4 address" in found.message


def test_near_miss_default_connectors_of_all_versions() -> None:
    assert run(
        NAME,
        *ex("EX10", "14.3", "Mailbox, ClientAccess, HubTransport", addresses="10.0.0.10"),
        *ex("CAS13", "15.0", "ClientAccess", addresses="10.0.0.12"),
        *ex("MBX13", "15.0", "Mailbox", addresses="10.0.0.13"),
        *ex("EX16", "15.1", addresses="10.0.0.16"),
        *ex("EX19", "15.2", addresses="10.0.0.19"),
        *ex("EDGE01", "15.2", "Edge", addresses="192.168.9.25"),
    ).is_clean()


def test_near_miss_private_ranges() -> None:
    private = relay(ranges="10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, fd00::/8")
    assert run(NAME, *ex(), private).is_clean()


def test_near_miss_narrower_ranges_answer_all_public_addresses() -> None:
    shadow = inbound(ranges="0.0.0.0/2, 64.0.0.0/2, 128.0.0.0/2, 192.0.0.0/2")
    assert run(NAME, *ex(), relay(ranges="0.0.0.0/1, 128.0.0.0/1"), shadow).is_clean()


def test_near_miss_any_recipient_without_submit_or_denied() -> None:
    alone = default("Default", groups="ExchangeUsers, Custom", entries=(ANY_RECIPIENT, USERS))
    assert run(NAME, ex()[0], replaced(alone)).is_clean()
    deny = entry("anonymous", "ms-Exch-SMTP-Accept-Any-Recipient", deny=True)
    denied = default("Default Frontend", **{**OPEN, "entries": (*RELAY_ENTRIES, deny)})
    assert run(NAME, ex()[0], replaced(denied)).is_clean()


def test_near_miss_disabled() -> None:
    off = default("Default Frontend", enabled=False, **OPEN)
    assert run(NAME, ex()[0], replaced(off)).is_clean()


def test_near_miss_authenticated_users_may_relay() -> None:
    users = default(
        "Client Frontend",
        groups="ExchangeUsers, Custom",
        entries=(
            USERS,
            entry("anonymous", "ms-Exch-Accept-Headers-Routing"),
        ),
    )
    assert run(NAME, ex()[0], replaced(users)).is_clean()


def test_near_miss_a_wildcard_for_subdomains_is_no_wildcard() -> None:
    assert run(NAME, *ex(), accepted_domains=(domain("*.contoso.com"),)).is_clean()


def test_near_miss_exchange_servers_over_public_ranges() -> None:
    assert run(NAME, *ex(), exchange(ranges="0.0.0.0/1")).is_clean()


def test_not_assessed_when_custom_hides_the_entries() -> None:
    hidden = default("Default Frontend", groups="AnonymousUsers, ExchangeServers, Custom")
    ran = run(NAME, ex()[0], replaced(hidden))
    assert ran.lacks("access control entries of EX01\\Default Frontend EX01")


def test_not_assessed_without_accepted_domains() -> None:
    assert run(NAME, *ex(), accepted_domains=None).lacks("accepted domains: export")


def test_not_assessed_without_auth_mechanism_of_an_exchange_connector() -> None:
    unknown = default("Default Frontend", auth=None)
    ran = run(NAME, ex()[0], replaced(unknown))
    assert ran.lacks("AuthMechanism of EX01\\Default Frontend EX01")


def test_near_miss_an_authoritative_star_bounces_what_it_accepts() -> None:
    wildcard = (domain("*", "Authoritative"),)
    assert run(NAME, *ex(), accepted_domains=wildcard).is_clean()
