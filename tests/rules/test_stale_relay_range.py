from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.observations import on, period, profile, traffic, usage
from fakes.rule_cases import ex, inbound, relay, run
from rctango.model.finding import Confidence, Grade, OutcomeKind, Severity

if TYPE_CHECKING:
    from rctango.model.connector import Connector
    from rctango.model.observation import Traffic

NAME = "stale-relay-range"
FRONT = "EX01\\Default Frontend EX01"


def old(ranges: str | None, **more: Any) -> Connector:
    """A relay connector that was changed long before the logs."""
    facts: dict[str, Any] = {"when_changed": on(-90), **more}
    return relay(ranges=ranges, **facts)


def logs(*clients: str, days: int = 21, connector: str = "EX01\\Relay") -> Traffic:
    used = [usage(connector, client, foreign=3) for client in clients]
    return traffic(period(FRONT, range(days)), period(connector, [0]), profile(), *used)


def test_fires_for_an_entry_that_nobody_used() -> None:
    one = old("10.0.7.9, 10.0.8.0/24")
    found = run(NAME, *ex(), one, traffic=logs("10.0.7.9")).only
    assert found.severity is Severity.LOW
    assert found.confidence is Confidence.MEDIUM
    assert found.grade is Grade.POSSIBLE
    assert found.connector == "EX01\\Relay"
    assert found.ranges == ("10.0.8.0/24",)
    assert "From 2026-03-02 to 2026-03-22 no client of EX01\\Relay needed 1 of the 2" in (
        found.message
    )
    assert "take what nobody needs out of the remote ranges of EX01\\Relay" in found.fix


def test_fires_for_a_connector_that_nobody_used() -> None:
    found = run(NAME, *ex(), old("10.0.8.0/24"), traffic=logs(connector=FRONT)).only
    assert "needed its remote range: 10.0.8.0/24." in found.message
    found = run(NAME, *ex(), old("10.0.8.1, 10.0.8.2"), traffic=logs(connector=FRONT)).only
    assert "needed any of its remote ranges" in found.message


def test_fires_for_the_wider_of_two_ranges_that_hold_the_client() -> None:
    one = old("10.0.7.0/24, 10.0.7.8/30")
    assert run(NAME, *ex(), one, traffic=logs("10.0.7.9")).only.ranges == ("10.0.7.0/24",)


def test_fires_with_low_confidence_when_the_last_change_is_not_known() -> None:
    one = relay(ranges="10.0.7.9, 10.0.8.0/24")
    shown = traffic(period(FRONT), period(), profile(), usage(foreign=1))
    assert run(NAME, *ex(), one, traffic=shown).only.confidence is Confidence.LOW


def test_near_miss_every_entry_was_used() -> None:
    one = old("10.0.7.9, 10.0.8.0/24")
    assert run(NAME, *ex(), one, traffic=logs("10.0.7.9", "10.0.8.77")).is_clean()


def test_near_miss_a_client_that_only_knocked_counts_as_one() -> None:
    shown = traffic(period(FRONT), period(), profile(), usage(client="10.0.8.7", messages=0))
    assert run(NAME, *ex(), old("10.0.8.0/24"), traffic=shown).is_clean()


def test_near_miss_whole_ranges_and_connectors_that_do_not_relay() -> None:
    assert run(NAME, *ex(), inbound(ranges="10.0.8.0/24"), traffic=logs("10.0.7.9")).is_clean()
    six = old("10.0.7.9, ::/0", bindings="0.0.0.0:25, [::]:25")
    assert run(NAME, *ex(), six, traffic=logs("10.0.7.9")).is_clean()


def test_near_miss_without_logs_it_does_not_apply() -> None:
    ran = run(NAME, *ex(), old("10.0.8.0/24"))
    assert ran.outcome.kind is OutcomeKind.NOT_APPLICABLE


def test_not_assessed_with_less_than_two_weeks_or_a_missing_day() -> None:
    one = old("10.0.7.9, 10.0.8.0/24")
    lacking = "protocol logs of EX01\\Relay: 14 days since its last change"
    assert run(NAME, *ex(), one, traffic=logs("10.0.7.9", days=13)).lacks(lacking)
    gap = traffic(period(FRONT, [*range(9), *range(10, 30)]), profile(), usage(foreign=1))
    assert run(NAME, *ex(), one, traffic=gap).lacks(lacking)
    changed = old("10.0.7.9, 10.0.8.0/24", when_changed=on(12))
    assert run(NAME, *ex(), changed, traffic=logs("10.0.7.9")).lacks(lacking)


def test_not_assessed_when_the_connector_writes_no_log() -> None:
    dark = old("10.0.8.0/24", verbose_logging=False)
    shown = logs(connector=FRONT)
    assert run(NAME, *ex(), dark, traffic=shown).lacks("protocol logs of EX01\\Relay: 14 days")


def test_not_assessed_with_masked_addresses() -> None:
    one = old("10.0.7.9, 10.0.8.0/24")
    ran = run(NAME, *ex(), one, traffic=logs("10.0.7.9", "10.0.8.x"))
    assert ran.lacks("the client addresses in the logs of EX01\\Relay")


def test_not_assessed_without_ranges_rights_or_accepted_domains() -> None:
    shown = logs("10.0.7.9")
    assert run(NAME, *ex(), old(None), traffic=shown).lacks("RemoteIPRanges of EX01\\Relay")
    hidden = old("10.0.7.9", entries=None)
    assert run(NAME, *ex(), hidden, traffic=shown).lacks("access control entries")
    ran = run(NAME, *ex(), old("10.0.7.9"), traffic=shown, accepted_domains=None)
    assert ran.lacks("Get-AcceptedDomain")


def test_not_assessed_when_lines_could_not_be_read() -> None:
    shown = traffic(
        period(FRONT), profile(), usage(client="10.0.8.7", foreign=1), incomplete=["3 lines"]
    )
    assert run(NAME, *ex(), old("10.0.8.0/24"), traffic=shown).lacks("3 lines")
