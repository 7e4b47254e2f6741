"""Sets of addresses: merging, algebra, networks and the fewest texts."""

from __future__ import annotations

import pytest

from rctango.addresses import Address, AddressRange, Family, Notation, RangeSet
from rctango.errors import AddressError

V4, V6 = Family.IPV4, Family.IPV6
ALL_F = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
read = RangeSet.parse


def test_neighbours_and_overlaps_become_one() -> None:
    assert read("10.0.0.0/25", "10.0.0.128/25", "10.0.0.7", "10.0.0.50-10.0.1.9").texts() == (
        "10.0.0.0-10.0.1.9",
    )
    assert read("10.0.0.0", "10.0.0.2").texts() == ("10.0.0.0", "10.0.0.2")


def test_families_never_meet() -> None:
    both = read("255.255.255.255", "::", "0.0.0.0", "::1")
    assert both.texts() == ("0.0.0.0", "255.255.255.255", "::/127")
    assert both.only(V4) == read("0.0.0.0", "255.255.255.255")
    assert both.only(V6) == read("::/127")
    assert not read("10.0.0.0/8") & read("::/0")


@pytest.mark.parametrize(
    ("texts", "ipv4", "ipv6"),
    [
        (["0.0.0.0/1", "128.0.0.0/1"], True, False),
        (["0.0.0.0-127.255.255.254", "128.0.0.0/1"], False, False),
        (["::/1", "8000::/1"], False, True),
        (["0.0.0.0/0", "::/0"], True, True),
        ([], False, False),
    ],
)
def test_whole_by_union(texts: list[str], ipv4: bool, ipv6: bool) -> None:
    assert read(*texts).is_whole(V4) is ipv4
    assert read(*texts).is_whole(V6) is ipv6


def test_whole_of_chosen_families() -> None:
    assert RangeSet.whole() == read("0.0.0.0/0", "::/0")
    assert RangeSet.whole(V4) == read("0.0.0.0/0")
    assert RangeSet.whole(V6).size == 1 << 128


@pytest.mark.parametrize(
    ("left", "right", "union", "common", "difference"),
    [
        (
            ["10.0.0.0/24"],
            ["10.0.0.9"],
            "10.0.0.0/24",
            "10.0.0.9",
            "10.0.0.0-10.0.0.8, 10.0.0.10-10.0.0.255",
        ),
        (["10.0.0.0/24"], ["10.0.0.0/25"], "10.0.0.0/24", "10.0.0.0/25", "10.0.0.128/25"),
        (["10.0.0.0/24"], [], "10.0.0.0/24", "", "10.0.0.0/24"),
        ([], ["10.0.0.0/24"], "10.0.0.0/24", "", ""),
        (
            ["10.0.0.0/24", "fd00::/64"],
            ["::/0"],
            f"10.0.0.0/24, ::-{ALL_F}",
            "fd00::/64",
            "10.0.0.0/24",
        ),
        (
            ["10.0.0.1-10.0.0.9"],
            ["10.0.0.9-10.0.0.20"],
            "10.0.0.1-10.0.0.20",
            "10.0.0.9",
            "10.0.0.1-10.0.0.8",
        ),
    ],
)
def test_algebra(
    left: list[str], right: list[str], union: str, common: str, difference: str
) -> None:
    assert str(read(*left) | read(*right)) == union
    assert str(read(*left) & read(*right)) == common
    assert str(read(*left) - read(*right)) == difference


def test_subtracting_at_the_ends_of_the_space() -> None:
    assert str(RangeSet.whole(V4) - read("0.0.0.0", "255.255.255.255")) == (
        "0.0.0.1-255.255.255.254"
    )
    assert str(RangeSet.whole(V6) - read("::", ALL_F)) == f"::1-{ALL_F[:-1]}e"
    assert not RangeSet.whole() - RangeSet.whole()


