"""One IP address."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum

from rctango.addresses._ipv4 import format_ipv4, read_ipv4
from rctango.addresses._ipv6 import format_ipv6, is_ipv4_within, read_ipv6
from rctango.errors import AddressError

_ZONE = re.compile(r"[0-9A-Za-z._~-]+")
_LONGEST = 200


class Family(IntEnum):
    """An address family, by its IP version number.

    Attributes:
        bits: the length of an address in bits.
        maximum: the highest address as an integer.
    """

    IPV4 = 4
    IPV6 = 6

    bits: int
    maximum: int

    def __init__(self, version: int) -> None:
        self.bits = 32 if version == 4 else 128
        self.maximum = (1 << self.bits) - 1

    @property
    def label(self) -> str:
        """``IPv4`` or ``IPv6``."""
        return f"IPv{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Address:
    """An IPv4 or IPv6 address.

    ``parse`` turns IPv4-mapped (``::ffff:a.b.c.d``) and IPv4-compatible IPv6 addresses into IPv4
    addresses, because Exchange compares them so. The zone id (RFC 4007 section 11) is kept for
    display and never compared.

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


def read_address(text: str, notes: list[str]) -> Address:
    """Read one address; adds to ``notes`` what a person might not expect.

    Accepts brackets with or without a port, a zone id, and .NET's short, octal and hexadecimal
    IPv4 parts. IPv4-mapped and IPv4-compatible IPv6 text gives the IPv4 address.

    Raises:
        AddressError: the text is no address.
    """
    refuse_overlong(text)
    if ":" not in text:
        return Address(family=Family.IPV4, value=read_ipv4(text, notes))
    try:
        return _read_with_colon(text, notes)
    except AddressError as error:
        raise AddressError(text, error.reason) from None


def refuse_overlong(text: str) -> None:
    """Refuse a text that is too long for anything here, before any work is done on it.

    Raises:
        AddressError: the text is too long; the error shows its beginning only.
    """
    if len(text) > _LONGEST:
        raise AddressError(text[:40] + "...", "too long for an address")


def _read_with_colon(text: str, notes: list[str]) -> Address:
    inside = _strip_brackets(text, notes) if text[0] == "[" else text
    bare, percent, zone = inside.partition("%")
    value = read_ipv6(bare)
    if percent:
        _check_zone(text, zone, notes)
    if is_ipv4_within(value):
        ipv4 = Address(family=Family.IPV4, value=value & 0xFFFFFFFF)
        notes.append(f"{text!r} is the IPv4 address {ipv4}")
        return ipv4
    return Address(family=Family.IPV6, value=value, zone=zone or None)


def _strip_brackets(text: str, notes: list[str]) -> str:
    inside, close, port = text[1:].partition("]")
    if not close:
        raise AddressError(text, "the bracket is not closed")
    if port and not (port[0] == ":" and port.isascii() and port[1:].isdigit()):
        raise AddressError(text, f"{port!r} after the bracket is not a port")
    if port.strip(":0"):
        notes.append(f"the port of {text!r} is ignored")
    return inside


def _check_zone(text: str, zone: str, notes: list[str]) -> None:
    if _ZONE.fullmatch(zone) is None:
        raise AddressError(text, f"{zone!r} after '%' is not a zone id")
    if not zone.isdigit():
        notes.append(f"the zone id of {text!r} is a name; Exchange takes only a number")
