"""Laws of the address layer; ``ipaddress`` and naive sets of integers are the witnesses."""

from __future__ import annotations

import contextlib
import ipaddress
import itertools
import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from property.strategies import (
    CORNERS,
    addresses,
    bindings,
    blocks,
    corner_lists,
    corner_ranges,
    families,
    hostile_texts,
    is_ipv4_text,
    notations,
    range_sets,
    range_texts,
    ranges,
    standard,
    values,
)
from rctango.addresses import (
    NOT_PUBLIC,
    PUBLIC,
    Address,
    AddressRange,
    Binding,
    Family,
    Notation,
    Overlap,
    RangeSet,
    read_address,
    read_range,
    special_name,
)
from rctango.addresses._parse import read_any
from rctango.addresses._plain import read_plain
from rctango.errors import AddressError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from random import Random

    Network = ipaddress.IPv4Network | ipaddress.IPv6Network

law = settings(deadline=None, max_examples=200)

MIRROR = {
    Overlap.NONE: Overlap.NONE,
    Overlap.EQUAL: Overlap.EQUAL,
    Overlap.INSIDE: Overlap.CONTAINS,
    Overlap.CONTAINS: Overlap.INSIDE,
    Overlap.PARTIAL: Overlap.PARTIAL,
}


def networks_of(item: AddressRange) -> list[Network]:
    first, last = standard(item.family, item.first), standard(item.family, item.last)
    return list(ipaddress.summarize_address_range(first, last))


def as_range(network: Network) -> AddressRange:
    return AddressRange(
        family=Family(network.version),
        first=int(network.network_address),
        last=int(network.broadcast_address),
    )


def points(items: Iterable[AddressRange]) -> set[tuple[Family, int]]:
    return {(item.family, value) for item in items for value in range(item.first, item.last + 1)}


def parsed(text: str) -> Address | None:
    try:
        return Address.parse(text)
    except AddressError:
        return None


# Texts


@law
@given(st.data(), families)
def test_format_as_the_standard_library_does(data: st.DataObject, family: Family) -> None:
    value = data.draw(values(family))
    assume(not is_ipv4_text(family, value))
    assert str(Address(family=family, value=value)) == str(standard(family, value))


@law
@given(addresses())
def test_reading_a_formatted_address_gives_it_back(address: Address) -> None:
    notes: list[str] = []
    again = read_address(str(address), notes)
    assert (again, again.zone, notes) == (address, address.zone, [])


@law
@given(hostile_texts().filter(lambda text: "%" not in text))
@example("::ffff:1.2.3.4")
@example("::1:0")
@example("1.2.3.4::1")
@example("0x0x10")
def test_reads_what_the_standard_library_reads(text: str) -> None:
    try:
        witness = ipaddress.ip_address(text)
    except ValueError:
        return
    value = int(witness)
    family = Family(witness.version)
    if is_ipv4_text(family, value):
        family, value = Family.IPV4, value & 0xFFFFFFFF
    assert parsed(text) == Address(family=family, value=value)


@law
@given(hostile_texts().filter(lambda text: "%" not in text and "[" not in text))
@example("1.2.3.4::1")
@example("::ffff:010.0.0.1")
def test_what_is_read_without_a_note_the_standard_library_reads_too(text: str) -> None:
    notes: list[str] = []
    try:
        address = read_address(text, notes)
    except AddressError:
        return
    if not notes:
        assert ipaddress.ip_address(text) == standard(address.family, address.value)


@law
@given(range_texts())
def test_flawless_texts_mean_what_they_say(pair: tuple[str, AddressRange]) -> None:
    text, meaning = pair
    assert read_range(text).range == meaning


@law
@given(blocks(), st.data())
def test_cidr_text_is_read_as_the_standard_library_reads_it(
    block: AddressRange, data: st.DataObject
) -> None:
    value = data.draw(values(block.family))
    assume(not is_ipv4_text(block.family, value))
    text = f"{standard(block.family, value)}/{block.prefix_length}"
    assert AddressRange.parse(text) == as_range(ipaddress.ip_network(text, strict=False))


@law
@given(ranges(), notations)
def test_text_in_a_notation_reads_back_as_the_range_in_that_notation(
    item: AddressRange, notation: Notation
) -> None:
    try:
        text = item.text(notation)
    except AddressError:
        return
    entry = read_range(text)
    assert (entry.range, entry.notation, entry.warnings) == (item, notation, ())


