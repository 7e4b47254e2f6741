"""Single addresses: every text form, the refusals, the small questions."""

from __future__ import annotations

import pickle

import pytest

from rctango.addresses import Address, Family, read_address
from rctango.errors import AddressError

V4, V6 = Family.IPV4, Family.IPV6


def read(text: str) -> tuple[str, list[str]]:
    notes: list[str] = []
    return str(read_address(text, notes)), notes


@pytest.mark.parametrize(
    ("text", "family", "value"),
    [
        ("0.0.0.0", V4, 0),
        ("192.168.1.1", V4, 0xC0A80101),
        ("255.255.255.255", V4, 0xFFFFFFFF),
        ("::", V6, 0),
        ("::1", V6, 1),
        ("1::", V6, 1 << 112),
        ("fe80::1", V6, 0xFE80 << 112 | 1),
        ("1:2:3:4:5:6:7:8", V6, 0x00010002000300040005000600070008),
        ("1:2:3:4:5:6:7::", V6, 0x00010002000300040005000600070000),
        ("::2:3:4:5:6:7:8", V6, 0x00000002000300040005000600070008),
        ("FFFF:ffff:FFFF:ffff:FFFF:ffff:FFFF:ffff", V6, (1 << 128) - 1),
        ("2001:0db8:0000:0000:0000:0000:0000:0001", V6, 0x20010DB8 << 96 | 1),
        ("fe80::5efe:10.0.0.1", V6, 0xFE80 << 112 | 0x5EFE << 32 | 0x0A000001),
        ("64:ff9b::192.0.2.1", V6, 0x64FF9B << 96 | 0xC0000201),
        ("1:2:3:4:5:6:1.2.3.4", V6, 0x00010002000300040005000601020304),
        ("[::1]", V6, 1),
        ("[::]:0", V6, 0),
    ],
)
def test_ordinary_text(text: str, family: Family, value: int) -> None:
    notes: list[str] = []
    assert read_address(text, notes) == Address(family=family, value=value)
    assert notes == []
    assert Address.parse(text) == Address(family=family, value=value)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("10", "0.0.0.10"),
        ("0", "0.0.0.0"),
        ("4294967295", "255.255.255.255"),
        ("10.1", "10.0.0.1"),
        ("10.16777215", "10.255.255.255"),
        ("10.1.2", "10.1.0.2"),
        ("10.1.65535", "10.1.255.255"),
        ("0x0a.0.0.1", "10.0.0.1"),
        ("0X0A.0.0.0xff", "10.0.0.255"),
        ("0xffffffff", "255.255.255.255"),
        ("010.0.0.1", "8.0.0.1"),
        ("00000000000000000001", "0.0.0.1"),
        ("10.00.000.07", "10.0.0.7"),
        ("037777777777", "255.255.255.255"),
    ],
)
def test_unusual_ipv4_is_read_as_dotnet_reads_it_and_noted(text: str, meaning: str) -> None:
    assert read(text) == (meaning, [f"{text!r} is read as {meaning}, as .NET reads it"])


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::FFFF:a00:1", "10.0.0.1"),
        ("::ffff:0:0", "0.0.0.0"),
        ("::ffff:ffff:ffff", "255.255.255.255"),
        ("0:0:0:0:0:ffff:1.2.3.4", "1.2.3.4"),
        ("[::ffff:10.0.0.1]", "10.0.0.1"),
        ("::ffff:10.0.0.1%3", "10.0.0.1"),
        ("::10.0.0.1", "10.0.0.1"),
        ("::1:0", "0.1.0.0"),
        ("::ffff:ffff", "255.255.255.255"),
    ],
)
def test_mapped_and_compatible_addresses_are_ipv4(text: str, meaning: str) -> None:
    assert read(text) == (meaning, [f"{text!r} is the IPv4 address {meaning}"])


@pytest.mark.parametrize(
    "text",
    ["::ffff", "::0.0.255.255", "::1:0:0", "::fffe:ffff:ffff", "::1:0:0:0", "::ffff:0:0:0"],
)
def test_neighbours_of_mapped_and_compatible_addresses_stay_ipv6(text: str) -> None:
    assert Address.parse(text).family is V6


@pytest.mark.parametrize(
    ("text", "zone", "shown", "notes"),
    [
        ("fe80::1%11", "11", "fe80::1%11", 0),
        ("[fe80::1%11]:25", "11", "fe80::1%11", 1),
        ("fe80::1%eth0", "eth0", "fe80::1%eth0", 1),
        ("FE80::1%0", "0", "fe80::1%0", 0),
    ],
)
def test_zone_is_kept_and_not_compared(text: str, zone: str, shown: str, notes: int) -> None:
    found: list[str] = []
    address = read_address(text, found)
    assert (address.zone, str(address), len(found)) == (zone, shown, notes)
    assert address == Address.parse("fe80::1")
    assert hash(address) == hash(Address.parse("fe80::1"))


