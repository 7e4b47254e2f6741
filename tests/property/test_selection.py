"""Laws of selection; the witness is an oracle that reads the rules literally, one address a time.

Where facts are missing, the engine's verdict is neither less nor more careful than the oracle's: it
says undetermined exactly where completed worlds disagree. In one case it names more contenders: at
the listener of a process that nothing names, beside connectors of both processes, which Exchange
refuses to create. The verdict is undetermined there in any case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, note, settings
from hypothesis import strategies as st

from fakes.models import WHOLE_IPV4, WHOLE_IPV6, connector
from fakes.oracle import Told, ask, losses
from property.organisations import anywhere, describe, ends, organisations, servers
from rctango.addresses import Address
from rctango.analysis.listeners import contests
from rctango.analysis.selection import Table
from rctango.model.connection import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.addresses import RangeText
    from rctango.model.connection import Selection
    from rctango.model.connector import Connector
    from rctango.model.server import Server

Organisation = tuple["Connector", ...]

MANY = settings(max_examples=120, deadline=None)


def tables_of(connectors: Iterable[Connector], server: Server | None = None) -> list[Table]:
    return [Table(contest) for contest in contests(connectors, server)]


def probes(connectors: Organisation, table: Table, others: Iterable[Address]) -> list[Address]:
    note(describe(connectors))
    return [*ends(connectors, table.family), *others]


def told(selection: Selection) -> Told:
    """What the engine says, in the oracle's words, without the range."""
    return Told(
        selection.verdict,
        selection.connector.identity if selection.connector else None,
        contenders=frozenset(one.identity for one in selection.contenders),
    )


def without_span(answer: Told) -> Told:
    return Told(answer.verdict, answer.identity, contenders=answer.contenders)


def check(expected: Told, selection: Selection) -> None:
    assert told(selection) == without_span(expected), f"{selection.listener} {selection.address}"
    if expected.span is not None:
        assert selection.range is not None
        assert selection.address in selection.range.range
        assert selection.range.range.size == expected.span.size


others = st.lists(anywhere(), max_size=8)


@MANY
@given(organisations(), others)
def test_selection_agrees_with_the_oracle(connectors: Organisation, more: list[Address]) -> None:
    for table in tables_of(connectors):
        for address in probes(connectors, table, more):
            listener = table.listener
            expected = ask(None, connectors, listener.role, listener.local, address)
            check(expected, table.select(address))
            assert expected.verdict is not Verdict.UNDETERMINED


@settings(max_examples=400, deadline=None)
@given(organisations(complete=False, most=4), servers(), others)
def test_it_is_undetermined_exactly_where_completed_worlds_disagree(
    connectors: Organisation, server: Server | None, more: list[Address]
) -> None:
    for table in tables_of(connectors, server):
        for address in probes(connectors, table, more):
            listener = table.listener
            expected = ask(server, connectors, listener.role, listener.local, address)
            selection = table.select(address)
            if listener.role is None and expected.verdict is Verdict.UNDETERMINED:
                found = told(selection)
                assert found.verdict is expected.verdict
                assert found.contenders >= expected.contenders
            else:
                check(expected, selection)


@MANY
@given(organisations(), others)
def test_losers_name_every_other_connector_of_the_listener_once_and_say_why(
    connectors: Organisation, more: list[Address]
) -> None:
    for table in tables_of(connectors):
        listener = table.listener
        assert listener.role is not None
        for address in probes(connectors, table, more):
            candidates = table.select(address).candidates
            found = {one.connector.identity: one.reason for one in candidates}
            assert len(found) == len(candidates)
            assert found == losses(connectors, listener.role, listener.local, address)


