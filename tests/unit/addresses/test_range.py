"""Ranges: width, overlap, prefix length and the notations they can be written in."""

from __future__ import annotations

import pytest

from rctango.addresses import Address, AddressRange, Family, Notation, Overlap
from rctango.errors import AddressError

V4, V6 = Family.IPV4, Family.IPV6
ALL_F = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
read = AddressRange.parse


@pytest.mark.parametrize(
    ("text", "size", "prefix", "whole"),
    [
        ("10.0.0.1", 1, 32, False),
        ("10.0.0.0/24", 256, 24, False),
        ("10.0.0.0-10.0.0.255", 256, 24, False),
        ("10.0.0.1-10.0.1.0", 256, None, False),
        ("10.0.0.0-10.0.0.2", 3, None, False),
        ("10.0.0.1-10.0.0.2", 2, None, False),
        ("0.0.0.0/1", 1 << 31, 1, False),
        ("0.0.0.0/0", 1 << 32, 0, True),
        ("0.0.0.0-255.255.255.254", (1 << 32) - 1, None, False),
        ("0.0.0.1-255.255.255.255", (1 << 32) - 1, None, False),
        ("fd00::1", 1, 128, False),
        ("fd00::/64", 1 << 64, 64, False),
        ("::/0", 1 << 128, 0, True),
    ],
)
def test_size_and_prefix_length(text: str, size: int, prefix: int | None, whole: bool) -> None:
    item = read(text)
    assert (item.size, item.prefix_length, item.is_whole) == (size, prefix, whole)


@pytest.mark.parametrize(
    ("one", "other", "kind", "mirrored"),
    [
        ("10.0.0.0/24", "10.0.0.0-10.0.0.255", Overlap.EQUAL, Overlap.EQUAL),
        ("10.0.0.0/24", "10.0.1.0/24", Overlap.NONE, Overlap.NONE),
        ("10.0.0.9", "10.0.0.0/24", Overlap.INSIDE, Overlap.CONTAINS),
        ("10.0.0.0-10.0.0.9", "10.0.0.0/24", Overlap.INSIDE, Overlap.CONTAINS),
        ("10.0.0.200-10.0.0.255", "10.0.0.0/24", Overlap.INSIDE, Overlap.CONTAINS),
        ("10.0.0.1-10.0.0.40", "10.0.0.0/27", Overlap.PARTIAL, Overlap.PARTIAL),
        ("10.0.0.0-10.0.0.9", "10.0.0.9-10.0.0.20", Overlap.PARTIAL, Overlap.PARTIAL),
        ("0.0.0.0/0", "::/0", Overlap.NONE, Overlap.NONE),
        ("0.0.0.1", "::1", Overlap.NONE, Overlap.NONE),
        ("fd00::/64", "fd00::/48", Overlap.INSIDE, Overlap.CONTAINS),
        ("::/0", "::/0", Overlap.EQUAL, Overlap.EQUAL),
    ],
)
def test_overlap(one: str, other: str, kind: Overlap, mirrored: Overlap) -> None:
    assert read(one).overlap(read(other)) is kind
    assert read(other).overlap(read(one)) is mirrored


def test_contains_addresses_of_its_family_only() -> None:
    item = read("10.0.0.1-10.0.0.9")
    assert Address.parse("10.0.0.1") in item
    assert Address.parse("10.0.0.9") in item
    assert Address.parse("::ffff:10.0.0.5") in item
    assert Address.parse("10.0.0.0") not in item
    assert Address.parse("10.0.0.10") not in item
    assert Address(family=V6, value=item.first) not in item
    assert Address.parse("fe80::1%3") in read("fe80::/64")


