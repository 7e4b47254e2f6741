"""What probes showed, as sheets for people and spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.probe_check import Agreement
from rctango.model.probing import ProbeStepKind
from rctango.report.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.model.probe_check import FeatureCheck, ProbeCheck, StepCheck, ViaCheck
    from rctango.model.probe_plan import NotProbed, PlannedLine, PlannedTarget
    from rctango.model.probing import (
        CertificateFacts,
        ProbeObservation,
        ProbeStep,
    )
    from rctango.report.probe_documents import PlanReport, ProbeReport

_NOT_DONE = "not done"
_SUMMED_UP = (
    ProbeStepKind.RELAY,
    ProbeStepKind.SPOOF_TO_INTERNAL,
    ProbeStepKind.SPOOF_TO_FOREIGN,
)


def probe_sheets(report: ProbeReport, *, verbose: bool) -> Iterator[Sheet]:
    """All targets at a glance; each target, with its dialogue if ``verbose``; the rest."""
    if len(report.observations) > 1:
        yield _summary_sheet(report)
    for at, seen in enumerate(report.observations):
        check = report.checks[at] if report.checks else None
        yield _target_sheet(seen, check)
        if verbose:
            yield _dialogue_sheet(seen)
    for one in report.via:
        yield _via_sheet(one)
    yield from _left_out(report.not_probed)
    if not report.complete:
        yield Sheet(
            title="Not complete",
            columns=(),
            rows=(),
            notes=("Not every target was probed to its end; what was found so far is above.",),
            empty="",
        )
    elif not report.observations:
        yield Sheet(title="Nothing was probed", columns=(), rows=(), empty="")


def _left_out(skipped: tuple[NotProbed, ...]) -> Iterator[Sheet]:
    if skipped:
        yield Sheet(
            title="Not probed",
            columns=("Target", "Server", "Why"),
            rows=tuple((one.target, one.server or "", one.why) for one in skipped),
        )


def _summary_sheet(report: ProbeReport) -> Sheet:
    checks = report.checks or (None,) * len(report.observations)
    return Sheet(
        title=f"{len(report.observations)} probes",
        columns=(
            "Target",
            "Relay",
            "Spoof to internal",
            "Spoof to foreign",
            *(("Evidence",) * bool(report.checks)),
        ),
        rows=tuple(
            (_name(seen), *_results(seen), *(() if check is None else (_agreement(check),)))
            for seen, check in zip(report.observations, checks, strict=True)
        ),
    )


def _results(seen: ProbeObservation) -> Iterator[str]:
    found = {one.kind: one.result for one in seen.steps}
    for kind in _SUMMED_UP:
        yield found[kind].value if kind in found else _NOT_DONE


def _agreement(check: ProbeCheck) -> str:
    if check.contradictions:
        return f"CONTRADICTS ({check.contradictions})"
    agreements = {one.agreement for one in check.steps if one.predicted is not None}
    return check.note or ("open" if Agreement.NOT_OBSERVED in agreements else "agrees")


def _name(seen: ProbeObservation) -> str:
    via = f" via {seen.via}" if seen.via else ""
    server = f" ({seen.server})" if seen.server and seen.server != seen.target else ""
    source = f" from {seen.source}" if seen.source else ""
    return f"{seen.target}{server}{via}{source}"


def _target_sheet(seen: ProbeObservation, check: ProbeCheck | None) -> Sheet:
    foretold = {} if check is None else {one.kind: one for one in check.steps}
    done = {step.kind for step in seen.steps}
    rows = [
        (step.kind.value, step.result.value, _mark(foretold.get(step.kind)), _decided(step))
        for step in seen.steps
    ]
    rows += [
        (kind.value, _NOT_DONE, _mark(one), one.why)
        for kind, one in foretold.items()
        if kind not in done
    ]
    return Sheet(
        title=_name(seen),
        columns=_without_foretold(("Step", "Result", "Foretold", "Decided by"), check),
        rows=tuple(_without_foretold(row, check) for row in rows),
        notes=(*_notes(seen), *_check_notes(check)),
        empty="No step was done.",
    )


def _without_foretold(row: tuple[str, ...], check: ProbeCheck | None) -> tuple[str, ...]:
    """A row as it is, or without the third cell where nothing is compared."""
    return row if check is not None else (*row[:2], *row[3:])


def _mark(one: StepCheck | None) -> str:
    """What was foretold, and how the step stands to it."""
    if one is None or one.predicted is None:
        return ""
    words = {Agreement.AGREES: "agrees", Agreement.CONTRADICTS: "CONTRADICTS"}
    return f"{one.predicted.value}: {words.get(one.agreement, 'open')}"


def _decided(step: ProbeStep) -> str:
    reply = "" if step.reply is None else step.reply.text
    return f"{reply} - {step.why}" if reply and step.why else (reply or step.why)


def _notes(seen: ProbeObservation) -> Iterator[str]:
    if seen.banner is not None:
        yield f"Greeting: {seen.banner.text}"
    if seen.offer is not None:
        yield f"Offers: {', '.join(seen.offer.keywords) or 'nothing'}"
        mechanisms = seen.offer.auth_mechanisms
        if mechanisms:
            yield f"AUTH before TLS: {', '.join(mechanisms)}"
    if seen.offer_after_tls is not None:
        yield f"Offers after STARTTLS: {', '.join(seen.offer_after_tls.keywords) or 'nothing'}"
    if seen.certificate is not None:
        yield _certificate(seen.certificate)
    if seen.fault is not None:
        yield f"Ended before its time: {seen.fault.kind.value}: {seen.fault.detail}"


def _certificate(one: CertificateFacts) -> str:
    signed = ", self-signed" if one.is_self_signed else ""
    until = "" if one.not_after is None else f", until {one.not_after:%Y-%m-%d}"
    subject = f"SHA-256 {one.sha256}" if one.subject is None else one.subject
    return f"Certificate: {subject}{until}{signed}; {one.protocol}, {one.cipher}"


def _check_notes(check: ProbeCheck | None) -> Iterator[str]:
    if check is None:
        return
    if check.connector is not None:
        held = f" (range {check.range})" if check.range else ""
        yield f"By the evidence {check.connector}{held} answers {check.source} at {check.listener}."
    if check.note:
        yield f"{check.note[0].upper()}{check.note[1:]}."
    for one in check.features:
        yield _feature(one)
    for number, cause in enumerate(check.causes, 1):
        yield f"Likely cause {number}, {cause.kind.value}: {cause.why} {cause.settle}"


def _feature(one: FeatureCheck) -> str:
    words = {True: "is offered", False: "is not offered", None: "was not seen"}
    if one.agreement is Agreement.CONTRADICTS:
        return f"CONTRADICTS: {one.feature} {words[one.observed]}, but {one.why}."
    agrees = ", as foretold" if one.agreement is Agreement.AGREES else ""
    return f"{one.feature} {words[one.observed]}{agrees}: {one.why}."


def _dialogue_sheet(seen: ProbeObservation) -> Sheet:
    return Sheet(
        title=f"Dialogue with {seen.target}",
        columns=("Seconds", "", "Line"),
        rows=tuple((f"{one.seconds:.3f}", one.direction, one.text) for one in seen.transcript),
        empty="Nothing was said.",
    )


def _via_sheet(one: ViaCheck) -> Sheet:
    return Sheet(
        title=f"{one.via} ({one.target}) compared with {one.server}"
        + ("" if one.source is None else f", from {one.source}"),
        columns=("Different",),
        rows=tuple((text,) for text in one.differences),
        notes=(
            ("It makes a difference: most often because the servers see its address.",)
            if one.differences
            else ()
        ),
        empty="No difference.",
    )


def probe_table(report: ProbeReport) -> Sheet:
    """One row for each step of each target, and one for each that was not probed."""
    checks = report.checks or (None,) * len(report.observations)
    return Sheet(
        title="steps",
        columns=(
            "target", "server", "via", "address", "port", "source", "connector", "step", "result",
            "predicted", "agreement", "code", "enhanced", "reply", "why",
        ),
        rows=(
            *(
                row
                for seen, check in zip(report.observations, checks, strict=True)
                for row in _rows(seen, check)
            ),
            *(_skipped_row(one) for one in report.not_probed),
        ),
    )  # fmt: skip


def _skipped_row(one: NotProbed) -> tuple[str, ...]:
    return (one.target, one.server or "", *("",) * 6, "not probed", *("",) * 5, one.why)


def _rows(seen: ProbeObservation, check: ProbeCheck | None) -> Iterator[tuple[str, ...]]:
    foretold = {} if check is None else {one.kind: one for one in check.steps}
    for step in seen.steps:
        one = foretold.get(step.kind)
        predicted = None if one is None else one.predicted
        yield (
            seen.target, seen.server or "", seen.via or "", seen.address or "", str(seen.port),
            seen.source or "", (check.connector if check else None) or "", step.kind.value,
            step.result.value, "" if predicted is None else predicted.value,
            "" if one is None else one.agreement.value,
            "" if step.reply is None else str(step.reply.code),
            (step.reply.enhanced if step.reply else None) or "",
            "" if step.reply is None else step.reply.text, step.why,
        )  # fmt: skip


def plan_sheets(report: PlanReport) -> Iterator[Sheet]:
    """Where it would connect to, and what it would send there."""
    yield Sheet(
        title="Sessions that would be held",
        columns=("Connect to", "Port", "From", "Server"),
        rows=tuple(_planned(one) for one in report.targets),
        notes=(
            "Nothing is connected, and no name is looked up.",
            f"At most {report.rate:g} begin in a second; at most {report.at_once} at a time.",
        ),
        empty="There is no target.",
    )
    yield Sheet(
        title="Each would send",
        columns=("Line", "Step", "When"),
        rows=tuple(
            (one.line, one.step or "", one.condition or "always") for one in report.commands
        ),
    )
    yield from _left_out(report.not_probed)


def _planned(one: PlannedTarget) -> tuple[str, ...]:
    via = f"load balancer {one.via}" if one.via else ""
    return one.host, str(one.port), one.source or "any address", one.server or via


def plan_table(report: PlanReport) -> Sheet:
    """One row for each line that each session would send."""
    return Sheet(
        title="commands",
        columns=(
            "target", "host", "port", "source", "server", "via", "step", "line", "condition",
        ),
        rows=tuple(
            _planned_row(target, line) for target in report.targets for line in report.commands
        ),
    )  # fmt: skip


def _planned_row(target: PlannedTarget, line: PlannedLine) -> tuple[str, ...]:
    return (
        target.target, target.host, str(target.port), target.source or "", target.server or "",
        target.via or "", line.step or "", line.line, line.condition or "",
    )  # fmt: skip
