"""The documents of ``rctango probe``; ``rctango.probe/1`` is also what ``--save`` writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rctango.report.records import to_record

if TYPE_CHECKING:
    from rctango.model.probe_check import ProbeCheck, ViaCheck
    from rctango.model.probe_plan import NotProbed, PlannedLine, PlannedTarget
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
        complete: whether every target had its turn; false after an interruption, or when the time
            for the whole run was up.
        observations: one for each target that had its turn, in the order asked for.
        checks: the same compared with the evidence, in the same order; empty without evidence.
        via: load-balancer addresses compared with the servers behind them.
        not_probed: what was left out, and why.
    """

    schema: ClassVar[str] = "rctango.probe/1"

    tool: Tool
    complete: bool
    observations: tuple[ProbeObservation, ...]
    checks: tuple[ProbeCheck, ...]
    via: tuple[ViaCheck, ...]
    not_probed: tuple[NotProbed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """What a probe would do, by ``--dry-run``, ``rctango.probe-plan/1``.

    Attributes:
        tool: who wrote it.
        rate: sessions that would be begun in a second, at most.
        at_once: sessions that would be held at the same time, at most.
        targets: the sessions, in order.
        commands: what each of them would send, in order.
        not_probed: what would be left out, and why.
    """

    schema: ClassVar[str] = "rctango.probe-plan/1"

    tool: Tool
    rate: float
    at_once: int
    targets: tuple[PlannedTarget, ...]
    commands: tuple[PlannedLine, ...]
    not_probed: tuple[NotProbed, ...] = ()


PROBE_REPORTS: tuple[type[ProbeReport | PlanReport], ...] = (ProbeReport, PlanReport)


def probe_document(report: ProbeReport | PlanReport) -> Document:
    """The JSON document of a report."""
    record = to_record(report)
    assert isinstance(record, dict)  # noqa: S101 - a dataclass gives a dictionary
    return {"schema": report.schema, **record}
