from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fakes.models import server, snapshot
from fakes.observations import answer, failure, on, period, proxied, traffic, usage
from fakes.rule_cases import ex, relay
from rctango.analysis.entries import unused_entries
from rctango.analysis.log_coverage import log_coverage
from rctango.analysis.log_window import log_window
from rctango.analysis.unlogged import unlogged_traffic
from rctango.analysis.view import View

if TYPE_CHECKING:
    from rctango.addresses import Address
    from rctango.analysis.log_window import LogWindow
    from rctango.model.connector import Connector
    from rctango.model.observation import ProxiedUsage, Traffic

FRONT = "EX01\\Default Frontend EX01"
DARK = relay(ranges="10.0.7.0/24", verbose_logging=False)


def evidence(*custom: Connector, **facts: Any) -> View:
    return View(snapshot(*ex(), custom, **facts))


def test_periods_and_gaps_per_server_and_connector() -> None:
    found = log_coverage(traffic(period(days=[0, 1, 5]), period(FRONT, [2, 7, 8])), None)
    (server_log,) = found.servers
    assert (server_log.server, server_log.role, server_log.connector) == ("EX01", "frontend", None)
    assert server_log.days == 6
    assert [(gap.first, gap.last, gap.days) for gap in server_log.gaps] == [
        (on(3).date(), on(4).date(), 2),
        (on(6).date(), on(6).date(), 1),
    ]
    assert [(one.connector, one.days, len(one.gaps)) for one in found.connectors] == [
        ("EX01\\Relay", 3, 1),
        (FRONT, 3, 1),
    ]
    assert (found.unseen, found.unlogged, found.silent_servers) == (None, None, None)
    assert found.unknown_servers is None


def test_connectors_and_servers_that_no_log_names() -> None:
    dark = replace(DARK, name="Dark")
    unknown = relay(name="Unknown", ranges="10.0.8.0/24", verbose_logging=None)
    off = relay(name="Off", ranges="10.0.9.0/24", enabled=False)
    view = View(snapshot(*ex(), server("EX02"), dark, unknown, off))
    found = log_coverage(traffic(period(FRONT), period("EX77\\Relay")), view)
    assert found.unseen is not None
    why = {one.connector: (one.verbose, one.why) for one in found.unseen}
    assert why["EX01\\Dark"][0] is False
    assert "logging is off" in why["EX01\\Dark"][1]
    assert "was not collected" in why["EX01\\Unknown"][1]
    assert "no client used it" in why["EX01\\Client Frontend EX01"][1]
    assert not {FRONT, "EX01\\Off"} & set(why)
    assert found.silent_servers == ("EX02",)
    assert found.unknown_servers == ("EX77",)


def test_sessions_that_no_connector_answered() -> None:
    found = log_coverage(
        traffic(
            answer("", "10.0.9.9", sessions=3, days=(2, 3)),
            answer("", "10.0.9.8", sessions=5, days=(0, 1)),
            answer("", "10.0.9.8", local="10.0.0.6", sessions=1),
            answer(),
        ),
        None,
    )
    first, second = found.unanswered
    assert (first.server, first.local, first.sessions) == (None, "10.0.0.5", 8)
    assert first.clients == ("10.0.9.8", "10.0.9.9")
    assert (first.first_seen, first.last_seen) == (on(0), on(3, 9))
    assert second.local == "10.0.0.6"


def test_hub_logs_where_front_end_logs_were_meant() -> None:
    hub = period("EX01\\Default EX01", role="hub", ports=(2525,))
    assert log_coverage(traffic(hub), None).hub_only == ("EX01",)
    assert log_coverage(traffic(hub, period(FRONT)), None).hub_only == ()
    ports = period("EX01\\Default EX01", role=None, ports=(465, 2525))
    assert log_coverage(traffic(ports), None).hub_only == ("EX01",)
    passed_on = period("EX01\\Default EX01", role=None, proxied=3)
    assert log_coverage(traffic(passed_on), None).hub_only == ("EX01",)
    on_25 = period("EX01\\Default EX01", role="hub")
    assert log_coverage(traffic(on_25), None).hub_only == ()
    assert log_coverage(traffic(on_25), evidence()).hub_only == ("EX01",)
    old = View(snapshot(server(version="14.3", roles="HubTransport")))
    assert log_coverage(traffic(on_25), old).hub_only == ()


def test_what_could_not_be_read_is_passed_on() -> None:
    assert log_coverage(traffic(incomplete=["3 lines"]), None).incomplete == ("3 lines",)


def unlogged(*seen: ProxiedUsage, custom: tuple[Connector, ...] = (DARK,)) -> list[str]:
    return [one.connector for one in unlogged_traffic(traffic(*seen), evidence(*custom))]


