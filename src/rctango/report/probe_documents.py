"""The document of ``rctango probe``, ``rctango.probe/1``; also what ``--save`` writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rctango.report.records import to_record

if TYPE_CHECKING:
    from rctango.model.probe_check import ProbeCheck, ViaCheck
    from rctango.model.probing import ProbeObservation
    from rctango.report.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Who wrote the document.

    Attributes:
        name: ``rctango``.
        version: its version.
    """

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """What probes showed, and how that stands to the evidence, ``rctango.probe/1``.

    Attributes:
        tool: who wrote it.
        complete: whether every target was probed to its end; false after an interruption.
        observations: one for each target, in the order asked for.
        checks: the same compared with the evidence, in the same order; empty without evidence.
        via: load-balancer addresses compared with the servers behind them.
    """

    schema: ClassVar[str] = "rctango.probe/1"

    tool: Tool
    complete: bool
    observations: tuple[ProbeObservation, ...]
    checks: tuple[ProbeCheck, ...]
    via: tuple[ViaCheck, ...]


def probe_document(report: ProbeReport) -> Document:
    """The JSON document of a report."""
    record = to_record(report)
    assert isinstance(record, dict)  # noqa: S101 - a dataclass gives a dictionary
    return {"schema": report.schema, **record}
