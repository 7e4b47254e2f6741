"""Hypothesis strategies for addresses, ranges, sets, bindings and the texts of them."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from rctango.addresses import Address, AddressRange, Binding, Family, Notation, RangeSet

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

CORNERS = (
    (Family.IPV4, 0),
    (Family.IPV4, 0x0A000000),
    (Family.IPV4, 0xFFFFFF00),
    (Family.IPV6, 0),
    (Family.IPV6, 0x10000 - 128),
    (Family.IPV6, (1 << 128) - 256),
)
"""Family and first address of blocks of 256 where off-by-one errors would show."""

_NUMBERS = ("10", "0", "255", "256", "0x1f", "010", "08", "25", "24", "128", "10.0.0.1")
_PIECES = (*_NUMBERS, *":./-()[]% +x", "::", "fe80", "ffff")

families: SearchStrategy[Family] = st.sampled_from(Family)
notations: SearchStrategy[Notation] = st.sampled_from(Notation)


def is_ipv4_text(family: Family, value: int) -> bool:
    """Whether Exchange reads the IPv6 text of this value as an IPv4 address."""
    mapped_or_compatible = value >> 32 == 0xFFFF or 0x10000 <= value < 1 << 32
    return family is Family.IPV6 and mapped_or_compatible


def standard(family: Family, value: int) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The same address in the standard library."""
    return ipaddress.IPv4Address(value) if family is Family.IPV4 else ipaddress.IPv6Address(value)


@st.composite
def values(draw: st.DrawFn, family: Family) -> int:
    """An integer of the family's space: anything, or close to a power of two."""
    if draw(st.booleans()):
        return draw(st.integers(0, family.maximum))
    near = draw(st.sampled_from((0, 16, 32, 48, family.bits - 8, family.bits)))
    value = (1 << near) + draw(st.integers(-300, 300))
    return min(max(value, 0), family.maximum)


@st.composite
def addresses(draw: st.DrawFn, family: Family | None = None) -> Address:
    """An address that a parser can return."""
    chosen = draw(families) if family is None else family
    value = draw(values(chosen).filter(lambda found: not is_ipv4_text(chosen, found)))
    zone = draw(st.none() | st.from_regex(r"[1-9][0-9]{0,3}", fullmatch=True))
    return Address(family=chosen, value=value, zone=zone if chosen is Family.IPV6 else None)


@st.composite
def blocks(draw: st.DrawFn, family: Family | None = None) -> AddressRange:
    """A CIDR block."""
    chosen = draw(families) if family is None else family
    length = draw(st.integers(0, chosen.bits))
    return AddressRange.network(chosen, draw(values(chosen)), length)


@st.composite
def spans(draw: st.DrawFn, family: Family | None = None) -> AddressRange:
    """A range between any two addresses of one family."""
    chosen = draw(families) if family is None else family
    one, other = draw(values(chosen)), draw(values(chosen))
    return AddressRange(family=chosen, first=min(one, other), last=max(one, other))


def ranges(family: Family | None = None) -> SearchStrategy[AddressRange]:
    """Any range: whole, block, single address, low to high."""
    single = addresses(family).map(AddressRange.of)
    whole = (families if family is None else st.just(family)).map(AddressRange.whole)
    return spans(family) | blocks(family) | single | whole


def range_sets() -> SearchStrategy[RangeSet]:
    """A set of any ranges of both families."""
    return st.lists(ranges(), max_size=6).map(RangeSet.of)


@st.composite
def corner_ranges(draw: st.DrawFn) -> AddressRange:
    """A range within one of the corners, so that naive sets of integers can follow."""
    family, base = draw(st.sampled_from(CORNERS))
    one, other = draw(st.integers(0, 255)), draw(st.integers(0, 255))
    return AddressRange(family=family, first=base + min(one, other), last=base + max(one, other))


def corner_lists() -> SearchStrategy[list[AddressRange]]:
    """Ranges that often meet each other."""
    return st.lists(corner_ranges(), max_size=8)


def bindings() -> SearchStrategy[Binding]:
    """A binding that a parser can return."""
    wildcards = families.map(lambda family: Address(family=family, value=0))
    ports = st.sampled_from((25, 587, 2525)) | st.integers(0, 65535)
    return st.builds(
        lambda address, port: Binding(address=address, port=port), addresses() | wildcards, ports
    )


@st.composite
def address_texts(draw: st.DrawFn, family: Family, value: int) -> str:
    """One of the flawless ways to write an address."""
    plain = standard(family, value)
    if family is Family.IPV4:
        return str(plain)
    text = draw(st.sampled_from((plain.compressed, plain.exploded)))
    return draw(st.sampled_from((text, text.upper(), f"[{text}]", f"{text}%7", f"[{text}]:0")))


@st.composite
def range_texts(draw: st.DrawFn) -> tuple[str, AddressRange]:
    """A flawless range text and what it means, written without the code under test."""
    family = draw(families)
    written = values(family).filter(lambda found: not is_ipv4_text(family, found))
    first = draw(written)
    low = draw(address_texts(family, first))
    shape = draw(st.sampled_from(("single", "lohi", "cidr", "netmask")))
    if shape == "single":
        return low, AddressRange(family=family, first=first, last=first)
    if shape == "lohi":
        last = draw(written.filter(lambda found: found >= first))
        high = draw(address_texts(family, last))
        return f"{low}-{high}", AddressRange(family=family, first=first, last=last)
    length = draw(st.integers(0, family.bits))
    size = 1 << (family.bits - length)
    base = first // size * size
    meaning = AddressRange(family=family, first=base, last=base + size - 1)
    if shape == "cidr":
        return f"{low}/{length}", meaning
    mask = draw(address_texts(family, family.maximum + 1 - size if length else 0))
    return f"{low}({mask})", meaning


def hostile_texts() -> SearchStrategy[str]:
    """Any text, most often one that looks like an address, a range or a binding."""
    look_alike = st.text(alphabet="0123456789abfxX.:/-()[]% +\u2013\u0663\uff11", max_size=30)
    pieces = st.lists(st.sampled_from(_PIECES), max_size=12).map("".join)
    return st.text() | look_alike | pieces | range_texts().map(lambda pair: pair[0])
