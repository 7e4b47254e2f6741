"""Faults that administrators really had, rebuilt with invented names; by the incidents' numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakes.models import (
    AUTH_31,
    WHOLE,
    appliance,
    entry,
    server,
    snapshot,
)
from fakes.realdata import real_file
from fakes.rule_cases import (
    ANY_RECIPIENT,
    RELAY_ENTRIES,
    TODAY,
    USERS,
    audit,
    default,
    defaults,
    ex,
    exchange,
    inbound,
    relay,
    replaced,
    run,
    secured,
)
from rctango.addresses import Address
from rctango.analysis.view import View
from rctango.audit import audit_snapshot
from rctango.intake.snapshot import read_snapshot
from rctango.model.finding import AuditResult, Confidence, Finding, OutcomeKind, Severity
from rctango.model.origin import Artifact
from rctango.model.rights import ANONYMOUS_RIGHTS, Right

if TYPE_CHECKING:
    from fakes.rule_cases import Item
    from rctango.model.snapshot import Snapshot

RANGE_RULES = {
    "anonymous-relay",
    "anti-spam-device-in-relay-range",
    "captured-exchange-server",
    "default-gateway-in-relay-range",
    "exchange-authentication-missing",
    "exchange-server-in-relay-range",
    "externally-secured-relay",
    "load-balancer-in-relay-range",
    "nat-device-in-relay-range",
    "open-relay",
    "overbroad-relay-range",
    "public-address-in-relay-range",
    "uncovered-clients",
}
CLOUD = ("mail.protection.outlook.com:AcceptCloudServicesMail",)
OPEN: dict[str, Any] = {"groups": "AnonymousUsers, Custom", "entries": RELAY_ENTRIES}


def of(result: AuditResult, rule: str) -> list[Finding]:
    return [one for one in result.findings if one.rule == rule]


def fired(result: AuditResult) -> set[str]:
    return {one.rule for one in result.findings}


# 03: Exchange 2010 cannot deliver to 2016 (451 5.7.3), 2016 delivers to 2010.


@pytest.mark.parametrize("culprit", ["custom", "default"])
def test_03_the_receiving_2016_server_is_at_fault(culprit: str) -> None:
    ex10: list[Item] = [
        *ex("EX10A", "14.3", "HubTransport", addresses="10.1.0.1"),
        *ex("EX10B", "14.3", "HubTransport", addresses="10.1.0.2"),
    ]
    servers: list[Item] = [
        server(name, version="15.1", addresses=f"10.2.0.{n}") for n, name in FRONT
    ]
    made: list[Item]
    if culprit == "custom":
        made = [defaults("EX16A"), defaults("EX16B"), relay("EX16A", ranges="10.1.0.0/24")]
    else:
        changed = default("Default Frontend", "EX16A", auth="Tls")
        made = [replaced(changed), defaults("EX16B")]
    ran = run("captured-exchange-server", *ex10, *servers, *made)
    assert {one.server for one in ran.findings} == {"EX16A"}
    assert ran.only.severity is Severity.HIGH
    assert [one.name for one in ran.only.subjects] == ["EX10A", "EX10B"]
    assert "451 5.7.3" in ran.only.message


FRONT = ((1, "EX16A"), (2, "EX16B"))


# 04: 451 5.7.3 between sites: blame a connector that covers the sender and cannot authenticate it.


@pytest.mark.parametrize("auth", ["Tls", "Tls, Integrated, BasicAuth, BasicAuthRequireTLS"])
def test_04_blames_the_connector_that_covers_the_sender(auth: str) -> None:
    internal = exchange("EX01", "Internal", ranges="10.9.0.0/16", auth=auth)
    result = audit(*SITE_A, *SITE_B, internal)
    (found,) = of(result, "captured-exchange-server")
    assert found.connector == "EX01\\Internal"
    assert "EX10 (10.9.0.5)" in found.message
    assert of(result, "exchange-authentication-missing")


def test_04_blames_nobody_when_every_connector_can_do_it() -> None:
    internal = exchange("EX01", "Internal", ranges="10.9.0.0/16")
    elsewhere = relay("EX01", ranges="10.8.0.0/24")
    result = audit(*SITE_A, *SITE_B, internal, elsewhere)
    assert not fired(result) & {"captured-exchange-server", "exchange-authentication-missing"}


SITE_A = ex("EX01", addresses="10.8.9.5", gateways="10.8.9.1")
SITE_B = ex("EX10", "14.3", "HubTransport", addresses="10.9.0.5", gateways="10.9.0.1")


# 07: 412 4.3.2 Service not active, the component is in maintenance: not a connector fault.


def test_07_healthy_connectors_yield_no_range_finding() -> None:
    address = Address.parse("fe80::2174:c9da:4ac0:74c2%13")
    assert address.is_link_local
    assert address.zone == "13"
    host = server(addresses="10.0.0.5, fe80::2174:c9da:4ac0:74c2%13")
    result = audit(host, defaults())
    assert not fired(result) & RANGE_RULES
    view = View(snapshot(host, defaults()))
    answers = [one for one in view.connections(address) if one.listener.local.port == 25]
    assert [one.connector.name for one in answers if one.connector] == ["Default Frontend EX01"]


# 09: a relay connector whose only remote addresses are the server's own.


def test_09_own_addresses_are_harmless_and_serve_no_device() -> None:
    host = server("EX01", addresses="192.168.4.17", gateways="192.168.4.1")
    own = relay(name="Anonymous Relay", ranges="127.0.0.1, 192.168.4.17")
    check_09(audit(host, defaults(), own), "EX01")
    selected = View(snapshot(host, defaults(), own)).tables["EX01"]
    gateway = Address.parse("192.168.4.1")
    names = {
        one.connector.name
        for table in selected
        if table.listener.local.port == 25 and table.family is gateway.family
        for one in [table.select(gateway)]
        if one.connector
    }
    assert names == {"Default Frontend EX01"}


def test_09_as_the_thread_published_it() -> None:
    name = "msqa-1193037/get-receiveconnector-fl-and-adpermission.txt"
    path = real_file(name)
    artifact = Artifact(name=name, size=path.stat().st_size, open=lambda: path.open("rb"))
    declared = server("EXCHANGE", addresses="192.168.4.17", gateways="192.168.4.1")
    read: Snapshot = read_snapshot([artifact], servers=[declared], appliances=())
    (connector,) = read.connectors
    assert connector.identity == "EXCHANGE\\Anonymous Relay"
    check_09(audit_snapshot(read, today=TODAY), "EXCHANGE")


def check_09(result: AuditResult, name: str) -> None:
    (own,) = of(result, "exchange-server-in-relay-range")
    assert own.severity is Severity.INFO
    assert own.server == name
    assert "192.168.4.17" in own.message
    assert "no other device can use this connector" in own.message
    about = [one for one in result.findings if one.connector == f"{name}\\Anonymous Relay"]
    assert {one.severity for one in about} == {Severity.INFO}
    assert not any("192.168.4.0" in one.fix for one in result.findings)


# 12 and 14: a connector of another transport role on an endpoint that is taken.


def test_12_frontend_connectors_may_share_a_binding() -> None:
    some = [relay(name=f"Relay {n}", ranges=f"10.0.7.{n}") for n in range(1, 6)]
    assert run("transport-role-conflict", *ex(), *some).is_clean()
    assert run("ambiguous-selection", *ex(), *some).is_clean()


def test_12_a_hub_connector_over_the_front_end_is_an_error() -> None:
    hub = relay(name="Relay", ranges="10.0.7.9", role="HubTransport", bindings="10.0.0.5:25")
    found = run("transport-role-conflict", *ex(), hub).only
    assert found.severity is Severity.HIGH
    assert found.connector == "EX01\\Relay"


@pytest.mark.parametrize("enabled", [True, False])
def test_14_setup_will_stop_at_it_enabled_or_not(*, enabled: bool) -> None:
    facts = {"role": "HubTransport", "bindings": "0.0.0.0:587", "enabled": enabled}
    custom = relay("EX13", "Test", ranges="10.0.7.9", **facts)
    found = run(
        "transport-role-conflict", *ex("EX13", "15.0", "Mailbox, ClientAccess"), custom
    ).only
    assert found.connector == "EX13\\Test"
    assert found.severity is (Severity.HIGH if enabled else Severity.MEDIUM)
    assert "cumulative update will fail" in found.message


# 18: the gateway that takes mail from the Internet is externally secured.


@pytest.mark.parametrize(
    ("kind", "rule"),
    [("anti-spam", "anti-spam-device-in-relay-range"), ("gateway", "nat-device-in-relay-range")],
)
def test_18_the_whole_internet_becomes_internal(kind: str, rule: str) -> None:
    gateway = secured(
        name="From gateway",
        ranges="10.0.5.20",
        auth="ExternalAuthoritative",
        groups="AnonymousUsers, ExchangeServers",
    )
    result = audit(*ex(), gateway, appliances=(appliance("GW01", kind, "10.0.5.20"),))
    (device,) = of(result, rule)
    assert device.severity is Severity.CRITICAL
    assert "mail from there counts as internal" in device.message
    assert "may relay to any recipient" in device.message
    (external,) = of(result, "externally-secured-relay")
    assert "Remove ExternalAuthoritative" in external.fix
    assert "AnonymousUsers and Tls only" in external.fix


# 19: both ways to build a relay, one after the other.


def test_19_the_final_state_is_externally_secured() -> None:
    both = secured(
        name="Anonymous Relay",
        ranges="192.168.12.5, 192.168.20.0/24",
        auth="ExternalAuthoritative",
        groups="ExchangeServers, Custom",
        entries=(
            ANY_RECIPIENT,
            USERS,
            entry("externally", ANONYMOUS_RIGHTS | Right.ACCEPT_ANY_RECIPIENT),
        ),
    )
    neighbours = ex("EX02", addresses="192.168.20.6", gateways="192.168.20.1")
    host = ex("EX01", addresses="10.0.0.5", gateways="192.168.20.1")
    result = audit(*host, *neighbours, both)
    (found,) = of(result, "externally-secured-relay")
    assert found.severity is Severity.HIGH
    assert "257 IPv4 addresses" in found.message
    assert "has no effect beside this" in found.message
    assert not of(result, "anonymous-relay")
    (peer,) = of(result, "exchange-server-in-relay-range")
    assert [one.name for one in peer.subjects] == ["EX02"]
    assert peer.ranges == ("192.168.20.0/24",)
    (gateway,) = of(result, "default-gateway-in-relay-range")
    assert gateway.severity is Severity.CRITICAL


# 22: any recipient on all connectors with "Default" in their name.


def test_22_an_open_relay_that_also_breaks_mail_between_servers() -> None:
    changed = [
        default("Default Frontend", ranges=f"{WHOLE}, 10.0.1.10", **OPEN),
        default("Default", ranges=f"{WHOLE}, 192.168.50.20", **OPEN),
    ]
    other = [one for one in defaults() if one.name not in {this.name for this in changed}]
    ex10 = ex("EX10", "14.3", "HubTransport", addresses="10.0.0.10")
    ex02 = ex("EX02", addresses="10.0.0.6")
    result = audit(ex()[0], changed, other, *ex10, *ex02)
    opened = {one.connector: one for one in of(result, "open-relay")}
    assert set(opened) == {"EX01\\Default Frontend EX01", "EX01\\Default EX01"}
    assert {one.severity for one in opened.values()} == {Severity.CRITICAL}
    assert "10.0.1.10 beside all addresses limit" in opened["EX01\\Default Frontend EX01"].message
    lost = {one.connector for one in of(result, "exchange-authentication-missing")}
    assert lost == set(opened)
    captured = {one.connector: one.subjects for one in of(result, "captured-exchange-server")}
    assert [one.name for one in captured["EX01\\Default Frontend EX01"]] == ["EX10"]
    assert [one.name for one in captured["EX01\\Default EX01"]] == ["EX02"]


def test_22_the_entry_alone_opens_default_frontend() -> None:
    groups = "AnonymousUsers, ExchangeServers, ExchangeLegacyServers, Custom"
    frontend = default("Default Frontend", groups=groups, entries=RELAY_ENTRIES)
    result = audit(ex()[0], replaced(frontend))
    assert [one.severity for one in of(result, "open-relay")] == [Severity.CRITICAL]
    assert not of(result, "exchange-authentication-missing")


# 25: the hybrid wizard prepared another connector than the one that answers.


def test_25_the_capability_sits_on_a_connector_that_does_not_cover_the_cloud() -> None:
    custom = relay(name="Scanners", ranges="10.0.7.0/24", tls_domain_capabilities=CLOUD)
    found = run("cloud-mail-on-wrong-connector", *ex(), custom).only
    assert found.connector == "EX01\\Scanners"
    assert found.confidence is Confidence.MEDIUM


def test_25_the_cloud_is_answered_by_another_connector() -> None:
    prepared = replaced(default("Default Frontend", tls_domain_capabilities=CLOUD))
    other = inbound(
        name="Inbound from Office 365",
        ranges="40.92.0.0/15, 40.107.0.0/16, 52.100.0.0/14, 104.47.0.0/17",
    )
    found = run("cloud-mail-on-wrong-connector", ex()[0], prepared, other).only
    assert found.connector == "EX01\\Default Frontend EX01"
    assert "Inbound from Office 365" in found.message


# 26: mail from one gateway stops because of connection limits: not a range fault.


def test_26_a_single_source_is_no_range_finding() -> None:
    gateway = (appliance("SPAM01", "anti-spam", "10.0.5.20"),)
    plain = audit(*ex(), appliances=gateway)
    assert not fired(plain) & RANGE_RULES
    own_connector = audit(*ex(), inbound(ranges="10.0.5.20"), appliances=gateway)
    assert not fired(own_connector) & RANGE_RULES


# 28: anybody on the network can send as anybody, though nobody may relay.


def test_28_a_wide_anonymous_connector_allows_internal_spoofing() -> None:
    internal = inbound(name="Internal SMTP relay 1", ranges="10.0.0.0/16")
    result = audit(*ex(), internal)
    found = {one.connector: one for one in of(result, "internal-sender-spoofing")}
    assert found["EX01\\Internal SMTP relay 1"].severity is Severity.MEDIUM
    assert "65,536 IPv4 addresses" in found["EX01\\Internal SMTP relay 1"].message
    assert not fired(result) & {"open-relay", "anonymous-relay"}


# 29: the right for authoritative domains was removed, and spoofing went on.


def test_29_any_sender_alone_is_enough_to_warn() -> None:
    hardened = (
        entry("anonymous", ANONYMOUS_RIGHTS & ~Right.ACCEPT_AUTHORITATIVE_DOMAIN_SENDER),
        USERS,
    )
    frontend = default(
        "Default Frontend", groups="ExchangeServers, Custom", auth=AUTH_31, entries=hardened
    )
    ran = run("internal-sender-spoofing", ex()[0], replaced(frontend))
    assert ran.outcome.kind is OutcomeKind.FIRED
    assert ran.only.confidence is Confidence.LOW
    assert "can probably" in ran.only.message
    assert not run("open-relay", ex()[0], replaced(frontend)).findings
