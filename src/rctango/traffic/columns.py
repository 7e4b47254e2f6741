"""Session facts and the rows of the ledger as Arrow columns.

It imports pyarrow, which is an extra: import this one late. The embedded store, Parquet files and
Spark get the same columns from here.
"""

from __future__ import annotations

from itertools import accumulate, chain
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from rctango.traffic.schema import (
    SESSION_COLUMNS,
    ProxiedClient,
    Recipients,
    Replies,
    SessionFacts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    Row = tuple[Any, ...]

BATCH: Final = 2000
"""Rows in a batch; larger ones take more time for each row."""

_TEXT = pa.string()
_NUMBER = pa.int64()
_PORT = pa.int32()
_TIME = pa.timestamp("us")
_FLAG = pa.bool_()
_NAMES = pa.list_(_TEXT)


def _structs(**fields: pa.DataType) -> pa.DataType:
    return pa.list_(pa.struct(list(fields.items())))


_SESSION_TYPES: Final[dict[str, pa.DataType]] = {
    "log": _TEXT,
    "role": _TEXT,
    "server": _TEXT,
    "connector": _TEXT,
    "session": _TEXT,
    "local": _TEXT,
    "local_port": _PORT,
    "remote": _TEXT,
    "remote_port": _PORT,
    "began": _TIME,
    "last_seen": _TIME,
    "started": _FLAG,
    "ended": _TEXT,
    "rows": _NUMBER,
    "commands": _NUMBER,
    "ehlo_names": _NAMES,
    "tls": _TEXT,
    "tls_protocol": _TEXT,
    "auth_mechanism": _TEXT,
    "auth_successes": _NUMBER,
    "auth_failures": _NUMBER,
    "offers_exchange_auth": _FLAG,
    "permissions": _TEXT,
    "messages": _NUMBER,
    "sender_domains": _NAMES,
    "recipients": _structs(domain=_TEXT, accepted=_NUMBER, refused=_NUMBER),
    "replies": _structs(code=_TEXT, count=_NUMBER),
    "proxied": _structs(session=_TEXT, address=_TEXT, helo=_TEXT, permissions=_NUMBER),
    "first_file": _NUMBER,
    "first_offset": _NUMBER,
    "last_file": _NUMBER,
    "last_offset": _NUMBER,
}

SESSIONS: Final = pa.schema([(name, _SESSION_TYPES[name]) for name in SESSION_COLUMNS])
"""The columns of ``SessionFacts``."""

OPEN_SESSIONS: Final = pa.schema([*SESSIONS, ("chain", _TEXT), ("key", _TEXT), ("state", _TEXT)])
"""The facts of a session that goes on, and what is needed to go on with it."""

_FILE_TYPES: Final[dict[str, pa.DataType]] = {
    "number": _NUMBER,
    "path": _TEXT,
    "member": _TEXT,
    "log": _TEXT,
    "role": _TEXT,
    "refusal": _TEXT,
    "chain": _TEXT,
    "began": _TEXT,
    "head_length": _NUMBER,
    "head": _TEXT,
    "next_offset": _NUMBER,
    "tail": _TEXT,
    "at_line_end": _FLAG,
    "lines": _NUMBER,
    "parsed": _NUMBER,
    "header": _NUMBER,
    "noise": _structs(reason=_TEXT, count=_NUMBER),
    "rejected": _NUMBER,
    "unfinished": _NUMBER,
    "first_seen": _TIME,
    "last_seen": _TIME,
    "problem": _TEXT,
}

FILES: Final = pa.schema(_FILE_TYPES)
"""What was read, one row for each content."""

_PLACE_TYPES: Final[dict[str, pa.DataType]] = {
    "path": _TEXT,
    "member": _TEXT,
    "size": _NUMBER,
    "modified": _NUMBER,
    "number": _NUMBER,
}

PLACES: Final = pa.schema(_PLACE_TYPES)
"""Where each content was seen: copies share a number."""

_REJECTED_TYPES: Final[dict[str, pa.DataType]] = {
    "file": _NUMBER,
    "line": _NUMBER,
    "reason": _TEXT,
}

REJECTED: Final = pa.schema(_REJECTED_TYPES)
"""The first rejected lines of each file."""


def to_batch(rows: Sequence[Row], schema: pa.Schema = SESSIONS) -> pa.RecordBatch:
    """Rows as a batch; by default plain tuples in the order of ``SESSION_COLUMNS``."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [to_array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def to_array(values: Sequence[Any], kind: pa.DataType) -> pa.Array[Any]:
    """One column; lists by their offsets and the values of all, which is much faster."""
    if not isinstance(kind, pa.ListType):
        return pa.array(values, kind)
    offsets = pa.array(list(accumulate(map(len, values), initial=0)), pa.int32())
    flat = list(chain.from_iterable(values))
    inside = kind.value_type
    if not isinstance(inside, pa.StructType):
        return pa.ListArray.from_arrays(offsets, pa.array(flat, inside), type=kind)
    fields = [inside.field(place) for place in range(inside.num_fields)]
    parts = list(zip(*flat, strict=True)) or [()] * len(fields)
    structs = pa.StructArray.from_arrays(
        [pa.array(part, field.type) for part, field in zip(parts, fields, strict=True)],
        fields=fields,
    )
    return pa.ListArray.from_arrays(offsets, structs, type=kind)


def from_batch(batch: pa.RecordBatch) -> list[SessionFacts]:
    """The rows of a batch of session facts."""
    columns = [column.to_pylist() for column in batch.columns]
    return [facts_of(row) for row in zip(*columns, strict=True)]


def facts_of(row: Row) -> SessionFacts:
    """Session facts from a row whose structures are dictionaries, as databases give them."""
    facts = SessionFacts(*row[: len(SESSION_COLUMNS)])
    return facts._replace(
        recipients=[Recipients(**one) for one in row[_RECIPIENTS]],
        replies=[Replies(**one) for one in row[_REPLIES]],
        proxied=[ProxiedClient(**one) for one in row[_PROXIED]],
    )


_RECIPIENTS, _REPLIES, _PROXIED = map(SESSION_COLUMNS.index, ("recipients", "replies", "proxied"))


def to_table(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    """Batches of the same columns as one table, without copying."""
    return pa.Table.from_batches(batches)


def join_batches(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """Batches of session facts, at least one row in all, as one."""
    return to_table(batches).combine_chunks().to_batches()[0]


def extent(batch: pa.RecordBatch) -> tuple[datetime, datetime]:
    """The times of the first and the last row of all sessions of a batch."""
    first = pc.min(batch.column("began")).as_py()
    last = pc.max(batch.column("last_seen")).as_py()
    assert first is not None  # noqa: S101 - a session has rows
    assert last is not None  # noqa: S101 - and they have times
    return first, last


def session_ids(batch: pa.RecordBatch) -> list[str]:
    """The session-ids of a batch of session facts."""
    return [str(one) for one in batch.column("session").to_pylist()]


def to_bytes(batches: Sequence[pa.RecordBatch]) -> bytes:
    """Batches of session facts as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SESSIONS) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def from_bytes(data: bytes) -> Iterator[pa.RecordBatch]:
    """The batches of an Arrow stream, one at a time."""
    with pa.ipc.open_stream(pa.py_buffer(data)) as reader:
        yield from reader


def from_file(path: str) -> Iterator[pa.RecordBatch]:
    """The batches of a file that holds an Arrow stream, one at a time."""
    with pa.OSFile(path, "rb") as source, pa.ipc.open_stream(source) as reader:
        yield from reader


class FileWriter:
    """Writes batches of session facts to a file, as an Arrow stream."""

    def __init__(self, path: str) -> None:
        self._sink = pa.OSFile(path, "wb")
        self._writer = pa.ipc.new_stream(self._sink, SESSIONS)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append a batch."""
        self._writer.write_batch(batch)

    def close(self) -> None:
        """End the stream."""
        self._writer.close()
        self._sink.close()
