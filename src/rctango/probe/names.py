"""Host names to addresses, without letting a name server that hangs hold anything up.

``loop.getaddrinfo`` shares a few threads among all look-ups and waits for them at the end. Here a
look-up has a thread of its own that the end of the program does not wait for.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from ipaddress import ip_address
from threading import Thread
from typing import Final

MOST_ADDRESSES: Final = 8

_Answer = tuple[str, ...] | OSError


async def addresses_of(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host, in the system's order; an address is its own.

    Raises:
        OSError: the name is not known, or cannot be looked up.
    """
    if is_address(host):
        return (host,)
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[_Answer] = loop.create_future()

    def arrived(found: _Answer) -> None:
        if not answer.done():
            answer.set_result(found)

    def look_up() -> None:
        found = _look_up(host, port)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(arrived, found)

    Thread(target=look_up, name=f"look up {host}", daemon=True).start()
    found = await answer
    if isinstance(found, OSError):
        raise found
    return found


def is_address(host: str) -> bool:
    """Whether a host is an IP address rather than a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _look_up(host: str, port: int) -> _Answer:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return error
    except UnicodeError as error:
        return OSError(str(error))
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))[:MOST_ADDRESSES]
