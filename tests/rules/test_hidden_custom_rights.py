from __future__ import annotations

from fakes.models import entry
from fakes.rule_cases import RELAY_ENTRIES, default, ex, inbound, relay, replaced, run
from rctango.model.finding import Severity
from rctango.model.rights import ANONYMOUS_RIGHTS

NAME = "hidden-custom-rights"


def test_fires_low_for_specific_ranges() -> None:
    found = run(NAME, *ex(), relay(ranges="10.0.7.0/24", entries=None)).only
    assert found.severity is Severity.LOW
    assert found.connector == "EX01\\Relay"
    assert "PermissionGroups of EX01\\Relay holds Custom" in found.message
    assert "256 IPv4 addresses" in found.message
    assert "Get-ADPermission" in found.fix


def test_fires_medium_for_a_connector_with_all_addresses() -> None:
    frontend = default("Default Frontend", groups="AnonymousUsers, ExchangeServers, Custom")
    found = run(NAME, ex()[0], replaced(frontend)).only
    assert found.severity is Severity.MEDIUM


def test_fires_and_does_not_ask_for_what_is_there_when_the_entries_leave_it_open() -> None:
    vague = (
        entry("anonymous", ANONYMOUS_RIGHTS),
        entry("everyone", "ms-Exch-SMTP-Accept-Any-Recipient"),
    )
    found = run(NAME, *ex(), relay(ranges="10.0.7.9", entries=vague)).only
    assert "do not settle" in found.message
    assert "Export the entries and run again" not in found.fix
    assert "Everyone" in found.fix


def test_fires_even_when_the_ranges_are_not_known() -> None:
    found = run(NAME, ex()[0], relay(ranges="10.0.7.9", bindings=None, entries=None)).only
    assert "no addresses" not in found.message


def test_near_miss_the_entries_were_exported() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.7.0/24", entries=RELAY_ENTRIES)).is_clean()


def test_near_miss_no_custom() -> None:
    assert run(NAME, *ex(), inbound(ranges="10.0.7.0/24")).is_clean()


def test_near_miss_disabled() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.7.9", entries=None, enabled=False)).is_clean()


def test_not_assessed_without_permission_groups() -> None:
    ran = run(NAME, *ex(), inbound(ranges="10.0.7.9", groups=None))
    assert ran.lacks("PermissionGroups of EX01\\Inbound")


def test_not_assessed_without_the_connectors_of_a_server() -> None:
    assert run(NAME, ex("EX01")[0]).lacks("receive connectors: export Get-ReceiveConnector")
