"""Waiting for news up to a moment, with one timer for all waits of a session.

A session waits for a few dozen replies, and hardly ever in vain: a timer for each of them would
only be begun and stopped.
"""

from __future__ import annotations

import asyncio
from typing import Final

_EARLY: Final = 0.001
"""Seconds by which a timer may fire before its moment: no clock is exact."""


class News:
    """What one task waits for and others tell."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[bool] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._until = float("inf")

    async def wait(self, until: float = float("inf")) -> bool:
        """Wait until somebody tells; whether somebody did.

        Args:
            until: the moment, by the loop's clock, at which it is given up.
        """
        self._until = until
        if self._timer is None or self._timer.when() > until:
            self._start_timer()
        self._waiting = self._loop.create_future()
        return await self._waiting

    def tell(self) -> None:
        """There are news: a wait ends. One that begins later does not."""
        self._end(told=True)

    def close(self) -> None:
        """Nobody will wait any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start_timer(self) -> None:
        self.close()
        if self._until != float("inf"):
            self._timer = self._loop.call_at(self._until, self._is_time)

    def _is_time(self) -> None:
        self._timer = None
        if self._waiting is None or self._waiting.done():
            return
        if self._loop.time() + _EARLY >= self._until:
            self._end(told=False)
        else:
            self._start_timer()

    def _end(self, *, told: bool) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(told)
