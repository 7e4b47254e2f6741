"""How many sessions there are, and when each begins."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from rctango.demo.desk import Desk
from rctango.demo.ledger import Ledger
from rctango.demo.organisation import SERVERS
from rctango.demo.plan import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rctango.demo.desk import Source
    from rctango.demo.plan import Plan

_HOUR = 3_600_000
_BUSY = (2, 1, 1, 1, 2, 3, 6, 9, 11, 11, 10, 8, 8, 10, 10, 9, 7, 4, 3, 2, 2, 2, 2, 2)
"""How busy each hour of the day is."""

_UP_TO = (0, *accumulate(_BUSY))
_MARK = 300_000
_TRIALS = 16
_CHECKS = 0.2
"""The share of all bytes that health checks may take."""


def moments(plan: Plan, source: Source, count: int) -> Iterator[int]:
    """When its sessions begin, in order."""
    if source.every:
        return _regular(plan, source.every, count)
    return _irregular(plan, source, count)


def _regular(plan: Plan, every: int, count: int) -> Iterator[int]:
    """Like clockwork, for the same part of every day; it begins when the day gets busy."""
    daily = min(max(count // plan.days, 1), DAY // every)
    start = 7 * _HOUR if daily * every <= 17 * _HOUR else 0
    for day in range(plan.days):
        for number in range(daily):
            yield plan.begin + day * DAY + start + number * every


def _irregular(plan: Plan, source: Source, count: int) -> Iterator[int]:
    chance = plan.chance(source.key).random
    origin = plan.begin
    begin, end = (_work(moment - origin) for moment in _window(plan, source))
    if begin >= end:
        return
    before = 0
    for number in range(count):
        share = (number + chance()) / count
        at = origin + _time(begin + (end - begin) * share)
        late = at % _MARK
        at -= late
        at += int(chance() * 400) if source.punctual else _crowded(late)
        before = max(at, before + 1, origin)
        yield before


def _crowded(late: int) -> int:
    """Most mail comes soon after a full five minutes, when jobs start."""
    share = late / _MARK
    return int(_MARK * share * share * share * share)


def _window(plan: Plan, source: Source) -> tuple[int, int]:
    """When it is at work; nothing is left of a window after the end."""
    if source.closing:
        return plan.end - 90_000, plan.end - 1000
    first, last = source.window or (0, plan.days)
    return min(plan.begin + first * DAY, plan.end), min(plan.begin + last * DAY, plan.end)


def _work(moment: int) -> float:
    """How much is done by then."""
    days, rest = divmod(moment, DAY)
    hour, part = divmod(rest, _HOUR)
    return days * _UP_TO[-1] + _UP_TO[hour] + _BUSY[hour % 24] * part / _HOUR


def _time(work: float) -> int:
    """When that much is done."""
    days, rest = divmod(work, _UP_TO[-1])
    hour = bisect_right(_UP_TO, rest) - 1
    part = (rest - _UP_TO[hour]) / _BUSY[hour]
    return int(days) * DAY + hour * _HOUR + int(part * _HOUR)


def counts(plan: Plan, sources: Sequence[Source]) -> list[int]:
    """How many sessions each source has, so that all come to the size of the plan."""
    sizes = [_mean_size(plan, source, number) for number, source in enumerate(sources)]
    checks = [number for number, source in enumerate(sources) if source.every]
    found = {}
    for number in checks:
        most = int(plan.size * _CHECKS / len(checks) / sizes[number])
        found[number] = max(min(most, plan.days * (DAY // sources[number].every)), plan.days)
    rest = plan.size - sum(count * sizes[number] for number, count in found.items())
    others = [number for number in range(len(sources)) if number not in found]
    found |= _shared_out(rest, others, sources, sizes)
    return [found[number] for number in range(len(sources))]


def _shared_out(
    rest: float, open_: list[int], sources: Sequence[Source], sizes: Sequence[float]
) -> dict[int, int]:
    """Share ``rest`` bytes out by weight, but give nobody less than the least."""
    found: dict[int, int] = {}
    while open_:
        scale = rest / (sum(sources[number].weight * sizes[number] for number in open_) or 1)
        few = [at for at in open_ if sources[at].weight * scale < sources[at].least]
        if not few:
            return found | {at: round(sources[at].weight * scale) for at in open_}
        found |= {at: sources[at].least for at in few}
        rest -= sum(sources[at].least * sizes[at] for at in few)
        open_ = [at for at in open_ if at not in found]
    return found


def _mean_size(plan: Plan, source: Source, number: int) -> float:
    """The bytes of a session, in all logs together, by trial."""
    server = next(one for one in SERVERS if one.name == source.server)
    desk = Desk(server, plan, plan.chance(7, number), Ledger())
    for index in range(_TRIALS):
        source.play(desk, source, plan.begin + 10 * _HOUR, index)
    blocks = (block for waiting in desk.waiting.values() for block in waiting)
    return sum(len(data) for _, _, data in blocks) / _TRIALS
