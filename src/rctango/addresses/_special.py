"""Which addresses are not on the public Internet.

Source: the IANA special-purpose address registries (RFC 6890 and its updates,
https://www.iana.org/assignments/iana-ipv4-special-registry and
https://www.iana.org/assignments/iana-ipv6-special-registry), with multicast, the reserved IPv4
block and IPv6 outside of ``2000::/3``. Blocks for which the registry leaves open whether they are
globally reachable (Teredo, 6to4) count as public, because hosts on the Internet use them.
"""

from rctango.addresses._address import Address, Family
from rctango.addresses._range import AddressRange
from rctango.addresses._rangeset import RangeSet

_IPV4: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network (RFC 791)"),
    ("10.0.0.0/8", "private use (RFC 1918)"),
    ("100.64.0.0/10", "carrier-grade NAT (RFC 6598)"),
    ("127.0.0.0/8", "loopback (RFC 1122)"),
    ("169.254.0.0/16", "link-local (RFC 3927)"),
    ("172.16.0.0/12", "private use (RFC 1918)"),
    ("192.0.0.0/24", "protocol assignments (RFC 6890)"),
    ("192.0.2.0/24", "documentation (RFC 5737)"),
    ("192.88.99.0/24", "6to4 relay, deprecated (RFC 7526)"),
    ("192.168.0.0/16", "private use (RFC 1918)"),
    ("198.18.0.0/15", "benchmarking (RFC 2544)"),
    ("198.51.100.0/24", "documentation (RFC 5737)"),
    ("203.0.113.0/24", "documentation (RFC 5737)"),
    ("224.0.0.0/4", "multicast (RFC 5771)"),
    ("255.255.255.255", "limited broadcast (RFC 919)"),
    ("240.0.0.0/4", "reserved (RFC 1112)"),
)
_IPV6: tuple[tuple[str, str], ...] = (
    ("::", "unspecified (RFC 4291)"),
    ("::1", "loopback (RFC 4291)"),
    ("64:ff9b::/96", "translation of an IPv4 address that is not public (RFC 6052)"),
    ("64:ff9b:1::/48", "local translation of IPv4 (RFC 8215)"),
    ("100::/64", "discard only (RFC 6666)"),
    ("100:0:0:1::/64", "dummy prefix (RFC 9780)"),
    ("2001:2::/48", "benchmarking (RFC 5180)"),
    ("2001:10::/28", "ORCHID, deprecated (RFC 4843)"),
    ("2001::/23", "protocol assignments (RFC 2928)"),
    ("2001:db8::/32", "documentation (RFC 3849)"),
    ("3fff::/20", "documentation (RFC 9637)"),
    ("5f00::/16", "segment routing (RFC 9602)"),
    ("fc00::/7", "unique local (RFC 4193)"),
    ("fe80::/10", "link-local (RFC 4291)"),
    ("fec0::/10", "site-local, deprecated (RFC 3879)"),
    ("ff00::/8", "multicast (RFC 4291)"),
)
_REACHABLE = RangeSet.parse(
    "192.0.0.9",  # port control anycast (RFC 7723)
    "192.0.0.10",  # TURN anycast (RFC 8155)
    "2001::/32",  # Teredo (RFC 4380)
    "2001:1::1-2001:1::3",  # anycast of port control, TURN and DNS-SD (RFC 7723, 8155, 9665)
    "2001:3::/32",  # AMT (RFC 7450)
    "2001:4:112::/48",  # AS112 (RFC 7535)
    "2001:20::/28",  # ORCHIDv2 (RFC 7343)
    "2001:30::/28",  # drone identification (RFC 9374)
)
"""Parts of the blocks above that the registry calls globally reachable or leaves open."""

_TABLE = tuple((AddressRange.parse(text), name) for text, name in _IPV4 + _IPV6)
_UNICAST = RangeSet.whole(Family.IPV4) | RangeSet.parse("2000::/3")


def _translated(addresses: RangeSet) -> RangeSet:
    """The IPv4 addresses of a set as ``64:ff9b::/96`` shows them to an IPv6 server (RFC 6052)."""
    base = AddressRange.parse("64:ff9b::/96").first
    return RangeSet.of(
        AddressRange(family=Family.IPV6, first=base + first, last=base + last)
        for first, last in addresses.spans(Family.IPV4)
    )


_NATIVE = _UNICAST - RangeSet.of(block for block, _ in _TABLE) | _REACHABLE

PUBLIC = _NATIVE | _translated(_NATIVE)
"""Every address that may belong to a host on the public Internet."""

NOT_PUBLIC = RangeSet.whole() - PUBLIC
"""Every other address: private, special or reserved."""


def special_name(address: Address) -> str | None:
    """What the registry calls the block that holds ``address``; None for a public address."""
    if address in PUBLIC:
        return None
    for block, name in _TABLE:
        if address in block:
            return name
    return "not assigned (RFC 4291)"
