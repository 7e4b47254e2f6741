"""The session store: one DuckDB database file with session facts and the ledger of files.

This module and ``engines`` alone know DuckDB, which is an extra: import them late.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import duckdb

from rctango._version import __version__
from rctango.errors import EvidenceError
from rctango.traffic import columns
from rctango.traffic.carry import Carry
from rctango.traffic.ledger import Entry, Fingerprint, Ledger, Place, sum_counts
from rctango.traffic.scanner import OpenSession
from rctango.traffic.schema import SESSION_COLUMNS, LineCounts, RejectedLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from types import TracebackType

    import pyarrow as pa

    from rctango.traffic.schema import SessionFacts

    Row = tuple[Any, ...]

SCHEMA_VERSION: Final = 1
MEMORY: Final = "512MB"
READING_MEMORY: Final = "64MB"
MOST_REJECTED: Final = 1000
PSEUDONYMISED: Final = "pseudonymised"
"""The mark of a store whose names and addresses are pseudonyms."""

TABLES: Final = {
    "sessions": columns.SESSIONS,
    "open_sessions": columns.OPEN_SESSIONS,
    "files": columns.FILES,
    "places": columns.PLACES,
    "rejected": columns.REJECTED,
}

_ROW_GROUP: Final = 20480  # rows; small, so that a commit of 64 MB of logs fills some
_APPLICATION: Final = "rctango"
_NAME: Final = "store"
_COLUMNS: Final = ", ".join(SESSION_COLUMNS)


class Store:
    """An open session store.

    Attributes:
        name: the file, for messages.
        connection: the DuckDB connection; the view ``all_sessions`` has the finished sessions and
            those that may go on, with the columns of ``SessionFacts``.
    """

    def __init__(self, name: str, path: Path, temporary: Path | None, memory: str) -> None:
        """Use ``open``."""
        self.name = name
        self._path = path
        self._temporary = temporary
        self._memory = memory
        self.connection = self._connect()

    @classmethod
    def open(cls, path: str | Path | None, *, memory: str = MEMORY) -> Store:
        """Open a store; it is made if it does not exist.

        Args:
            path: the database file; None for one that is deleted when it is closed.
            memory: how much memory DuckDB may use, such as ``64MB``.

        Raises:
            EvidenceError: the file is no store, damaged, in use, or of a newer version.
        """
        if path is not None:
            return cls(str(path), Path(path), None, memory)
        folder = Path(tempfile.mkdtemp(prefix="rctango-"))
        return cls("(temporary store)", folder / "store.duckdb", folder, memory)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; changes that were not committed are lost."""
        self.connection.close()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": self._memory,
                "temp_directory": f"{self._path}.tmp",
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        try:
            with self._errors():
                self._attach(connection, self._path)
                connection.execute(f"USE {_NAME}")
                self._prepare(connection)
        except EvidenceError:
            connection.close()
            raise
        return connection

    @staticmethod
    def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str = _NAME) -> None:
        quoted = str(path).replace("'", "''")
        connection.execute(f"ATTACH '{quoted}' AS {name} (ROW_GROUP_SIZE {_ROW_GROUP})")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (duckdb.Error, OSError) as error:
            raise EvidenceError(self.name, "", _reason(error)) from error

    def _prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the tables, or check that they are ours."""
        found = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = ?", [_NAME]
        ).fetchall()
        if not found:
            connection.execute("BEGIN")
            _create(connection)
            connection.execute("COMMIT")
            return
        meta = _read_meta(connection) if ("meta",) in found else {}
        if meta.get("application") != _APPLICATION:
            raise EvidenceError(self.name, "", "a database, but no session store")
        version = meta.get("schema", "")
        if version != str(SCHEMA_VERSION):
            reason = f"a session store of version {version}; this program reads {SCHEMA_VERSION}"
            raise EvidenceError(self.name, "", reason)

    def meta(self) -> dict[str, str]:
        """What the store says about itself: application, schema, tool and more."""
        with self._errors():
            return _read_meta(self.connection)

    def ledger(self) -> Ledger:
        """All that was read so far."""
        with self._errors():
            entries = self.connection.execute("FROM files").fetchall()
            places = self.connection.execute("FROM places").fetchall()
        names = columns.PLACES.names
        return Ledger(
            map(_entry, entries),
            (Place(**dict(zip(names, row, strict=True))) for row in places),
        )

    def carry(self) -> Carry:
        """The sessions that may go on."""
        with self._errors():
            rows = self.connection.execute("FROM open_sessions").fetchall()
        return Carry((row[-3], _open_session(row)) for row in rows)

    def rejected(self) -> list[tuple[int, RejectedLine]]:
        """File number and line of the first rejected lines of each file."""
        with self._errors():
            rows = self.connection.execute("FROM rejected ORDER BY file, line").fetchall()
        return [(number, RejectedLine(line=line, reason=reason)) for number, line, reason in rows]

    def line_totals(self) -> LineCounts:
        """The line counts of everything that was read."""
        return sum_counts(entry.counts for entry in self.ledger().entries.values())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything that happens inside, or nothing."""
        complete = False
        with self._errors():
            self.connection.execute("BEGIN")
        try:
            yield
            complete = True
        finally:
            if not complete:
                self.connection.execute("ROLLBACK")
        with self._errors():
            self.connection.execute("COMMIT")

    @contextmanager
    def frugal(self) -> Iterator[None]:
        """Take little memory and one core: what reading needs while others scan."""
        with self._errors():
            self.connection.execute(f"SET memory_limit = '{READING_MEMORY}'")
            self.connection.execute("SET threads = 1")
        try:
            yield
        finally:
            with self._errors():
                self.connection.execute(f"SET memory_limit = '{self._memory}'")
                self.connection.execute("RESET threads")

    def add(self, table: str, batches: Sequence[pa.RecordBatch]) -> None:
        """Append rows to a table."""
        if batches:
            with self._errors():
                # A registered table would stay in memory until the transaction ends.
                self.connection.from_arrow(columns.to_table(batches)).insert_into(table)

    def put_entries(self, entries: Sequence[Entry]) -> None:
        """Enter contents anew, or in place of what was known of them."""
        self._delete("files", "number", [entry.number for entry in entries])
        self.add("files", _rows("files", [_entry_row(entry) for entry in entries]))

    def put_places(self, places: Sequence[Place]) -> None:
        """Enter where contents were seen."""
        self._delete_pairs("places", "path, member", [(one.path, one.member) for one in places])
        names = columns.PLACES.names
        rows = [tuple(getattr(place, name) for name in names) for place in places]
        self.add("places", _rows("places", rows))

    def put_open(
        self, keys: Sequence[tuple[str, str]], sessions: Sequence[tuple[str, OpenSession]]
    ) -> None:
        """Store what is open now under the keys that have changed."""
        self._delete_pairs("open_sessions", "chain, key", keys)
        rows = [(*one.facts, chain, one.key, one.state) for chain, one in sessions]
        self.add("open_sessions", _rows("open_sessions", rows))

    def put_rejected(self, number: int, lines: Sequence[RejectedLine]) -> None:
        """Enter rejected lines of a file, up to a thousand for each."""
        if lines:
            with self._errors():
                found = self.connection.execute(
                    "SELECT count(*) FROM rejected WHERE file = ?", [number]
                ).fetchall()
            room = MOST_REJECTED - found[0][0]
            rows = [(number, line.line, line.reason) for line in lines[:room]]
            self.add("rejected", _rows("rejected", rows))

    def sessions(self) -> Iterator[list[SessionFacts]]:
        """All sessions, those that may go on too, some at a time."""
        with self._errors():
            found = self.connection.cursor().execute(f"FROM {_NAME}.all_sessions")
            while rows := found.fetchmany(columns.BATCH):
                yield [columns.facts_of(row) for row in rows]
            found.close()

    def mark(self, name: str) -> None:
        """Note something about the store for good."""
        with self._errors():
            self.connection.execute("INSERT INTO meta VALUES (?, 'yes')", [name])

    def shared_sessions(self, number: int) -> list[SessionFacts]:
        """Finished sessions that may have rows in a file and have some in others.

        Facts name the first and the last file only, so the time tells what may lie between.
        """
        with self._errors():
            rows = self.connection.execute(
                "SELECT sessions.* FROM sessions JOIN files ON number = ? "
                "AND first_file <> last_file "
                "AND sessions.last_seen >= first_seen AND sessions.began <= files.last_seen",
                [number],
            ).fetchall()
        return [columns.facts_of(row) for row in rows]

    def remove(self, number: int) -> None:
        """Remove a content with the sessions that have rows in it only."""
        self._delete("files", "number", [number])
        self._delete("places", "number", [number])
        self._delete("rejected", "file", [number])
        with self._errors():
            for table in ("sessions", "open_sessions"):
                self.connection.execute(
                    f"DELETE FROM {table} WHERE first_file = $1 AND last_file = $1",  # noqa: S608
                    [number],
                )

    def _delete(self, table: str, column: str, numbers: Sequence[int]) -> None:
        with self._errors():
            self.connection.execute(
                f"DELETE FROM {table} WHERE list_contains(?::BIGINT[], {column})",  # noqa: S608
                [list(numbers)],
            )

    def _delete_pairs(self, table: str, names: str, pairs: Sequence[tuple[str, str]]) -> None:
        if pairs:
            with self._errors():
                self.connection.execute(
                    f"DELETE FROM {table} WHERE ({names}) IN "  # noqa: S608 - ours
                    "(SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]))",
                    [list(one) for one in zip(*pairs, strict=True)],
                )

    def split_sessions(self) -> int:
        """How many sessions stand in two parts: the later log was read before the earlier one."""
        with self._errors():
            found = self.connection.execute(
                "SELECT count(*) FROM open_sessions AS early SEMI JOIN sessions AS late ON "
                "early.connector = late.connector AND early.session = late.session "
                "AND early.remote = late.remote "
                "AND early.remote_port IS NOT DISTINCT FROM late.remote_port "
                "AND NOT late.started AND late.began >= early.last_seen"
            ).fetchall()
        return int(found[0][0])

    def forget(self, before: date) -> int:
        """Remove the sessions that ended before a day, for good.

        The ledger stays, so that their logs are not read again.

        Returns:
            How many sessions were removed.
        """
        removed = 0
        with self.transaction(), self._errors():
            for table in ("sessions", "open_sessions"):
                found = self.connection.execute(
                    f"DELETE FROM {table} WHERE last_seen < ?",  # noqa: S608 - ours
                    [before],
                ).fetchall()
                removed += found[0][0]
        self._rewrite()
        return removed

    def _rewrite(self) -> None:
        """Write the database anew, because deleted rows may stay in the old file."""
        fresh = self._path.with_name(f"{self._path.name}.new")
        delete_database(fresh)
        with self._errors():
            self._attach(self.connection, fresh, "fresh")
            self.connection.execute(f"COPY FROM DATABASE {_NAME} TO fresh")
            self.connection.execute("USE memory")
            self.connection.execute("DETACH fresh")
            self.connection.execute(f"DETACH {_NAME}")
        self.connection.close()
        with self._errors():
            fresh.replace(self._path)
        self.connection = self._connect()

    def export_parquet(self, folder: Path) -> None:
        """Write all sessions and the ledger to ``sessions.parquet`` and ``files.parquet``.

        Raises:
            EvidenceError: the files cannot be written.
        """
        with self._errors():
            folder.mkdir(parents=True, exist_ok=True)
        sources = {"sessions": "FROM all_sessions", "files": "FROM files"}
        for name, query in sources.items():
            target = str(folder / f"{name}.parquet").replace("'", "''")
            with self._errors():
                self.connection.execute(
                    f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
                )


