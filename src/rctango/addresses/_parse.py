"""Reading ``RemoteIPRanges`` entries, leniently and with a word about it."""

from __future__ import annotations

from functools import lru_cache

from rctango.addresses._address import Address, read_address, refuse_overlong
from rctango.addresses._plain import RangeText, read_plain
from rctango.addresses._range import AddressRange, Notation
from rctango.errors import AddressError

_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    | dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff", "")
)
"""Dashes of word processors become ``-``; characters without width or ink go."""


def read_range(text: str) -> RangeText:
    """Read one ``RemoteIPRanges`` entry: single address, CIDR, low-high or address(netmask).

    Blanks, typographic dashes and invisible characters, which Exchange's own parser refuses, are
    accepted with a warning, because exports pass through mail and word processors.

    Raises:
        AddressError: the text is no range.
    """
    return _read_cached(text)


@lru_cache(maxsize=1 << 16)
def _read_cached(text: str) -> RangeText:
    return read_plain(text) or read_any(text)


def read_any(text: str) -> RangeText:
    """Read any range text the long way.

    Raises:
        AddressError: the text is no range.
    """
    refuse_overlong(text)
    notes: list[str] = []
    cleaned = text.translate(_TYPOGRAPHY).strip()
    if cleaned != text:
        notes.append(f"{text!r} holds blanks or dashes that Exchange itself would refuse")
    try:
        result, notation = _read_clean(cleaned, notes)
    except AddressError as error:
        raise AddressError(text, error.reason) from None
    return RangeText(text=text, range=result, notation=notation, warnings=tuple(notes))


def _read_clean(text: str, notes: list[str]) -> tuple[AddressRange, Notation]:
    if not text:
        raise AddressError(text, "an empty range")
    place = _separator(text)
    if not place:
        return AddressRange.of(read_address(text, notes)), Notation.SINGLE_ADDRESS
    left, right = _halves(text, place, notes)
    if text[place] == "/":
        return _read_cidr(text, left, right, notes), Notation.CIDR
    if text[place] == "-":
        return _read_lohi(text, left, right, notes), Notation.LOHI
    return _read_netmask(text, left, right, notes), Notation.NETMASK


def _separator(text: str) -> int:
    """Where the first ``-``, ``/`` or ``(`` after the first character stands, or 0.

    A ``/`` gives way to a mark that follows it, as in Exchange.
    """
    marks = [place for place, character in enumerate(text) if place and character in "-/("]
    if not marks:
        return 0
    first = marks[0]
    return marks[1] if text[first] == "/" and len(marks) > 1 else first


def _halves(text: str, place: int, notes: list[str]) -> tuple[str, str]:
    left, right = text[:place], text[place + 1 :]
    if left != left.strip() or right != right.strip():
        notes.append(f"{text!r} holds blanks that Exchange itself may refuse")
    return left.strip(), right.strip()


def _read_cidr(text: str, left: str, right: str, notes: list[str]) -> AddressRange:
    base = read_address(left, notes)
    digits = right.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise AddressError(text, f"{right!r} is not a prefix length")
    length = int(digits)
    if length > base.family.bits:
        raise AddressError(text, f"an {base.family.label} prefix is at most {base.family.bits}")
    if str(length) != right:
        notes.append(f"the prefix length of {text!r} is read as {length}")
    return _network(text, base, length, notes)


def _read_lohi(text: str, left: str, right: str, notes: list[str]) -> AddressRange:
    low, high = read_address(left, notes), read_address(right, notes)
    if low.family != high.family:
        raise AddressError(text, "the two ends are of different address families")
    if low.value > high.value:
        raise AddressError(text, f"the low end {low} is above the high end {high}")
    return AddressRange(family=low.family, first=low.value, last=high.value)


def _read_netmask(text: str, left: str, right: str, notes: list[str]) -> AddressRange:
    if not right.endswith(")"):
        raise AddressError(text, "the parenthesis of the netmask is not closed")
    base = read_address(left, notes)
    mask = read_address(right[:-1].strip(), notes)
    if base.family != mask.family:
        raise AddressError(text, "address and netmask are of different address families")
    host = mask.value ^ mask.family.maximum
    if host & (host + 1):
        raise AddressError(text, "the netmask is not a run of ones followed by zeros")
    return _network(text, base, base.family.bits - host.bit_length(), notes)


def _network(text: str, base: Address, length: int, notes: list[str]) -> AddressRange:
    result = AddressRange.network(base.family, base.value, length)
    if result.first != base.value:
        notes.append(f"{text!r} has host bits set and means {result.text(Notation.CIDR)}")
    return result
