from __future__ import annotations

from fakes.rule_cases import default, ex, exchange, inbound, relay, replaced, run, secured
from rctango.model.finding import Severity

NAME = "no-protocol-logging"


def test_fires_for_a_relay_connector() -> None:
    found = run(NAME, *ex(), relay(ranges="10.0.7.9", verbose_logging=False)).only
    assert found.severity is Severity.LOW
    assert found.connector == "EX01\\Relay"
    assert "lets clients in without authentication" in found.message
    assert "logs none of their sessions" in found.message
    assert found.fix == "Set ProtocolLoggingLevel of EX01\\Relay to Verbose."


def test_fires_for_relay_candidates_and_for_relays_on_any_port() -> None:
    ran = run(
        NAME,
        *ex(),
        inbound(ranges="10.0.7.8", verbose_logging=False),
        secured(ranges="10.0.7.9", verbose_logging=False),
        relay(ranges="10.0.7.10", bindings="0.0.0.0:26", verbose_logging=False),
    )
    assert [one.connector for one in ran.findings] == [
        "EX01\\Inbound",
        "EX01\\Relay",
        "EX01\\Trusted",
    ]


def test_near_miss_verbose() -> None:
    assert run(NAME, *ex(), relay(ranges="10.0.7.9")).is_clean()


def test_near_miss_connectors_for_authenticated_clients_and_servers() -> None:
    assert run(
        NAME,
        ex()[0],
        replaced(default("Client Frontend", verbose_logging=False)),
        exchange(ranges="10.0.0.6", verbose_logging=False),
    ).is_clean()


def test_near_miss_default_frontend_without_log_does_not_relay() -> None:
    assert run(
        NAME, ex()[0], replaced(default("Default Frontend", verbose_logging=False))
    ).is_clean()


def test_near_miss_disabled() -> None:
    off = relay(ranges="10.0.7.9", verbose_logging=False, enabled=False)
    assert run(NAME, *ex(), off).is_clean()


def test_not_assessed_without_the_logging_level() -> None:
    ran = run(NAME, *ex(), relay(ranges="10.0.7.9", verbose_logging=None))
    assert ran.lacks("ProtocolLoggingLevel of EX01\\Relay: export Get-ReceiveConnector")


def test_not_assessed_without_bindings() -> None:
    ran = run(NAME, *ex(), inbound(ranges="10.0.7.9", bindings=None, verbose_logging=False))
    assert ran.lacks("Bindings of EX01\\Inbound")
