"""A set of addresses, kept as the fewest disjoint ranges."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango.addresses._address import Address, Family
from rctango.addresses._range import AddressRange, Notation
from rctango.addresses._spans import Spans, intersect, merge, subtract
from rctango.errors import AddressError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_IPV4 = Family.IPV4
_MOST_SINGLE = 65536


@dataclass(frozen=True, slots=True)
class RangeSet:
    """A set of IPv4 and IPv6 addresses.

    Build it with ``RangeSet.of``. Two sets are equal when they hold the same addresses.
    """

    _ipv4: Spans = ()
    _ipv6: Spans = ()

    @classmethod
    def of(cls, items: Iterable[AddressRange | Address] = ()) -> RangeSet:
        """The set of all addresses in ``items``."""
        spans: dict[Family, list[tuple[int, int]]] = {Family.IPV4: [], Family.IPV6: []}
        for item in items:
            if isinstance(item, Address):
                spans[item.family].append((item.value, item.value))
            else:
                spans[item.family].append((item.first, item.last))
        return cls(merge(spans[Family.IPV4]), merge(spans[Family.IPV6]))

    @classmethod
    def of_spans(cls, family: Family, spans: Iterable[tuple[int, int]]) -> RangeSet:
        """The set of all addresses in (first, last) pairs of integers of one family.

        Raises:
            AddressError: a pair is no range of the family.
        """
        merged = merge(spans)
        if merged and (merged[0][0] < 0 or merged[-1][1] > family.maximum):
            raise AddressError(f"{merged[0][0]}-{merged[-1][1]}", f"no {family.label} range")
        return cls(merged, ()) if family is Family.IPV4 else cls((), merged)

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

    def spans(self, family: Family) -> Spans:
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
        value = address.value
        spans = self._ipv4 if address.family is _IPV4 else self._ipv6
        place = bisect_left(spans, (value + 1,))  # the spans before this one start at or below
        return place > 0 and spans[place - 1][1] >= value

    def touches(self, item: AddressRange) -> bool:
        """Whether it holds at least one address of a range."""
        spans = self.spans(item.family)
        place = bisect_left(spans, (item.last + 1,))  # the spans before this one start in time
        return place > 0 and spans[place - 1][1] >= item.first

    def __iter__(self) -> Iterator[AddressRange]:
        """The disjoint ranges, IPv4 first, ascending."""
        for family in Family:
            for first, last in self.spans(family):
                yield AddressRange(family=family, first=first, last=last)

    def __or__(self, other: RangeSet) -> RangeSet:
        if not (self and other):
            return self or other
        return RangeSet(
            merge([*self._ipv4, *other._ipv4]),
            merge([*self._ipv6, *other._ipv6]),
        )

    def __and__(self, other: RangeSet) -> RangeSet:
        return RangeSet(
            intersect(self._ipv4, other._ipv4),
            intersect(self._ipv6, other._ipv6),
        )

    def __sub__(self, other: RangeSet) -> RangeSet:
        return RangeSet(subtract(self._ipv4, other._ipv4), subtract(self._ipv6, other._ipv6))

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
            AddressError: ``SINGLE_ADDRESS`` of more than 65,536 addresses, or a range that cannot
                be written in the notation (see ``AddressRange.text``).
        """
        if notation is None or notation is Notation.LOHI:
            return tuple(item.text(notation) for item in self)
        if notation is not Notation.SINGLE_ADDRESS:
            return tuple(item.text(notation) for item in self.networks())
        if self.size > _MOST_SINGLE:
            raise AddressError(
                f"a set of {self.size:,} addresses", f"more than {_MOST_SINGLE:,} single addresses"
            )
        return tuple(
            AddressRange(family=item.family, first=value, last=value).text(notation)
            for item in self
            for value in range(item.first, item.last + 1)
        )

    def __str__(self) -> str:
        return ", ".join(str(item) for item in self)
