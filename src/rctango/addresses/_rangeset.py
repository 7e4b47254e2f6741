"""A set of addresses, kept as the fewest disjoint ranges."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango.addresses._address import Address, Family
from rctango.addresses._range import AddressRange, Notation
from rctango.errors import AddressError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Spans = tuple[tuple[int, int], ...]
_MOST_SINGLE = 65536


@dataclass(frozen=True, slots=True)
class RangeSet:
    """A set of IPv4 and IPv6 addresses.

    Build it with ``RangeSet.of``. Two sets are equal when they hold the same addresses.
    """

    _ipv4: tuple[tuple[int, int], ...] = ()
    _ipv6: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, items: Iterable[AddressRange | Address] = ()) -> RangeSet:
        """The set of all addresses in ``items``."""
        spans: dict[Family, list[tuple[int, int]]] = {Family.IPV4: [], Family.IPV6: []}
        for item in items:
            if isinstance(item, Address):
                spans[item.family].append((item.value, item.value))
            else:
                spans[item.family].append((item.first, item.last))
        return cls(_merge(spans[Family.IPV4]), _merge(spans[Family.IPV6]))

    @classmethod
    def parse(cls, *texts: str) -> RangeSet:
        """The set of all addresses in the given range texts.

        Raises:
            AddressError: a text is no range.
        """
        return cls.of(AddressRange.parse(text) for text in texts)

    @classmethod
    def whole(cls, *families: Family) -> RangeSet:
        """Every address of the given families; of both when none is given."""
        return cls.of(AddressRange.whole(family) for family in families or tuple(Family))

    def spans(self, family: Family) -> _Spans:
        """The disjoint, ascending (first, last) pairs of one family, as integers."""
        return self._ipv4 if family is Family.IPV4 else self._ipv6

    def only(self, family: Family) -> RangeSet:
        """The part of the set that is of one family."""
        return RangeSet(self._ipv4, ()) if family is Family.IPV4 else RangeSet((), self._ipv6)

    @property
    def size(self) -> int:
        """How many addresses it holds, both families together."""
        return sum(last - first + 1 for first, last in self._ipv4 + self._ipv6)

    def is_whole(self, family: Family) -> bool:
        """Whether it holds every address of a family."""
        return self.spans(family) == ((0, family.maximum),)

    def __bool__(self) -> bool:
        return bool(self._ipv4 or self._ipv6)

    def __contains__(self, address: Address) -> bool:
        spans = self.spans(address.family)
        place = bisect_right(spans, (address.value, address.family.maximum)) - 1
        return place >= 0 and spans[place][1] >= address.value

    def __iter__(self) -> Iterator[AddressRange]:
        """The disjoint ranges, IPv4 first, ascending."""
        for family in Family:
            for first, last in self.spans(family):
                yield AddressRange(family=family, first=first, last=last)

    def __or__(self, other: RangeSet) -> RangeSet:
        return RangeSet(
            _merge([*self._ipv4, *other._ipv4]),
            _merge([*self._ipv6, *other._ipv6]),
        )

    def __and__(self, other: RangeSet) -> RangeSet:
        return RangeSet(
            _intersect(self._ipv4, other._ipv4),
            _intersect(self._ipv6, other._ipv6),
        )

    def __sub__(self, other: RangeSet) -> RangeSet:
        return RangeSet(_subtract(self._ipv4, other._ipv4), _subtract(self._ipv6, other._ipv6))

    def __le__(self, other: RangeSet) -> bool:
        """Whether every address of this set is in the other."""
        return not self - other

    def networks(self) -> Iterator[AddressRange]:
        """The fewest CIDR blocks that hold exactly this set."""
        for item in self:
            first = item.first
            while first <= item.last:
                room = (item.last - first + 1).bit_length() - 1
                aligned = (first & -first).bit_length() - 1 if first else item.family.bits
                last = first + (1 << min(room, aligned)) - 1
                yield AddressRange(family=item.family, first=first, last=last)
                first = last + 1

    def texts(self, notation: Notation | None = None) -> tuple[str, ...]:
        """The fewest ``RemoteIPRanges`` entries for exactly this set, in one notation or mixed.

        Raises:
            AddressError: ``SINGLE_ADDRESS`` of more than 65,536 addresses.
        """
        if notation is None or notation is Notation.LOHI:
            return tuple(item.text(notation) for item in self)
        if notation is not Notation.SINGLE_ADDRESS:
            return tuple(item.text(notation) for item in self.networks())
        if self.size > _MOST_SINGLE:
            raise AddressError(str(self), f"more than {_MOST_SINGLE:,} single addresses")
        return tuple(
            str(Address(family=item.family, value=value))
            for item in self
            for value in range(item.first, item.last + 1)
        )

    def __str__(self) -> str:
        return ", ".join(self.texts())


def _merge(spans: list[tuple[int, int]]) -> _Spans:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            if last > merged[-1][1]:
                merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return tuple(merged)


def _intersect(left: _Spans, right: _Spans) -> _Spans:
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


def _subtract(left: _Spans, right: _Spans) -> _Spans:
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
