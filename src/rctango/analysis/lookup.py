"""Finding the piece of an address line that holds an address, for millions of addresses."""

from __future__ import annotations

from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from rctango.addresses import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_Item = TypeVar("_Item")
_BLOCK_BITS = 16
_MANY = 2048
"""From this many pieces on, an index of the IPv4 blocks pays for itself."""


def _blocks(starts: list[int]) -> tuple[list[int], list[int]]:
    """Where in ``starts`` each block of 65,536 IPv4 addresses begins and ends."""
    bounds: list[int] = []
    at = 0
    for block in range((1 << 32 - _BLOCK_BITS) + 1):
        edge = block << _BLOCK_BITS
        while at < len(starts) and starts[at] <= edge:
            at += 1
        bounds.append(at)
    return bounds[:-1], bounds[1:]


def finder(starts: list[int], items: list[_Item], family: Family) -> Callable[[int], _Item]:
    """A function that gives the item of the piece that holds an address.

    Args:
        starts: the first address of each piece, ascending; the first is 0.
        items: what belongs to each piece.
        family: the family of the addresses.
    """
    shifted = [items[-1], *items]
    if family is Family.IPV6 or len(starts) < _MANY:

        def find(value: int) -> _Item:
            return shifted[bisect_right(starts, value)]

        return find
    low, high = _blocks(starts)

    def find_in_block(value: int) -> _Item:
        block = value >> _BLOCK_BITS
        return shifted[bisect_right(starts, value, low[block], high[block])]

    return find_in_block


def find_all(
    starts: list[int], items: list[_Item], family: Family, values: Iterable[int]
) -> list[_Item]:
    """The items of the pieces that hold the addresses, in their order.

    Args:
        starts: the first address of each piece, ascending; the first is 0.
        items: what belongs to each piece.
        family: the family of the addresses.
        values: the addresses.
    """
    shifted = [items[-1], *items]
    if family is Family.IPV6 or len(starts) < _MANY:
        return list(map(shifted.__getitem__, map(partial(bisect_right, starts), values)))
    low, high = _blocks(starts)
    return [
        shifted[bisect_right(starts, value, low[value >> _BLOCK_BITS], high[value >> _BLOCK_BITS])]
        for value in values
    ]
