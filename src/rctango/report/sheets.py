"""Results as tables: one description for the console, CSV and Markdown."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango.report.safe import csv_cell, markdown_cell, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table with a heading.

    Attributes:
        title: the heading; our own words or text from the logs, which is escaped when shown.
        columns: the headers.
        rows: the cells as text, one tuple for each row, as long as ``columns``.
        notes: sentences above the table.
        empty: what to say instead of a table without rows; empty for saying nothing.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    empty: str = "None."


def sheet_csv(sheet: Sheet) -> str:
    """One sheet as CSV with a header line; lists inside a cell are joined with ``; ``."""
    return csv_text(sheet.columns, sheet.rows)


def csv_text(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Cells as CSV that no spreadsheet takes for formulas."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([csv_cell(cell) for cell in line] for line in lines)
    return stream.getvalue()


def sheets_markdown(sheets: Iterable[Sheet]) -> str:
    """A heading, the notes and a table for each sheet."""
    return "\n".join("".join(_markdown(sheet)) for sheet in sheets)


def _markdown(sheet: Sheet) -> Iterator[str]:
    yield f"## {markdown_cell(sheet.title)}\n\n"
    for note in sheet.notes:
        yield f"{markdown_cell(note)}\n\n"
    if sheet.rows:
        yield markdown_row(sheet.columns)
        yield markdown_row(["---"] * len(sheet.columns))
        for row in sheet.rows:
            yield markdown_row([markdown_cell(cell) for cell in row])
    elif sheet.empty:
        yield f"{markdown_cell(sheet.empty)}\n"


def markdown_row(cells: Sequence[str]) -> str:
    """One row of a Markdown table; the cells must be safe."""
    return "| " + " | ".join(cells) + " |\n"


def render_sheets(console: Console, sheets: Iterable[Sheet]) -> None:
    """Write each sheet with its heading and notes."""
    from rctango.report.console_layout import (  # noqa: PLC0415 - loads Rich
        HEAD,
        blank,
        data,
        write,
        write_table,
    )

    for at, sheet in enumerate(sheets):
        if at:
            blank(console)
        write(console, data(sheet.title, HEAD))
        for note in sheet.notes:
            write(console, data(note), indent=2)
        if sheet.rows:
            headers = [printable(column) for column in sheet.columns]
            write_table(console, headers, [[data(cell) for cell in row] for row in sheet.rows])
        elif sheet.empty:
            write(console, data(sheet.empty), indent=2)
