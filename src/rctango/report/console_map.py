"""The whole address space of every listener, on a console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.connection import Verdict
from rctango.report.console_layout import (
    BAD,
    HEAD,
    UNSURE,
    blank,
    data,
    join,
    write,
    write_table,
)
from rctango.report.words import answer_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from rctango.model.connection import Coverage

_STYLES = {
    Verdict.ANSWERED: "",
    Verdict.REFUSED: BAD,
    Verdict.AMBIGUOUS: UNSURE,
    Verdict.UNDETERMINED: UNSURE,
}


def render_map(console: Console, coverages: Sequence[Coverage]) -> None:
    """Write one table for each listener: addresses, how many they are, and who answers them."""
    if not coverages:
        write(console, join(("The evidence holds no listener.", UNSURE)))
    for coverage in coverages:
        write(console, data(str(coverage.listener), HEAD), hang=2)
        body = [
            [
                data(str(segment.range)),
                data(f"{segment.range.size:,}"),
                data(answer_words(segment), _STYLES[segment.verdict]),
            ]
            for segment in coverage.segments
        ]
        write_table(console, ("Remote addresses", "Number", "Answered by"), body, right=1)
        blank(console)
