"""Telling what evidence could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.cli.output import complain

if TYPE_CHECKING:
    from rctango.app import Evidence
    from rctango.cli.output import Output


def tell_gaps(output: Output, evidence: Evidence) -> None:
    """Complain about everything that could not be read, unless it is to be quiet."""
    if output.quiet:
        return
    for gap in evidence.snapshot.gaps:
        if gap.unreadable:
            place = f"{gap.origin}: " if gap.origin else ""
            complain(f"{place}{gap.what}: {gap.why}")
