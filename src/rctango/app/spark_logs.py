"""Logs that Apache Spark reads and asks; loaded only when Spark is wanted."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rctango.app.logs import MOST_REJECTED, Logs
from rctango.model.log_reading import CountedLines, FileProblem, LogsRead, RejectedRow
from rctango.traffic import answers
from rctango.traffic.engines import connect_spark
from rctango.traffic.ledger import Ledger, sum_counts
from rctango.traffic.planning import make_plan
from rctango.traffic.queries import Asked
from rctango.traffic.schema import LineCounts
from rctango.traffic.spread import assign

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from rctango.app.logs import LogRequest
    from rctango.traffic.logfiles import LogFile
    from rctango.traffic.planning import Plan
    from rctango.traffic.spark import SparkEngine


@contextmanager
def open_with_spark(
    request: LogRequest,
    master: str,
    asked: Asked,
    files: tuple[LogFile, ...],
    problems: list[tuple[str, str]],
) -> Iterator[Logs]:
    """Let Spark read logs into a folder, or ask a folder that it has written before.

    Raises:
        RctangoError: Spark or Java is missing, or Spark fails.
    """
    with (
        tempfile.TemporaryDirectory(prefix="rctango-") as folder,
        connect_spark(master, request.facts or folder) as engine,
    ):
        plan = make_plan(files, Ledger((), ()))
        if plan.tasks:
            engine.read(assign(plan.tasks))
        read = _logs_read(engine, request, plan, problems)
        yield Logs(read=read, engine=engine, asked=asked, store=None, files=files)


def _logs_read(
    engine: SparkEngine, request: LogRequest, plan: Plan, problems: list[tuple[str, str]]
) -> LogsRead:
    rows = engine.files()
    lines = sum_counts(_counts(row) for row in rows)
    found = answers.totals(engine, Asked())
    lost = [*problems, *plan.problems]
    lost += [(_name(row), row["problem"]) for row in rows if row["problem"] is not None]
    rejected = [
        RejectedRow(path=_name(row), line=one["line"], why=one["reason"])
        for row in rows
        for one in row["rejected_lines"]
    ]
    return LogsRead(
        source=request.facts or ", ".join(request.paths),
        files=len(rows),
        files_new=len(plan.tasks),
        copies=len(plan.copies),
        sessions=sum(one.sessions for one in found),
        lines=lines.lines,
        parsed=lines.parsed,
        header=lines.header,
        noise=tuple(CountedLines(reason=reason, lines=count) for reason, count in lines.noise),
        rejected=lines.rejected,
        unfinished=lines.unfinished,
        rejected_rows=tuple(rejected[:MOST_REJECTED]),
        refused=tuple(FileProblem(path=path, why=why) for path, why in plan.refused),
        problems=tuple(FileProblem(path=path, why=why) for path, why in dict(lost).items()),
        first_seen=min((one.first_seen for one in found), default=None),
        last_seen=max((one.last_seen for one in found), default=None),
    )


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['path']}!{row['member']}" if row["member"] else str(row["path"])


def _counts(row: Mapping[str, Any]) -> LineCounts:
    return LineCounts(
        lines=row["lines"],
        parsed=row["parsed"],
        header=row["header"],
        noise=tuple((one["reason"], one["count"]) for one in row["noise"]),
        rejected=row["rejected"],
        unfinished=row["unfinished"],
    )
