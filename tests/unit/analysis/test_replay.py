from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakes.models import WHOLE_IPV4, appliance, connector, default_connectors, server, snapshot
from fakes.observations import answer, on
from rctango.analysis.replay import replay
from rctango.analysis.view import View
from rctango.model.replay import ReplayCause, ReplayCount

if TYPE_CHECKING:
    from rctango.model.connector import Connector
    from rctango.model.observation import LoggedAnswer
    from rctango.model.replay import Replay, ReplayCase

DEFAULT = "EX01\\Default Frontend EX01"
HUB = "EX01\\Default EX01"


def relay(ranges: str = "10.0.7.0/24", **more: Any) -> Connector:
    return connector(ranges=ranges, bindings="0.0.0.0:25", **more)


def run(
    *answers: LoggedAnswer, custom: tuple[Connector, ...] | None = None, **facts: Any
) -> Replay:
    members = (relay(),) if custom is None else custom
    return replay(answers, View(snapshot(server(), default_connectors(), members, **facts)))


def only(found: Replay) -> ReplayCase:
    """The one case there is."""
    (one,) = found.classes
    (case,) = one.cases
    assert one.count.connections == 1
    assert one.explanation.endswith(".")
    assert case.why
    return case


def cause(found: Replay) -> ReplayCause:
    only(found)
    return found.classes[0].cause


def test_agreement_is_counted_by_sessions_and_connections() -> None:
    found = run(
        answer(sessions=90),
        answer(DEFAULT, "10.0.9.9", sessions=9),
        answer("", "2001:db8::9", local="2001:db8::5", sessions=1),
        custom=(),
    )
    assert found.total == ReplayCount(sessions=100, connections=3)
    assert cause(run(answer("EX01\\Old", "10.0.9.9"))) is ReplayCause.UNKNOWN_CONNECTOR
    both = run(answer(sessions=90), answer("EX01\\Old", "10.0.9.9", sessions=30))
    assert both.agreed == ReplayCount(sessions=90, connections=1)
    assert both.percent == 75.0
    assert both.percent_of_connections == 50.0
    assert both.said == (
        "Compared: 120 sessions of 2 connections at EX01, 2026-03-02 to 2026-03-22.",
        "Of these 90 sessions of 1 connection agree and 30 sessions of 1 connection do not.",
    )


def test_names_are_compared_without_case_and_blanks_at_the_end() -> None:
    assert run(answer("ex01\\RELAY ")).agreed.connections == 1
    assert run(answer("EX01.contoso.com\\Relay")).agreed.connections == 1


def test_hub_rows_are_compared_with_hub_connectors() -> None:
    row = answer(HUB, "10.0.0.5", role="hub", port=2525)
    assert run(row).agreed.connections == 1
    assert run(answer(HUB, "10.0.0.5", role=None, port=2525)).agreed.connections == 1


def test_another_role_than_that_of_the_log() -> None:
    found = run(answer(DEFAULT, "10.0.9.9", role="hub"))
    assert cause(found) is ReplayCause.ROLE
    assert "role FrontendTransport" in only(found).why


def test_nobody_answered_and_nobody_should() -> None:
    narrow = (relay(),)
    members = snapshot(server(), narrow)
    found = replay([answer("", "10.0.9.9")], View(members))
    assert found.agreed.connections == 1
    assert found.percent == 100.0


def test_nobody_answered_though_somebody_should() -> None:
    found = run(answer(""))
    assert cause(found) is ReplayCause.NOBODY
    assert only(found).computed == "EX01\\Relay"
    late = run(answer(""), custom=(relay(when_changed=on(30)),))
    assert cause(late) is ReplayCause.CHANGED
    assert "was changed at 2026-04-01 08:00 (UTC)" in only(late).why


def test_nobody_listens_by_the_evidence() -> None:
    found = run(answer("", port=26))
    assert cause(found) is ReplayCause.CHANGED
    found = run(answer("EX01\\Relay", port=26))
    assert cause(found) is ReplayCause.CHANGED
    assert "bindings do not hold 10.0.0.5 port 26" in only(found).why


def test_the_server_of_an_unanswered_session_follows_from_its_local_address() -> None:
    found = run(answer("", "10.0.9.9", local="10.0.0.99"))
    assert cause(found) is ReplayCause.NOT_COMPARABLE
    assert "does not say which server" in only(found).why
    known = run(answer(sessions=5, local="10.0.0.99"), answer("", "10.0.9.9", local="10.0.0.99"))
    assert cause(known) is ReplayCause.NOBODY


@pytest.mark.parametrize(
    "row",
    [
        answer(client="10.0.7.xxx"),
        answer(local="masked"),
        answer(port=None),
        answer(local="2001:db8::5"),
        answer("EX01\\Default Mailbox Delivery EX01", port=475, role="mailbox"),
        answer("EX01\\Default Mailbox Delivery EX01", port=475, role=None),
    ],
)
def test_what_cannot_be_compared(row: LoggedAnswer) -> None:
    found = run(row)
    assert cause(found) is ReplayCause.NOT_COMPARABLE
    assert found.not_compared.connections == 1
    assert found.percent is None
    assert found.said[0] == "Compared: 0 sessions of 0 connections."
    assert found.said[1] == "Not compared: 10 sessions of 1 connection (not-comparable 10)."


