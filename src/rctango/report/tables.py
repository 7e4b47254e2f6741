"""The map and the matrix as tables for spreadsheets (CSV) and for web pages (Markdown)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.report.safe import markdown_cell
from rctango.report.sheets import csv_text, markdown_row
from rctango.report.words import answer_words, ends, identities, role_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rctango.model.connection import Coverage, Flow, Listener, Segment

_MAP_CSV = (
    "server",
    "role",
    "local_address",
    "port",
    "first",
    "last",
    "size",
    "verdict",
    "connector",
    "contenders",
    "ranges",
)
_MATRIX_CSV = (
    "sender",
    "target",
    "port",
    "source",
    "listener",
    "connector",
    "verdict",
    "reason",
)


def map_csv(coverages: Iterable[Coverage]) -> str:
    """One line for each segment of each listener; lists are joined with ``; ``."""
    lines = (
        [*_listener_cells(coverage.listener), *_segment_cells(segment)]
        for coverage in coverages
        for segment in coverage.segments
    )
    return csv_text(_MAP_CSV, lines)


def _listener_cells(listener: Listener) -> list[str]:
    local = listener.local
    return [listener.server, role_label(listener) or "", str(local.address), str(local.port)]


def _segment_cells(segment: Segment) -> list[str]:
    return [
        *ends(segment.range),
        str(segment.range.size),
        segment.verdict.value,
        "" if segment.connector is None else segment.connector.identity,
        "; ".join(identities(segment.contenders)),
        "; ".join(entry.text for entry in segment.won_by),
    ]


def matrix_csv(flows: Iterable[Flow]) -> str:
    """One line for each flow; what is unknown is empty."""
    return csv_text(_MATRIX_CSV, map(_flow_cells, flows))


def _flow_cells(flow: Flow) -> list[str]:
    selection = flow.selection
    connector = None if selection is None else selection.connector
    return [
        flow.sender,
        flow.target,
        "" if flow.port is None else str(flow.port),
        "" if flow.source is None else str(flow.source),
        "" if selection is None else str(selection.listener),
        "" if connector is None else connector.identity,
        flow.verdict.value,
        flow.reason,
    ]


def map_markdown(coverages: Iterable[Coverage]) -> str:
    """A heading and a table for each listener."""
    return "\n".join(_listener_markdown(coverage) for coverage in coverages)


def _listener_markdown(coverage: Coverage) -> str:
    lines = (
        [str(segment.range), f"{segment.range.size:,}", answer_words(segment)]
        for segment in coverage.segments
    )
    table = _markdown(("Remote addresses", "Number", "Answered by"), lines, right=1)
    return f"## {markdown_cell(str(coverage.listener))}\n\n{table}"


def matrix_markdown(flows: Iterable[Flow]) -> str:
    """One table with a row for each flow."""
    header = ("From", "To", "Port", "Source", "Listener", "Connector", "Verdict", "Reason")
    return _markdown(header, map(_flow_cells, flows), right=2)


def _markdown(header: Sequence[str], lines: Iterable[Sequence[str]], *, right: int) -> str:
    rule = ["---:" if at == right else "---" for at in range(len(header))]
    body = ([markdown_cell(cell) for cell in line] for line in lines)
    return "".join(markdown_row(cells) for cells in (header, rule, *body))
