"""Which addresses are not on the public Internet.

Source: the IANA special-purpose address registries (RFC 6890 and its updates), with multicast and
the reserved IPv4 block. A range that holds anything else is reachable from the Internet as far as
addresses tell.
"""

from rctango.addresses._address import Address, Family
from rctango.addresses._range import AddressRange
from rctango.addresses._rangeset import RangeSet

_SPECIAL: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network (RFC 791)"),
    ("10.0.0.0/8", "private use (RFC 1918)"),
    ("100.64.0.0/10", "carrier-grade NAT (RFC 6598)"),
    ("127.0.0.0/8", "loopback (RFC 1122)"),
    ("169.254.0.0/16", "link-local (RFC 3927)"),
    ("172.16.0.0/12", "private use (RFC 1918)"),
    ("192.0.0.0/24", "protocol assignments (RFC 6890)"),
    ("192.0.2.0/24", "documentation (RFC 5737)"),
    ("192.88.99.0/24", "6to4 relay (RFC 7526)"),
    ("192.168.0.0/16", "private use (RFC 1918)"),
    ("198.18.0.0/15", "benchmarking (RFC 2544)"),
    ("198.51.100.0/24", "documentation (RFC 5737)"),
    ("203.0.113.0/24", "documentation (RFC 5737)"),
    ("224.0.0.0/4", "multicast (RFC 5771)"),
    ("240.0.0.0/4", "reserved (RFC 1112)"),
)
_GLOBAL_IPV6 = RangeSet.parse("2000::/3")
_SPECIAL_IPV6: tuple[tuple[str, str], ...] = (
    ("2001:db8::/32", "documentation (RFC 3849)"),
    ("3fff::/20", "documentation (RFC 9637)"),
    ("2001:2::/48", "benchmarking (RFC 5180)"),
    ("::1", "loopback (RFC 4291)"),
    ("fc00::/7", "unique local (RFC 4193)"),
    ("fe80::/10", "link-local (RFC 4291)"),
    ("ff00::/8", "multicast (RFC 4291)"),
)
_TABLE = tuple((AddressRange.parse(text), name) for text, name in _SPECIAL + _SPECIAL_IPV6)

PUBLIC = (RangeSet.whole(Family.IPV4) | _GLOBAL_IPV6) - RangeSet.of(entry for entry, _ in _TABLE)
"""Every address that may belong to a host on the public Internet."""

NOT_PUBLIC = RangeSet.whole() - PUBLIC
"""Every other address: private, special or reserved."""


def special_name(address: Address) -> str | None:
    """What the registry calls the block that holds ``address``; None for a public address."""
    for entry, name in _TABLE:
        if address in entry:
            return name
    return None if address in PUBLIC else "not assigned (RFC 4291)"
