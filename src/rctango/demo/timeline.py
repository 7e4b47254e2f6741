"""The logs of a server from begin to end, with the rows of all sessions in order."""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING

from rctango.demo.desk import Desk
from rctango.demo.rolling import Files
from rctango.demo.schedule import moments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rctango.demo.desk import Log, Source
    from rctango.demo.ledger import Ledger
    from rctango.demo.organisation import Server
    from rctango.demo.plan import Plan

_WAITING = 2048


def log_files(
    server: Server, plan: Plan, work: Sequence[tuple[Source, int]], ledger: Ledger
) -> Iterator[tuple[str, bytes]]:
    """The log files of a server, piece by piece.

    Args:
        server: the server.
        plan: what is asked for.
        work: what happens there, and how often.
        ledger: keeps the books.

    Yields:
        The path of a file, below the folder of all, and what comes next in it.
    """
    desk = Desk(server, plan, plan.chance(1, server.version[0], int(server.ipv4[-2:])), ledger)
    files: dict[Log, Files] = {}
    played, end = _WAITING, plan.end
    for at, place, index in merge(*(_arrivals(plan, work, place) for place in range(len(work)))):
        if at >= end:
            break
        source = work[place][0]
        source.play(desk, source, at, index)
        played -= 1
        if not played:
            played = _WAITING
            yield from _written(desk, plan, files, at)
    yield from _written(desk, plan, files, end)
    for one in files.values():
        yield from one.finish()


def _arrivals(
    plan: Plan, work: Sequence[tuple[Source, int]], place: int
) -> Iterator[tuple[int, int, int]]:
    source, count = work[place]
    for index, at in enumerate(moments(plan, source, count)):
        yield at, place, index


def _written(
    desk: Desk, plan: Plan, files: dict[Log, Files], before: int
) -> Iterator[tuple[str, bytes]]:
    for log, blocks in desk.ripe(before):
        if log not in files:
            files[log] = Files(desk.server, log, plan, desk.ledger)
        yield from files[log].take(blocks)