def delete_database(path: Path) -> None:
    """Delete a database file, and what a killed process may have left beside it."""
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    """What DuckDB says, in one line, and in other words where it is known what it means."""
    text = str(error).strip().partition("\n")[0]
    if "already attached" in text:
        return "in use already"
    if "lock on file" in text.casefold() or "being used by another process" in text:
        return "in use by another process"
    if "not a valid DuckDB database file" in text:
        return "no session store: not a DuckDB database"
    return text


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    for table, schema in TABLES.items():
        connection.from_arrow(columns.to_table([columns.to_batch([], schema)])).create(table)
    connection.execute("CREATE TABLE meta (name VARCHAR, text VARCHAR)")
    connection.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        [("application", _APPLICATION), ("schema", str(SCHEMA_VERSION)), ("tool", __version__)],
    )
    connection.execute(
        f"CREATE VIEW all_sessions AS SELECT {_COLUMNS} FROM sessions "  # noqa: S608 - ours
        f"UNION ALL SELECT {_COLUMNS} FROM open_sessions"
    )


def _read_meta(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    try:
        return dict(connection.execute("SELECT name, text FROM meta").fetchall())
    except duckdb.BinderException:
        return {}


def _rows(table: str, rows: Sequence[Row]) -> list[pa.RecordBatch]:
    return [columns.to_batch(rows, TABLES[table])] if rows else []


def _open_session(row: Row) -> OpenSession:
    return OpenSession(key=row[-2], state=row[-1], facts=columns.facts_of(row))


_PLAIN: Final = ("number", "path", "member", "log", "role", "refusal", "chain", "began")
_PRINT: Final = {"head_length": "head_length", "head": "head", "next_offset": "offset",
                 "tail": "tail", "at_line_end": "at_line_end"}  # fmt: skip
_SEEN: Final = ("first_seen", "last_seen", "problem")


def _entry(row: Row) -> Entry:
    values = dict(zip(columns.FILES.names, row, strict=True))
    noise = tuple((one["reason"], one["count"]) for one in values["noise"])
    counted = ("lines", "parsed", "header", "rejected", "unfinished")
    return Entry(
        **{name: values[name] for name in (*_PLAIN, *_SEEN)},
        fingerprint=Fingerprint(**{ours: values[name] for name, ours in _PRINT.items()}),
        counts=LineCounts(**{name: values[name] for name in counted}, noise=noise),
    )


def _entry_row(entry: Entry) -> Row:
    counts = entry.counts
    return (
        *(getattr(entry, name) for name in _PLAIN),
        *(getattr(entry.fingerprint, name) for name in _PRINT.values()),
        counts.lines,
        counts.parsed,
        counts.header,
        counts.noise,
        counts.rejected,
        counts.unfinished,
        *(getattr(entry, name) for name in _SEEN),
    )
