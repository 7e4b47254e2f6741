"""The rows of one session, and what they add up to."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

_IN_MINUTE = tuple(f"{part // 1000:02d}.{part % 1000:03d}Z" for part in range(60_000))
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OFFSET = 3600
"""The servers stand one hour east of Greenwich, all year."""


Block = tuple[int, int, bytes]
"""Rows that a server writes in one go, between those of others: when, how many, what."""


@lru_cache(maxsize=1024)
def _minute_text(minute: int) -> str:
    """A minute, up to the colon before its seconds."""
    return f"{datetime.fromtimestamp(60 * minute, UTC):%Y-%m-%dT%H:%M}:"


@lru_cache(maxsize=1024)
def _mail_minute(minute: int) -> str:
    here = datetime.fromtimestamp(60 * minute + _OFFSET, UTC)
    day, month = _DAYS[here.weekday()], _MONTHS[here.month - 1]
    return f"{day}, {here.day} {month} {here.year} {here:%H:%M}:"


def mail_date(moment: int) -> str:
    """A moment in the server's own time, as mail writes it."""
    minute, rest = divmod(moment, 60_000)
    return f"{_mail_minute(minute)}{_IN_MINUTE[rest][:2]} +0100"


def time_text(moment: int) -> str:
    """A moment as the logs write it."""
    minute, rest = divmod(moment, 60_000)
    return _minute_text(minute) + _IN_MINUTE[rest]


def quoted(text: str) -> str:
    """A field, in quotes if it needs them."""
    if "," in text or '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def endpoint(address: str, port: int) -> str:
    """An address and a port."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


class Tally:
    """What a session adds up to; it grows only with rows that were written."""

    __slots__ = ("ehlo", "failures", "foreign", "messages", "own", "refused", "tls")

    def __init__(self) -> None:
        self.messages = 0
        self.own = 0
        self.foreign = 0
        self.refused = 0
        self.failures = 0
        self.tls = False
        self.ehlo: list[str] = []


class Talk:
    """One session while it is being made.

    Rows are said one after another; ``part`` ends a block of them. Nothing is said after the
    deadline, the moment at which the logs end.

    Attributes:
        clock: the time now.
        last: the time of the last row that was written.
        pace: how many times longer than usual everything takes.
        over: whether the deadline has come.
        closed: whether the session was closed before it.
        explained: whether the exports give its connector; None where there is nothing to explain.
    """

    __slots__ = (
        "_ends",
        "_head",
        "_lines",
        "_number",
        "_opened",
        "_slip",
        "blocks",
        "chance",
        "client",
        "clock",
        "closed",
        "connector",
        "deadline",
        "explained",
        "first",
        "last",
        "over",
        "pace",
        "session",
        "tally",
    )

    def __init__(self, session: str, connector: str, client: str, start: int, end: int) -> None:
        self.session = session
        self.connector = connector
        self.client = client.partition("%")[0]
        self.tally = Tally()
        self.blocks: list[Block] = []
        self.first = self.last = self.clock = self._opened = start
        self.deadline = end
        self.over = self.closed = False
        self.explained: bool | None = None
        self.pace = 1
        self.chance: Random
        self._head = f"{quoted(connector)},{session},"
        self._ends = ",,"
        self._lines: list[str] = []
        self._number = 0
        self._slip = (0, 0)

    def connect(self, local: str, remote: str) -> None:
        """Name both ends from here on; the local one may be unknown yet."""
        self._ends = f"{local},{remote},"

    def slip(self, block: int, rows: int) -> None:
        """Count wrongly after that many blocks: leave numbers out, or use some again."""
        self._slip = (block, rows)

    def say(self, *rows: str) -> None:
        """Rows of this moment: event, data and context, written as they shall stand."""
        minute, rest = divmod(self.clock, 60_000)
        start = f"{_minute_text(minute)}{_IN_MINUTE[rest]},{self._head}"
        ends = self._ends
        number = self._number
        lines = self._lines
        if not lines:
            self._opened = self.clock
        for row in rows:
            lines.append(f"{start}{number},{ends}{row}\r\n")
            number += 1
        self._number = number

    def wait(self, longest: int, shortest: int = 1) -> None:
        """Let up to that many milliseconds go by, and more on a slow line."""
        self.clock += shortest + int(self.chance.random() * longest * self.pace)

    def part(self) -> bool:
        """End a block; False when it came too late and was not written."""
        lines = self._lines
        if self.over or self.clock >= self.deadline:
            self.over = True
            lines.clear()
            return False
        if lines:
            data = "".join(lines).encode("utf-8", "surrogateescape")
            self.blocks.append((self._opened, len(lines), data))
            self.last = self.clock
            if self._slip[0] == len(self.blocks):
                self._number += self._slip[1]
            lines.clear()
        return True

    def close(self, *rows: str) -> None:
        """The last rows."""
        self.say(*rows)
        self.closed = self.part()

    def turned_away(self, reply: str) -> None:
        """Connect and be sent away at once."""
        self.say("+,,", f">,{quoted(reply)},")
        self.close("-,,Local")

    def named(self, name: str) -> None:
        """Note what the client calls itself, as a reader that replaces bad bytes sees it."""
        self.tally.ehlo.append(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def keywords(words: Sequence[str], first: str, *, old: bool) -> tuple[str, ...]:
    """The reply to EHLO: one row for each line, or one for all of them."""
    if not old:
        return (f">,250  {first} {' '.join(words)},",)
    return (f">,250-{first},", *(f">,250-{word}," for word in words[:-1]), f">,250 {words[-1]},")