@law
@given(ranges())
def test_a_range_has_each_notation_it_can_have(item: AddressRange) -> None:
    unreadable = is_ipv4_text(item.family, item.first)
    block = len(networks_of(item)) == 1
    can = {
        Notation.SINGLE_ADDRESS: item.size == 1 and not unreadable,
        Notation.CIDR: block and not unreadable,
        Notation.NETMASK: block and not unreadable,
        Notation.LOHI: not unreadable and not is_ipv4_text(item.family, item.last),
    }
    for notation, possible in can.items():
        with contextlib.nullcontext() if possible else pytest.raises(AddressError):
            item.text(notation)
    if any(can.values()):
        assert AddressRange.parse(item.text()) == item
    assert item.text() == str(item)


@law
@given(hostile_texts())
@example("10.0.0.0/024")
@example("10.0.0.1-10.0.0.0")
@example("10.0.0.1/24")
@example("10.0.0.0/33")
@example("1.2.3.4/+8")
@example("1.2.3.4/24-5")
@example("1.2.3.4-1.2.3.4/24")
@example("\u0661.2.3.4")
def test_the_short_way_and_the_long_way_agree(text: str) -> None:
    plain = read_plain(text)
    try:
        entry = read_any(text)
    except AddressError:
        assert plain is None
        return
    if plain is None:
        assert entry.warnings or entry.range.family is Family.IPV6 or "(" in text
    else:
        assert plain == entry
        assert hash(plain) == hash(entry)
        assert pickle.loads(pickle.dumps(plain)) == entry  # noqa: S301 - our own bytes


@law
@given(hostile_texts(), st.sampled_from((Address.parse, read_range, RangeSet.parse, Binding.parse)))
@example("", read_range)
@example("[", Address.parse)
@example("]:", Binding.parse)
@example("[]", Address.parse)
@example("9" * 5000, Address.parse)
@example(":" * 5000, read_range)
@example("\ud800", read_range)
def test_any_text_is_read_or_refused_with_a_reason(
    text: str, read: Callable[[str], object]
) -> None:
    error = None
    try:
        read(text)
    except AddressError as caught:
        error = caught
    if error is not None:
        assert error.text == (text if len(text) <= 200 else text[:40] + "...")
        assert error.reason.strip(". ")
        assert str(error) == f"{error.text!r}: {error.reason}"


@law
@given(bindings())
def test_reading_a_formatted_binding_gives_it_back(binding: Binding) -> None:
    assert Binding.parse(str(binding)) == binding
    assert Binding.parse(f" {binding}: ") == binding


@law
@given(bindings(), bindings())
def test_clashing_is_mutual(one: Binding, other: Binding) -> None:
    assert one.clashes_with(other) == other.clashes_with(one)
    assert one.clashes_with(one)


# Ranges


@law
@given(ranges())
def test_prefix_length_is_that_of_the_one_network(item: AddressRange) -> None:
    networks = networks_of(item)
    expected = networks[0].prefixlen if len(networks) == 1 else None
    assert item.prefix_length == expected


@law
@given(corner_ranges(), corner_ranges())
def test_overlap_is_what_sets_say(one: AddressRange, other: AddressRange) -> None:
    left, right = points([one]), points([other])
    if left == right:
        expected = Overlap.EQUAL
    elif left < right:
        expected = Overlap.INSIDE
    elif left > right:
        expected = Overlap.CONTAINS
    else:
        expected = Overlap.PARTIAL if left & right else Overlap.NONE
    assert one.overlap(other) is expected
    assert other.overlap(one) is MIRROR[expected]


@law
@given(ranges(), ranges())
def test_overlap_is_mirrored(one: AddressRange, other: AddressRange) -> None:
    assert other.overlap(one) is MIRROR[one.overlap(other)]
    common = RangeSet.of([one]) & RangeSet.of([other])
    assert bool(common) == (one.overlap(other) is not Overlap.NONE)


# Sets


@law
@given(corner_lists(), corner_lists())
def test_algebra_is_that_of_sets(one: list[AddressRange], other: list[AddressRange]) -> None:
    left, right = RangeSet.of(one), RangeSet.of(other)
    assert points(left) == points(one)
    assert points(left | right) == points(one) | points(other)
    assert points(left & right) == points(one) & points(other)
    assert points(left - right) == points(one) - points(other)
    assert (left <= right) == (points(one) <= points(other))
    assert (left == right) == (points(one) == points(other))
    assert bool(left) == bool(one)


