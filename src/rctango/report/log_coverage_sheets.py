"""What the logs cover, as sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.report.log_words import day, endpoint, number, plain, when
from rctango.report.records import time_text
from rctango.report.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rctango.model.log_coverage import LogCoverage, LoggedSpan
    from rctango.report.log_documents import CoverageReport


def _span_rows(spans: Iterable[LoggedSpan]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            one.connector if one.connector is not None else (one.server or "(no server named)"),
            f"{one.log} {one.role or ''}".strip(),
            number(one.sessions),
            day(one.first_seen),
            day(one.last_seen),
            number(one.days),
            ", ".join(
                f"{gap.first}" if gap.first == gap.last else f"{gap.first} to {gap.last}"
                for gap in one.gaps
            ),
        )
        for one in spans
    )


def coverage_sheets(found: LogCoverage) -> Iterator[Sheet]:
    """The periods, the gaps, and where the logs are silent."""
    columns = ("Log", "Sessions", "First", "Last", "Days", "Days without")
    yield Sheet(title="Per server", columns=("Server", *columns), rows=_span_rows(found.servers))
    yield Sheet(
        title="Per connector", columns=("Connector", *columns), rows=_span_rows(found.connectors)
    )
    yield from _silent_sheets(found)
    yield Sheet(
        title="Sessions that no connector answered",
        columns=("At", "Sessions", "Clients", "First seen", "Last seen"),
        rows=tuple(
            (
                endpoint(one.server, one.local, one.port),
                number(one.sessions),
                ", ".join(one.clients),
                when(one.first_seen),
                when(one.last_seen),
            )
            for one in found.unanswered
        ),
    )


def _silent_sheets(found: LogCoverage) -> Iterator[Sheet]:
    unknown = "Not assessed: no evidence was given."
    yield Sheet(
        title="Enabled connectors that no log names",
        columns=("Connector", "Protocol logging", "What it means"),
        rows=tuple(
            (one.connector, {True: "Verbose", False: "None"}.get(one.verbose, "unknown"), one.why)  # type: ignore[arg-type]
            for one in found.unseen or ()
        ),
        empty=unknown if found.unseen is None else "None.",
    )
    yield Sheet(
        title="Connectors with traffic but without a log",
        columns=("Connector", "Sessions", "Clients", "Last seen", "Shown by"),
        rows=tuple(
            (
                one.connector,
                number(one.sessions),
                ", ".join(one.clients),
                when(one.last_seen),
                one.shown_by,
            )
            for one in found.unlogged or ()
        ),
        empty=unknown if found.unlogged is None else "None.",
    )
    lists = (
        ("Servers with a Front End of which there are Hub logs only", found.hub_only),
        ("Servers of the evidence without a receive log", found.silent_servers),
        ("Servers in the logs that are not in the evidence", found.unknown_servers),
    )
    for title, names in lists:
        yield Sheet(
            title=title,
            columns=("Server",),
            rows=tuple((name,) for name in names or ()),
            empty=unknown if names is None else "None.",
        )


def coverage_table(report: CoverageReport) -> Sheet:
    """One row for each server's log, and one for each connector in it."""
    return Sheet(
        title="coverage",
        columns=(
            "log", "role", "server", "connector", "sessions", "first_seen", "last_seen", "days",
            "days_without_a_session",
        ),
        rows=tuple(
            (
                one.log, one.role or "", one.server or "", one.connector or "",
                plain(one.sessions), time_text(one.first_seen), time_text(one.last_seen),
                plain(one.days), "; ".join(f"{gap.first}/{gap.last}" for gap in one.gaps),
            )
            for one in (*report.coverage.servers, *report.coverage.connectors)
        ),
    )  # fmt: skip
