from __future__ import annotations

from fakes.models import WHOLE, default_connectors
from fakes.rule_cases import default, ex, inbound, relay, replaced, run
from rctango.model.finding import Confidence, OutcomeKind, Severity

NAME = "cloud-mail-on-wrong-connector"
CLOUD = ("mail.protection.outlook.com:AcceptCloudServicesMail",)
EXCHANGE_ONLINE = "40.92.0.0/15, 40.107.0.0/16, 52.100.0.0/14, 104.47.0.0/17"
"""As published: https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges"""
EX01 = ex()
PREPARED = replaced(default("Default Frontend", tls_domain_capabilities=CLOUD))


def test_fires_when_a_custom_connector_answers_exchange_online() -> None:
    found = run(NAME, EX01[0], PREPARED, inbound(ranges=EXCHANGE_ONLINE)).only
    assert found.severity is Severity.MEDIUM
    assert found.confidence is Confidence.MEDIUM
    assert found.connector == "EX01\\Default Frontend EX01"
    assert "answered by EX01\\Inbound" in found.message
    assert "491,520 IPv4 addresses of Exchange Online" in found.message
    assert "loses its trust" in found.message
    assert "TlsDomainCapabilities" in found.fix


def test_fires_when_the_wizard_chose_a_relay_connector() -> None:
    found = run(NAME, *EX01, relay(ranges="10.0.7.0/24", tls_domain_capabilities=CLOUD)).only
    assert found.connector == "EX01\\Relay"
    assert "answered by EX01\\Default Frontend EX01" in found.message


def test_fires_for_a_part_of_the_addresses_only() -> None:
    found = run(NAME, EX01[0], PREPARED, inbound(ranges="40.92.0.0/15")).only
    assert "131,072 IPv4 addresses" in found.message


def test_fires_when_nobody_answers() -> None:
    alone = inbound(ranges="10.0.7.0/24", tls_domain_capabilities=CLOUD)
    assert "answered by no connector" in run(NAME, EX01[0], alone).only.message


def test_near_miss_default_frontend_is_prepared_and_answers() -> None:
    assert run(NAME, EX01[0], PREPARED, relay(ranges="10.0.7.0/24")).is_clean()


def test_near_miss_both_connectors_are_prepared() -> None:
    other = inbound(ranges=EXCHANGE_ONLINE, tls_domain_capabilities=CLOUD)
    assert run(NAME, EX01[0], PREPARED, other).is_clean()


def test_near_miss_a_custom_connector_with_all_of_the_addresses() -> None:
    assert run(
        NAME, *EX01, inbound(ranges=EXCHANGE_ONLINE, tls_domain_capabilities=CLOUD)
    ).is_clean()


def test_near_miss_another_server_answers_for_itself() -> None:
    ran = run(NAME, EX01[0], PREPARED, *ex("EX02", addresses="10.0.0.6"))
    assert ran.is_clean()


def test_near_miss_the_prepared_connector_is_disabled() -> None:
    off = relay(ranges="10.0.7.0/24", tls_domain_capabilities=CLOUD, enabled=False)
    assert run(NAME, EX01[0], PREPARED, off).is_clean()


def test_near_miss_not_applicable_without_such_a_connector() -> None:
    partner = inbound(
        ranges="10.0.7.0/24", tls_domain_capabilities=("fabrikam.com:AcceptCloudServicesMail",)
    )
    for one in (partner, inbound(ranges=WHOLE)):
        assert run(NAME, *EX01, one).outcome.kind is OutcomeKind.NOT_APPLICABLE


def test_not_assessed_without_the_capabilities() -> None:
    ran = run(NAME, EX01[0], default_connectors("EX01"))
    assert ran.outcome.kind is OutcomeKind.NOT_ASSESSED
    assert ran.outcome.missing[0].startswith("TlsDomainCapabilities of EX01\\Client Frontend EX01,")


def test_not_assessed_without_ranges_or_bindings() -> None:
    lost = inbound(ranges=None, tls_domain_capabilities=CLOUD)
    assert run(NAME, *EX01, lost).lacks("RemoteIPRanges of EX01\\Inbound")
    unbound = inbound(ranges="10.0.7.0/24", bindings=None, tls_domain_capabilities=CLOUD)
    assert run(NAME, EX01[0], unbound).lacks("Bindings of EX01\\Inbound")


def test_not_assessed_does_not_need_the_server_facts() -> None:
    lost = inbound(ranges=None, tls_domain_capabilities=CLOUD)
    assert run(NAME, lost).lacks("RemoteIPRanges of EX01\\Inbound")
    assert run(NAME, inbound(ranges="10.0.7.9", tls_domain_capabilities=CLOUD)).findings
