"""IPv4 text to integers and back.

Source: https://learn.microsoft.com/dotnet/api/system.net.ipaddress.parse (one to four parts, each
decimal, hexadecimal or octal; the last part fills the bytes that are left).
"""

import re

from rctango.errors import AddressError

_OCTETS = {str(value): value for value in range(256)}
_PART = re.compile(r"0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*)")


def read_dotted(text: str) -> int | None:
    """The value of four plain decimal parts, as nearly everybody writes them; else None."""
    try:
        a, b, c, d = text.split(".")
        return _OCTETS[a] << 24 | _OCTETS[b] << 16 | _OCTETS[c] << 8 | _OCTETS[d]
    except (KeyError, ValueError):
        return None


def read_ipv4(text: str, notes: list[str]) -> int:
    """The 32-bit value of an IPv4 text; adds to ``notes`` when it is not the usual one.

    Raises:
        AddressError: the text is no IPv4 address.
    """
    value = read_dotted(text)
    if value is None:
        value = _read_unusual(text)
        notes.append(f"{text!r} is read as {format_ipv4(value)}, as .NET reads it")
    return value


def _read_unusual(text: str) -> int:
    parts = text.split(".")
    values = [_read_part(text, part) for part in parts]
    if len(parts) > 4:
        raise AddressError(text, "an IPv4 address has at most four parts")
    leading = len(parts) - 1
    limits = [255] * leading + [(1 << 32 - 8 * leading) - 1]
    result = values[-1]
    for place, (value, limit) in enumerate(zip(values, limits, strict=True)):
        if value > limit:
            raise AddressError(text, f"part {parts[place]} is over {limit}")
        if place < leading:
            result |= value << 24 - 8 * place
    return result


def _read_part(text: str, part: str) -> int:
    match = _PART.fullmatch(part)
    if match is None:
        raise AddressError(text, _what_is_wrong(part))
    hexadecimal, octal, decimal = match.groups()
    if hexadecimal:
        return int(hexadecimal, 16)
    return int(octal, 8) if octal else int(decimal)


def _what_is_wrong(part: str) -> str:
    if not part:
        return "a part is empty"
    if part.isascii() and part.isdigit():
        return f"part {part!r} starts with 0, which makes it octal, and holds an 8 or 9"
    return f"part {part!r} is not a number"


def format_ipv4(value: int) -> str:
    """The dotted text of a 32-bit value."""
    return f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}"
