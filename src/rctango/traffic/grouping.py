"""The plain rows of a block by session, and which sessions can be read column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from rctango.traffic.schema import RECEIVE

if TYPE_CHECKING:
    from rctango.traffic.table import Flags, Places, Table

MOST_ROWS: Final = 1000
"""Of a session that is read by columns: no more than the names and domains that are kept."""
_MINUS, _PLUS = b"-+"
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Groups:
    """The rows of a table by session.

    Attributes:
        order: the rows, session after session, those of one session in their order.
        first: where in ``order`` each session begins.
        count: how many rows it has.
    """

    order: Places
    first: Places
    count: Places

    @property
    def first_row(self) -> Places:
        """The first row of each session."""
        return self.order[self.first]

    @property
    def last_row(self) -> Places:
        """The last row of each session."""
        return np.asarray(self.order[self.first + self.count - 1])


def group(table: Table) -> Groups:
    """Put the rows of each session together."""
    codes = pa.array(table.identity).dictionary_encode().indices.to_numpy()
    if len(codes) < 1 << 16:
        codes = codes.astype(np.uint16)  # which sorts much faster
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = ordered[1:] != ordered[:-1]
    first = np.flatnonzero(begins)
    return Groups(order, first, np.diff(first, append=len(order)))


def find_regular(table: Table, groups: Groups, log: str) -> tuple[Flags, Flags]:
    """Which sessions are regular and ended, and which are regular so far."""
    order, first, count = groups.order, groups.first, groups.count
    if not len(order):
        return np.zeros(0, np.bool_), np.zeros(0, np.bool_)
    zero = table.is_zero()[order]
    event = table.bytes_at(table.event[order])
    regular = zero[first] & (_sums(zero, first) == 1) & (count <= MOST_ROWS)
    if log == RECEIVE:
        regular &= _sums(event == _PLUS, first) == (event[first] == _PLUS)
    regular &= _have_same_ends(table, groups)
    disconnects = event == _MINUS
    number = _sums(disconnects, first)
    return regular & (number == 1) & disconnects[first + count - 1], regular & (number == 0)


def _sums(flags: Flags, first: Places) -> Places:
    return np.asarray(np.add.reduceat(flags, first, dtype=np.intp))


def _have_same_ends(table: Table, groups: Groups) -> Flags:
    """Which sessions keep their connector and endpoints.

    The rows of a send log lack the local endpoint until it is connected.
    """
    order, times = groups.order, groups.count
    first, last = groups.first_row, groups.last_row
    connector, local, remote = table.connector, table.local, table.remote
    changes = np.zeros(len(order), np.bool_)
    for place, length, other in (
        (connector, table.sequence - _ID_LENGTH - 1 - connector, first),
        (remote, table.event - remote, first),
        (local, remote - local, last),
    ):
        size = length[order] - 1
        differs = table.differs(place[order], size, place[other], times) != 0
        differs |= size != np.repeat(length[other] - 1, times)
        changes |= differs & ((place is not local) | (size > 0))
    return ~np.logical_or.reduceat(changes, groups.first)
