from __future__ import annotations

from fakes.rule_cases import ANY_RECIPIENT, PUBLIC_IPV4, ex, exchange, relay, run, secured
from rctango.model.finding import Confidence, Severity

NAME = "externally-secured-relay"


def test_fires_medium_for_a_few_addresses() -> None:
    found = run(NAME, *ex(), secured(ranges="10.0.7.9, 10.0.7.10")).only
    assert found.severity is Severity.MEDIUM
    assert found.confidence is Confidence.HIGH
    assert found.connector == "EX01\\Trusted"
    assert found.ranges == ("10.0.7.9", "10.0.7.10")
    assert "externally secured and answers 2 IPv4 addresses" in found.message
    assert "any recipient as any sender" in found.message
    assert "counts as internal" in found.message
    assert "no effect" not in found.message
    assert "Remove ExternalAuthoritative from AuthMechanism of EX01\\Trusted" in found.fix


def test_fires_high_from_256_addresses_on() -> None:
    assert run(NAME, *ex(), secured(ranges="10.0.7.0/24")).only.severity is Severity.HIGH
    assert run(NAME, *ex(), secured(ranges="10.0.7.1-10.0.7.255")).only.severity is Severity.MEDIUM


def test_fires_without_tls_and_with_anonymous_users_beside() -> None:
    both = secured(
        ranges="10.0.7.9", auth="ExternalAuthoritative", groups="AnonymousUsers, ExchangeServers"
    )
    assert run(NAME, *ex(), both).only.connector == "EX01\\Trusted"


def test_fires_and_explains_that_the_entry_for_anonymous_logon_has_no_effect() -> None:
    both = secured(ranges="10.0.7.9", groups="ExchangeServers, Custom", entries=(ANY_RECIPIENT,))
    assert "has no effect beside this" in run(NAME, *ex(), both).only.message


def test_fires_high_for_public_addresses_however_few() -> None:
    assert run(NAME, *ex(), secured(ranges=PUBLIC_IPV4)).only.severity is Severity.HIGH


def test_near_miss_tls_alone_is_not_externally_secured() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.7.0/24"), exchange(ranges="10.0.8.0/24")).is_clean()


def test_near_miss_without_the_permission_group_it_grants_nothing() -> None:
    assert run(NAME, *ex(), secured(ranges="10.0.7.9", groups="None")).is_clean()


def test_near_miss_disabled_or_shadowed() -> None:
    off = secured(ranges="10.0.7.9", enabled=False)
    shadowed = secured(name="Old", ranges="10.0.8.8/31")
    narrower = relay(ranges="10.0.8.8, 10.0.8.9")
    assert run(NAME, *ex(), off, shadowed, narrower).is_clean()


def test_near_miss_default_connectors() -> None:
    assert run(
        NAME, *ex(), *ex("EX10", "14.3", "HubTransport"), *ex("EDGE01", roles="Edge")
    ).is_clean()


def test_not_assessed_without_auth_mechanism() -> None:
    ran = run(NAME, *ex(), secured(ranges="10.0.7.9", auth=None))
    assert ran.lacks("AuthMechanism of EX01\\Trusted")


def test_not_assessed_without_ranges() -> None:
    lost = secured(ranges=None, bindings=None)
    assert run(NAME, *ex(), lost).lacks(
        "Bindings of EX01\\Trusted", "RemoteIPRanges of EX01\\Trusted"
    )


def test_fires_with_medium_confidence_when_the_groups_are_not_known() -> None:
    ran = run(NAME, *ex(), secured(ranges="10.0.7.9", groups=None))
    (found,) = ran.findings
    assert found.confidence is Confidence.MEDIUM
    assert ran.outcome.missing == (
        "PermissionGroups of EX01\\Trusted: export Get-ReceiveConnector with all properties",
    )
