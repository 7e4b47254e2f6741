"""Range texts: every form, what is worth a warning, what is refused and why."""

from __future__ import annotations

import pytest

from rctango.addresses import AddressRange, Family, Notation, read_range
from rctango.errors import AddressError

SINGLE, CIDR, LOHI, NETMASK = (
    Notation.SINGLE_ADDRESS,
    Notation.CIDR,
    Notation.LOHI,
    Notation.NETMASK,
)
ALL_F = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"


def bounds(text: str) -> str:
    return read_range(text).range.text(LOHI)


@pytest.mark.parametrize(
    ("text", "notation", "meaning"),
    [
        ("192.168.1.1", SINGLE, "192.168.1.1-192.168.1.1"),
        ("0.0.0.0", SINGLE, "0.0.0.0-0.0.0.0"),
        ("fe80::1", SINGLE, "fe80::1-fe80::1"),
        ("fe80::1%11", SINGLE, "fe80::1-fe80::1"),
        ("[::1]", SINGLE, "::1-::1"),
        ("192.168.5.0/24", CIDR, "192.168.5.0-192.168.5.255"),
        ("10.0.0.1/32", CIDR, "10.0.0.1-10.0.0.1"),
        ("0.0.0.0/0", CIDR, "0.0.0.0-255.255.255.255"),
        ("128.0.0.0/1", CIDR, "128.0.0.0-255.255.255.255"),
        ("fd00::/64", CIDR, "fd00::-fd00::ffff:ffff:ffff:ffff"),
        ("fd00::1/128", CIDR, "fd00::1-fd00::1"),
        ("::/0", CIDR, f"::-{ALL_F}"),
        ("fe80::%11/64", CIDR, "fe80::-fe80::ffff:ffff:ffff:ffff"),
        ("192.168.8.1-192.168.8.9", LOHI, "192.168.8.1-192.168.8.9"),
        ("10.0.0.1-10.0.0.1", LOHI, "10.0.0.1-10.0.0.1"),
        ("0.0.0.0-255.255.255.255", LOHI, "0.0.0.0-255.255.255.255"),
        (f"::-{ALL_F}", LOHI, f"::-{ALL_F}"),
        (f"[::]:0-{ALL_F}", LOHI, f"::-{ALL_F}"),
        ("FD00::1-fd00:0:0:0:0:0:0:00FF", LOHI, "fd00::1-fd00::ff"),
        ("fe80::1%11-fe80::9%11", LOHI, "fe80::1-fe80::9"),
        ("192.168.5.0(255.255.255.0)", NETMASK, "192.168.5.0-192.168.5.255"),
        ("10.0.0.1(255.255.255.255)", NETMASK, "10.0.0.1-10.0.0.1"),
        ("0.0.0.0(0.0.0.0)", NETMASK, "0.0.0.0-255.255.255.255"),
        ("fd00::(ffff:ffff::)", NETMASK, "fd00::-fd00:0:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("::(::)", NETMASK, f"::-{ALL_F}"),
    ],
)
def test_flawless_forms(text: str, notation: Notation, meaning: str) -> None:
    entry = read_range(text)
    assert (entry.text, entry.notation, entry.warnings) == (text, notation, ())
    assert entry.range.text(LOHI) == meaning
    assert AddressRange.parse(text) == entry.range


@pytest.mark.parametrize(
    ("text", "notation", "meaning", "warnings"),
    [
        (
            "192.168.5.77/24",
            CIDR,
            "192.168.5.0/24",
            ["'192.168.5.77/24' has host bits set and means 192.168.5.0/24"],
        ),
        (
            "fd00::7/64",
            CIDR,
            "fd00::/64",
            ["'fd00::7/64' has host bits set and means fd00::/64"],
        ),
        (
            "192.168.5.77(255.255.255.0)",
            NETMASK,
            "192.168.5.0/24",
            ["'192.168.5.77(255.255.255.0)' has host bits set and means 192.168.5.0/24"],
        ),
        (
            "10.0.0.1(0.0.0.0)",
            NETMASK,
            "0.0.0.0-255.255.255.255",
            ["'10.0.0.1(0.0.0.0)' has host bits set and means 0.0.0.0/0"],
        ),
        (
            "10.0.0.0(0xffffff00)",
            NETMASK,
            "10.0.0.0/24",
            ["'0xffffff00' is read as 255.255.255.0, as .NET reads it"],
        ),
        (
            "010.0.0.0/8",
            CIDR,
            "8.0.0.0/8",
            ["'010.0.0.0' is read as 8.0.0.0, as .NET reads it"],
        ),
        ("10", SINGLE, "0.0.0.10", ["'10' is read as 0.0.0.10, as .NET reads it"]),
        (
            "10.1-10.255",
            LOHI,
            "10.0.0.1-10.0.0.255",
            [
                "'10.1' is read as 10.0.0.1, as .NET reads it",
                "'10.255' is read as 10.0.0.255, as .NET reads it",
            ],
        ),
        (
            "::ffff:10.0.0.0/24",
            CIDR,
            "10.0.0.0/24",
            ["'::ffff:10.0.0.0' is the IPv4 address 10.0.0.0"],
        ),
        (
            "::10.0.0.1-::ffff:10.0.0.9",
            LOHI,
            "10.0.0.1-10.0.0.9",
            [
                "'::10.0.0.1' is the IPv4 address 10.0.0.1",
                "'::ffff:10.0.0.9' is the IPv4 address 10.0.0.9",
            ],
        ),
        ("[fd00::1]:25", SINGLE, "fd00::1", ["the port of '[fd00::1]:25' is ignored"]),
        (
            "fe80::1%eth0",
            SINGLE,
            "fe80::1",
            ["the zone id of 'fe80::1%eth0' is a name; Exchange takes only a number"],
        ),
        (
            "10.0.0.0/024",
            CIDR,
            "10.0.0.0/24",
            ["the prefix length of '10.0.0.0/024' is read as 24"],
        ),
        (
            "10.0.0.0/+24",
            CIDR,
            "10.0.0.0/24",
            ["the prefix length of '10.0.0.0/+24' is read as 24"],
        ),
        (
            "10.0.0.0/ 24",
            CIDR,
            "10.0.0.0/24",
            ["'10.0.0.0/ 24' holds blanks that Exchange itself may refuse"],
        ),
        (
            "10.0.0.1 - 10.0.0.9",
            LOHI,
            "10.0.0.1-10.0.0.9",
            ["'10.0.0.1 - 10.0.0.9' holds blanks that Exchange itself may refuse"],
        ),
        (
            "10.0.0.0 ( 255.255.255.0 )",
            NETMASK,
            "10.0.0.0/24",
            ["'10.0.0.0 ( 255.255.255.0 )' holds blanks that Exchange itself may refuse"],
        ),
        (
            "\t10.0.0.1\xa0",
            SINGLE,
            "10.0.0.1",
            ["'\\t10.0.0.1\\xa0' holds blanks or dashes that Exchange itself would refuse"],
        ),
        (
            "10.0.0.1\u201310.0.0.9",
            LOHI,
            "10.0.0.1-10.0.0.9",
            ["'10.0.0.1\u201310.0.0.9' holds blanks or dashes that Exchange itself would refuse"],
        ),
        (
            "\ufeff10.0.0.\u200b1",
            SINGLE,
            "10.0.0.1",
            ["'\\ufeff10.0.0.\\u200b1' holds blanks or dashes that Exchange itself would refuse"],
        ),
    ],
)
def test_forms_with_a_warning(
    text: str, notation: Notation, meaning: str, warnings: list[str]
) -> None:
    entry = read_range(text)
    assert (entry.text, entry.notation, str(entry.range)) == (text, notation, meaning)
    assert list(entry.warnings) == warnings


@pytest.mark.parametrize("dash", "\u2010\u2011\u2012\u2013\u2014\u2212")
def test_every_dash_of_a_word_processor(dash: str) -> None:
    entry = read_range(f"10.0.0.1 {dash} 10.0.0.9")
    assert str(entry.range) == "10.0.0.1-10.0.0.9"
    assert len(entry.warnings) == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "an empty range"),
        (" \r\n", "an empty range"),
        ("\u200b", "an empty range"),
        ("172.x.x.x", "part 'x' is not a number"),
        ("172.x.x.x/24", "part 'x' is not a number"),
        ("172.x.x.x-172.x.x.x", "part 'x' is not a number"),
        ("10.0.0.*", "part '*' is not a number"),
        ("10.0.0.9-10.0.0.1", "the low end 10.0.0.9 is above the high end 10.0.0.1"),
        ("fd00::9-fd00::1", "the low end fd00::9 is above the high end fd00::1"),
        ("10.0.0.1-fd00::1", "the two ends are of different address families"),
        ("::1-::1:0", "the two ends are of different address families"),
        ("::-::ffff:ffff:ffff", "the two ends are of different address families"),
        ("10.0.0.1-", "a part is empty"),
        ("-10.0.0.1", "part '-10' is not a number"),
        ("/24", "part '/24' is not a number"),
        ("10.0.0.1-10.0.0.2-10.0.0.3", "part '2-10' is not a number"),
        ("10.0.0.1-9", "the low end 10.0.0.1 is above the high end 0.0.0.9"),
        ("10.0.0.0/24-10.0.0.9", "part '0/24' is not a number"),
        ("10.0.0.0/24(255.255.255.0)", "part '0/24' is not a number"),
        ("10.0.0.0/24/24", "part '0/24' is not a number"),
        ("10.0.0.1-10.0.0.9/24", "part '9/24' is not a number"),
        ("10.0.0.0/-1", "part '0/' is not a number"),
        ("10.0.0.0/", "'' is not a prefix length"),
        ("10.0.0.0/x", "'x' is not a prefix length"),
        ("10.0.0.0/+", "'+' is not a prefix length"),
        ("10.0.0.0/++8", "'++8' is not a prefix length"),
        ("10.0.0.0/2\u0664", "'2\u0664' is not a prefix length"),
        ("10.0.0.0/255.255.255.0", "'255.255.255.0' is not a prefix length"),
        ("10.0.0.0/33", "an IPv4 prefix is at most 32"),
        ("fd00::/129", "an IPv6 prefix is at most 128"),
        ("::ffff:10.0.0.0/120", "an IPv4 prefix is at most 32"),
        ("::1:0/112", "an IPv4 prefix is at most 32"),
        ("10.0.0.0/99999999999999999999", "an IPv4 prefix is at most 32"),
        ("10.0.0.0(255.0.255.0)", "the netmask is not a run of ones followed by zeros"),
        ("10.0.0.0(0.0.0.255)", "the netmask is not a run of ones followed by zeros"),
        ("fd00::(ffff::1)", "the netmask is not a run of ones followed by zeros"),
        ("10.0.0.0(255.255.255)", "the netmask is not a run of ones followed by zeros"),
        ("10.0.0.0(ffff::)", "address and netmask are of different address families"),
        ("fd00::(255.255.255.0)", "address and netmask are of different address families"),
        ("::ffff:10.0.0.0(ffff::)", "address and netmask are of different address families"),
        ("10.0.0.0(255.255.255.0", "the parenthesis of the netmask is not closed"),
        ("10.0.0.0()", "a part is empty"),
        ("10.0.0.0(", "the parenthesis of the netmask is not closed"),
        ("10.0.0.0(255.255.255.0))", "part '0)' is not a number"),
        ("10.0.0.0(24)", "the netmask is not a run of ones followed by zeros"),
        ("\uff11\uff10.0.0.1", "part '\uff11\uff10' is not a number"),
        ("10.0.0.1, 10.0.0.2", "part '1, 10' is not a number"),
        ("mail-relay.contoso.com", "part 'mail' is not a number"),
        ("System.Object[]", "part 'System' is not a number"),
        ("...", "a part is empty"),
    ],
)
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(AddressError) as caught:
        read_range(text)
    assert (caught.value.text, caught.value.reason) == (text, reason)
    assert str(caught.value) == f"{text!r}: {reason}"
    assert isinstance(caught.value, ValueError)


def test_overlong_text_is_refused_unread() -> None:
    with pytest.raises(AddressError) as caught:
        read_range("10.0.0.0/" + "0" * 100_000 + "8")
    assert len(caught.value.text) < 50


def test_0_0_0_0_alone_is_one_address() -> None:
    assert read_range("0.0.0.0").range.size == 1
    assert not read_range("0.0.0.0").range.is_whole


@pytest.mark.parametrize(
    ("family", "texts"),
    [
        (Family.IPV4, ["0.0.0.0-255.255.255.255", "0.0.0.0/0", "0.0.0.0(0.0.0.0)"]),
        (Family.IPV6, [f"::-{ALL_F}", "::/0", "::(::)", f"[::]:0-{ALL_F.upper()}"]),
    ],
)
def test_whole_ranges_are_one_range(family: Family, texts: list[str]) -> None:
    assert {read_range(text).range for text in texts} == {AddressRange.whole(family)}
    assert all(read_range(text).range.is_whole for text in texts)


def test_what_is_read_again_is_the_same_object() -> None:
    assert read_range("192.0.2.1") is read_range("192.0.2.1")
    assert bounds("192.0.2.1") == "192.0.2.1-192.0.2.1"
