"""Laws of what is judged by logs: replay, proposals, scores and the audit with logs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.models import domain, server, snapshot
from fakes.observations import (
    answer,
    failure,
    on,
    period,
    profile,
    proxied,
    traffic,
    usage,
)
from fakes.rule_cases import TODAY
from property.organisations import anywhere, organisations
from property.test_audit import some_holes
from rctango.addresses import Address, AddressRange, Family, RangeSet, read_range
from rctango.analysis.least_ranges import propose
from rctango.analysis.log_coverage import gaps_between, log_coverage
from rctango.analysis.replay import replay
from rctango.analysis.source_nat import judge_sources
from rctango.analysis.view import View
from rctango.audit import audit_snapshot
from rctango.model.connection import Verdict
from rctango.model.finding import Grade, OutcomeKind
from rctango.model.replay import ReplayKind
from rctango.model.rights import TransportRole
from rctango.rules import CATALOGUE, Need

if TYPE_CHECKING:
    from datetime import date

    from hypothesis.strategies import SearchStrategy

    from rctango.addresses import RangeText
    from rctango.analysis.selection import Table
    from rctango.model.connector import Connector
    from rctango.model.observation import LoggedAnswer, SourceProfile, Traffic
    from rctango.model.replay import Replay
    from rctango.model.snapshot import Snapshot

ROLES = {
    TransportRole.FRONTEND_TRANSPORT: "frontend",
    TransportRole.HUB_TRANSPORT: "hub",
    None: None,
}
LOCALS = {Family.IPV4: ("10.0.0.5", "10.0.0.6", "10.0.0.7"), Family.IPV6: ("fd00::5", "fd00::7")}
"""The last of each family has no connector of its own, only the wildcard."""
BY_LOGS = {rule.name for rule in CATALOGUE if Need.TRAFFIC in rule.needs}
IDENTITIES = (
    "EX01\\Default Frontend EX01",
    "EX01\\Custom 0",
    "EX01\\Custom 1",
    "ex10\\default ex10 ",
    "EX02\\Custom 0",
    "EX77\\Relay",
    "",
)
CLIENTS = ("10.0.0.1", "10.0.0.9", "10.0.0.10", "10.0.1.250", "10.0.9.9", "192.0.0.9", "10.0.0.x")


def written() -> SearchStrategy[Address]:
    """Addresses that a log can show: those of IPv4 within IPv6 it would show as IPv4."""
    return anywhere().filter(lambda one: Address.parse(str(one)) == one)


def met(view: View, role: TransportRole | None, local: Address, port: int) -> Table | None:
    """The listener that a connection to a local address meets, by the plain words of the rule."""
    tables = [
        one
        for one in view.all_tables()
        if one.listener.role is role and one.listener.local.port == port
    ]
    exact = [one for one in tables if one.listener.local.address == local]
    wildcard = [
        one for one in tables if one.listener.local.is_wildcard and one.family is local.family
    ]
    return next(iter(exact or wildcard), None)


@st.composite
def logged(draw: st.DrawFn, view: View) -> list[LoggedAnswer]:
    """What logs would show if the engine answered; where it leaves it open, any of the possible."""
    rows: dict[tuple[object, ...], LoggedAnswer] = {}
    for address in draw(st.lists(written(), max_size=12, unique=True)):
        role = draw(st.sampled_from(list(ROLES)))
        port = draw(st.sampled_from((25, 2525)))
        local = Address.parse(draw(st.sampled_from(LOCALS[address.family])))
        table = met(view, role, local, port)
        if table is None:
            continue
        found = table.answer(address.value)
        possible = [found.connector] if found.connector else list(found.contenders)
        names = [one.identity for one in possible] or [""]
        rows[role, local, port, address] = answer(
            draw(st.sampled_from(names)),
            str(address),
            local=str(local),
            role=ROLES[role],
            port=port,
            sessions=draw(st.integers(1, 99)),
            server="EX01",
        )
    return list(rows.values())


def adds_up(found: Replay, rows: list[LoggedAnswer]) -> bool:
    """Whether every session is in exactly one of the four counts, and the classes hold the rest."""
    parts = (found.agreed, found.left_open, found.disagreed, found.not_compared)
    sessions = sum(one.sessions for one in rows)
    assert found.total.sessions == sessions == sum(one.sessions for one in parts)
    assert found.total.connections == len(rows) == sum(one.connections for one in parts)
    for kind, part in (
        (ReplayKind.LEFT_OPEN, found.left_open),
        (ReplayKind.DISAGREED, found.disagreed),
        (ReplayKind.NOT_COMPARED, found.not_compared),
    ):
        classes = [one.count for one in found.classes if one.cause.kind is kind]
        assert sum(one.sessions for one in classes) == part.sessions
        assert sum(one.connections for one in classes) == part.connections
    return True


def view_of(connectors: tuple[Connector, ...]) -> View:
    return View(snapshot(connectors, accepted_domains=(domain("contoso.com"),)))


@settings(deadline=None, max_examples=200)
@given(organisations().map(view_of), st.data())
def test_answers_of_the_engine_agree_or_are_left_open(view: View, data: st.DataObject) -> None:
    rows = data.draw(logged(view))
    found = replay(rows, view)
    assert adds_up(found, rows)
    assert found.disagreed.sessions == found.not_compared.sessions == 0
    assert found.percent in {None, 100.0}
    ties = [row for row in rows if is_tie(view, row)]
    assert found.left_open.connections == len(ties)


def is_tie(view: View, row: LoggedAnswer) -> bool:
    roles = {name: role for role, name in ROLES.items()}
    local = Address.parse(row.local)
    assert row.address is not None
    assert row.port is not None
    table = met(view, roles[row.role], local, row.port)
    assert table is not None
    return table.answer(row.address.value).verdict is Verdict.AMBIGUOUS


@settings(deadline=None, max_examples=200)
@given(organisations(complete=False).map(view_of), st.data())
def test_missing_facts_never_make_an_answer_of_the_engine_a_disagreement(
    view: View, data: st.DataObject
) -> None:
    rows = data.draw(logged(view))
    found = replay(rows, view)
    assert adds_up(found, rows)
    assert found.disagreed.sessions == found.not_compared.sessions == 0


def any_answers() -> SearchStrategy[list[LoggedAnswer]]:
    one = st.builds(
        answer,
        st.sampled_from(
            (*IDENTITIES, "EX01\\C0", "EX01\\C1", "EX01\\Default Mailbox Delivery EX01")
        ),
        st.sampled_from(CLIENTS),
        local=st.sampled_from(("10.0.0.5", "10.0.0.7", "fd00::5", "", "masked")),
        sessions=st.integers(1, 50),
        days=st.sampled_from(((0, 3), (3, 9), (12, 12))),
        role=st.sampled_from(("frontend", "hub", "mailbox", None)),
        port=st.sampled_from((25, 2525, 26, None)),
    )
    return st.lists(one, max_size=20)


@settings(deadline=None, max_examples=200)
@given(organisations(complete=False).map(view_of), any_answers(), st.randoms())
def test_every_session_is_counted_once_whatever_the_log_says(
    view: View, rows: list[LoggedAnswer], random: Any
) -> None:
    found = replay(rows, view)
    assert adds_up(found, rows)
    assert all(case.why for one in found.classes for case in one.cases)
    shuffled = replay(random.sample(rows, len(rows)), view)
    assert [(one.cause, one.count) for one in shuffled.classes] == [
        (one.cause, one.count) for one in found.classes
    ]


@settings(deadline=None, max_examples=200)
@given(organisations(), st.lists(written(), max_size=8, unique=True), st.data())
def test_a_proposal_keeps_every_relaying_client_and_nobody_else(
    connectors: tuple[Connector, ...], addresses: list[Address], data: st.DataObject
) -> None:
    view = view_of(connectors)
    one = data.draw(st.sampled_from(connectors))
    used = [usage(one.identity, str(at), foreign=data.draw(st.integers(0, 2))) for at in addresses]
    found = propose(view, traffic(*used), one)
    ranges = view.ranges(one)
    kept = [client.address for client in found.keep if client.address is not None]
    relayed = {row.address for row in used if row.recipients_foreign}
    decide = {client.address for client in found.needs_decision}
    assert {at for at in decide if at is not None and not at.is_loopback} == set()
    assert set(kept) == {at for at in relayed if at is not None and at in ranges} - decide
    assert RangeSet.parse(*found.entries) == RangeSet.parse(*found.aggregated) == RangeSet.of(kept)
    changed = replace(one, remote_ranges=tuple(map(single, kept)))
    after = view_of(tuple(changed if other is one else other for other in connectors))
    for before, then in zip(view.tables_of(one), after.tables_of(changed), strict=True):
        for at in kept:
            if at.family is before.family and before.answer(at.value).connector is one:
                assert then.answer(at.value).connector is changed
    assert after.reach(changed).possible <= RangeSet.of(kept)


def single(address: Address) -> RangeText:
    return read_range(str(AddressRange.of(address)))


def any_profiles() -> SearchStrategy[list[SourceProfile]]:
    one = st.builds(
        profile,
        st.sampled_from(CLIENTS),
        local=st.sampled_from(("10.0.0.5", "10.0.0.6", "masked")),
        sessions=st.sampled_from((1, 5, 9, 10, 400, 90_000)),
        names=st.sampled_from((0, 1, 2, 3, 5, 40)),
        share=st.sampled_from((0.0, 0.1, 0.9, 0.95, 1.0)),
        idle_sessions=st.sampled_from((0, 1)),
        limit_refusals=st.sampled_from((0, 0, 7)),
        messages=st.sampled_from((0, 300)),
        sender_domains=st.sampled_from((0, 1, 3, 90)),
        common_sender_share=st.sampled_from((0.0, 0.3, 1.0)),
    )
    return st.lists(one, max_size=8)


@settings(deadline=None)
@given(any_profiles(), st.booleans(), st.randoms())
def test_scores_are_sums_and_every_address_is_judged_once(
    rows: list[SourceProfile], known: bool, random: Any
) -> None:
    view = View(snapshot(server())) if known else None
    found = judge_sources(traffic(*rows), view)
    assert sorted(one.client for one in found) == sorted({row.client for row in rows})
    assert sum(one.sessions for one in found) == sum(row.sessions for row in rows)
    for one in found:
        assert one.score == max(0, min(100, sum(signal.points for signal in one.signals)))
        assert all(signal.sentence.endswith(".") for signal in one.signals)
    shuffled = judge_sources(traffic(*random.sample(rows, len(rows))), view)
    assert {one.client: (one.score, one.verdict) for one in shuffled} == {
        one.client: (one.score, one.verdict) for one in found
    }


@given(st.sets(st.integers(0, 40), min_size=1))
def test_days_and_gaps_fill_the_time_between(numbers: set[int]) -> None:
    days = {on(number).date() for number in numbers}
    gaps = gaps_between(days)
    missing: set[date] = set()
    for gap in gaps:
        missing |= {gap.first + (on(at) - on(0)) for at in range(gap.days)}
    assert not missing & days
    assert len(missing) + len(days) == max(numbers) - min(numbers) + 1


@st.composite
def logs(draw: st.DrawFn) -> Traffic:
    """Logs of the organisations of the audit's laws, with some of everything."""
    names, clients = st.sampled_from(IDENTITIES), st.sampled_from(CLIENTS)
    amounts = st.sampled_from((None, 0, 3))
    used = st.builds(usage, names, clients, foreign=amounts, auth_successes=st.sampled_from((0, 2)))
    spans = st.builds(period, names, st.sampled_from((range(20), (0, 9))), proxied=st.just(1))
    seen = st.builds(proxied, clients, st.sampled_from((None, 1073, 1077)))
    refused = st.builds(failure, st.sampled_from(("10.0.0.10", "")), st.sampled_from(("10.0.0.5",)))
    items: list[Any] = []
    for kind in (used, spans, seen, refused):
        items += draw(st.lists(kind, max_size=5))
    profiles = draw(any_profiles())
    incomplete = draw(st.sampled_from(((), (), ("3 lines",))))
    return traffic(*items, *profiles, *draw(any_answers()), incomplete=incomplete)