@MANY
@given(organisations(complete=False), servers(), others)
def test_a_loser_shows_its_narrowest_range_that_holds_the_address(
    connectors: Organisation, server: Server | None, more: list[Address]
) -> None:
    for table in tables_of(connectors, server):
        for address in probes(connectors, table, more):
            for candidate in table.select(address).candidates:
                if candidate.reason in {Reason.DISABLED, Reason.OTHER_ROLE}:
                    continue
                holding = _holding(candidate.connector, address, table)
                sizes = [entry.range.size for entry in holding]
                shown = candidate.range
                assert (shown is None) == (not holding)
                assert shown is None or (shown in holding and shown.range.size == min(sizes))


def _holding(one: Connector, address: Address, table: Table) -> list[RangeText]:
    if address.family is not table.family:
        return []
    return [entry for entry in one.remote_ranges or () if address in entry.range]


@MANY
@given(organisations(complete=False), servers(), st.randoms(use_true_random=False), others)
def test_the_order_of_connectors_and_of_their_ranges_never_matters(
    connectors: Organisation, server: Server | None, random: object, more: list[Address]
) -> None:
    shuffled = list(connectors)
    getattr(random, "shuffle")(shuffled)  # noqa: B009
    one, other = tables_of(connectors, server), tables_of(shuffled, server)
    assert [table.listener for table in one] == [table.listener for table in other]
    for left, right in zip(one, other, strict=True):
        for address in probes(connectors, left, more):
            first, second = left.select(address), right.select(address)
            assert told(first) == told(second)
            assert first.contenders == second.contenders
            assert _reasons(first) == _reasons(second)


def _reasons(selection: Selection) -> dict[str, Reason]:
    return {one.connector.identity: one.reason for one in selection.candidates}


@MANY
@given(organisations(), others)
def test_a_wider_connector_never_changes_who_answers_inside_a_narrower_range(
    connectors: Organisation, more: list[Address]
) -> None:
    wide = connector(
        "EX01",
        "Wide",
        ranges=f"{WHOLE_IPV4}, {WHOLE_IPV6}",
        bindings="0.0.0.0:25, 10.0.0.5:25, [::]:25, [fd00::5]:25, 0.0.0.0:2525",
        role="HubTransport, FrontendTransport",
    )
    before = {table.listener: table for table in tables_of(connectors)}
    for table in tables_of((*connectors, wide)):
        old = before.get(table.listener)
        if old is None:
            continue
        for address in probes(connectors, table, more):
            was = old.select(address)
            if was.range is not None and not was.range.range.is_whole:
                assert told(table.select(address)) == told(was)


@MANY
@given(organisations(complete=False), servers(), others)
def test_asking_for_all_is_asking_for_each(
    connectors: Organisation, server: Server | None, more: list[Address]
) -> None:
    for table in tables_of(connectors, server):
        asked = probes(connectors, table, more)
        values = [one.value for one in asked if one.family is table.family]
        assert table.answer_all(values) == [table.answer(value) for value in values]
        for value, answer in zip(values, table.answer_all(values), strict=True):
            selection = table.select(Address(family=table.family, value=value))
            assert (selection.verdict, selection.connector, selection.range) == answer[:3]


@MANY
@given(organisations(complete=False), servers())
def test_there_is_one_listener_for_every_process_and_endpoint_of_an_enabled_connector(
    connectors: Organisation, server: Server | None
) -> None:
    listeners = [table.listener for table in tables_of(connectors, server)]
    assert len(set(listeners)) == len(listeners)
    bound = {
        binding for one in connectors if one.enabled is not False for binding in one.bindings or ()
    }
    assert {listener.local for listener in listeners} == bound
    for one in connectors:
        if one.enabled is not False and one.transport_role is not None:
            for binding in one.bindings or ():
                roles = {found.role for found in listeners if found.local == binding}
                assert all(bit in roles for bit in one.transport_role)


@given(organisations(), anywhere())
def test_a_remote_address_of_the_other_family_is_refused(
    connectors: Organisation, address: Address
) -> None:
    for table in tables_of(connectors):
        if table.family is not address.family:
            assert table.select(address).verdict is Verdict.REFUSED
