"""Reading evidence, and telling what of it could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from rctango import app
from rctango.cli.output import complain
from rctango.cli.progress import progress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.app import Evidence
    from rctango.cli.output import Output


def load_evidence(output: Output, paths: Iterable[str], config: str | None) -> Evidence:
    """Read evidence and say what could not be read; leave when it holds no connectors."""
    with progress(output) as step:
        evidence = app.load(paths, config=config, on_step=step)
    tell_gaps(output, evidence)
    if not evidence.snapshot.connectors:
        if not output.quiet:
            complain("the evidence holds no receive connectors")
        raise typer.Exit(app.EXIT_NO_EVIDENCE)
    return evidence


def tell_gaps(output: Output, evidence: Evidence) -> None:
    """Complain about everything that could not be read, unless it is to be quiet."""
    if output.quiet:
        return
    for gap in evidence.snapshot.gaps:
        if gap.unreadable:
            place = f"{gap.origin}: " if gap.origin else ""
            complain(f"{place}{gap.what}: {gap.why}")
