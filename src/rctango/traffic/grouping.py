"""The plain rows of a block by session, and which sessions can be read column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from rctango.traffic.schema import RECEIVE

if TYPE_CHECKING:
    from rctango.traffic.table import Table
    from rctango.traffic.words import Flags, Places

MOST_ROWS: Final = 1000
"""Of a session that is read by columns: no more than the names and domains that are kept."""
_MINUS, _PLUS = b"-+"


@dataclass(frozen=True, slots=True)
class Groups:
    """The rows of a table by session.

    Attributes:
        session: the number of each row's session, in the order of their first rows.
        order: the rows, session after session, those of one session in their order.
        count: how many rows each session has.
        first_row: the first row of each session.
        last_row: the last row of each session.
    """

    session: Places
    order: Places
    count: Places
    first_row: Places
    last_row: Places


def group(table: Table) -> Groups:
    """Put the rows of each session together."""
    session = pa.array(table.identity).dictionary_encode().indices.to_numpy()
    narrow = session.astype(np.uint16) if len(session) < 1 << 16 else session  # sorts much faster
    order = np.argsort(narrow, kind="stable")
    count = np.bincount(session)
    ends = np.cumsum(count)
    return Groups(session, order, count, order[ends - count], order[ends - 1])


def find_regular(table: Table, groups: Groups, log: str) -> tuple[Flags, Flags]:
    """Which sessions are regular and ended, and which are regular so far."""
    first, last = groups.first_row, groups.last_row
    zero = table.is_zero()
    event = table.bytes_at(table.event)
    regular = zero[first] & (_number(zero, groups) == 1) & (groups.count <= MOST_ROWS)
    if log == RECEIVE:
        regular &= _number(event == _PLUS, groups) == (event[first] == _PLUS)
    regular[groups.session[_changes(table, groups, log)]] = False
    disconnects = event == _MINUS
    number = _number(disconnects, groups)
    return regular & (number == 1) & disconnects[last], regular & (number == 0)


def _number(flags: Flags, groups: Groups) -> Places:
    """How many rows of each session have a flag."""
    return np.bincount(groups.session[flags], minlength=len(groups.count))


def _changes(table: Table, groups: Groups, log: str) -> Flags:
    """Which rows have other ends than their session.

    That is, another connector or remote endpoint than its first row, or another local endpoint than
    its last row. The rows of a send log lack the local endpoint until it is connected.
    """
    session, first, last = groups.session, groups.first_row, groups.last_row
    changes = table.differs(table.connector, table.session, first, session)
    if log == RECEIVE:
        return changes | table.differs(table.local, table.event, first, session)
    changes |= table.differs(table.remote, table.event, first, session)
    is_known = table.remote - table.local > 1
    return changes | (is_known & table.differs(table.local, table.remote, last, session))
