"""Names of addresses by reverse DNS, asked for only on request."""

from __future__ import annotations

import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_AT_ONCE: Final = 32
PATIENCE: Final = 15.0
"""Seconds for all names together."""

_cache: dict[str, str] = {}


def host_names(addresses: Iterable[str], *, patience: float = PATIENCE) -> dict[str, str]:
    """The names of addresses; an address that has none in time is left out.

    What was found, and what was answered with no name, is kept while the program runs.

    Args:
        addresses: IP addresses as text; anything else has no name.
        patience: how many seconds to wait for all of them together.
    """
    wanted = list(dict.fromkeys(addresses))
    missing = [one for one in wanted if one not in _cache]
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="reverse-dns")
    try:
        wait([pool.submit(_look_up, one) for one in missing], timeout=patience)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return {one: _cache[one] for one in wanted if _cache.get(one)}


def _look_up(address: str) -> None:
    """Ask the resolver.

    Source: RFC 1035 section 3.5 for IPv4, RFC 3596 section 2.5 for IPv6.
    """
    with contextlib.suppress(OSError, UnicodeError):
        name, _ = socket.getnameinfo((address, 0), socket.NI_NAMEREQD | socket.NI_NUMERICSERV)
        _cache[address] = name
        return
    _cache[address] = ""
