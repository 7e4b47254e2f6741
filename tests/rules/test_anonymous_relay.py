from __future__ import annotations

from fakes.models import domain, entry
from fakes.rule_cases import (
    ANY_RECIPIENT,
    PUBLIC_IPV4,
    RELAY_ENTRIES,
    USERS,
    ex,
    exchange,
    inbound,
    relay,
    run,
    secured,
)
from rctango.model.finding import Confidence, OutcomeKind, Severity

NAME = "anonymous-relay"


def test_fires_and_counts_what_narrower_ranges_leave() -> None:
    found = run(NAME, *ex(), relay(ranges="10.0.7.0/25"), exchange(ranges="10.0.7.9")).only
    assert found.severity is Severity.INFO
    assert found.confidence is Confidence.HIGH
    assert found.connector == "EX01\\Relay"
    assert found.ranges == ("10.0.7.0/25",)
    assert "answers 127 IPv4 addresses" in found.message
    assert "relay to any recipient without authentication" in found.message
    assert "587" in found.fix


def test_fires_in_good_english_for_one_address() -> None:
    found = run(NAME, *ex(), relay(ranges="10.0.7.9")).only
    assert "answers 1 IPv4 address" in found.message
    assert "each of them" not in found.message


def test_fires_low_from_256_addresses_on() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.7.0/24")).only.severity is Severity.LOW
    assert run(NAME, *ex(), relay(ranges="10.0.7.1-10.0.7.255")).only.severity is Severity.INFO


def test_fires_on_any_port_and_over_ipv6() -> None:
    found = run(NAME, *ex(), relay(ranges="2001:db8:7::9", bindings="[::]:26")).only
    assert "1 IPv6 address" in found.message


def test_fires_with_medium_confidence_where_another_connector_may_answer() -> None:
    found = run(NAME, *ex(), relay(ranges="10.0.7.9"), inbound(ranges="10.0.7.9")).only
    assert found.confidence is Confidence.MEDIUM
    assert "may answer 1 IPv4 address" in found.message


def test_fires_without_the_custom_flag_when_the_entry_is_inherited() -> None:
    entries = (
        entry("anonymous", "ms-Exch-SMTP-Submit"),
        entry("anonymous", "ms-Exch-SMTP-Accept-Any-Recipient", inherited=True),
    )
    found = run(NAME, *ex(), relay(ranges="10.0.7.9", groups="AnonymousUsers", entries=entries))
    assert found.only.connector == "EX01\\Relay"


def test_near_miss_anonymous_without_the_right_to_any_recipient() -> None:
    assert run(NAME, *ex(), inbound(ranges="10.0.7.0/24")).is_clean()


def test_near_miss_any_recipient_without_the_right_to_submit() -> None:
    alone = relay(ranges="10.0.7.0/24", groups="Custom", entries=(ANY_RECIPIENT, USERS))
    assert run(NAME, *ex(), alone).is_clean()


def test_near_miss_denied() -> None:
    deny = entry("anonymous", "ms-Exch-SMTP-Accept-Any-Recipient", deny=True)
    assert run(NAME, *ex(), relay(ranges="10.0.7.9", entries=(*RELAY_ENTRIES, deny))).is_clean()


def test_near_miss_disabled() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.7.0/24", enabled=False)).is_clean()


def test_near_miss_shadowed_by_single_addresses() -> None:
    narrower = exchange(ranges="10.0.7.8, 10.0.7.9")
    assert run(NAME, *ex(), relay(ranges="10.0.7.8/31"), narrower).is_clean()


def test_near_miss_externally_secured_and_public_ones_have_rules_of_their_own() -> None:
    assert run(NAME, *ex(), secured(ranges="10.0.7.9")).is_clean()
    assert run(NAME, *ex(), relay(ranges=f"10.0.7.9, {PUBLIC_IPV4}")).is_clean()


def test_near_miss_authenticated_users_may_relay_by_default() -> None:
    assert run(NAME, *ex(), *ex("EX10", "14.3", "HubTransport", addresses="10.0.0.10")).is_clean()


def test_not_assessed_when_custom_hides_the_entries() -> None:
    hidden = relay(ranges="10.0.7.9", entries=None)
    assert run(NAME, *ex(), hidden).lacks("access control entries of EX01\\Relay")


def test_not_assessed_without_authentication_settings() -> None:
    unknown = relay(ranges="10.0.7.9", auth=None, groups="ExchangeServers", entries=None)
    assert run(NAME, *ex(), unknown).lacks("AuthMechanism of EX01\\Relay")


def test_not_assessed_without_accepted_domains() -> None:
    assert run(NAME, *ex(), accepted_domains=None).lacks("Get-AcceptedDomain")


def test_fires_and_still_says_what_is_missing_elsewhere() -> None:
    ran = run(
        NAME,
        *ex(),
        relay(ranges="10.0.7.9"),
        relay(name="Other", ranges="10.0.7.10", entries=None),
    )
    assert ran.outcome.kind is OutcomeKind.FIRED
    assert [one.connector for one in ran.findings] == ["EX01\\Relay"]
    assert ran.outcome.missing == (
        "access control entries of EX01\\Other: export Get-ADPermission of them, all users",
    )


def test_fires_for_every_anonymous_connector_when_every_domain_is_accepted() -> None:
    wildcard = (domain("*", "ExternalRelay"),)
    found = run(NAME, *ex(), inbound(ranges="10.0.7.9"), accepted_domains=wildcard).only
    assert found.connector == "EX01\\Inbound"
