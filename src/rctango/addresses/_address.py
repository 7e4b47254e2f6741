"""One IP address."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from rctango.addresses._text import format_ipv4, format_ipv6
from rctango.errors import AddressError

_MAX_IPV4 = (1 << 32) - 1
_MAX_IPV6 = (1 << 128) - 1


class Family(IntEnum):
    """An address family, by its IP version number."""

    IPV4 = 4
    IPV6 = 6

    @property
    def bits(self) -> int:
        """The length of an address in bits."""
        return 32 if self is Family.IPV4 else 128

    @property
    def maximum(self) -> int:
        """The highest address as an integer."""
        return _MAX_IPV4 if self is Family.IPV4 else _MAX_IPV6

    @property
    def label(self) -> str:
        """``IPv4`` or ``IPv6``."""
        return f"IPv{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Address:
    """An IPv4 or IPv6 address.

    IPv4-mapped (``::ffff:a.b.c.d``) and IPv4-compatible IPv6 addresses are IPv4 addresses, because
    Exchange compares them so. The zone id (RFC 4007 section 11) is kept for display and never
    compared.

    Attributes:
        family: the address family.
        value: the address as an integer.
        zone: the zone id without ``%``, or None.
    """

    family: Family
    value: int
    zone: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.value <= self.family.maximum:
            raise AddressError(str(self.value), f"outside the {self.family.label} address space")

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address as .NET's ``IPAddress.Parse`` does, brackets and zone id included.

        Raises:
            AddressError: the text is no address.
        """
        from rctango.addresses._parse import read_address  # noqa: PLC0415 - the parser builds us

        return read_address(text, [])

    @property
    def is_unspecified(self) -> bool:
        """Whether this is ``0.0.0.0`` or ``::`` (RFC 6890)."""
        return self.value == 0

    @property
    def is_link_local(self) -> bool:
        """Whether this is in ``169.254.0.0/16`` or ``fe80::/10`` (RFC 3927, RFC 4291)."""
        if self.family is Family.IPV4:
            return self.value >> 16 == 0xA9FE
        return self.value >> 118 == 0x3FA

    @property
    def is_loopback(self) -> bool:
        """Whether this is in ``127.0.0.0/8`` or ``::1`` (RFC 6890)."""
        return self.value >> 24 == 127 if self.family is Family.IPV4 else self.value == 1

    def __str__(self) -> str:
        """The canonical text, with the zone id if there is one."""
        text = format_ipv4(self.value) if self.family is Family.IPV4 else format_ipv6(self.value)
        return text if self.zone is None else f"{text}%{self.zone}"
