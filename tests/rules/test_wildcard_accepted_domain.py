from __future__ import annotations

import pytest

from fakes.models import domain
from fakes.rule_cases import ex, run
from rctango.model.finding import Severity, Subject, SubjectKind

NAME = "wildcard-accepted-domain"


@pytest.mark.parametrize("kind", ["InternalRelay", "ExternalRelay"])
def test_fires_for_a_relay_domain(kind: str) -> None:
    found = run(NAME, *ex(), accepted_domains=(domain("contoso.com"), domain("*", kind))).only
    assert found.severity is Severity.CRITICAL
    assert found.connector is None
    assert found.subjects == (Subject(kind=SubjectKind.DOMAIN, name="*", address="*"),)
    assert f"is '*' ({kind})" in found.message
    assert "may send it to anybody" in found.message
    assert "list the domains" in found.fix


def test_fires_for_an_authoritative_domain_and_speaks_of_bounces() -> None:
    found = run(NAME, *ex(), accepted_domains=(domain("*"),)).only
    assert found.severity is Severity.HIGH
    assert "may send it to anybody" not in found.message
    assert "bounces" in found.message


def test_fires_when_the_type_was_not_exported() -> None:
    found = run(NAME, accepted_domains=(domain("*", None),)).only
    assert found.severity is Severity.CRITICAL
    assert "type not exported" in found.message


def test_near_miss_subdomains_and_ordinary_relay_domains() -> None:
    domains = (domain("*.contoso.com"), domain("fabrikam.com", "ExternalRelay"))
    assert run(NAME, *ex(), accepted_domains=domains).is_clean()


def test_near_miss_no_domains_at_all() -> None:
    assert run(NAME, *ex(), accepted_domains=()).is_clean()


def test_not_assessed_without_the_export() -> None:
    ran = run(NAME, *ex(), accepted_domains=None)
    assert ran.lacks("accepted domains: export Get-AcceptedDomain")
