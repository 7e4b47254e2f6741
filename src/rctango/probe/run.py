"""Many targets at once, gently."""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from typing import TYPE_CHECKING, cast

from rctango.probe.session import probe_one
from rctango.probe.targets import TargetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from rctango.model.probing import ProbeObservation
    from rctango.probe.settings import ProbeLimits, ProbeSettings
    from rctango.probe.targets import Target

    OnDone = Callable[[ProbeObservation], None]


async def probe_all(
    targets: Sequence[Target],
    settings: ProbeSettings,
    limits: ProbeLimits,
    *,
    now: Callable[[], datetime],
    on_done: OnDone | None = None,
) -> list[ProbeObservation]:
    """Probe every target.

    No more than ``limits.at_once`` sessions are held together and no more than ``limits.rate`` are
    begun in a second; the same host and port is probed by one session at a time. Being cancelled
    (Ctrl-C under ``asyncio.run``) ends the sessions that are being held and returns what was found:
    those have the fault *interrupted*, and targets that were not begun are absent.

    Args:
        targets: what to probe.
        settings: what is sent.
        limits: how long to wait, and how much to do at a time.
        now: the time, with its zone.
        on_done: called with each observation when it is there.

    Returns:
        The observations, in the order of the targets.

    Raises:
        TargetError: a source address is none of this machine's.
    """
    for source in sorted({one.source for one in targets if one.source is not None}):
        check_source(source)
    run = _Run(settings, limits, now, on_done)
    queue = iter(_by_place(targets))
    workers = [
        asyncio.create_task(run.work(queue)) for _ in range(min(limits.at_once, len(targets)))
    ]
    try:
        if workers:  # gather would end at the first worker that is cancelled, the others unheard
            await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
    except asyncio.CancelledError:
        _this_task().uncancel()
    finally:
        for one in workers:
            one.cancel()
        ended = await asyncio.gather(*workers, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error
    return [run.found[at] for at in sorted(run.found)]


def check_source(source: str) -> None:
    """See that an address can be connected from.

    Raises:
        TargetError: it is none of this machine's addresses.
    """
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.bind((source, 0))
    except OSError as error:
        reason = f"cannot be connected from: {error.strerror or error}"
        raise TargetError(source, reason) from error


def _this_task() -> asyncio.Task[object]:
    return cast("asyncio.Task[object]", asyncio.current_task())


def _by_place(targets: Sequence[Target]) -> list[list[tuple[int, Target]]]:
    places: dict[tuple[str, int], list[tuple[int, Target]]] = {}
    for at, one in enumerate(targets):
        key = (one.host.casefold().rstrip("."), one.port)
        places.setdefault(key, []).append((at, one))
    return list(places.values())


class _Pace:
    """Lets no more than a number pass in a second, evenly."""

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate
        self._next = float("-inf")

    async def turn(self) -> None:
        """Wait for one's turn."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next)
        self._next = turn + self._gap
        await asyncio.sleep(turn - now)


class _Run:
    def __init__(
        self,
        settings: ProbeSettings,
        limits: ProbeLimits,
        now: Callable[[], datetime],
        on_done: OnDone | None,
    ) -> None:
        self.found: dict[int, ProbeObservation] = {}
        self._settings = settings
        self._limits = limits
        self._now = now
        self._on_done = on_done
        self._pace = _Pace(limits.rate)
        self._places = defaultdict[tuple[str, int], asyncio.Lock](asyncio.Lock)

    async def work(self, queue: Iterator[list[tuple[int, Target]]]) -> None:
        """Probe places until there are none left; those of one place after each other."""
        for place in queue:
            for at, target in place:
                await self._pace.turn()
                self._keep(at, await self._probe(target))
                if _this_task().cancelling():
                    return

    async def _probe(self, target: Target) -> ProbeObservation:
        return await probe_one(target, self._settings, self._limits, self._now, self._places)

    def _keep(self, at: int, seen: ProbeObservation) -> None:
        self.found[at] = seen
        if self._on_done is not None:
            self._on_done(seen)