def test_another_servers_log() -> None:
    found = run(answer("EX77\\Relay"))
    assert cause(found) is ReplayCause.OTHER_SERVER
    assert found.not_compared.sessions == 10


def test_connectors_that_were_not_collected() -> None:
    found = replay([answer("EX02\\Relay")], View(snapshot(server(), server("EX02"), relay())))
    assert cause(found) is ReplayCause.FACTS_MISSING
    assert found.left_open.sessions == 10


def test_a_tie_with_the_logged_connector_is_left_open() -> None:
    pair = (relay(), relay(name="Twin"))
    found = run(answer(), custom=pair)
    assert cause(found) is ReplayCause.AMBIGUOUS
    assert only(found).computed == "EX01\\Relay or EX01\\Twin"
    assert found.percent is None
    other = run(answer(DEFAULT), custom=pair)
    assert cause(other) is ReplayCause.MODEL


def test_missing_facts_leave_it_open() -> None:
    hidden = connector(name="Hidden", ranges=None, bindings="0.0.0.0:25")
    found = run(answer(), custom=(relay(), hidden))
    assert cause(found) is ReplayCause.FACTS_MISSING
    refused = replay([answer("", "10.0.9.9")], View(snapshot(server(), relay(), hidden)))
    assert cause(refused) is ReplayCause.FACTS_MISSING


def test_the_configuration_was_changed() -> None:
    ranges = run(answer("EX01\\Relay", "10.0.9.9"))
    assert cause(ranges) is ReplayCause.CHANGED
    assert only(ranges).why == "its ranges do not hold 10.0.9.9"
    off = run(answer(), custom=(relay(enabled=False),))
    assert cause(off) is ReplayCause.CHANGED
    since = run(answer(DEFAULT), custom=(relay(when_changed=on(25)),))
    assert cause(since) is ReplayCause.CHANGED
    before = run(answer(DEFAULT), custom=(relay(when_changed=on(5)),))
    assert cause(before) is ReplayCause.MODEL


def test_agreement_before_or_after_tells_of_a_change() -> None:
    after = run(answer(DEFAULT, days=(0, 4)), answer(days=(5, 9)))
    assert cause(after) is ReplayCause.CHANGED
    assert "answered as computed from 2026-03-07 08:00 (UTC) on" in only(after).why
    before = run(answer(days=(0, 4)), answer(DEFAULT, days=(5, 9)))
    assert cause(before) is ReplayCause.CHANGED
    assert "answered as computed until 2026-03-06" in only(before).why
    meanwhile = run(answer(days=(0, 9)), answer(DEFAULT, days=(5, 6)))
    assert cause(meanwhile) is ReplayCause.MODEL
    another = run(answer(client="10.0.7.8", days=(5, 9)), answer(DEFAULT, days=(0, 4)))
    assert cause(another) is ReplayCause.MODEL


def test_a_local_endpoint_that_is_no_address_of_the_server() -> None:
    found = run(answer(DEFAULT, local="10.0.0.200"))
    assert cause(found) is ReplayCause.TRANSLATION
    loose = snapshot(server(network_complete=False), default_connectors(), relay())
    unknown = replay([answer(DEFAULT, local="10.0.0.200")], View(loose))
    assert cause(unknown) is ReplayCause.MODEL


def test_only_what_nothing_explains_is_put_down_to_the_model() -> None:
    found = run(answer(DEFAULT, sessions=500), answer("EX01\\Old", "10.0.9.9", sessions=1))
    assert [one.cause for one in found.classes] == [
        ReplayCause.UNKNOWN_CONNECTOR,
        ReplayCause.MODEL,
    ]
    assert "please report it" in found.classes[-1].explanation


def test_a_specific_binding_is_told_from_the_wildcard() -> None:
    bound = connector(name="Bound", ranges=WHOLE_IPV4, bindings="10.0.0.5:25")
    row = answer("EX01\\Bound", "10.0.9.9")
    assert run(row, custom=(bound,)).agreed.connections == 1
    elsewhere = answer("EX01\\Bound", "10.0.9.9", local="10.0.0.6")
    assert cause(run(elsewhere, custom=(bound,))) is ReplayCause.CHANGED


def test_sessions_from_known_devices_are_counted_apart() -> None:
    devices = (appliance("LB01", "load-balancer", "10.0.7.9"),)
    found = run(answer(), answer(DEFAULT, "10.0.0.1", sessions=3), appliances=devices)
    assert found.translated_sessions == 13
    assert "13 sessions came from declared devices or default gateways" in found.said[-1]


def test_the_largest_cases_are_kept_and_all_are_counted() -> None:
    rows = [answer("EX01\\Old", f"10.0.9.{at}", sessions=at) for at in range(1, 41)]
    (one,) = run(*rows).classes
    assert len(one.cases) == 20
    assert [case.sessions for case in one.cases] == list(range(40, 20, -1))
    assert one.count == ReplayCount(sessions=820, connections=40)
