from __future__ import annotations

from fakes.models import AUTH_31, WHOLE_IPV4, entry
from fakes.rule_cases import (
    USERS,
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
from rctango.model.finding import Severity

NAME = "exchange-authentication-missing"
EX01 = ex()


def test_fires_when_default_frontend_lost_the_mechanism() -> None:
    frontend = default("Default Frontend", auth="Tls, Integrated, BasicAuth")
    found = run(NAME, EX01[0], replaced(frontend)).only
    assert found.severity is Severity.HIGH
    assert found.connector == "EX01\\Default Frontend EX01"
    assert "the connector for all addresses on port 25" in found.message
    assert "lacks ExchangeServer in AuthMechanism" in found.message
    assert "451 5.7.3" in found.message
    assert "own Front End" not in found.message
    assert found.fix == "Add ExchangeServer to AuthMechanism of EX01\\Default Frontend EX01."


def test_fires_when_the_groups_were_replaced_by_anonymous_users() -> None:
    frontend = default("Default Frontend", groups="AnonymousUsers")
    found = run(NAME, EX01[0], replaced(frontend)).only
    assert "lacks the permission group ExchangeServers" in found.message
    assert found.fix.startswith("Add ExchangeServers to the permission groups of")


def test_fires_for_port_2525_and_names_the_own_front_end() -> None:
    hub = default("Default", auth="Tls")
    found = run(NAME, EX01[0], replaced(hub)).only
    assert found.connector == "EX01\\Default EX01"
    assert "port 2525" in found.message
    assert "the server's own Front End" in found.message


def test_fires_for_2010_and_edge_without_speaking_of_a_front_end() -> None:
    for name, version, roles in (("EX10", "14.3", "HubTransport"), ("EDGE01", "15.2", "Edge")):
        facts = ex(name, version, roles)
        ran = run(NAME, facts[0], defaults(name, version, roles, auth="Tls"))
        assert "own Front End" not in ran.only.message


def test_fires_when_two_ranges_make_the_whole_space() -> None:
    halves = relay(ranges="0.0.0.0/1, 128.0.0.0/1", groups="AnonymousUsers", entries=None)
    assert run(NAME, EX01[0], halves).only.severity is Severity.HIGH


def test_fires_low_for_a_custom_connector_half_made_for_exchange_servers() -> None:
    half = exchange(ranges="10.0.0.0/24", auth="Tls", groups="AnonymousUsers, ExchangeServers")
    found = run(NAME, *EX01, half).only
    assert found.severity is Severity.LOW
    assert found.connector == "EX01\\Exchange"
    assert found.ranges == ("10.0.0.0/24",)
    assert "has the permission group ExchangeServers" in found.message
    assert "remove the permission group ExchangeServers" in found.fix


def test_fires_low_on_the_entries_alone() -> None:
    entries = (entry("exchange servers", "ms-Exch-SMTP-Submit"), USERS)
    half = exchange(ranges="10.0.0.0/24", auth="Tls", groups=None, entries=entries)
    assert run(NAME, *EX01, half).findings[0].severity is Severity.LOW


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


def test_near_miss_relay_connectors_are_not_meant_for_exchange_servers() -> None:
    assert run(
        NAME, *EX01, relay(ranges="10.0.0.0/24"), secured(ranges="10.0.7.9"), inbound(ranges="::/1")
    ).is_clean()


def test_near_miss_another_connector_for_all_addresses_can_do_it() -> None:
    lesser = inbound(ranges=WHOLE_IPV4, bindings="10.0.0.5:25")
    assert run(NAME, *EX01, lesser).is_clean()


def test_near_miss_client_connectors_on_other_ports() -> None:
    client = relay(ranges=WHOLE_IPV4, bindings="0.0.0.0:587", groups="ExchangeUsers", entries=())
    assert run(NAME, *EX01, client).is_clean()


def test_near_miss_disabled() -> None:
    frontend = default("Default Frontend", auth="Tls", enabled=False)
    assert run(NAME, EX01[0], replaced(frontend)).is_clean()


def test_near_miss_the_entries_give_servers_the_right_to_submit() -> None:
    frontend = default(
        "Default Frontend",
        groups="Custom",
        entries=(entry("exchange servers", "ms-Exch-SMTP-Submit"),),
    )
    assert run(NAME, EX01[0], replaced(frontend)).is_clean()


def test_not_assessed_without_auth_mechanism() -> None:
    frontend = default("Default Frontend", auth=None)
    ran = run(NAME, EX01[0], replaced(frontend))
    assert ran.lacks("AuthMechanism of EX01\\Default Frontend EX01: export Get-ReceiveConnector")


def test_not_assessed_when_the_entries_speak_of_anonymous_logon_only() -> None:
    frontend = default(
        "Default Frontend",
        auth=AUTH_31,
        groups=None,
        entries=(entry("anonymous", "ms-Exch-SMTP-Submit"),),
    )
    ran = run(NAME, EX01[0], replaced(frontend))
    assert ran.lacks("PermissionGroups of EX01\\Default Frontend EX01")
