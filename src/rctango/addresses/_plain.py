"""The short way to read the texts that nearly every ``RemoteIPRanges`` entry is like."""

from __future__ import annotations

from dataclasses import dataclass

from rctango.addresses._address import Family
from rctango.addresses._ipv4 import read_dotted
from rctango.addresses._range import AddressRange, Notation

_new, _set = object.__new__, object.__setattr__
_IPV4 = Family.IPV4
_SINGLE, _CIDR, _LOHI = Notation.SINGLE_ADDRESS, Notation.CIDR, Notation.LOHI
_HOSTS = {str(length): 0xFFFFFFFF >> length for length in range(33)}
"""The host bits of each IPv4 prefix length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeText:
    """One range as it was written, for example one entry of ``RemoteIPRanges``.

    Attributes:
        text: the text itself.
        range: the addresses it stands for.
        notation: how they were written.
        warnings: what Exchange might refuse or read otherwise than a person would.
    """

    text: str
    range: AddressRange
    notation: Notation
    warnings: tuple[str, ...] = ()


def read_plain(text: str) -> RangeText | None:
    """Read a flawless IPv4 address, CIDR block or low-high range; None for everything else."""
    left, mark, right = text.partition("/")
    if mark:
        return _plain_cidr(text, left, right)
    left, mark, right = text.partition("-")
    first = read_dotted(left)
    if first is None:
        return None
    if not mark:
        return _range_text(text, first, first, _SINGLE)
    last = read_dotted(right)
    if last is None or first > last:
        return None
    return _range_text(text, first, last, _LOHI)


def _plain_cidr(text: str, left: str, right: str) -> RangeText | None:
    first, host = read_dotted(left), _HOSTS.get(right)
    if first is None or host is None or first & host:
        return None
    return _range_text(text, first, first | host, _CIDR)


def _range_text(text: str, first: int, last: int, notation: Notation) -> RangeText:
    """Build both objects without their constructors, whose checks the text has passed already.

    A frozen dataclass takes twice as long to construct as all of the reading above.
    """
    plain = _new(AddressRange)
    _set(plain, "family", _IPV4)
    _set(plain, "first", first)
    _set(plain, "last", last)
    result = _new(RangeText)
    _set(result, "text", text)
    _set(result, "range", plain)
    _set(result, "notation", notation)
    _set(result, "warnings", ())
    return result