def test_a_port_that_is_dropped_is_noted() -> None:
    assert read("[fd00::1]:25") == ("fd00::1", ["the port of '[fd00::1]:25' is ignored"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a part is empty"),
        (" ", "part ' ' is not a number"),
        (" 10.0.0.1", "part ' 10' is not a number"),
        ("10.0.0.1 ", "part '1 ' is not a number"),
        ("10. 0.0.1", "part ' 0' is not a number"),
        ("1.2.3.4.", "a part is empty"),
        (".1.2.3", "a part is empty"),
        ("1..2", "a part is empty"),
        ("1.2.3.4.5", "an IPv4 address has at most four parts"),
        ("172.x.x.x", "part 'x' is not a number"),
        ("xxx.xxx.xxx.xxx", "part 'xxx' is not a number"),
        ("10.0.0.*", "part '*' is not a number"),
        ("mail.contoso.com", "part 'mail' is not a number"),
        ("10.0.0.256", "part 256 is over 255"),
        ("256.0.0.1", "part 256 is over 255"),
        ("10.0.65536", "part 65536 is over 65535"),
        ("10.16777216", "part 16777216 is over 16777215"),
        ("4294967296", "part 4294967296 is over 4294967295"),
        ("0x100000000", "part 0x100000000 is over 4294967295"),
        ("0400.0.0.1", "part 0400 is over 255"),
        ("08.0.0.1", "part '08' starts with 0, which makes it octal, and holds an 8 or 9"),
        ("0x", "part '0x' is not a number"),
        ("0xg", "part '0xg' is not a number"),
        ("0x0x10", "part '0x0x10' is not a number"),
        ("00o17", "part '00o17' is not a number"),
        ("0b1", "part '0b1' is not a number"),
        ("1_0.0.0.1", "part '1_0' is not a number"),
        ("+1.2.3.4", "part '+1' is not a number"),
        ("1e1", "part '1e1' is not a number"),
        ("\u0661\u0660.0.0.1", "part '\u0661\u0660' is not a number"),
        ("\uff11.2.3.4", "part '\uff11' is not a number"),
        ("10.0.0.\u00b2", "part '\u00b2' is not a number"),
        ("[10.0.0.1]", "part '[10' is not a number"),
        ("10.0.0.1/24", "part '1/24' is not a number"),
    ],
)
def test_refused_ipv4(text: str, reason: str) -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse(text)
    assert (caught.value.text, caught.value.reason) == (text, reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (":", "group '' is not one to four hexadecimal digits"),
        (":::", "group '' is not one to four hexadecimal digits"),
        ("1:::2", "group '' is not one to four hexadecimal digits"),
        ("1::2::3", "group '' is not one to four hexadecimal digits"),
        (":1:2:3:4:5:6:7:8", "group '' is not one to four hexadecimal digits"),
        ("1:2:3:4:5:6:7:8:", "group '' is not one to four hexadecimal digits"),
        ("10.0.0.1:25", "dots may stand only in the last part of an IPv6 address"),
        ("1:2:3:4:5:6:7", "an IPv6 address has eight groups, not 7"),
        ("1:2:3:4:5:6:7:8:9", "an IPv6 address has eight groups, not 9"),
        ("1:2:3:4::5:6:7:8", "there are eight groups or more beside '::'"),
        ("12345::", "group '12345' is not one to four hexadecimal digits"),
        ("::g", "group 'g' is not one to four hexadecimal digits"),
        ("::0x1", "group '0x1' is not one to four hexadecimal digits"),
        ("::+1", "group '+1' is not one to four hexadecimal digits"),
        (":: 1", "group ' 1' is not one to four hexadecimal digits"),
        ("fd00::x", "group 'x' is not one to four hexadecimal digits"),
        ("::\u0661", "group '\u0661' is not one to four hexadecimal digits"),
        ("1.2.3.4::1", "dots may stand only in the last part of an IPv6 address"),
        ("::1.2.3.4:5", "dots may stand only in the last part of an IPv6 address"),
        ("1.2.3.4::", "dots may stand only in the last part of an IPv6 address"),
        ("::1.2.3", "'1.2.3' is not an IPv4 address of four decimal parts"),
        ("::ffff:010.0.0.1", "'010.0.0.1' is not an IPv4 address of four decimal parts"),
        ("::ffff:0xa.0.0.1", "'0xa.0.0.1' is not an IPv4 address of four decimal parts"),
        ("::ffff:256.0.0.1", "'256.0.0.1' is not an IPv4 address of four decimal parts"),
        ("1:2:3:4:5:6:7:1.2.3.4", "an IPv6 address has eight groups, not 9"),
        ("::1%", "'' after '%' is not a zone id"),
        ("fe80::1%1%2", "'1%2' after '%' is not a zone id"),
        ("fe80::1% 1", "' 1' after '%' is not a zone id"),
        ("[::1", "the bracket is not closed"),
        ("::1]", "group '1]' is not one to four hexadecimal digits"),
        ("[[::1]]", "']' after the bracket is not a port"),
        ("[::1]25", "'25' after the bracket is not a port"),
        ("[::1]:", "':' after the bracket is not a port"),
        ("[::1]:smtp", "':smtp' after the bracket is not a port"),
        ("[::1]:\u0662", "':\u0662' after the bracket is not a port"),
        ("[]:25", "an IPv6 address has eight groups, not 0"),
    ],
)
def test_refused_ipv6(text: str, reason: str) -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse(text)
    assert (caught.value.text, caught.value.reason) == (text, reason)