def test_membership() -> None:
    some = read("10.0.0.1-10.0.0.9", "10.0.0.20", "fd00::/64")
    inside = ["10.0.0.1", "10.0.0.9", "10.0.0.20", "fd00::", "fd00::ffff:ffff:ffff:ffff"]
    outside = ["0.0.0.0", "10.0.0.0", "10.0.0.10", "10.0.0.19", "10.0.0.21", "::", "fd00:0:0:1::"]
    assert all(Address.parse(text) in some for text in inside)
    assert not any(Address.parse(text) in some for text in outside)
    assert Address.parse("255.255.255.255") in RangeSet.whole()
    assert Address.parse(ALL_F) in RangeSet.whole()
    assert Address.parse("::") not in RangeSet()


def test_truth_size_and_comparison() -> None:
    assert not RangeSet()
    assert RangeSet() == RangeSet.of() == read()
    assert read("10.0.0.0/24", "fd00::/120").size == 512
    assert read("10.0.0.0/25") <= read("10.0.0.0/24") <= read("10.0.0.0/24")
    assert read("10.0.0.0/24") >= read("10.0.0.0/25")
    assert not read("10.0.0.0/24") <= read("10.0.0.0/25", "fd00::/64")
    assert RangeSet.of([Address.parse("10.0.0.1"), AddressRange.parse("10.0.0.2")]) == (
        read("10.0.0.1-10.0.0.2")
    )
    assert list(read("10.0.0.1", "fd00::1")) == [
        AddressRange.parse("10.0.0.1"),
        AddressRange.parse("fd00::1"),
    ]
    assert read("10.0.0.1").spans(V4) == ((0x0A000001, 0x0A000001),)


@pytest.mark.parametrize(
    ("texts", "networks"),
    [
        (["10.0.0.0/24"], "10.0.0.0/24"),
        (["10.0.0.1-10.0.0.4"], "10.0.0.1/32 10.0.0.2/31 10.0.0.4/32"),
        (["10.0.0.0/25", "10.0.0.128-10.0.1.255"], "10.0.0.0/23"),
        (["0.0.0.0/0"], "0.0.0.0/0"),
        (["0.0.0.0-127.255.255.255"], "0.0.0.0/1"),
        (["::/0"], "::/0"),
        (["::-::2"], "::/127 ::2/128"),
        ([], ""),
    ],
)
def test_networks_are_the_fewest_blocks(texts: list[str], networks: str) -> None:
    found = [item.text(Notation.CIDR) for item in read(*texts).networks()]
    assert " ".join(found) == networks


@pytest.mark.parametrize(
    ("notation", "texts"),
    [
        (None, ("10.0.0.0/30", "10.0.0.9-10.0.0.10")),
        (Notation.LOHI, ("10.0.0.0-10.0.0.3", "10.0.0.9-10.0.0.10")),
        (Notation.CIDR, ("10.0.0.0/30", "10.0.0.9/32", "10.0.0.10/32")),
        (
            Notation.NETMASK,
            (
                "10.0.0.0(255.255.255.252)",
                "10.0.0.9(255.255.255.255)",
                "10.0.0.10(255.255.255.255)",
            ),
        ),
        (
            Notation.SINGLE_ADDRESS,
            ("10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.9", "10.0.0.10"),
        ),
    ],
)
def test_texts(notation: Notation | None, texts: tuple[str, ...]) -> None:
    some = read("10.0.0.0/30", "10.0.0.9-10.0.0.10")
    assert some.texts(notation) == texts
    assert read(*some.texts(notation)) == some


def test_too_many_single_addresses() -> None:
    assert len(read("10.0.0.0/16").texts(Notation.SINGLE_ADDRESS)) == 65_536
    with pytest.raises(AddressError) as caught:
        RangeSet.whole().texts(Notation.SINGLE_ADDRESS)
    assert caught.value.reason == "more than 65,536 single addresses"


def test_a_bad_text_is_named() -> None:
    with pytest.raises(AddressError) as caught:
        read("10.0.0.0/24", "172.x.x.x")
    assert caught.value.text == "172.x.x.x"
