"""Accepted domains, Send connectors and transport agents."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fakes import exchange
from fakes.powershell import clixml
from rctango.model.server import DomainType
from unit.intake.samples import gap_about, read, whys

OLD = datetime(2024, 1, 1, tzinfo=UTC)
NEW = datetime(2025, 1, 1, tzinfo=UTC)


def test_what_was_not_exported_is_not_empty() -> None:
    snapshot = read(clixml(exchange.default_connectors("EX01")))
    assert snapshot.accepted_domains is None
    assert snapshot.send_connectors is None
    assert snapshot.transport_agents is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("Authoritative", DomainType.AUTHORITATIVE),
        ("internalrelay", DomainType.INTERNAL_RELAY),
        (1, DomainType.EXTERNAL_RELAY),
        ("2", DomainType.INTERNAL_RELAY),
        (None, None),
    ],
)
def test_types_of_accepted_domains(value: object, kind: DomainType | None) -> None:
    snapshot = read(json.dumps({"DomainName": "Contoso.com", "DomainType": value}))
    (domain,) = snapshot.accepted_domains or ()
    assert (domain.domain, domain.kind, domain.name) == ("contoso.com", kind, "Contoso.com")
    assert str(domain.origin) == "0: item 1, DomainName"
    assert not snapshot.gaps


def test_an_unknown_type_is_reported() -> None:
    snapshot = read(json.dumps({"DomainName": "*", "DomainType": "Borrowed"}))
    (domain,) = snapshot.accepted_domains or ()
    assert domain.kind is None
    assert gap_about(snapshot, "DomainType of *").unreadable


def test_a_domain_that_was_lost_is_reported() -> None:
    lost = {"DomainName": "Microsoft.Exchange.Data.SmtpDomainWithSubdomains", "DomainType": 0}
    snapshot = read(json.dumps([lost, {"DomainName": "a.com", "DomainType": 0}]))
    assert [one.domain for one in snapshot.accepted_domains or ()] == ["a.com"]
    assert gap_about(snapshot, "an accepted domain").unreadable


def test_a_domain_in_two_files_is_one() -> None:
    first, second = (clixml((exchange.accepted_domain("contoso.com"),)) for _ in range(2))
    snapshot = read(first, second)
    assert len(snapshot.accepted_domains or ()) == 1
    assert not snapshot.gaps


def test_domains_that_disagree() -> None:
    old = clixml((exchange.accepted_domain("*", "InternalRelay", changed=OLD),))
    new = clixml((exchange.accepted_domain("*", "Authoritative", changed=NEW),))
    for order in ((old, new), (new, old)):
        snapshot = read(*order)
        (domain,) = snapshot.accepted_domains or ()
        assert domain.kind is DomainType.AUTHORITATIVE
        assert "two exports disagree" in gap_about(snapshot, "kind of the accepted domain *").why


def test_a_type_missing_in_one_file_comes_from_the_other() -> None:
    whole = json.dumps({"DomainName": "*", "DomainType": "ExternalRelay"})
    part = json.dumps({"DomainName": "*", "DomainType": None})
    for order in ((whole, part), (part, whole)):
        (domain,) = read(*order).accepted_domains or ()
        assert domain.kind is DomainType.EXTERNAL_RELAY


def send(**properties: Any) -> str:
    basis = {"Name": "Out", "AddressSpaces": ["SMTP:*;1"], "SourceTransportServers": ["EX01"]}
    return json.dumps(basis | properties)


@pytest.mark.parametrize(
    ("properties", "hosts"),
    [
        ({"SmartHosts": ["[10.0.0.1]", "mail.example.com"]}, ("[10.0.0.1]", "mail.example.com")),
        ({"SmartHosts": "[10.0.0.1],mail.example.com"}, ("[10.0.0.1]", "mail.example.com")),
        ({"SmartHosts": []}, ()),
        ({"SmartHosts": None, "SmartHostsString": "[10.0.0.1]"}, ("[10.0.0.1]",)),
        ({"SmartHosts": None}, None),
        ({"SmartHosts": [{"Domain": "a.example", "Address": "0.0.0.0"}]}, ("a.example",)),
        (
            {"SmartHosts": [{"Domain": None, "Address": {"IPAddressToString": "10.0.0.1"}}]},
            ("[10.0.0.1]",),
        ),
    ],
)
def test_smart_hosts(properties: dict[str, Any], hosts: tuple[str, ...] | None) -> None:
    snapshot = read(send(**properties))
    (connector,) = snapshot.send_connectors or ()
    assert connector.smart_hosts == hosts
    assert connector.source_servers == ("EX01",)
    assert not snapshot.gaps


def test_smart_hosts_that_were_lost_are_reported() -> None:
    snapshot = read(send(SmartHosts="System.Object[]"))
    (connector,) = snapshot.send_connectors or ()
    assert connector.smart_hosts is None
    assert gap_about(snapshot, "SmartHosts of Out").unreadable


def test_send_connectors_that_disagree() -> None:
    old = clixml((exchange.send_connector("Out", ("[10.0.0.1]",), changed=OLD),))
    new = clixml((exchange.send_connector("Out", ("[10.0.0.2]",), changed=NEW),))
    for order in ((old, new), (new, old)):
        snapshot = read(*order)
        (connector,) = snapshot.send_connectors or ()
        assert connector.smart_hosts == ("[10.0.0.2]",)
        assert len(whys(snapshot)) == 1


def test_agents_are_told_apart_by_their_servers() -> None:
    first = clixml((exchange.transport_agent("EX01", "Sender Id Agent"),))
    second = clixml((exchange.transport_agent("EX02", "Sender Id Agent", enabled=False),))
    snapshot = read(second, first)
    assert [(one.server, one.enabled) for one in snapshot.transport_agents or ()] == [
        ("ex01", True),
        ("ex02", False),
    ]


def test_agents_that_disagree() -> None:
    first = clixml((exchange.transport_agent("EX01", "Sender Id Agent"),))
    second = clixml((exchange.transport_agent("EX01", "Sender Id Agent", enabled=False),))
    snapshot = read(first, second)
    (agent,) = snapshot.transport_agents or ()
    assert agent.enabled is False
    assert "enabled of the transport agent Sender Id Agent" in whys(snapshot)[0]
