"""Where one machine is not enough: the same scanner and the same SQL on Apache Spark.

The files are shared out over the executors, which scan them and give Arrow batches of session
facts; these land in Parquet. Then the sessions that go on from file to file are joined. The
executors need the same version of rctango, with the extra ``spark``, and the log files at the same
paths as here. This is the only module that imports pyspark: import this one late.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, Self

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import Row, SparkSession
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

from rctango.errors import RctangoError
from rctango.traffic.columns import BATCH, SESSIONS, to_batch
from rctango.traffic.engines import PARAMETER
from rctango.traffic.queries import TEXTS, own_domain_rows
from rctango.traffic.schema import SESSION_COLUMNS
from rctango.traffic.spread import (
    FILE,
    WHOLE,
    WHOLE_COLUMNS,
    Assignment,
    Rest,
    counts_of,
    into_bins,
    join_rests,
    read_bins,
    scan,
    write_bins,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

    from rctango.traffic.queries import Asked, Question
    from rctango.traffic.schema import SessionFacts

_SMALL_BIN: Final = 16 << 20  # bytes of logs for which a task more is worth its start
_LARGE_BIN: Final = 256 << 20  # bytes of logs that one task scans at most, unless a file is larger
_SETTINGS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}
_MASTER: Final = re.compile(r"local(\[[^\]]+\])?|yarn|(spark|k8s)://.+")
_INSTALL_JAVA: Final = (
    "install Java 17 or 21, such as openjdk-17-jre-headless (Debian, Ubuntu), "
    "java-17-openjdk-headless (Red Hat) or Microsoft.OpenJDK.17 (winget), or set JAVA_HOME"
)
_CAUSE: Final = re.compile(r"\w(Error|Exception): ")
_JavaError: Final[type[Exception]] = import_module("py4j.protocol").Py4JError
"""What comes out of Java; it has a name only in py4j, which pyspark brings along."""

_STAGED: Final = pa.schema(
    [
        *SESSIONS,
        ("chain", pa.string()),
        ("file", pa.int64()),
        ("kind", pa.string()),
        ("place", pa.int64()),
        ("rest_session", pa.string()),
        ("key", pa.string()),
        ("state", pa.string()),
    ]
)
"""Session facts with their file's chain, or (where there is a kind) what is left of a file."""

_REST_COLUMNS: Final = _STAGED.names[len(SESSIONS) :]
_NO_FACTS: Final[tuple[Any, ...]] = tuple(
    [] if isinstance(kind, pa.ListType) else None for kind in SESSIONS.types
)
_FILE_COLUMNS: Final = (
    "number BIGINT, path STRING, member STRING, log STRING, role STRING, chain STRING, "
    "lines BIGINT, parsed BIGINT, header BIGINT, "
    "noise ARRAY<STRUCT<reason: STRING, count: BIGINT>>, rejected BIGINT, unfinished BIGINT, "
    "rejected_lines ARRAY<STRUCT<line: BIGINT, reason: STRING>>, problem STRING"
)
_SPARK_NAMES: Final = {
    "string": "STRING",
    "int64": "BIGINT",
    "int32": "INT",
    "bool": "BOOLEAN",
    "timestamp[us]": "TIMESTAMP_NTZ",
}


def _spark_type(kind: pa.DataType) -> str:
    if isinstance(kind, pa.ListType):
        return f"ARRAY<{_spark_type(kind.value_type)}>"
    if isinstance(kind, pa.StructType):
        return f"STRUCT<{_spark_columns(kind)}>"
    return _SPARK_NAMES[str(kind)]


def _spark_columns(fields: Iterable[pa.Field[Any]]) -> str:
    """Arrow's columns as Spark writes them."""
    return ", ".join(f"`{field.name}` {_spark_type(field.type)}" for field in fields)


def _as_sent(kind: pa.DataType) -> pa.DataType:
    """The same type with the name that Spark gives the elements of lists."""
    if isinstance(kind, pa.ListType):
        return pa.list_(pa.field("element", kind.value_type))
    return kind


_SENT: Final = pa.schema([(field.name, _as_sent(field.type)) for field in _STAGED])


class LogSource(DataSource):
    """Log files as a data source of Spark; the option ``bins`` is the path of their list."""

    @classmethod
    def name(cls) -> str:
        """What Spark knows it by."""
        return "rctango-logs"

    def schema(self) -> str:
        """The columns."""
        return _spark_columns(_STAGED)

    def reader(self, schema: StructType) -> DataSourceReader:  # noqa: ARG002 - Spark's signature
        """What reads it."""
        return LogReader(read_bins(Path(self.options["bins"]).read_text(encoding="utf-8")))