@pytest.mark.parametrize(
    ("text", "shortest", "cidr", "netmask", "lohi"),
    [
        (
            "10.0.0.77/24",
            "10.0.0.0/24",
            "10.0.0.0/24",
            "10.0.0.0(255.255.255.0)",
            "10.0.0.0-10.0.0.255",
        ),
        (
            "10.0.0.1",
            "10.0.0.1",
            "10.0.0.1/32",
            "10.0.0.1(255.255.255.255)",
            "10.0.0.1-10.0.0.1",
        ),
        (
            "0.0.0.0/0",
            "0.0.0.0-255.255.255.255",
            "0.0.0.0/0",
            "0.0.0.0(0.0.0.0)",
            "0.0.0.0-255.255.255.255",
        ),
        (
            "FD00:0::/64",
            "fd00::/64",
            "fd00::/64",
            "fd00::(ffff:ffff:ffff:ffff::)",
            "fd00::-fd00::ffff:ffff:ffff:ffff",
        ),
        ("::/0", f"::-{ALL_F}", "::/0", "::(::)", f"::-{ALL_F}"),
    ],
)
def test_notations(text: str, shortest: str, cidr: str, netmask: str, lohi: str) -> None:
    item = read(text)
    assert (item.text(), str(item)) == (shortest, shortest)
    assert item.text(Notation.CIDR) == cidr
    assert item.text(Notation.NETMASK) == netmask
    assert item.text(Notation.LOHI) == lohi


def test_single_address_notation() -> None:
    assert read("10.0.0.1/32").text(Notation.SINGLE_ADDRESS) == "10.0.0.1"


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("10.0.0.0/31", Notation.SINGLE_ADDRESS),
        ("10.0.0.1-10.0.0.2", Notation.CIDR),
        ("10.0.0.1-10.0.0.2", Notation.NETMASK),
        ("fd00::-fd00::2", Notation.CIDR),
    ],
)
def test_notations_that_a_range_cannot_have(text: str, notation: Notation) -> None:
    with pytest.raises(AddressError) as caught:
        read(text).text(notation)
    assert caught.value.text == read(text).text()
    assert caught.value.reason == f"cannot be written as {notation.value}"


def test_an_ipv6_bound_that_exchange_reads_as_ipv4_cannot_be_written() -> None:
    low_half = read("::/96")
    assert low_half.text() == "::/96"
    assert low_half.text(Notation.NETMASK) == "::(ffff:ffff:ffff:ffff:ffff:ffff::)"
    with pytest.raises(AddressError, match="LoHi"):
        low_half.text(Notation.LOHI)
    mapped = AddressRange(family=V6, first=0xFFFF << 32, last=0xFFFFFFFFFFFF)
    assert str(mapped) == mapped.text() == "::ffff:0:0/96"
    for notation in (Notation.CIDR, Notation.NETMASK, Notation.LOHI):
        with pytest.raises(AddressError, match="cannot be written"):
            mapped.text(notation)


@pytest.mark.parametrize(
    ("family", "first", "last"),
    [(V4, -1, 0), (V4, 2, 1), (V4, 0, 1 << 32), (V6, 0, 1 << 128), (V6, -1, -1)],
)
def test_no_range_outside_the_space_or_reversed(family: Family, first: int, last: int) -> None:
    with pytest.raises(AddressError, match=f"no {family.label} range"):
        AddressRange(family=family, first=first, last=last)


@pytest.mark.parametrize(("family", "length"), [(V4, -1), (V4, 33), (V6, 129)])
def test_no_network_of_an_impossible_length(family: Family, length: int) -> None:
    with pytest.raises(AddressError, match=f"an {family.label} prefix is 0 to {family.bits} long"):
        AddressRange.network(family, 0, length)


def test_network_clears_host_bits() -> None:
    assert AddressRange.network(V4, 0x0A0000FF, 24) == read("10.0.0.0/24")
    assert AddressRange.network(V6, (1 << 128) - 1, 0) == AddressRange.whole(V6)
    assert AddressRange.of(Address.parse("10.0.0.1")) == read("10.0.0.1/32")


def test_order_is_by_family_and_bounds() -> None:
    texts = ["::/0", "10.0.0.0/24", "10.0.0.0", "9.0.0.0/8"]
    assert [str(item) for item in sorted(map(read, texts))] == [
        "9.0.0.0/8",
        "10.0.0.0",
        "10.0.0.0/24",
        f"::-{ALL_F}",
    ]
