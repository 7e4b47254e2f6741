"""One contiguous range of addresses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from rctango.addresses._address import Address, Family
from rctango.addresses._ipv4 import format_ipv4
from rctango.addresses._ipv6 import format_ipv6, is_ipv4_within
from rctango.errors import AddressError


class Notation(Enum):
    """How a range is written; the names of Exchange's ``IPRange.RangeFormat``."""

    CIDR = "CIDR"
    NETMASK = "Netmask"
    LOHI = "LoHi"
    SINGLE_ADDRESS = "SingleAddress"


class Overlap(StrEnum):
    """How two ranges lie to each other."""

    NONE = "none"
    EQUAL = "equal"
    INSIDE = "inside"
    CONTAINS = "contains"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AddressRange:
    """All addresses from ``first`` to ``last``, both included.

    Two ranges are equal when their bounds are; the notation plays no part, as in Exchange.

    Attributes:
        family: the address family of both ends.
        first: the lowest address, as an integer.
        last: the highest address, as an integer.
    """

    family: Family
    first: int
    last: int

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last <= self.family.maximum:
            raise AddressError(f"{self.first}-{self.last}", f"no {self.family.label} range")

    @classmethod
    def parse(cls, text: str) -> AddressRange:
        """Read one ``RemoteIPRanges`` entry in any form that Exchange accepts.

        ``rctango.addresses.read_range`` gives the notation and the warnings as well.

        Raises:
            AddressError: the text is no range.
        """
        from rctango.addresses._parse import read_range  # noqa: PLC0415 - the parser builds us

        return read_range(text).range

    @classmethod
    def whole(cls, family: Family) -> AddressRange:
        """The whole address space of a family."""
        return cls(family=family, first=0, last=family.maximum)

    @classmethod
    def of(cls, address: Address) -> AddressRange:
        """The range that holds just this address."""
        return cls(family=address.family, first=address.value, last=address.value)

    @classmethod
    def network(cls, family: Family, base: int, length: int) -> AddressRange:
        """The CIDR block of ``length`` prefix bits that holds ``base`` (host bits are cleared).

        Raises:
            AddressError: the length does not fit the family.
        """
        if not 0 <= length <= family.bits:
            raise AddressError(f"/{length}", f"an {family.label} prefix is 0 to {family.bits} long")
        host = (1 << (family.bits - length)) - 1
        return cls(family=family, first=base & ~host, last=base | host)

    @property
    def size(self) -> int:
        """How many addresses it holds; Exchange prefers the smallest."""
        return self.last - self.first + 1

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole address space of its family."""
        return self.first == 0 and self.last == self.family.maximum

    @property
    def prefix_length(self) -> int | None:
        """The CIDR prefix length when the range is one CIDR block, else None."""
        size = self.size
        if size & (size - 1) or self.first & (size - 1):
            return None
        return self.family.bits - size.bit_length() + 1

    def __contains__(self, address: Address) -> bool:
        return self.family == address.family and self.first <= address.value <= self.last

    def overlap(self, other: AddressRange) -> Overlap:
        """How this range lies to ``other``: ``INSIDE`` means this one is within the other."""
        if self.family != other.family or self.first > other.last or other.first > self.last:
            return Overlap.NONE
        if self.first == other.first and self.last == other.last:
            return Overlap.EQUAL
        if other.first <= self.first and self.last <= other.last:
            return Overlap.INSIDE
        if self.first <= other.first and other.last <= self.last:
            return Overlap.CONTAINS
        return Overlap.PARTIAL

    def text(self, notation: Notation | None = None) -> str:
        """The range in a notation that Exchange accepts; without one, in the shortest.

        Reading the text gives the same range. Exchange reads IPv4-mapped and IPv4-compatible
        bounds as IPv4, so the few IPv6 ranges with such a bound cannot be written: they raise for
        a given notation, and without one give a text that is good for display only.

        Raises:
            AddressError: the range cannot be written so (``CIDR`` or ``NETMASK`` of a range that
                is no CIDR block, ``SINGLE_ADDRESS`` of more than one address).
        """
        if notation is not None and not self._can_be(notation):
            raise AddressError(str(self), f"cannot be written as {notation.value}")
        return self._written(notation or self._shortest())

    def _can_be(self, notation: Notation) -> bool:
        if notation is Notation.SINGLE_ADDRESS:
            fits = self.first == self.last
        else:
            fits = notation is Notation.LOHI or self.prefix_length is not None
        shown = (self.first, self.last if notation is Notation.LOHI else self.first)
        return fits and (self.family is Family.IPV4 or not any(map(is_ipv4_within, shown)))

    def _written(self, notation: Notation) -> str:
        show = format_ipv4 if self.family is Family.IPV4 else format_ipv6
        low = show(self.first)
        if notation is Notation.SINGLE_ADDRESS:
            return low
        if notation is Notation.LOHI:
            return f"{low}-{show(self.last)}"
        if notation is Notation.CIDR:
            return f"{low}/{self.prefix_length}"
        return f"{low}({show(self.family.maximum ^ (self.size - 1))})"

    def _shortest(self) -> Notation:
        if self.first == self.last:
            return Notation.SINGLE_ADDRESS
        if self.is_whole or self.prefix_length is None:
            return Notation.LOHI
        return Notation.CIDR

    def __str__(self) -> str:
        """The shortest text that Exchange accepts; the whole space as Exchange prints it."""
        return self._written(self._shortest())
