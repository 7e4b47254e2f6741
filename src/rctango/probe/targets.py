"""What to probe, as a user names it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from rctango.errors import RctangoError

SMTP_PORT: Final = 25

_NAME: Final = re.compile(
    r"(?=.{1,253}\.?$)([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*"
    r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?"
)
_NUMBERS: Final = re.compile(r"[0-9.]+|0[xX][0-9A-Fa-f.xX]*")


class TargetError(RctangoError, ValueError):
    """A text names no target.

    Attributes:
        text: the text that was rejected.
        reason: why, as a clause without a full stop.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{text[:100]!r}: {reason}")
        self.text = text
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One server to probe, from one source address.

    Attributes:
        text: as the user named it.
        host: a host name, or an IP address without brackets.
        port: the TCP port.
        server: the server of the evidence that it is; None when it was named by hand.
        via: the name of the load balancer that it is reached through; None for a direct target.
        source: the local IP address to connect from; None to leave it to the system.
    """

    text: str
    host: str
    port: int = SMTP_PORT
    server: str | None = None
    via: str | None = None
    source: str | None = None


def parse_target(text: str) -> Target:
    """Read ``host``, ``address``, ``host:port``, ``[v6]:port``, ``[v6]`` or ``v6``.

    An IPv4 address needs four decimal parts, so that nothing else than what was meant is probed.

    Raises:
        TargetError: it is none of these.
    """
    host, port = _split(text)
    return Target(text=text, host=_host(text, host), port=_port(text, port))


def parse_source(text: str) -> str:
    """Read the address to connect from.

    Raises:
        TargetError: it is no IP address.
    """
    try:
        found = ip_address(text)
    except ValueError as error:
        raise TargetError(text, "is no IP address") from error
    if found.is_unspecified or found.is_multicast:
        raise TargetError(text, "is no single address")
    return str(found)


def _split(text: str) -> tuple[str, str | None]:
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or ":" not in host or (rest and not rest.startswith(":")):
            raise TargetError(text, "is not of the form [IPv6 address]:port")
        return host, rest[1:] if rest else None
    if text.count(":") > 1:
        return text, None
    host, colon, port = text.partition(":")
    return host, port if colon else None


def _host(text: str, host: str) -> str:
    if ":" in host or _NUMBERS.fullmatch(host):
        return _address(text, host)
    if not _NAME.fullmatch(host):
        hint = "" if host.isascii() else "; write an international name in its xn-- form"
        raise TargetError(text, f"is no host name or address{hint}")
    return host


def _address(text: str, host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError as error:
        raise TargetError(text, "is no complete IP address") from error
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)


def _port(text: str, port: str | None) -> int:
    if port is None:
        return SMTP_PORT
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise TargetError(text, "has no port between 1 and 65535")
    return int(port)
