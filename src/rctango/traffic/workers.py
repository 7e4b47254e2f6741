"""Scans files in several processes, and gives the results in the order of the files."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from rctango.errors import EvidenceError
from rctango.traffic.scanning import Job, Scanned, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.sharedctypes import Synchronized

    from rctango.traffic.planning import Task

    OnBytes = Callable[[str, int, int], None]
    Scans = Iterator[tuple[Task, Scanned | str]]

_TICK: Final = 0.2  # seconds between reports of progress


class Progress:
    """Counts the bytes on disk that were read, and tells.

    Attributes:
        name: the file read last.
    """

    def __init__(self, on_bytes: OnBytes, total: int) -> None:
        self._on_bytes = on_bytes
        self._total = total
        self._done = 0
        self.name = ""

    def add(self, used: int) -> None:
        """Some more bytes."""
        self.show(self._done + used)

    def show(self, done: int) -> None:
        """The bytes read so far."""
        if done != self._done:
            self._done = done
            self._on_bytes(self.name, done, self._total)


_counter: Synchronized[int] | None = None
"""In a worker: the bytes on disk that all workers have read."""


def _begin_worker(counter: Synchronized[int]) -> None:
    global _counter  # noqa: PLW0603 - a worker gets it once, when it starts
    _counter = counter
    save_memory()
    Thread(target=_end_with_parent, daemon=True).start()


def save_memory() -> None:
    """Let Arrow use what NumPy has freed: a process that only scans takes a seventh less."""
    pa.set_memory_pool(pa.system_memory_pool())


def _end_with_parent() -> None:
    """End this worker when its parent was killed: nobody else would."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _count(used: int) -> None:
    if _counter is not None:
        with _counter.get_lock():
            _counter.value += used


def work(job: Job, on_bytes: Callable[[int], None] = _count) -> Scanned | str:
    """What a worker process does: the scan, or why there is none."""
    try:
        return scan(job, on_bytes)
    except EvidenceError as error:
        return error.reason


@contextmanager
def scans_of(
    tasks: list[Task], job: Callable[[Task], Job], count: int, progress: Progress
) -> Iterator[Scans]:
    """The scans of all tasks, in their order, a few ahead of what is asked for.

    Raises:
        EvidenceError: a worker was killed.
    """
    if not count:
        yield _scan_here(tasks, job, progress)
        return
    context = get_context("spawn")
    counter = context.Value("q", 0)
    pool = ProcessPoolExecutor(
        count, mp_context=context, initializer=_begin_worker, initargs=(counter,)
    )
    try:
        ahead = 2 * count + 2
        yield _scan_in_pool(pool, tasks, job, ahead, lambda: progress.show(counter.value))
    except BrokenProcessPool as error:
        reason = "a process that read logs ended without a word"
        raise EvidenceError("logs", "", reason) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _scan_here(tasks: list[Task], job: Callable[[Task], Job], progress: Progress) -> Scans:
    for task in tasks:
        yield task, work(job(task), progress.add)


def _scan_in_pool(
    pool: ProcessPoolExecutor,
    tasks: list[Task],
    job: Callable[[Task], Job],
    ahead: int,
    tick: Callable[[], None],
) -> Scans:
    waiting: deque[tuple[Task, Future[Scanned | str]]] = deque()
    left = iter(tasks)
    while True:
        while len(waiting) < ahead and (task := next(left, None)) is not None:
            waiting.append((task, pool.submit(work, job(task))))
        if not waiting:
            return
        task, future = waiting.popleft()
        while not wait([future], _TICK).done:
            tick()
        tick()
        yield task, future.result()
