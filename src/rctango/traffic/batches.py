"""Batches of session facts from the regular sessions of a block."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import pyarrow as pa
from numpy.lib.stride_tricks import sliding_window_view

from rctango.traffic import columns
from rctango.traffic.courses import REFUSED, UNANSWERED, Course, Courses
from rctango.traffic.schema import RECEIVE, SESSION_COLUMNS, Recipients
from rctango.traffic.session import connector_of, endpoint, local_of
from rctango.traffic.symbols import NAMED, NOTHING, PROXIED, RECIPIENT, SENDER, Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from rctango.traffic.grouping import Groups
    from rctango.traffic.symbols import Symbolic
    from rctango.traffic.table import Flags, Places, Table

    Columns = dict[str, pa.Array[Any]]

_ID_LENGTH: Final = 16
_MOST_ADDRESSES: Final = 50_000
_DOTTED: Final[dict[bytes, str]] = {}


@cache
def _memory(log: str) -> tuple[Courses, Texts]:
    """What was found out about courses and texts, kept from file to file; bounded."""
    return Courses(log), Texts(log)


class Writer:
    """Makes batches of facts from regular sessions."""

    def __init__(self, file: int, log: str, role: str | None) -> None:
        self._file = file
        self._log = log
        self._role = role
        self._courses, self._texts = _memory(log)

    def choose(self, table: Table, groups: Groups, ended: Flags) -> Flags:
        """The sessions whose connector-id can be taken as it stands."""
        chosen = ended.copy()
        odd = b"\\\\" if self._log == RECEIVE else b"\\"
        places = np.flatnonzero(ended)
        names = _connectors(table, groups.first_row[places])
        strange = {name for name in set(names) if odd in name}
        if strange:
            chosen[places] = [name not in strange for name in names]
        return chosen

    def write(
        self, table: Table, groups: Groups, chosen: Flags, at: Places
    ) -> pa.RecordBatch | None:
        """The facts of the chosen sessions; None when they cannot be told by symbols."""
        rows = groups.order[np.repeat(chosen, groups.count)]
        count = groups.count[chosen]
        if self._texts.is_full:
            self._texts.forget()
        try:
            symbols = self._courses.symbols.of(table, rows)
        except OverflowError:
            self._courses.forget()
            return None
        first, last = groups.first_row[chosen], groups.last_row[chosen]
        made: Columns = {
            **self._constants(len(count)),
            **_identity(table, first, last),
            **_extent(table, first, last, at),
            "rows": pa.array(count, pa.int64()),
            **self._dialogue(table, rows, symbols, count),
        }
        return pa.RecordBatch.from_arrays(
            [made[name] for name in SESSION_COLUMNS], schema=columns.SESSIONS
        )

    def _constants(self, count: int) -> Columns:
        file = pa.repeat(pa.scalar(self._file, pa.int64()), count)
        return {
            "log": pa.repeat(pa.scalar(self._log, pa.string()), count),
            "role": pa.repeat(pa.scalar(self._role, pa.string()), count),
            "started": pa.repeat(pa.scalar(True), count),  # noqa: FBT003 - a value
            "first_file": file,
            "last_file": file,
        }

    def _dialogue(self, table: Table, rows: Places, symbols: Symbolic, count: Places) -> Columns:
        """What was said, and what came of it."""
        session = np.repeat(np.arange(len(count)), count)
        telling = symbols != NOTHING
        told = _sequences(symbols[telling].astype(np.uint16), session[telling], len(count))
        courses = [self._courses.of(one) for one in _each(told)]
        which = told.indices
        made = {
            name: _column(name, values).take(which)
            for name, values in zip(Course._fields, zip(*courses, strict=True), strict=True)
            if name != "answers"
        }
        recipients = np.flatnonzero(symbols == RECIPIENT)
        answers = b"".join([courses[one].answers for one in which.to_numpy().tolist()])
        answer = np.frombuffer(answers, np.uint8)
        answered = answer != UNANSWERED
        texts = self._texts.of(table, rows[recipients], RECIPIENT)
        counted = texts * 2 + (answer == REFUSED)
        made["recipients"] = self._lists(
            "recipients",
            counted[answered],
            session[recipients[answered]],
            len(count),
            self._counted,
        )
        for name, symbol in (
            ("ehlo_names", NAMED),
            ("sender_domains", SENDER),
            ("proxied", PROXIED),
        ):
            at = np.flatnonzero(symbols == symbol)
            texts = self._texts.of(table, rows[at], symbol)
            given = texts != 0
            make = self._all if symbol == PROXIED else self._different
            made[name] = self._lists(name, texts[given], session[at[given]], len(count), make)
        return made

    def _lists(
        self,
        name: str,
        values: Symbolic,
        session: Places,
        count: int,
        make: Callable[[list[int]], Sequence[Any]],
    ) -> pa.Array[Any]:
        """A column of lists, each made from the values of its session."""
        found = _sequences(values.astype(np.int32), session, count)
        known = self._texts.lists[name]
        sequences = _each(found)
        for one in sequences:
            if one not in known:
                known[one] = make(np.frombuffer(one, np.int32).tolist())
        lists = [known[one] for one in sequences]
        return _column(name, lists).take(found.indices)

    def _different(self, numbers: list[int]) -> list[str]:
        values = self._texts.values
        return [values[number] for number in dict.fromkeys(numbers)]

    def _all(self, numbers: list[int]) -> list[Any]:
        values = self._texts.values
        return [values[number] for number in numbers]

    def _counted(self, numbers: list[int]) -> list[Recipients]:
        values = self._texts.values
        found: dict[int, list[int]] = {}
        for number in numbers:
            found.setdefault(number >> 1, [0, 0])[number & 1] += 1
        return [Recipients(values[text], *counts) for text, counts in found.items()]


def _column(name: str, values: Sequence[Any]) -> pa.Array[Any]:
    return columns.to_array(values, columns.SESSIONS.field(name).type)


def _sequences(values: NDArray[Any], session: Places, count: int) -> pa.DictionaryArray[Any, Any]:
    """The values of each session as bytes, each different sequence once."""
    ends = np.searchsorted(session, np.arange(count + 1)) * values.itemsize
    offsets = pa.py_buffer(ends.astype(np.int32).data)
    data = pa.py_buffer(np.ascontiguousarray(values).data)
    sequences = pa.Array.from_buffers(pa.binary(), count, [None, offsets, data])
    return sequences.dictionary_encode()


def _each(sequences: pa.DictionaryArray[Any, Any]) -> list[bytes]:
    return cast("list[bytes]", sequences.dictionary.to_pylist())


def _connectors(table: Table, rows: Places) -> list[bytes]:
    return table.slices(table.connector[rows], table.sequence[rows] - _ID_LENGTH - 2)


def _identity(table: Table, first: Places, last: Places) -> Columns:
    """Connector, session-id and endpoints."""
    connectors = [connector_of(one) for one in _connectors(table, first)]
    locals_ = [local_of(one) for one in table.slices(table.local[last], table.remote[last] - 1)]
    remotes = _endpoints(table.slices(table.remote[first], table.event[first] - 1))
    made = {"session": _session_ids(table, first)}
    for names, pairs in (
        (("connector", "server"), connectors),
        (("local", "local_port"), locals_),
        (("remote", "remote_port"), remotes),
    ):
        for name, values in zip(names, zip(*pairs, strict=True), strict=True):
            made[name] = _column(name, values)
    return made


def _endpoints(texts: list[bytes]) -> list[tuple[str, int | None]]:
    """Addresses and ports; those of IPv4 go the short way."""
    found: list[tuple[str, int | None]] = []
    for text in texts:
        address, _, port = text.rpartition(b":")
        plain = _DOTTED.get(address)
        if plain is not None and port.isdigit() and len(port) <= 5:
            found.append((plain, int(port)))
            continue
        found.append(endpoint(text.decode("utf-8", "replace")))
        if len(_DOTTED) < _MOST_ADDRESSES and address.replace(b".", b"").isdigit():
            _DOTTED[address] = address.decode("ascii")
    return found


def _session_ids(table: Table, rows: Places) -> pa.Array[Any]:
    text = sliding_window_view(np.frombuffer(table.data, np.uint8), _ID_LENGTH)
    chosen = np.ascontiguousarray(text[table.sequence[rows] - _ID_LENGTH - 1])
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * _ID_LENGTH
    buffers = [None, pa.py_buffer(offsets.data), pa.py_buffer(chosen.data)]
    return pa.Array.from_buffers(pa.string(), len(rows), buffers)


def _extent(table: Table, first: Places, last: Places, at: Places) -> Columns:
    """When and where."""
    began, ended = (
        pa.array(table.microseconds(rows), pa.int64()).view(pa.timestamp("us"))
        for rows in (first, last)
    )
    return {
        "began": began,
        "last_seen": ended,
        "first_offset": pa.array(at[table.line[first]], pa.int64()),
        "last_offset": pa.array(at[table.line[last]], pa.int64()),
    }
