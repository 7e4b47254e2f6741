from __future__ import annotations

from fakes.models import entry
from fakes.rule_cases import ANY_RECIPIENT, USERS, ex, relay, run, secured
from rctango.model.finding import Confidence, Severity
from rctango.model.rights import EXTERNALLY_SECURED_RIGHTS

NAME = "externally-secured-without-exchange-servers"


def test_fires_without_the_permission_group() -> None:
    found = run(NAME, *ex(), secured(ranges="10.0.7.9", groups="AnonymousUsers")).only
    assert found.severity is Severity.MEDIUM
    assert found.confidence is Confidence.HIGH
    assert found.connector == "EX01\\Trusted"
    assert "ExternalAuthoritative in AuthMechanism" in found.message
    assert "without the permission group ExchangeServers" in found.message
    assert "no right to submit mail" in found.message
    assert "Remove ExternalAuthoritative" in found.fix


def test_fires_with_medium_confidence_when_custom_may_grant_it() -> None:
    found = run(NAME, *ex(), secured(ranges="10.0.7.9", groups="Custom")).only
    assert found.confidence is Confidence.MEDIUM


def test_fires_on_the_entries_alone() -> None:
    denied = entry("externally", "ms-Exch-SMTP-Submit", deny=True)
    ran = run(NAME, *ex(), secured(ranges="10.0.7.9", groups=None, entries=(denied, USERS)))
    assert ran.only.confidence is Confidence.HIGH


def test_near_miss_with_the_permission_group() -> None:
    assert run(NAME, *ex(), secured(ranges="10.0.7.9")).is_clean()


def test_near_miss_the_entries_grant_it_without_the_group() -> None:
    granted = entry("externally", EXTERNALLY_SECURED_RIGHTS)
    custom = secured(ranges="10.0.7.9", groups="Custom", entries=(granted, ANY_RECIPIENT))
    assert run(NAME, *ex(), custom).is_clean()


def test_near_miss_not_externally_secured() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.7.9")).is_clean()


def test_near_miss_disabled() -> None:
    assert run(NAME, *ex(), secured(ranges="10.0.7.9", groups="None", enabled=False)).is_clean()


def test_not_assessed_without_permission_groups() -> None:
    ran = run(NAME, *ex(), secured(ranges="10.0.7.9", groups=None))
    assert ran.lacks("PermissionGroups of EX01\\Trusted")


def test_not_assessed_when_the_entries_speak_of_others_only() -> None:
    ran = run(NAME, *ex(), secured(ranges="10.0.7.9", groups=None, entries=(ANY_RECIPIENT,)))
    assert ran.lacks("PermissionGroups of EX01\\Trusted")


def test_not_assessed_without_auth_mechanism() -> None:
    ran = run(NAME, *ex(), secured(ranges="10.0.7.9", auth=None, groups="AnonymousUsers"))
    assert ran.lacks("AuthMechanism of EX01\\Trusted")
