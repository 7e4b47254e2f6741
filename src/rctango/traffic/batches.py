"""Batches of session facts from the regular sessions of a block."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import pyarrow as pa

from rctango.traffic import columns
from rctango.traffic.courses import REFUSED, UNANSWERED, Course, Courses
from rctango.traffic.schema import RECEIVE, SESSION_COLUMNS, ProxiedClient, Recipients
from rctango.traffic.session import connector_of, endpoint, proxied_client
from rctango.traffic.symbols import NAMED, NOTHING, PROXIED, RECIPIENT, SENDER, XPROXYFROM, Texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rctango.traffic.grouping import Groups
    from rctango.traffic.symbols import Symbolic
    from rctango.traffic.table import Table
    from rctango.traffic.words import Flags, Places

    Columns = dict[str, pa.Array[Any]]

_PORT_DIGITS: Final = 5
_COLON, _ZERO = b":0"


@cache
def _memory(log: str) -> tuple[Courses, Texts]:
    """What was found out about courses and texts, kept from file to file; bounded."""
    return Courses(log), Texts()


class Writer:
    """Makes batches of facts from regular sessions."""

    def __init__(self, file: int, log: str, role: str | None) -> None:
        self._file = file
        self._log = log
        self._role = role
        self._courses, self._texts = _memory(log)

    def choose(self, table: Table, groups: Groups, ended: Flags) -> Flags:
        """The sessions whose connector-id can be taken as it stands."""
        odd = b"\\\\" if self._log == RECEIVE else b"\\"
        connectors = _connectors(table, groups.first_row)
        usual = np.array([odd not in name for name in _each(connectors)], np.bool_)
        return np.asarray(ended & usual[connectors.indices.to_numpy()])

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
        answers = b"".join([courses[one].answers for one in which.to_numpy().tolist()])
        at = np.flatnonzero(symbols == RECIPIENT)
        texts = self._texts.of(table, rows[at], RECIPIENT)
        answer = np.frombuffer(answers, np.uint8)
        made["recipients"] = self._recipients(session[at], texts, answer, len(count))
        for name, symbol in (("ehlo_names", NAMED), ("sender_domains", SENDER)):
            at = np.flatnonzero(symbols == symbol)
            texts = self._texts.of(table, rows[at], symbol)
            given = texts != 0
            where, different, _ = _different(session[at[given]], texts[given], len(count))
            made[name] = _list(name, where, self._texts.column(different))
        at = np.flatnonzero(symbols == PROXIED)
        made["proxied"] = _proxied(table, rows[at], session[at].tolist(), len(count))
        return made

    def _recipients(
        self, session: Places, texts: Symbolic, answer: NDArray[np.uint8], count: int
    ) -> pa.Array[Any]:
        """How many recipients of each domain were accepted and refused, session by session."""
        answered = answer != UNANSWERED
        where, different, which = _different(session[answered], texts[answered], count)
        refused = answer[answered] == REFUSED
        structs = pa.StructArray.from_arrays(
            [
                self._texts.column(different),
                *(
                    pa.array(np.bincount(which[flags], minlength=len(different)))
                    for flags in (~refused, refused)
                ),
            ],
            names=list(Recipients._fields),
        )
        return _list("recipients", where, structs)


def _different(
    session: Places, texts: Symbolic, count: int
) -> tuple[Places, Places, NDArray[np.int32]]:
    """The different texts of each session, in the order in which they come first.

    Returns:
        Where those of each session begin, and where the last ones end; the texts; and for each text
        given the number of the one that is the same.
    """
    encoded = pa.array(session << 32 | texts).dictionary_encode()
    different = encoded.dictionary.to_numpy()
    where = np.searchsorted(different >> 32, np.arange(count + 1))
    return where, different & 0xFFFFFFFF, encoded.indices.to_numpy()


def _list(name: str, where: Places, values: pa.Array[Any]) -> pa.Array[Any]:
    offsets = pa.array(where, pa.int32())
    kind = columns.SESSIONS.field(name).type
    lists: pa.Array[Any] = pa.ListArray.from_arrays(offsets, values, type=kind)
    return lists


def _proxied(table: Table, rows: Places, session: list[int], count: int) -> pa.Array[Any]:
    clients: list[list[ProxiedClient]] = [[] for _ in range(count)]
    commands = table.slices(table.text[rows] + len(XPROXYFROM), table.text_end[rows])
    for number, rest in zip(session, commands, strict=True):
        clients[number].append(proxied_client(rest.replace(b'""', b'"')))
    return _column("proxied", clients)


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


def _connectors(table: Table, rows: Places) -> pa.DictionaryArray[Any, Any]:
    return table.texts(table.connector[rows], table.session[rows] - 1).dictionary_encode()


def _identity(table: Table, first: Places, last: Places) -> Columns:
    """Connector, session-id and endpoints."""
    connectors = _connectors(table, first)
    named = [connector_of(one) for one in _each(connectors)]
    local, local_port = _endpoints(table, table.local[last], table.remote[last] - 1)
    remote, remote_port = _endpoints(table, table.remote[first], table.event[first] - 1)
    return {
        "session": _session_ids(table, first),
        "connector": _column("connector", [name for name, _ in named]).take(connectors.indices),
        "server": _column("server", [server for _, server in named]).take(connectors.indices),
        "local": local,
        "local_port": local_port,
        "remote": remote,
        "remote_port": remote_port,
    }


def _endpoints(table: Table, starts: Places, ends: Places) -> tuple[pa.Array[Any], pa.Array[Any]]:
    """Addresses and ports. What is no host with a port goes the long way."""
    colon, port = _ports(table, starts, ends)
    hosts = table.texts(starts, colon).dictionary_encode()
    told = [_host(one) for one in _each(hosts)]
    odd = colon == ends
    odd |= np.array([number != 1 for _, number in told], np.bool_)[hosts.indices.to_numpy()]
    addresses = _column("remote", [address for address, _ in told]).take(hosts.indices)
    if not odd.any():
        return addresses, pa.array(port, pa.int32())
    known = addresses.to_pylist()
    ports: list[int | None] = port.tolist()
    for at in np.flatnonzero(odd).tolist():
        text = table.data[starts[at] : ends[at]].decode("utf-8", "replace")
        known[at], ports[at] = endpoint(text)
    return _column("remote", known), _column("remote_port", ports)


@lru_cache(maxsize=10_000)
def _host(raw: bytes) -> tuple[str, int | None]:
    """The address of a host with port 1, and that port if it is understood."""
    return endpoint(raw.decode("utf-8", "replace") + ":1")


def _ports(table: Table, starts: Places, ends: Places) -> tuple[Places, NDArray[np.int32]]:
    """Where the last colon stands, and the number of one to five digits behind it.

    Without such a number the place is the end.
    """
    colon = ends.copy()
    port = np.zeros(len(ends), np.int32)
    going = np.ones(len(ends), np.bool_)
    for back in range(1, _PORT_DIGITS + 2):
        byte = table.bytes_at(ends - back)
        inside = ends - back >= starts
        ended = going & inside & (byte == _COLON) & (back > 1)
        colon[ended] -= back
        digit = byte - np.uint8(_ZERO)
        going &= inside & ~ended & (digit <= 9)
        if back <= _PORT_DIGITS:
            port += np.where(going, digit.astype(np.int32) * 10 ** (back - 1), 0)
    return colon, port


def _session_ids(table: Table, rows: Places) -> pa.Array[Any]:
    return table.texts(table.session[rows], table.sequence[rows] - 1).cast(pa.string())


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
