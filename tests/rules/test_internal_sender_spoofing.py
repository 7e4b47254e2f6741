from __future__ import annotations

from fakes.models import entry
from fakes.rule_cases import USERS, default, ex, exchange, inbound, relay, replaced, run, secured
from rctango.model.finding import Confidence, OutcomeKind, Severity
from rctango.model.rights import ANONYMOUS_RIGHTS, Right

NAME = "internal-sender-spoofing"
EX01 = ex(version="15.0", roles="Mailbox")
"""Without a Front End, so that no default connector is anonymous."""
HARDENED = ANONYMOUS_RIGHTS & ~Right.ACCEPT_AUTHORITATIVE_DOMAIN_SENDER
HUB = {"role": "HubTransport"}


def test_fires_for_a_wide_internal_range() -> None:
    found = run(NAME, *EX01, inbound(ranges="10.0.7.0/24", **HUB)).only
    assert found.severity is Severity.MEDIUM
    assert found.confidence is Confidence.HIGH
    assert found.connector == "EX01\\Inbound"
    assert found.ranges == ("10.0.7.0/24",)
    assert "256 IPv4 addresses" in found.message
    assert "as a sender of your own domains without authentication" in found.message
    assert "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender" in found.fix


def test_fires_as_information_for_default_frontend() -> None:
    found = run(NAME, *ex()).only
    assert found.severity is Severity.INFO
    assert found.connector == "EX01\\Default Frontend EX01"
    assert "by default" in found.message


def test_fires_with_low_confidence_when_any_sender_is_all_that_is_left() -> None:
    entries = (entry("anonymous", HARDENED), USERS)
    found = run(
        NAME, *EX01, inbound(ranges="10.0.0.0/16", groups="Custom", entries=entries, **HUB)
    ).only
    assert found.confidence is Confidence.LOW
    assert "can probably" in found.message


def test_fires_for_a_relay_connector_too() -> None:
    assert run(NAME, *EX01, relay(ranges="10.0.7.0/24", **HUB)).only.severity is Severity.MEDIUM


def test_near_miss_a_few_named_machines() -> None:
    assert run(NAME, *EX01, inbound(ranges="10.0.7.1-10.0.7.255", **HUB)).is_clean()


def test_near_miss_narrower_ranges_take_most_of_it() -> None:
    narrower = exchange(ranges="10.0.7.0/25", **HUB)
    assert run(NAME, *EX01, inbound(ranges="10.0.7.0/24", **HUB), narrower).is_clean()


def test_near_miss_both_sender_rights_are_removed() -> None:
    bare = (entry("anonymous", "ms-Exch-SMTP-Submit, ms-Exch-Accept-Headers-Routing"), USERS)
    strict = inbound(ranges="10.0.0.0/16", groups="Custom", entries=bare, **HUB)
    assert run(NAME, *EX01, strict).is_clean()


def test_near_miss_externally_secured_connectors_have_their_own_rule() -> None:
    assert run(NAME, *EX01, secured(ranges="10.0.0.0/16", **HUB)).is_clean()


def test_near_miss_disabled_or_for_authenticated_users() -> None:
    off = inbound(ranges="10.0.0.0/16", enabled=False, **HUB)
    users = inbound(name="Clients", ranges="10.0.0.0/8", groups="ExchangeUsers", **HUB)
    assert run(NAME, *EX01, off, users).is_clean()


def test_not_assessed_when_custom_hides_the_entries() -> None:
    hidden = inbound(ranges="10.0.0.0/16", groups="Custom", **HUB)
    ran = run(NAME, *EX01, hidden)
    assert ran.lacks("access control entries of EX01\\Inbound: export Get-ADPermission")


def test_not_assessed_without_permission_groups() -> None:
    ran = run(NAME, *EX01, inbound(ranges="10.0.0.0/16", groups=None, **HUB))
    assert ran.outcome.kind is OutcomeKind.NOT_ASSESSED
    assert "PermissionGroups of EX01\\Inbound" in ran.outcome.missing[0]


def test_fires_for_the_default_connector_with_one_network_taken_out() -> None:
    frontend = default("Default Frontend")
    found = run(NAME, ex()[0], replaced(frontend), exchange(ranges="10.0.0.0/8")).only
    assert found.severity is Severity.INFO
    assert "all IPv4 addresses but 16,777,216" in found.message
