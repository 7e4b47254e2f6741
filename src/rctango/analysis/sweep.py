"""The sweep: which ranges are narrowest, for every point of an address space.

For one listener the remote address space is a line. Walking the ends of the ranges in order, with
the live ranges in a heap by precedence, gives the answer for every address exactly once.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

_Live = list[tuple[int, int, int]]


class Span(NamedTuple):
    """One range that takes part; a tuple, because a listener may have a hundred thousand.

    Attributes:
        first: the lowest address.
        last: the highest address.
        key: the precedence; the lowest wins.
        owner: whose range it is.
    """

    first: int
    last: int
    key: int
    owner: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line cut at every change of answer.

    Attributes:
        starts: the first address of each piece, ascending; the first is 0.
        tops: for each piece the indexes of the winning spans: none, one, or several when
            different owners tie or when an uncertain owner stands before a certain one.
    """

    starts: list[int]
    tops: list[tuple[int, ...]]

    def at(self, value: int) -> tuple[int, ...]:
        """The winning spans at one address."""
        return self.tops[bisect_right(self.starts, value) - 1]


def sweep(spans: Sequence[Span], maximum: int, uncertain: AbstractSet[int] = frozenset()) -> Line:
    """Cut the line 0..maximum into pieces with the same winning spans.

    Args:
        spans: the ranges, in any order.
        maximum: the last address of the line.
        uncertain: owners whose ranges may not exist. Where one of them wins, the next spans
            follow in ``tops`` up to and including the first tier that holds a certain owner.
    """
    arrivals = sorted((span.first, index) for index, span in enumerate(spans))
    arrivals.append((maximum + 1, -1))
    points = {0}
    points.update(span.first for span in spans)
    points.update(span.last + 1 for span in spans if span.last < maximum)
    starts: list[int] = []
    tops: list[tuple[int, ...]] = []
    live: _Live = []
    arriving = 0
    for point in sorted(points):
        while arrivals[arriving][0] == point:
            index = arrivals[arriving][1]
            span = spans[index]
            heappush(live, (span.key, span.last, index))
            arriving += 1
        while live and live[0][1] < point:
            heappop(live)
        top = _top(live, spans, point, uncertain)
        if not tops or tops[-1] != top:
            starts.append(point)
            tops.append(top)
    return Line(starts, tops)


def _top(
    live: _Live, spans: Sequence[Span], point: int, uncertain: AbstractSet[int]
) -> tuple[int, ...]:
    if not live:
        return ()
    key, _, index = live[0]
    size = len(live)
    tied = size > 1 and (live[1][0] == key or (size > 2 and live[2][0] == key))
    if tied or (uncertain and spans[index].owner in uncertain):  # the heap's second is one of two
        return _contenders(live, spans, point, uncertain)
    return (index,)


def _contenders(
    live: _Live, spans: Sequence[Span], point: int, uncertain: AbstractSet[int]
) -> tuple[int, ...]:
    """The best span of each owner that may win, best first; leaves ``live`` without the dead."""
    taken: _Live = []
    best: dict[int, int] = {}
    settled_key: int | None = None
    while live and (settled_key is None or live[0][0] == settled_key):
        entry = heappop(live)
        if entry[1] < point:
            continue
        taken.append(entry)
        owner = spans[entry[2]].owner
        best.setdefault(owner, entry[2])
        if owner not in uncertain:
            settled_key = entry[0]
    for entry in taken:
        heappush(live, entry)
    return tuple(best.values())
