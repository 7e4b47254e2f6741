"""The public Internet and the blocks that are no part of it, block by block."""

from __future__ import annotations

import pytest

from rctango.addresses import NOT_PUBLIC, PUBLIC, Address, AddressRange, Family, special_name


def ends(text: str) -> tuple[Address, Address]:
    item = AddressRange.parse(text)
    return (
        Address(family=item.family, value=item.first),
        Address(family=item.family, value=item.last),
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("0.0.0.0/8", "this network (RFC 791)"),
        ("10.0.0.0/8", "private use (RFC 1918)"),
        ("100.64.0.0/10", "carrier-grade NAT (RFC 6598)"),
        ("127.0.0.0/8", "loopback (RFC 1122)"),
        ("169.254.0.0/16", "link-local (RFC 3927)"),
        ("172.16.0.0/12", "private use (RFC 1918)"),
        ("192.0.0.0/29", "protocol assignments (RFC 6890)"),
        ("192.0.0.8", "protocol assignments (RFC 6890)"),
        ("192.0.0.11-192.0.0.255", "protocol assignments (RFC 6890)"),
        ("192.0.2.0/24", "documentation (RFC 5737)"),
        ("192.88.99.0/24", "6to4 relay, deprecated (RFC 7526)"),
        ("192.168.0.0/16", "private use (RFC 1918)"),
        ("198.18.0.0/15", "benchmarking (RFC 2544)"),
        ("198.51.100.0/24", "documentation (RFC 5737)"),
        ("203.0.113.0/24", "documentation (RFC 5737)"),
        ("224.0.0.0/4", "multicast (RFC 5771)"),
        ("240.0.0.0-255.255.255.254", "reserved (RFC 1112)"),
        ("255.255.255.255", "limited broadcast (RFC 919)"),
        ("::", "unspecified (RFC 4291)"),
        ("::1", "loopback (RFC 4291)"),
        ("::2-::ffff", "not assigned (RFC 4291)"),
        (
            "64:ff9b::10.0.0.0/104",
            "translation of an IPv4 address that is not public (RFC 6052)",
        ),
        ("64:ff9b:1::/48", "local translation of IPv4 (RFC 8215)"),
        ("100::/64", "discard only (RFC 6666)"),
        ("100:0:0:1::/64", "dummy prefix (RFC 9780)"),
        ("1000::/4", "not assigned (RFC 4291)"),
        ("2001:2::/48", "benchmarking (RFC 5180)"),
        ("2001:1::4", "protocol assignments (RFC 2928)"),
        ("2001:10::/28", "ORCHID, deprecated (RFC 4843)"),
        ("2001:40::-2001:1ff:ffff:ffff::", "protocol assignments (RFC 2928)"),
        ("2001:db8::/32", "documentation (RFC 3849)"),
        ("3fff::/20", "documentation (RFC 9637)"),
        ("4000::/3", "not assigned (RFC 4291)"),
        ("5f00::/16", "segment routing (RFC 9602)"),
        ("fc00::/7", "unique local (RFC 4193)"),
        ("fe80::/10", "link-local (RFC 4291)"),
        ("fec0::/10", "site-local, deprecated (RFC 3879)"),
        ("ff00::/8", "multicast (RFC 4291)"),
    ],
)
def test_special_blocks(text: str, name: str) -> None:
    for address in ends(text):
        assert special_name(address) == name
        assert address not in PUBLIC
        assert address in NOT_PUBLIC


@pytest.mark.parametrize(
    "text",
    [
        "1.0.0.0-9.255.255.255",
        "11.0.0.0-100.63.255.255",
        "100.128.0.0-126.255.255.255",
        "128.0.0.0-169.253.255.255",
        "169.255.0.0-172.15.255.255",
        "172.32.0.0-191.255.255.255",
        "192.0.0.9-192.0.0.10",
        "192.0.1.0/24",
        "192.0.3.0-192.88.98.255",
        "192.88.100.0-192.167.255.255",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.175.48.0/24",
        "192.169.0.0-198.17.255.255",
        "198.20.0.0-198.51.99.255",
        "198.51.101.0-203.0.112.255",
        "203.0.114.0-223.255.255.255",
        "64:ff9b::1.0.0.0-64:ff9b::9.255.255.255",
        "2000::-2000:ffff::",
        "2001::/32",
        "2001:1::1-2001:1::3",
        "2001:3::/32",
        "2001:4:112::/48",
        "2001:20::/28",
        "2001:30::/28",
        "2001:200::-2001:db7:ffff:ffff::",
        "2001:db9::-2001:ffff::",
        "2002::/16",
        "2620:4f:8000::/48",
        "2a00::/12",
        "3ffe::/16",
        "3fff:1000::-3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ],
)
def test_public_blocks(text: str) -> None:
    for address in ends(text):
        assert special_name(address) is None
        assert address in PUBLIC
        assert address not in NOT_PUBLIC


def test_public_ipv6_is_global_unicast_and_translated_ipv4() -> None:
    native = [item for item in PUBLIC.only(Family.IPV6) if item.first >> 125 == 1]
    translated = [item for item in PUBLIC.only(Family.IPV6) if item.first >> 32 == 0x64FF9B << 64]
    assert len(native) + len(translated) == len(list(PUBLIC.only(Family.IPV6)))
    assert sum(item.size for item in translated) == PUBLIC.only(Family.IPV4).size


def test_special_name_looks_through_mapped_addresses() -> None:
    assert special_name(Address.parse("::ffff:10.0.0.1")) == "private use (RFC 1918)"
    assert special_name(Address.parse("::ffff:8.8.8.8")) is None