@pytest.mark.parametrize("text", ["1" * 201, ":" * 100_000, "0" * 5000])
def test_overlong_text_is_refused_unread(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse(text)
    assert (caught.value.text, caught.value.reason) == (
        text[:40] + "...",
        "too long for an address",
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "::"),
        (1, "::1"),
        (0x20010DB8 << 96, "2001:db8::"),
        (0x20010DB8_0000_0001_0001_0001_0001_0001, "2001:db8:0:1:1:1:1:1"),
        (0x20010000_0000_0001_0000_0000_0000_0001, "2001:0:0:1::1"),
        (0x20010DB8_0000_0000_0001_0000_0000_0001, "2001:db8::1:0:0:1"),
        (0x00010000_0000_0000_0000_0000_0000_0000, "1::"),
        ((1 << 128) - 1, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ],
)
def test_canonical_ipv6_text(value: int, text: str) -> None:
    assert str(Address(family=V6, value=value)) == text


@pytest.mark.parametrize(("family", "value"), [(V4, -1), (V4, 1 << 32), (V6, -1), (V6, 1 << 128)])
def test_no_address_outside_the_space(family: Family, value: int) -> None:
    with pytest.raises(AddressError, match=f"outside the {family.label} address space"):
        Address(family=family, value=value)


@pytest.mark.parametrize(
    ("text", "unspecified", "link_local", "loopback"),
    [
        ("0.0.0.0", True, False, False),
        ("::", True, False, False),
        ("169.253.255.255", False, False, False),
        ("169.254.0.0", False, True, False),
        ("169.254.255.255", False, True, False),
        ("169.255.0.0", False, False, False),
        ("fe7f:ffff::", False, False, False),
        ("fe80::", False, True, False),
        ("febf:ffff::", False, True, False),
        ("fec0::", False, False, False),
        ("126.255.255.255", False, False, False),
        ("127.0.0.0", False, False, True),
        ("127.255.255.255", False, False, True),
        ("128.0.0.0", False, False, False),
        ("::1", False, False, True),
        ("::2", False, False, False),
        ("::ffff:127.0.0.1", False, False, True),
    ],
)
def test_kinds(text: str, unspecified: bool, link_local: bool, loopback: bool) -> None:
    address = Address.parse(text)
    assert address.is_unspecified is unspecified
    assert address.is_link_local is link_local
    assert address.is_loopback is loopback


def test_order_is_ipv4_first_and_by_value() -> None:
    texts = ["::1", "10.0.0.10", "fe80::1", "10.0.0.9", "9.0.0.1"]
    assert [str(address) for address in sorted(map(Address.parse, texts))] == [
        "9.0.0.1",
        "10.0.0.9",
        "10.0.0.10",
        "::1",
        "fe80::1",
    ]


def test_family() -> None:
    assert (V4.bits, V4.maximum, V4.label, V4 + 0) == (32, 0xFFFFFFFF, "IPv4", 4)
    assert (V6.bits, V6.maximum, V6.label, V6 + 0) == (128, (1 << 128) - 1, "IPv6", 6)
    assert list(Family) == [V4, V6]
    assert pickle.loads(pickle.dumps(V6)) is V6  # noqa: S301 - our own bytes
    assert Family(4) is V4