class LogReader(DataSourceReader):
    """Reads each bin of files as one partition."""

    def __init__(self, bins: list[list[Assignment]]) -> None:
        self._bins = bins

    def partitions(self) -> Sequence[InputPartition]:
        """One for each bin."""
        return [InputPartition(held) for held in self._bins]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Scan the files of a bin."""
        rests: list[tuple[Any, ...]] = []
        for task in partition.value:
            for found in scan(task):
                if isinstance(found, Rest):
                    rests.append((*_NO_FACTS, *found))
                else:
                    yield _staged(found, task.chain).cast(_SENT)
                if len(rests) >= BATCH:
                    yield to_batch(rests, _STAGED).cast(_SENT)
                    rests.clear()
        if rests:
            yield to_batch(rests, _STAGED).cast(_SENT)


def _staged(facts: pa.RecordBatch, chain: str) -> pa.RecordBatch:
    """Session facts with the columns of a rest, which are empty but for the chain."""
    count = facts.num_rows
    rest = [pa.array([None] * count, kind) for kind in _STAGED.types[len(facts.columns) + 1 :]]
    chains = pa.repeat(pa.scalar(chain, pa.string()), count)
    return pa.RecordBatch.from_arrays([*facts.columns, chains, *rest], schema=_STAGED)


def _join(
    rows: Iterable[Row], void: Mapping[int, Assignment], *, by_session: bool
) -> Iterator[SessionFacts]:
    """Join the rests of one partition, which stand in order."""
    return join_rests((Rest(*row) for row in rows), void, by_session=by_session)


def _check(master: str) -> None:
    """Tell what is missing before Spark says so in its own words.

    Raises:
        RctangoError: the master's URL is none, or there is no Java.
    """
    if _MASTER.fullmatch(master) is None:
        raise RctangoError(
            f"{master!r} is no master URL of Spark such as local[4], spark://host:7077 or yarn"
        )
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=None if home is None else str(Path(home, "bin"))) is None:
        raise RctangoError(f"the Spark engine needs Java: {_INSTALL_JAVA}")


@contextmanager
def _spark_errors(what: str) -> Iterator[None]:
    """Say in one line what went wrong: Spark's first line, and the last that names an error."""
    try:
        yield
    except (PySparkException, _JavaError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        causes = [line for line in lines if _CAUSE.search(line)]
        reason = " - ".join(dict.fromkeys((*lines[:1], *causes[-1:])))
        if "JAVA_GATEWAY_EXITED" in reason:
            reason = f"Java failed; {_INSTALL_JAVA}"
        raise RctangoError(f"{what}: {reason}") from error


class SparkEngine:
    """Session facts in Parquet, written and asked by Spark.

    The folder, a path or a URL that every executor can write to, holds ``sessions`` with the
    columns of ``SessionFacts``, and ``files`` with where the lines of each file went. It is whole
    once ``files`` is.
    """

    def __init__(self, master: str, folder: str, settings: Mapping[str, str] | None = None) -> None:
        """Start Spark here or on a cluster.

        Args:
            master: the master's URL: ``local[2]``, ``spark://host:7077``, ``yarn``, ``k8s://...``.
            folder: where the facts are, or will be.
            settings: further settings of Spark.

        Raises:
            RctangoError: Java is missing, or Spark does not start.
        """
        _check(master)
        if master.startswith("local"):
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        with _spark_errors("Spark does not start"):
            builder = SparkSession.builder.appName("rctango").master(master)
            for name, value in {**(settings or {}), **_SETTINGS}.items():
                builder = builder.config(name, value)
            self._session = builder.getOrCreate()
            self._session.sparkContext.setLogLevel("ERROR")
        self._folder = folder if "://" in folder else Path(folder).absolute().as_uri()
        self._ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop Spark; the facts stay."""
        self._session.stop()

    def read(self, files: Sequence[Assignment]) -> None:
        """Scan log files into the folder, which must not hold facts yet.

        Raises:
            RctangoError: the folder holds facts already, or Spark fails.
        """
        if self._is_whole():
            raise RctangoError(f"{self._folder} holds session facts already: name another folder")
        for left_over in ("staged", "sessions", "files"):
            self._delete(left_over)
        with _spark_errors("Spark cannot read the logs"), TemporaryDirectory() as spool:
            bins = Path(spool, "bins.json")
            bins.write_text(write_bins(into_bins(files, self._most(files))), encoding="utf-8")
            self._session.dataSource.register(LogSource)
            source = self._session.read.format(LogSource.name()).option("bins", str(bins)).load()
            source.write.parquet(self._place("staged"))
        with _spark_errors("Spark cannot join the sessions"):
            self._put_together({one.number: one for one in files})
        self._delete("staged")

    def _most(self, files: Iterable[Assignment]) -> int:
        """How many tasks: several for each core, so that all stay busy, where that is worth it."""
        size = sum(one.file.packed for one in files)
        cores = self._session.sparkContext.defaultParallelism
        return max(cores, min(4 * cores, size // _SMALL_BIN), size // _LARGE_BIN)

    def _put_together(self, files: Mapping[int, Assignment]) -> None:
        """Write ``sessions`` and ``files`` from what the executors have found."""
        staged = self._session.read.parquet(self._place("staged"))
        found = staged.where(staged["kind"] == FILE).select("file", "state").collect()
        counts = {row[0]: counts_of(row[1]) for row in found}
        void = {number: files[number] for number, one in counts.items() if one.is_void}
        ended = staged.where(staged["kind"].isNull())
        if void:
            ended = ended.where(~ended["last_file"].isin(list(void)))
        sessions = ended.select(*SESSION_COLUMNS).union(self._joined(staged, ended, void))
        sessions.write.parquet(self._place("sessions"))
        rows = []
        for number, one in sorted(counts.items()):
            task = files[number]
            names = (task.file.place, task.file.member, task.log, task.role, task.chain)
            lines = (one.lines, one.parsed, one.header, one.noise, one.rejected, one.unfinished)
            rows.append((number, *names, *lines, one.rejected_lines, one.problem))
        self._session.createDataFrame(rows, _FILE_COLUMNS).write.parquet(self._place("files"))

    def _joined(
        self, staged: DataFrame, ended: DataFrame, void: Mapping[int, Assignment]
    ) -> DataFrame:
        """The sessions that were still open at the end of a file.

        Each session-id is joined for itself. If files have to be scanned again, all files of a
        chain are joined one after another.
        """
        rests = staged.where(staged["kind"].isNotNull()).select(*_REST_COLUMNS)
        whole = ended.selectExpr(
            "chain",
            "last_file AS file",
            f"'{WHOLE}' AS kind",
            "first_offset AS place",
            "session AS rest_session",
            "'' AS key",
            f"to_json(struct({', '.join(WHOLE_COLUMNS)})) AS state",
        )
        order = ["chain"]
        if not void:
            rests = rests.where(rests["kind"] != FILE)
            order.append("rest_session")
            whole = whole.join(rests, order, "left_semi").select(*_REST_COLUMNS)
        both = rests.union(whole).repartition(*order)
        ordered = both.sortWithinPartitions(*order, "file", "kind", "place")
        joined = ordered.rdd.mapPartitions(partial(_join, void=void, by_session=not void))
        return self._session.createDataFrame(joined, _spark_columns(SESSIONS), verifySchema=False)

    def rows(self, question: Question, asked: Asked) -> list[tuple[Any, ...]]:
        """The rows of the question's text, in its order.

        Raises:
            RctangoError: the folder holds no session facts, or Spark fails.
        """
        text = TEXTS[question]
        with _spark_errors("Spark cannot answer"):
            if not self._ready:
                self._open("sessions").createOrReplaceTempView("all_sessions")
                self._ready = True
            if "own_domains" in text:
                domains = own_domain_rows(asked.accepted_domains)
                columns = "domain STRING, is_suffix BOOLEAN"
                frame = self._session.createDataFrame(domains, columns)
                frame.createOrReplaceTempView("own_domains")
            values = asked.parameters()
            used: dict[str, Any] = {name: values[name] for name in PARAMETER.findall(text)}
            found = self._session.sql(text, args=used).collect()
        return [tuple(_plain(value) for value in row) for row in found]

    def files(self) -> list[dict[str, Any]]:
        """Where the lines of each file went, in the order of their numbers.

        Raises:
            RctangoError: the folder holds no session facts, or Spark fails.
        """
        with _spark_errors("Spark cannot answer"):
            found = self._open("files").sort("number").collect()
        return [row.asDict(recursive=True) for row in found]

    def _open(self, name: str) -> DataFrame:
        if not self._is_whole():
            raise RctangoError(f"{self._folder} holds no session facts, or not all of them")
        return self._session.read.parquet(self._place(name))

    def _place(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def _is_whole(self) -> bool:
        path, system = self._found("files/_SUCCESS")
        return bool(system.exists(path))

    def _delete(self, name: str) -> None:
        path, system = self._found(name)
        system.delete(path, True)  # noqa: FBT003 - Java's signature

    def _found(self, name: str) -> tuple[Any, Any]:
        """A path and its file system, which may be any that Spark knows."""
        context: Any = self._session.sparkContext
        path = context._jvm.org.apache.hadoop.fs.Path(self._place(name))  # noqa: SLF001 - no API
        return path, path.getFileSystem(context._jsc.hadoopConfiguration())  # noqa: SLF001 - same


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    if isinstance(value, Row):
        return value.asDict()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value
