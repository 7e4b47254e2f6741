"""The scanner for whole blocks: most sessions are read column by column, with arrays.

A session is *regular* in a block when all its rows there are plain, the first one has
sequence-number 0, the last one is the only disconnect row, and connector and endpoints stay the
same. Regular sessions become a batch of facts at once. Rows of sessions that are regular so far
are kept for the next block. Everything else goes row by row through ``Scanner``. Both ways give the
same facts, which the tests show, but for one thing: where more than ``MOST_OPEN`` sessions are open
at once, ``Scanner`` gives up the oldest, and here those that are kept do not count.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from rctango.traffic import columns
from rctango.traffic.batches import Writer
from rctango.traffic.grouping import find_regular, group
from rctango.traffic.rows import read_rows
from rctango.traffic.scanner import Scanner
from rctango.traffic.table import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa

    from rctango.traffic.grouping import Groups
    from rctango.traffic.rows import Row
    from rctango.traffic.scanner import OpenSession, Remainder
    from rctango.traffic.schema import SessionFacts
    from rctango.traffic.table import Table
    from rctango.traffic.words import Flags, Places

_MOST_KEPT: Final = 1 << 19  # bytes
_LARGEST_OF_HEAP: Final = (32 << 20) - (64 << 10)
"""Bytes; above this glibc always takes memory from the system. Source: mallopt(3)."""


@cache
def _keep_freed_memory() -> None:
    """Let glibc keep the memory that each block frees.

    It gives freed memory back to the system beyond twice the size of the largest chunk that was
    freed before, and the next block would have to ask for it page by page, which takes a sixth of
    the whole time. So a large chunk is freed at first; being untouched, it takes no memory. Other
    allocators do not care.
    """
    np.empty(_LARGEST_OF_HEAP, np.uint8)


class ColumnScanner:
    """Scans one log file, block by block: bytes in, batches of facts out."""

    def __init__(
        self,
        *,
        file: int,
        log: str,
        role: str | None,
        offset: int = 0,
        line: int = 1,
        carried: Sequence[OpenSession] | None = None,
    ) -> None:
        """Begin a scan; everything as for ``Scanner``.

        Raises:
            ValueError: the state of a carried session was not written by this version.
        """
        _keep_freed_memory()
        self._scanner = _Blocks(
            file=file, log=log, role=role, offset=offset, line=line, carried=carried
        )

    def feed(self, data: bytes) -> list[pa.RecordBatch]:
        """Take the next bytes, split anywhere; give the sessions that ended."""
        return self._scanner.batches(self._scanner.feed(data))

    def close(self, *, final: bool) -> tuple[list[pa.RecordBatch], Remainder]:
        """End the scan, as for ``Scanner``."""
        ended, remainder = self._scanner.close(final=final)
        return self._scanner.batches(ended), remainder


class _Blocks(Scanner):
    """Takes regular sessions out of each block, and leaves the rest to ``Scanner``."""

    def __init__(
        self,
        *,
        file: int,
        log: str,
        role: str | None,
        offset: int,
        line: int,
        carried: Sequence[OpenSession] | None,
    ) -> None:
        super().__init__(file=file, log=log, role=role, offset=offset, line=line, carried=carried)
        self._writer = Writer(file, log, role)
        self._log = log
        self._ready: list[pa.RecordBatch] = []
        self._kept = b""
        self._kept_at: Places = np.zeros(0, np.intp)

    def batches(self, ended: list[SessionFacts]) -> list[pa.RecordBatch]:
        ready, self._ready = self._ready, []
        if ended:
            ready.append(columns.to_batch(ended))
        return ready

    def _scan(self, parts: list[bytes | memoryview]) -> None:
        table = read_table(self._kept, *parts)
        size = sum(map(len, parts))
        new = table.starts[len(self._kept_at) :] - len(self._kept) + self._offset
        at = np.concatenate((self._kept_at, new))
        rows = self._odd_rows(table)
        groups = group(table)
        ended, lasting = find_regular(table, groups, self._log)
        irregular = self._find_irregular(table, groups, rows.values())
        ended &= ~irregular
        lasting &= ~irregular
        ended = self._write(table, groups, ended, at)
        kept = self._keep(table, groups, lasting, at, min(_MOST_KEPT, size))
        left = np.flatnonzero(~(ended | kept)[groups.session])
        for line, row in zip(table.line[left].tolist(), table.rows(left), strict=True):
            rows[line] = [row]
        for line in sorted(rows):
            for row in rows[line]:
                self._sessions.row(row, int(at[line]))
        self._offset += size
        self._tally.lines += len(new)

    def _odd_rows(self, table: Table) -> dict[int, list[Row]]:
        """What the lines hold that are no plain rows, by the number of the line."""
        rows = {}
        for line in table.odd.tolist():
            text = table.data[table.starts[line] : table.ends[line]]
            found = self._rows(text, line - len(self._kept_at))
            if found:
                rows[line] = found
        return rows

    def _find_irregular(self, table: Table, groups: Groups, odd: Iterable[list[Row]]) -> Flags:
        """The sessions of which something is known that is not in the plain rows."""
        first = groups.first_row
        elsewhere = {row.session for found in odd for row in found}
        return np.array(
            [
                one in elsewhere or self._sessions.holds(one)
                for one in table.slices(table.session[first], table.sequence[first] - 1)
            ],
            np.bool_,
        )

    def _write(self, table: Table, groups: Groups, ended: Flags, at: Places) -> Flags:
        """Make a batch of the sessions that ended; those that it cannot hold are none of them."""
        chosen = self._writer.choose(table, groups, ended)
        if chosen.any():
            batch = self._writer.write(table, groups, chosen, at)
            if batch is None:
                chosen = np.zeros_like(chosen)
            else:
                self._ready.append(batch)
        return chosen

    def _keep(self, table: Table, groups: Groups, lasting: Flags, at: Places, most: int) -> Flags:
        """Keep the rows of sessions that go on, unless these are too many.

        They are read again with the next block, so there must not be more of them than of a block.
        """
        lines = table.line[lasting[groups.session]]
        starts, ends = table.starts[lines], table.ends[lines] + 1
        if int((ends - starts).sum()) > most:
            lasting = np.zeros_like(lasting)
            lines = starts = ends = lines[:0]
        self._kept = b"".join(table.slices(starts, ends))
        self._kept_at = at[lines]
        return lasting

    def close(self, *, final: bool) -> tuple[list[SessionFacts], Remainder]:
        if self._held and final:
            self._complete(b"\n")
            self._offset -= 1
        lines = self._kept.split(b"\n")[:-1]
        for line, at in zip(lines, self._kept_at.tolist(), strict=True):
            self._sessions.row(read_rows(line)[0], at)
        return super().close(final=False)
