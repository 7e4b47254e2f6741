"""IPv6 text to integers and back.

Source: RFC 4291 section 2.2 (text forms), RFC 5952 section 4 (canonical text).
"""

import re

from rctango.addresses._ipv4 import read_dotted
from rctango.errors import AddressError

_GROUP = re.compile(r"[0-9a-fA-F]{1,4}")


def is_ipv4_within(value: int) -> bool:
    """Whether this is an IPv4-mapped (``::ffff:a.b.c.d``) or IPv4-compatible (``::a.b.c.d``) one.

    Compatible addresses start at ``::1:0``, so that ``::`` and ``::1`` stay IPv6.
    """
    return value >> 32 == 0xFFFF or 0x10000 <= value <= 0xFFFFFFFF


def read_ipv6(text: str) -> int:
    """The 128-bit value of an IPv6 text without brackets or zone.

    Raises:
        AddressError: the text is no IPv6 address.
    """
    plain = _without_dots(text) if "." in text else text
    head, gap, tail = plain.partition("::")
    left, right = _groups(text, head), _groups(text, tail)
    missing = 8 - len(left) - len(right)
    if gap and missing < 1:
        raise AddressError(text, "there are eight groups or more beside '::'")
    if not gap and missing:
        raise AddressError(text, f"an IPv6 address has eight groups, not {len(left)}")
    value = 0
    for group in left:
        value = value << 16 | group
    value <<= 16 * missing
    for group in right:
        value = value << 16 | group
    return value


def _without_dots(text: str) -> str:
    """The text with its IPv4 tail written as two groups."""
    place = text.rfind(":") + 1
    if "." in text[:place]:
        raise AddressError(text, "dots may stand only in the last part of an IPv6 address")
    value = read_dotted(text[place:])
    if value is None:
        raise AddressError(text, f"{text[place:]!r} is not an IPv4 address of four decimal parts")
    return f"{text[:place]}{value >> 16:x}:{value & 0xFFFF:x}"


def _groups(text: str, half: str) -> list[int]:
    if not half:
        return []
    groups: list[int] = []
    for part in half.split(":"):
        if _GROUP.fullmatch(part) is None:
            raise AddressError(text, f"group {part!r} is not one to four hexadecimal digits")
        groups.append(int(part, 16))
    return groups


def format_ipv6(value: int) -> str:
    """The canonical text of a 128-bit value."""
    groups = [value >> shift & 0xFFFF for shift in range(112, -16, -16)]
    start, length = _longest_zero_run(groups)
    if length < 2:
        return ":".join(f"{group:x}" for group in groups)
    head = ":".join(f"{group:x}" for group in groups[:start])
    tail = ":".join(f"{group:x}" for group in groups[start + length :])
    return f"{head}::{tail}"


def _longest_zero_run(groups: list[int]) -> tuple[int, int]:
    best = (0, 0)
    start = 0
    for place, group in enumerate([*groups, 1]):
        if group:
            if place - start > best[1]:
                best = (start, place - start)
            start = place + 1
    return best
