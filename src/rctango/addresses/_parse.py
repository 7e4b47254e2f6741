"""Reading ``RemoteIPRanges`` entries and addresses, leniently and with a word about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rctango.addresses._address import Address, Family
from rctango.addresses._range import AddressRange, Notation
from rctango.addresses._text import read_ipv4, read_ipv6
from rctango.errors import AddressError

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_OCTET = r"(0|[1-9]\d?\d?)"
_IPV4 = rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}"
_PLAIN = re.compile(rf"{_IPV4}(?:/(0|[1-9]\d?)|-{_IPV4})?", re.ASCII)
"""What nearly every entry looks like; read in one step because there may be a million of them."""
_LONGEST = 200
"""No address text is longer; more is refused before any work is done on it."""


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


def read_address(text: str, notes: list[str]) -> Address:
    """Read one address; adds to ``notes`` what a person might not expect.

    Accepts brackets with or without a port, a zone id, and .NET's short, octal and hexadecimal
    IPv4 parts. IPv4-mapped and IPv4-compatible IPv6 text gives the IPv4 address.

    Raises:
        AddressError: the text is no address.
    """
    if len(text) > _LONGEST:
        raise AddressError(text[:40] + "...", "too long for an address")
    if ":" not in text:
        return Address(family=Family.IPV4, value=read_ipv4(text, notes))
    bare, percent, zone = _strip_brackets(text).partition("%")
    if percent and not (zone.isascii() and zone.isprintable() and zone):
        raise AddressError(text, "the zone id after '%' is empty or unprintable")
    value = read_ipv6(bare)
    if value >> 32 == 0xFFFF or (value >> 32 == 0 and value >= 0x10000):
        ipv4 = Address(family=Family.IPV4, value=value & 0xFFFFFFFF)
        notes.append(f"{text!r} is the IPv4 address {ipv4}")
        return ipv4
    return Address(family=Family.IPV6, value=value, zone=zone or None)


def _strip_brackets(text: str) -> str:
    if not text.startswith("["):
        return text
    inside, close, port = text[1:].partition("]")
    if not close:
        raise AddressError(text, "the bracket is not closed")
    if port and not (port[0] == ":" and port[1:].isascii() and port[1:].isdigit()):
        raise AddressError(text, f"{port!r} after the bracket is not a port")
    return inside


@lru_cache(maxsize=1 << 16)
def read_range(text: str) -> RangeText:
    """Read one ``RemoteIPRanges`` entry: single address, CIDR, low-high or address(netmask).

    Blanks and typographic dashes, which Exchange's own parser refuses, are accepted with a
    warning, because exports pass through mail and word processors.

    Raises:
        AddressError: the text is no range.
    """
    return _read_plain(text) or _read_any(text)


def _read_plain(text: str) -> RangeText | None:
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    a, b, c, d, length, *high = match.groups()
    first = int(a) << 24 | int(b) << 16 | int(c) << 8 | int(d)
    last, notation = first, Notation.SINGLE_ADDRESS
    if length is not None:
        host = 0xFFFFFFFF >> int(length)
        notation = Notation.CIDR
        if first & host or int(length) > 32:
            return None
        last = first | host
    elif high[0] is not None:
        e, f, g, h = (int(part) for part in high)
        notation = Notation.LOHI
        if max(e, f, g, h) > 255:
            return None
        last = e << 24 | f << 16 | g << 8 | h
    if int(a) > 255 or int(b) > 255 or int(c) > 255 or int(d) > 255 or first > last:
        return None
    plain = AddressRange(family=Family.IPV4, first=first, last=last)
    return RangeText(text=text, range=plain, notation=notation)


def _read_any(text: str) -> RangeText:
    notes: list[str] = []
    cleaned = text.strip().translate(_DASHES)
    if cleaned != text:
        notes.append(f"{text!r} holds blanks or dashes that Exchange itself would refuse")
    if not cleaned:
        raise AddressError(text, "an empty range")
    place = _separator(cleaned)
    mark = cleaned[place] if place else ""
    left, right = _halves(cleaned, place, notes)
    if mark == "/":
        result, notation = _read_cidr(text, left, right, notes), Notation.CIDR
    elif mark == "-":
        result, notation = _read_lohi(text, left, right, notes), Notation.LOHI
    elif mark == "(":
        result, notation = _read_netmask(text, left, right, notes), Notation.NETMASK
    else:
        result, notation = AddressRange.of(read_address(left, notes)), Notation.SINGLE_ADDRESS
    return RangeText(text=text, range=result, notation=notation, warnings=tuple(notes))


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
    if not place:
        return text, ""
    left, right = text[:place], text[place + 1 :]
    if left != left.strip() or right != right.strip():
        notes.append(f"{text!r} holds blanks that Exchange itself would refuse")
    return left.strip(), right.strip()


def _read_cidr(text: str, left: str, right: str, notes: list[str]) -> AddressRange:
    base = read_address(left, notes)
    digits = right.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        raise AddressError(text, f"{right!r} is not a prefix length")
    length = int(digits)
    if length > base.family.bits:
        raise AddressError(text, f"an {base.family.label} prefix is at most {base.family.bits}")
    if str(length) != right:
        notes.append(f"the prefix length of {text!r} is read as {length}")
    result = AddressRange.network(base.family, base.value, length)
    if result.first != base.value:
        notes.append(f"{text!r} has host bits set and means {result.text(Notation.CIDR)}")
    return result


def _read_lohi(text: str, left: str, right: str, notes: list[str]) -> AddressRange:
    low, high = read_address(left, notes), read_address(right, notes)
    if low.family != high.family:
        raise AddressError(text, "the two ends are of different address families")
    if low.value > high.value:
        raise AddressError(text, "the low end is above the high end")
    return AddressRange(family=low.family, first=low.value, last=high.value)


def _read_netmask(text: str, left: str, right: str, notes: list[str]) -> AddressRange:
    if not right.endswith(")"):
        raise AddressError(text, "the parenthesis of the netmask is not closed")
    base = read_address(left, notes)
    mask = read_address(right[:-1].strip(), [])
    if base.family != mask.family:
        raise AddressError(text, "address and netmask are of different address families")
    host = mask.value ^ mask.family.maximum
    if host & (host + 1):
        raise AddressError(text, "the netmask is not a run of ones followed by zeros")
    return AddressRange.network(base.family, base.value, base.family.bits - host.bit_length())
