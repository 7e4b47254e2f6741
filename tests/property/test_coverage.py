"""Laws of coverage: the segments are the whole address space, and they say what selection says."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given, note, settings
from hypothesis import strategies as st

from fakes.models import snapshot
from property.organisations import anywhere, describe, ends, organisations, servers
from rctango.addresses import Address, RangeSet
from rctango.analysis.coverage import (
    addresses_with,
    answered_by,
    contended_by,
    cover,
    winning_ranges,
)
from rctango.analysis.listeners import contests
from rctango.analysis.relay import range_set
from rctango.analysis.selection import Table
from rctango.analysis.view import View
from rctango.model.connection import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.model.connection import Segment
    from rctango.model.connector import Connector
    from rctango.model.server import Server

Organisation = tuple["Connector", ...]

MANY = settings(max_examples=120, deadline=None)
KNOWN = given(organisations())
LACKING = given(organisations(complete=False), servers())


def tables_of(connectors: Organisation, server: Server | None = None) -> list[Table]:
    note(describe(connectors))
    return [Table(contest) for contest in contests(connectors, server)]


def says(segment: Segment) -> tuple[Verdict, str | None, frozenset[str]]:
    return (
        segment.verdict,
        segment.connector.identity if segment.connector else None,
        frozenset(one.identity for one in segment.contenders),
    )


def inside(table: Table, segment: Segment) -> Iterator[Address]:
    span = segment.range
    for value in {span.first, (span.first + span.last) // 2, span.last}:
        yield Address(family=table.family, value=value)


@MANY
@LACKING
def test_segments_partition_the_address_space(
    connectors: Organisation, server: Server | None
) -> None:
    for table in tables_of(connectors, server):
        coverage = cover(table)
        ranges = [segment.range for segment in coverage.segments]
        assert coverage.listener == table.listener
        assert ranges[0].first == 0
        assert ranges[-1].last == table.family.maximum
        assert all(left.last + 1 == right.first for left, right in pairwise(ranges))
        assert sum(one.size for one in ranges) == 1 << table.family.bits


@MANY
@LACKING
def test_neighbouring_segments_differ(connectors: Organisation, server: Server | None) -> None:
    for table in tables_of(connectors, server):
        segments = cover(table).segments
        assert all(says(left) != says(right) for left, right in pairwise(segments))


@MANY
@given(organisations(complete=False), servers(), st.lists(anywhere(), max_size=8))
def test_coverage_and_selection_agree(
    connectors: Organisation, server: Server | None, more: list[Address]
) -> None:
    for table in tables_of(connectors, server):
        segments = cover(table).segments
        asked = [
            *ends(connectors, table.family),
            *(one for segment in segments for one in inside(table, segment)),
        ]
        asked += [one for one in more if one.family is table.family]
        for address in asked:
            (segment,) = [one for one in segments if address in one.range]
            selection = table.select(address)
            assert segment.verdict is selection.verdict
            assert segment.connector is selection.connector
            assert segment.contenders == selection.contenders
            assert selection.range is None or selection.range in segment.won_by


@MANY
@LACKING
def test_a_segment_names_a_connector_and_its_ranges_exactly_when_it_answers(
    connectors: Organisation, server: Server | None
) -> None:
    for table in tables_of(connectors, server):
        for segment in cover(table).segments:
            answered = segment.verdict is Verdict.ANSWERED
            assert answered == (segment.connector is not None)
            assert answered == bool(segment.won_by)
            undecided = segment.verdict in {Verdict.AMBIGUOUS, Verdict.UNDETERMINED}
            assert undecided == bool(segment.contenders)
            assert (segment.verdict is not Verdict.AMBIGUOUS) or len(segment.contenders) > 1


@MANY
@LACKING
def test_every_address_is_answered_refused_or_contended(
    connectors: Organisation, server: Server | None
) -> None:
    for table in tables_of(connectors, server):
        answered = answered_by(table)
        contended = RangeSet.of(span for one in contended_by(table).values() for span in one)
        assert (
            sum(one.size for one in answered.values())
            == addresses_with(table, Verdict.ANSWERED).size
        )
        parts = [
            *answered.values(),
            contended,
            addresses_with(table, Verdict.REFUSED),
        ]
        assert sum(part.size for part in parts) == 1 << table.family.bits
        assert RangeSet.of(span for part in parts for span in part).is_whole(table.family)


@MANY
@LACKING
def test_a_connector_answers_within_its_ranges_only(
    connectors: Organisation, server: Server | None
) -> None:
    for table in tables_of(connectors, server):
        members = {bound.connector.identity: bound.connector for bound in table.contest.bound}
        for identity, addresses in answered_by(table).items():
            assert addresses <= range_set(members[identity])
        for identity, addresses in contended_by(table).items():
            one = members[identity]
            if one.remote_ranges is not None and one.remote_ranges_complete:
                assert addresses <= range_set(one)


@MANY
@KNOWN
def test_a_winning_range_wins_somewhere_and_the_others_nowhere(connectors: Organisation) -> None:
    for table in tables_of(connectors):
        answers = [table.select(address) for address in ends(connectors, table.family)]
        for bound in table.contest.bound:
            one = bound.connector
            winning = {span.range for span in winning_ranges(table, one)}
            surely = {
                found.range.range
                for found in answers
                if found.connector is one and found.range is not None
            }
            assert surely <= winning
            if not any(one in found.contenders for found in answers):
                assert surely == winning


@MANY
@LACKING
def test_reach_is_what_all_listeners_say_together(
    connectors: Organisation, server: Server | None
) -> None:
    view = View(snapshot(*((server,) if server else ()), connectors))
    for one in connectors:
        reach = view.reach(one)
        assert reach.sure <= reach.possible
        assert reach.possible <= view.ranges(one) or not (
            one.remote_ranges_complete and one.remote_ranges is not None
        )
        for family, port in {(b.family, b.port) for b in one.bindings or ()}:
            at_port = view.reach(one, port)
            assert at_port.sure <= reach.sure
            assert at_port.possible <= reach.possible
            for address in ends(connectors, family):
                found = [
                    table.select(address)
                    for table in view.tables_of(one)
                    if table.family is family and table.listener.local.port == port
                ]
                surely = any(selection.connector is one for selection in found)
                maybe = any(one in selection.contenders for selection in found)
                assert (address in at_port.sure) == surely
                assert (address in at_port.possible) == (surely or maybe)
