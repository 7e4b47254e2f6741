"""The arithmetic of ascending, disjoint (first, last) pairs of integers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Spans = tuple[tuple[int, int], ...]


def merge(pairs: Iterable[tuple[int, int]]) -> Spans:
    """The spans that cover what the pairs, in any order, cover; neighbours become one."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(pairs):
        if merged and first <= merged[-1][1] + 1:
            if last > merged[-1][1]:
                merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return tuple(merged)


def intersect(left: Spans, right: Spans) -> Spans:
    """What both cover."""
    result: list[tuple[int, int]] = []
    at, to = 0, 0
    while at < len(left) and to < len(right):
        first = max(left[at][0], right[to][0])
        last = min(left[at][1], right[to][1])
        if first <= last:
            result.append((first, last))
        if left[at][1] < right[to][1]:
            at += 1
        else:
            to += 1
    return tuple(result)


def subtract(left: Spans, right: Spans) -> Spans:
    """What ``left`` covers and ``right`` does not."""
    result: list[tuple[int, int]] = []
    start = 0
    for first, last in left:
        while start < len(right) and right[start][1] < first:
            start += 1
        low, place = first, start
        while place < len(right) and right[place][0] <= last:
            if right[place][0] > low:
                result.append((low, right[place][0] - 1))
            low = right[place][1] + 1
            place += 1
        if low <= last:
            result.append((low, last))
    return tuple(result)
