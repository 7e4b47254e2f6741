from __future__ import annotations

from fakes.models import server
from fakes.observations import failure, period, profile, proxied, traffic
from fakes.rule_cases import ex, exchange, inbound, relay, run
from rctango.model.finding import Grade, OutcomeKind, Severity, Subject, SubjectKind

NAME = "connector-without-logging-has-traffic"
FRONT = period("EX01\\Default Frontend EX01")
HUB = period("EX01\\Default EX01", role="hub", ports=(2525,), proxied=40)
DARK = relay(ranges="10.0.7.0/24", verbose_logging=False)
OLD = server("EX10", version="14.3", roles="HubTransport", addresses="10.0.0.6")


def test_fires_when_the_hub_log_names_a_client() -> None:
    shown = traffic(FRONT, HUB, profile(), proxied(), proxied("10.0.7.10", sessions=30))
    found = run(NAME, *ex(), DARK, traffic=shown).only
    assert found.severity is Severity.MEDIUM
    assert found.grade is Grade.USED
    assert found.connector == "EX01\\Relay"
    assert [one.address for one in found.subjects] == ["10.0.7.10", "10.0.7.9"]
    assert found.message == (
        "EX01\\Relay writes no protocol log, but it is used: 42 sessions 2026-03-02 to 2026-03-22 "
        "in the Hub log of EX01, from 10.0.7.10 and 10.0.7.9."
    )
    assert found.fix == "Set ProtocolLoggingLevel of EX01\\Relay to Verbose."
    assert found.evidence[0].source == "logs"


def test_fires_when_a_send_log_names_the_server() -> None:
    dark = exchange(ranges="10.0.0.6", verbose_logging=False)
    defaults = ex("EX10", version="14.3", roles="HubTransport")[1]
    shown = traffic(FRONT, HUB, profile(), failure())
    found = run(NAME, *ex(), OLD, defaults, dark, traffic=shown).only
    assert found.severity is Severity.LOW
    assert found.subjects == (Subject(kind=SubjectKind.CLIENT, name="", address="10.0.0.6"),)
    assert "in the send log of EX10" in found.message


def test_near_miss_the_connector_logs_or_nobody_used_it() -> None:
    bright = relay(ranges="10.0.7.0/24")
    shown = traffic(FRONT, HUB, profile(), proxied())
    assert run(NAME, *ex(), bright, traffic=shown).is_clean()
    unused = traffic(FRONT, HUB, profile(), proxied("10.0.9.9", 1073))
    assert run(NAME, *ex(), DARK, traffic=unused).is_clean()


def test_near_miss_other_rights_than_the_connector_grants() -> None:
    shown = traffic(FRONT, HUB, profile(), proxied(permissions=1073))
    assert run(NAME, *ex(), DARK, traffic=shown).is_clean()


def test_near_miss_without_logs_it_does_not_apply() -> None:
    assert run(NAME, *ex(), DARK).outcome.kind is OutcomeKind.NOT_APPLICABLE


def test_not_assessed_when_no_log_could_give_it_away() -> None:
    shown = traffic(FRONT, profile())
    assert run(NAME, *ex(), DARK, traffic=shown).lacks("the traffic of EX01\\Relay: set")
    closed = relay(ranges="10.0.7.0/24", verbose_logging=False, enabled=False)
    assert run(NAME, *ex(), closed, traffic=shown).is_clean()


def test_not_assessed_for_a_server_without_a_front_end() -> None:
    dark = relay("EX10", ranges="10.0.7.0/24", role=None, verbose_logging=False)
    defaults = ex("EX10", version="14.3", roles="HubTransport")[1]
    shown = traffic(period("EX10\\Default EX10", role="hub"), profile())
    assert run(NAME, OLD, defaults, dark, traffic=shown).lacks("the traffic of EX10\\Relay")


def test_not_assessed_without_logging_levels_ranges_or_rights() -> None:
    shown = traffic(FRONT, HUB, profile())
    silent = inbound(ranges="10.0.7.0/24", verbose_logging=None)
    assert run(NAME, *ex(), silent, traffic=shown).lacks("ProtocolLoggingLevel of EX01\\Inbound")
    lost = relay(ranges=None, verbose_logging=False)
    assert run(NAME, *ex(), lost, traffic=shown).lacks("RemoteIPRanges of EX01\\Relay")
    hidden = relay(ranges="10.0.7.9", entries=None)
    assert run(NAME, *ex(), hidden, traffic=shown).lacks("access control entries")
