"""Address text to integers and back, with the leniencies of .NET's ``IPAddress.Parse``.

Source: https://learn.microsoft.com/dotnet/api/system.net.ipaddress.parse (parts, hexadecimal and
octal), RFC 4291 section 2.2 (IPv6 text), RFC 5952 section 4 (canonical IPv6 text).
"""

from rctango.errors import AddressError

_HEX = frozenset("0123456789abcdefABCDEF")


def read_ipv4(text: str, notes: list[str]) -> int:
    """The 32-bit value of an IPv4 text; adds to ``notes`` what only .NET would accept.

    Raises:
        AddressError: the text is no IPv4 address.
    """
    parts = text.split(".")
    if len(parts) > 4:
        raise AddressError(text, "an IPv4 address has at most four parts")
    values = [_ipv4_part(text, part) for part in parts]
    room = 4 - len(values)
    for value in values[:-1]:
        if value > 255:
            raise AddressError(text, f"part {value} is over 255")
    if values[-1] >= 256 ** (room + 1):
        raise AddressError(text, f"part {values[-1]} is over {256 ** (room + 1) - 1}")
    result = values[-1]
    for place, value in enumerate(values[:-1]):
        result |= value << (24 - 8 * place)
    if format_ipv4(result) != text:
        notes.append(f"{text!r} is read as {format_ipv4(result)}, as .NET reads it")
    return result


def _ipv4_part(text: str, part: str) -> int:
    if not (part.isascii() and part.isalnum()):
        what = f"part {part!r} is not a number" if part else "a part is empty"
        raise AddressError(text, what)
    base, digits = 10, part
    if part[:2] in {"0x", "0X"}:
        base, digits = 16, part[2:]
    elif part[0] == "0" and len(part) > 1:
        base, digits = 8, part[1:]
    if len(digits) > 12:
        raise AddressError(text, "a part has too many digits")
    try:
        return int(digits, base)
    except ValueError:
        raise AddressError(text, f"part {part!r} is not a number") from None


def read_ipv6(text: str) -> int:
    """The 128-bit value of an IPv6 text without brackets or zone.

    Raises:
        AddressError: the text is no IPv6 address.
    """
    head, gap, tail = text.partition("::")
    if "::" in tail:
        raise AddressError(text, "'::' stands more than once")
    if not gap:
        groups = _ipv6_groups(text, head)
        if len(groups) != 8:
            raise AddressError(text, f"an IPv6 address has eight groups, not {len(groups)}")
    else:
        left = _ipv6_groups(text, head) if head else []
        right = _ipv6_groups(text, tail) if tail else []
        missing = 8 - len(left) - len(right)
        if missing < 1:
            raise AddressError(text, "'::' stands for no group")
        groups = [*left, *([0] * missing), *right]
    value = 0
    for group in groups:
        value = value << 16 | group
    return value


def _ipv6_groups(text: str, half: str) -> list[int]:
    parts = half.split(":")
    groups: list[int] = []
    if "." in parts[-1]:
        dotted = parts.pop()
        if dotted.count(".") != 3:
            raise AddressError(text, f"{dotted!r} is not a full IPv4 address")
        value = read_ipv4(dotted, [])
        groups = [value >> 16, value & 0xFFFF]
    leading: list[int] = []
    for part in parts:
        if not 1 <= len(part) <= 4 or not _HEX.issuperset(part):
            raise AddressError(text, f"group {part!r} is not one to four hexadecimal digits")
        leading.append(int(part, 16))
    return leading + groups


def format_ipv4(value: int) -> str:
    """The dotted text of a 32-bit value."""
    return f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}"


def format_ipv6(value: int) -> str:
    """The canonical text of a 128-bit value (RFC 5952)."""
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
