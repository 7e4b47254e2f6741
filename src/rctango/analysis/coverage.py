"""Coverage: a listener's whole remote address space, segment by segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import AddressRange, RangeSet
from rctango.model.connection import Coverage, Segment, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rctango.addresses import RangeText
    from rctango.analysis.selection import Answer, Table
    from rctango.model.connector import Connector


def cover(table: Table) -> Coverage:
    """Cut the listener's address space into the fewest segments with one answer each."""
    segments: list[Segment] = []
    pieces = list(_pieces(table))
    at = 0
    while at < len(pieces):
        first, _, answer = pieces[at]
        won: dict[str, RangeText] = {}
        last = first
        while at < len(pieces) and _same(pieces[at][2], answer):
            last = pieces[at][1]
            entry = pieces[at][2].range
            if entry is not None:
                won[entry.text] = entry
            at += 1
        segments.append(
            Segment(
                range=AddressRange(family=table.family, first=first, last=last),
                verdict=answer.verdict,
                connector=answer.connector,
                contenders=answer.contenders,
                won_by=tuple(won.values()),
            )
        )
    return Coverage(listener=table.listener, segments=tuple(segments))


def _pieces(table: Table) -> Iterator[tuple[int, int, Answer]]:
    ends = [start - 1 for start in table.starts[1:]]
    ends.append(table.family.maximum)
    return zip(table.starts, ends, table.answers, strict=True)


def _same(left: Answer, right: Answer) -> bool:
    return left is right or (
        left.verdict is right.verdict
        and left.connector is right.connector
        and len(left.contenders) == len(right.contenders)
        and all(one is other for one, other in zip(left.contenders, right.contenders, strict=True))
    )


def answered_by(table: Table) -> dict[str, RangeSet]:
    """For each connector that surely answers somewhere: the addresses it answers, by identity."""
    parts: dict[int, tuple[Connector, list[tuple[int, int]]]] = {}
    for first, last, answer in _pieces(table):
        if answer.connector is not None:
            _, spans = parts.setdefault(id(answer.connector), (answer.connector, []))
            spans.append((first, last))
    return _sets(table, parts.values())


def addresses_with(table: Table, verdict: Verdict) -> RangeSet:
    """The addresses whose answer has the given verdict."""
    return RangeSet.of_spans(
        table.family,
        ((first, last) for first, last, answer in _pieces(table) if answer.verdict is verdict),
    )


def contended_by(table: Table) -> dict[str, RangeSet]:
    """For each connector that may answer somewhere without being sure to: those addresses."""
    parts: dict[int, tuple[Connector, list[tuple[int, int]]]] = {}
    for first, last, answer in _pieces(table):
        for connector in answer.contenders:
            _, spans = parts.setdefault(id(connector), (connector, []))
            spans.append((first, last))
    return _sets(table, parts.values())


def _sets(
    table: Table, parts: Iterable[tuple[Connector, list[tuple[int, int]]]]
) -> dict[str, RangeSet]:
    return {
        connector.identity: RangeSet.of_spans(table.family, spans) for connector, spans in parts
    }


def winning_ranges(table: Table, connector: Connector) -> frozenset[RangeText]:
    """The remote ranges of the connector that win, or may win, somewhere at the listener.

    The others are shadowed: narrower ranges, alone or jointly, cover all of them.
    """
    won: set[RangeText] = set()
    for answer in table.answers:
        if answer.connector is connector and answer.range is not None:
            won.add(answer.range)
        elif any(one is connector for one in answer.contenders):
            won.update(connector.remote_ranges or ())
    return frozenset(won)
