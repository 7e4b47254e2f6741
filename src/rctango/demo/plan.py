"""What is asked for: how much, from when on, and out of which seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from rctango.errors import RctangoError

DAY = 86_400_000
"""Milliseconds of a day; all times are milliseconds since 1970."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PlanError(RctangoError):
    """No logs can be made so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be made.

    Attributes:
        seed: another seed, other logs.
        size: about how many bytes of logs there shall be in all. Each kind of session occurs at
            least a few times, so a small plan gives more.
        start: when the logs begin.
        days: how many days they cover.
        roll: the size at which a server begins a new file.
    """

    seed: int = 1
    size: int = 20_000_000
    start: datetime = datetime(2026, 3, 2, tzinfo=UTC)
    days: int = 3
    roll: int = 10_000_000

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise PlanError(f"the start {self.start} has no time zone")
        for name, value in (("size", self.size), ("days", self.days), ("roll", self.roll)):
            if value < 1:
                raise PlanError(f"{name} is {value}; at least 1 is needed")
        if self.seed < 0:
            raise PlanError(f"seed is {self.seed}; at least 0 is needed")

    @property
    def begin(self) -> int:
        """The first millisecond."""
        return (self.start - _EPOCH) // timedelta(milliseconds=1)

    @property
    def end(self) -> int:
        """The first millisecond after the last."""
        return self.begin + self.days * DAY

    def chance(self, *numbers: int) -> Random:
        """A source of chance of its own for each list of numbers."""
        seed = self.seed
        for number in numbers:
            seed = seed * 1_000_003 + number + 1
        return Random(seed)  # noqa: S311 - made-up data, no secrets