def shuffled(found: Traffic, random: Any) -> Traffic:
    names = ("usage", "sources", "answers", "periods", "proxied", "send_failures")
    some: dict[str, Any] = {}
    for name in names:
        rows = getattr(found, name)
        some[name] = tuple(random.sample(rows, len(rows)))
    return replace(found, **some)


@settings(deadline=None)
@given(some_holes(), logs(), st.randoms())
def test_an_audit_with_logs_only_adds_to_one_without(
    facts: Snapshot, found: Traffic, random: Any
) -> None:
    plain = audit_snapshot(facts, today=TODAY)
    kinds = {one.rule: one.kind for one in plain.outcomes}
    assert {kinds[name] for name in BY_LOGS} == {OutcomeKind.NOT_APPLICABLE}
    result = audit_snapshot(replace(facts, traffic=found), today=TODAY)
    assert not any(one.kind is OutcomeKind.CRASHED for one in result.outcomes), result.gaps
    others = [one for one in result.findings if one.rule not in BY_LOGS]
    assert len(others) == len(plain.findings)
    for one in result.findings:
        assert one.message.endswith(".")
        assert one.fix.endswith(".")
        assert "  " not in one.message + one.fix
        assert "None" not in one.message
        assert one.connector is None or one.connector in one.message
        assert one.grade is not Grade.USED or found.origin in one.evidence
    other = audit_snapshot(replace(facts, traffic=shuffled(found, random)), today=TODAY)
    assert other == result


@settings(deadline=None)
@given(some_holes(), logs())
def test_coverage_counts_every_logged_session(facts: Snapshot, found: Traffic) -> None:
    covered = log_coverage(found, View(facts))
    sessions = sum(one.sessions for one in found.periods)
    assert sum(one.sessions for one in covered.servers) == sessions
    unanswered = [one.sessions for one in found.answers if not one.connector]
    assert sum(one.sessions for one in covered.unanswered) == sum(unanswered)
    assert covered.unseen is not None
    enabled = {one.identity for one in facts.connectors if one.enabled is not False}
    assert {one.connector for one in covered.unseen} <= enabled