def test_a_hub_log_gives_a_connector_without_logging_away() -> None:
    found = unlogged_traffic(
        traffic(proxied(sessions=4), proxied("10.0.7.10", None, sessions=9, days=(1, 30))),
        evidence(DARK),
    )
    (one,) = found
    assert (one.connector, one.sessions) == ("EX01\\Relay", 13)
    assert one.clients == ("10.0.7.10", "10.0.7.9")
    assert (one.first_seen, one.last_seen) == (on(0), on(30, 9))
    assert one.shown_by == "the Hub log of EX01"


def test_a_hub_log_gives_away_nothing_that_is_logged_or_does_not_fit() -> None:
    assert unlogged(proxied("10.0.9.9", 1073)) == []
    assert unlogged(proxied(permissions=1073)) == []
    assert unlogged(proxied(permissions=1077 | 1 << 25)) == []
    assert unlogged(proxied("masked")) == []
    assert unlogged(proxied(server="EX77")) == []
    assert unlogged(proxied(), custom=(replace(DARK, verbose_logging=None),)) == []


def test_a_client_that_two_connectors_may_have_passed_on_proves_nothing() -> None:
    other = relay(name="Other", ranges="10.0.7.0/24", bindings="0.0.0.0:26", verbose_logging=False)
    assert unlogged(proxied(), custom=(DARK, other)) == []


def test_a_send_log_gives_a_connector_without_logging_away() -> None:
    old = server("EX10", version="14.3", roles="HubTransport", addresses="10.0.0.6")
    dark = relay(ranges="10.0.0.0/28", verbose_logging=False)
    view = View(snapshot(*ex(), old, dark))
    (one,) = unlogged_traffic(traffic(failure(sessions=3)), view)
    assert (one.connector, one.sessions) == ("EX01\\Relay", 3)
    assert one.shown_by == "the send log of EX10"
    assert not unlogged_traffic(traffic(failure(local="")), view)
    assert not unlogged_traffic(traffic(failure(remote="203.0.113.9")), view)


def test_the_smallest_range_that_holds_a_client_is_the_one_it_needs() -> None:
    one = relay(ranges="10.0.7.0/24, 10.0.7.8/30, 10.0.8.0/24, 10.0.7.8-10.0.7.11")
    clients = {found.address for found in (usage(client="10.0.7.9"), usage(client="10.9.9.9"))}
    known: list[Address] = [address for address in clients if address is not None]
    assert [entry.text for entry in unused_entries(one, known)] == ["10.0.7.0/24", "10.0.8.0/24"]


def window(logs: Traffic, one: Connector) -> LogWindow | None:
    return log_window(evidence(one), logs, one)


def test_a_logging_connector_is_covered_as_long_as_its_servers_log_since_its_last_change() -> None:
    one = relay(ranges="10.0.7.0/24", when_changed=on(-90))
    found = window(traffic(period(FRONT, range(30))), one)
    assert found is not None
    assert (found.days, found.missing) == (30, 0)
    assert str(found) == "2026-03-02 to 2026-03-31"
    later = window(traffic(period(FRONT, range(30))), replace(one, when_changed=on(10)))
    assert later is not None
    assert later.days == 20
    assert window(traffic(period(FRONT)), replace(one, when_changed=on(90))) is None


def test_days_without_any_session_of_the_server_are_missing() -> None:
    one = relay(ranges="10.0.7.0/24", when_changed=on(-90))
    quiet = traffic(period(FRONT, range(30)), period(days=[3, 20]))
    found = window(quiet, one)
    assert found is not None
    assert found.missing == 0
    gap = window(traffic(period(FRONT, [*range(5), *range(8, 30)])), one)
    assert gap is not None
    assert gap.missing == 3


def test_without_the_last_change_or_with_logging_off_its_own_sessions_bound_the_time() -> None:
    one = relay(ranges="10.0.7.0/24")
    logs = traffic(period(FRONT, range(60)), period(days=[10, 30]))
    found = window(logs, one)
    assert found is not None
    assert (found.days, found.missing) == (21, 0)
    dark = window(logs, replace(DARK, when_changed=on(20)))
    assert dark is not None
    assert dark.days == 11
    assert window(traffic(period(FRONT)), one) is None


def test_only_the_log_of_the_same_service_counts() -> None:
    one = relay(ranges="10.0.7.0/24", when_changed=on(-90))
    hub = period("EX01\\Default EX01", range(30), role="hub", ports=(2525,))
    assert window(traffic(hub), one) is None
    untold = period(FRONT, range(30), role=None)
    found = window(traffic(untold, hub), one)
    assert found is not None
    assert found.days == 30
