from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.models import WHOLE_IPV4, connector
from rctango.addresses import RangeSet
from rctango.analysis.coverage import (
    addresses_with,
    answered_by,
    contended_by,
    cover,
    winning_ranges,
)
from rctango.analysis.listeners import contests
from rctango.analysis.selection import Table
from rctango.model.connection import Verdict

if TYPE_CHECKING:
    from rctango.model.connector import Connector

WILD = "0.0.0.0:25"


def table(*connectors: Connector) -> Table:
    (contest,) = contests(connectors, None)
    return Table(contest)


def relay(name: str, ranges: str, *, enabled: bool | None = True) -> Connector:
    return connector(name=name, ranges=ranges, bindings=WILD, enabled=enabled)


def rows(found: Table) -> list[tuple[str, str, list[str]]]:
    return [
        (
            str(segment.range),
            segment.connector.name if segment.connector else segment.verdict.value,
            [entry.text for entry in segment.won_by] or [one.name for one in segment.contenders],
        )
        for segment in cover(found).segments
    ]


DEFAULT = relay("Default", WHOLE_IPV4)


def test_a_relay_range_cuts_the_default_in_two() -> None:
    assert rows(table(DEFAULT, relay("Relay", "10.0.0.0/24"))) == [
        ("0.0.0.0-9.255.255.255", "Default", [WHOLE_IPV4]),
        ("10.0.0.0/24", "Relay", ["10.0.0.0/24"]),
        ("10.0.1.0-255.255.255.255", "Default", [WHOLE_IPV4]),
    ]


def test_neighbouring_ranges_of_one_connector_are_one_segment() -> None:
    found = table(relay("Relay", "10.0.0.0/25, 10.0.0.128-10.0.0.255, 10.0.0.7"))
    assert rows(found)[1] == (
        "10.0.0.0/24",
        "Relay",
        ["10.0.0.0/25", "10.0.0.7", "10.0.0.128-10.0.0.255"],
    )


def test_a_tie_between_the_same_connectors_is_one_segment_whatever_the_ranges() -> None:
    one = relay("A", "10.0.0.0-10.0.0.9, 10.0.0.10-10.0.0.19")
    other = relay("B", "10.0.0.5-10.0.0.14")
    assert rows(table(one, other)) == [
        ("0.0.0.0-9.255.255.255", "refused", []),
        ("10.0.0.0-10.0.0.4", "A", ["10.0.0.0-10.0.0.9"]),
        ("10.0.0.5-10.0.0.14", "ambiguous", ["A", "B"]),
        ("10.0.0.15-10.0.0.19", "A", ["10.0.0.10-10.0.0.19"]),
        ("10.0.0.20-255.255.255.255", "refused", []),
    ]


def test_who_answers_and_who_may() -> None:
    maybe = relay("Maybe", "10.0.0.0/28", enabled=None)
    found = table(relay("Relay", "10.0.0.0/24"), maybe)
    assert answered_by(found) == {"EX01\\Relay": RangeSet.parse("10.0.0.16-10.0.0.255")}
    block = RangeSet.parse("10.0.0.0/28")
    assert contended_by(found) == {"EX01\\Relay": block, "EX01\\Maybe": block}
    assert addresses_with(found, Verdict.UNDETERMINED) == block
    refused = RangeSet.parse("0.0.0.0-9.255.255.255", "10.0.1.0-255.255.255.255")
    assert addresses_with(found, Verdict.REFUSED) == refused


# --- ranges that never win


def winning(found: Table, one: Connector) -> set[str]:
    return {entry.text for entry in winning_ranges(found, one)}


def test_a_range_that_narrower_ones_cover_together_is_shadowed() -> None:
    wide = relay("Wide", "10.0.0.0/24, 10.1.0.0/24")
    found = table(wide, relay("Low", "10.0.0.0/25"), relay("High", "10.0.0.128/25"), DEFAULT)
    assert winning(found, wide) == {"10.1.0.0/24"}
    assert winning(found, DEFAULT) == {WHOLE_IPV4}


def test_a_range_inside_another_of_the_same_connector_wins_there() -> None:
    one = relay("One", "10.0.0.0/24, 10.0.0.9")
    assert winning(table(one), one) == {"10.0.0.0/24", "10.0.0.9"}


def test_a_range_that_its_own_halves_cover_is_shadowed() -> None:
    one = relay("One", "10.0.0.0/24, 10.0.0.0/25, 10.0.0.128/25")
    assert winning(table(one), one) == {"10.0.0.0/25", "10.0.0.128/25"}


def test_a_range_that_may_win_is_not_shadowed() -> None:
    one, other = relay("One", "10.0.0.0/24"), relay("Other", "10.0.0.0/24")
    assert winning(table(one, other), one) == {"10.0.0.0/24"}
    maybe = relay("Maybe", "10.0.0.0/24", enabled=None)
    wide = relay("Wide", "10.0.0.0/23, 10.0.0.0/25")
    found = table(maybe, wide)
    assert winning(found, maybe) == {"10.0.0.0/24"}
    assert winning(found, wide) == {"10.0.0.0/23", "10.0.0.0/25"}


def test_a_connector_of_other_processes_wins_nothing() -> None:
    off = relay("Off", "10.0.0.0/24", enabled=False)
    assert winning(table(DEFAULT, off), off) == set()