@law
@given(corner_lists())
def test_membership_is_that_of_sets(items: list[AddressRange]) -> None:
    whole, expected = RangeSet.of(items), points(items)
    for family, base in CORNERS:
        for value in range(max(base - 1, 0), min(base + 257, family.maximum + 1)):
            address = Address(family=family, value=value)
            assert (address in whole) == ((family, value) in expected)
            assert (address in whole) == any(address in item for item in items)


@law
@given(corner_lists(), corner_ranges())
def test_touching_is_having_an_address_in_common(
    items: list[AddressRange], item: AddressRange
) -> None:
    whole = RangeSet.of(items)
    assert whole.touches(item) is bool(whole & RangeSet.of([item]))


@law
@given(range_sets())
def test_spans_give_the_set_back(whole: RangeSet) -> None:
    parts = [RangeSet.of_spans(family, reversed(whole.spans(family))) for family in Family]
    assert parts[0] | parts[1] == whole


@pytest.mark.parametrize("spans", [[(-1, 5)], [(0, 1), (7, 1 << 32)]])
def test_spans_outside_the_family_are_refused(spans: list[tuple[int, int]]) -> None:
    with pytest.raises(AddressError):
        RangeSet.of_spans(Family.IPV4, spans)


@law
@given(range_sets(), range_sets())
def test_sizes_add_up(one: RangeSet, other: RangeSet) -> None:
    common = (one & other).size
    assert (one | other).size == one.size + other.size - common
    assert (one - other).size == one.size - common
    assert sum(item.size for item in one) == one.size


@law
@given(range_sets(), range_sets(), range_sets())
def test_algebra_laws(a: RangeSet, b: RangeSet, c: RangeSet) -> None:
    everything = RangeSet.whole()
    assert a | b == b | a
    assert a & b == b & a
    assert a & (b | c) == (a & b) | (a & c)
    assert a - b == a & (everything - b)
    assert everything - (a | b) == (everything - a) & (everything - b)
    assert everything - (everything - a) == a
    assert a & b <= a <= a | b
    assert a.only(Family.IPV4) | a.only(Family.IPV6) == a


@law
@given(st.lists(ranges(), max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(items: list[AddressRange], random: Random) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)
    assert RangeSet.of(shuffled) == RangeSet.of(items)
    assert hash(RangeSet.of(shuffled)) == hash(RangeSet.of(items))


@law
@given(range_sets())
def test_spans_are_apart_and_ascending(whole: RangeSet) -> None:
    for family in Family:
        spans = whole.spans(family)
        assert all(first <= last for first, last in spans)
        assert all(left[1] + 1 < right[0] for left, right in itertools.pairwise(spans))


@law
@given(ranges())
def test_networks_of_a_range_are_those_of_the_standard_library(item: AddressRange) -> None:
    assert list(RangeSet.of([item]).networks()) == [as_range(one) for one in networks_of(item)]


@law
@given(st.lists(ranges(), max_size=8))
def test_networks_of_a_set_are_the_fewest(items: list[AddressRange]) -> None:
    expected: list[AddressRange] = []
    for family in Family:
        pieces = [one for item in items if item.family is family for one in networks_of(item)]
        collapsed = ipaddress.collapse_addresses(pieces)  # type: ignore[type-var]
        expected.extend(as_range(one) for one in collapsed)
    whole = RangeSet.of(items)
    assert list(whole.networks()) == expected
    assert RangeSet.of(whole.networks()) == whole


@law
@given(corner_lists(), st.none() | notations)
def test_texts_of_a_set_read_back_as_the_set(
    items: list[AddressRange], notation: Notation | None
) -> None:
    whole = RangeSet.of(items)
    assume(not any(is_ipv4_text(item.family, item.last) for item in whole))
    assert RangeSet.parse(*whole.texts(notation)) == whole


# The public Internet


@law
@given(addresses())
@example(Address.parse("192.0.0.9"))
@example(Address.parse("64:ff9b::a00:1"))
def test_an_address_is_public_or_has_a_special_name(address: Address) -> None:
    assert (address in PUBLIC) == (special_name(address) is None)
    assert (address in PUBLIC) != (address in NOT_PUBLIC)


def test_public_and_not_public_share_out_everything() -> None:
    assert not PUBLIC & NOT_PUBLIC
    assert RangeSet.whole() == PUBLIC | NOT_PUBLIC
