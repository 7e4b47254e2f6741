"""What probes showed, as sheets for people and spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.probe_check import Agreement
from rctango.report.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.model.probe_check import ProbeCheck, ViaCheck
    from rctango.model.probing import CertificateFacts, ProbeObservation, ProbeStep
    from rctango.report.probe_documents import ProbeReport

_MARKS = {
    Agreement.AGREES: "as foretold",
    Agreement.CONTRADICTS: "CONTRADICTS",
    Agreement.NOT_PREDICTED: "",
    Agreement.NOT_OBSERVED: "not seen",
}


def probe_sheets(report: ProbeReport, *, verbose: bool) -> Iterator[Sheet]:
    """A sheet for each target, with its dialogue if ``verbose``, then the load balancers."""
    for at, seen in enumerate(report.observations):
        check = report.checks[at] if report.checks else None
        yield _target_sheet(seen, check)
        if verbose:
            yield _dialogue_sheet(seen)
    for one in report.via:
        yield _via_sheet(one)
    if not report.complete:
        yield Sheet(
            title="Interrupted",
            columns=(),
            rows=(),
            notes=("Not every target was probed to its end; what was found so far is above.",),
            empty="",
        )


def _name(seen: ProbeObservation) -> str:
    via = f" via {seen.via}" if seen.via else ""
    server = f" ({seen.server})" if seen.server and seen.server != seen.target else ""
    source = f" from {seen.source}" if seen.source else ""
    return f"{seen.target}{server}{via}{source}"


def _target_sheet(seen: ProbeObservation, check: ProbeCheck | None) -> Sheet:
    foretold = {} if check is None else {one.kind: one for one in check.steps}
    rows = []
    for step in seen.steps:
        one = foretold.get(step.kind)
        mark = "" if one is None else _MARKS[one.agreement]
        rows.append((step.kind.value, step.result.value, mark, _decided(step)))
    return Sheet(
        title=_name(seen),
        columns=("Step", "Result", "Evidence", "Decided by"),
        rows=tuple(rows),
        notes=(*_notes(seen), *_check_notes(check)),
        empty="No step was done.",
    )


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
    return f"Certificate: {one.subject}{until}{signed}; {one.protocol}, {one.cipher}"


def _check_notes(check: ProbeCheck | None) -> Iterator[str]:
    if check is None:
        return
    if check.connector is not None:
        held = f" (range {check.range})" if check.range else ""
        yield f"By the evidence {check.connector}{held} answers {check.source} at {check.listener}."
    if check.note:
        yield f"{check.note[0].upper()}{check.note[1:]}."
    for one in check.features:
        if one.agreement is Agreement.CONTRADICTS:
            words = ("is not offered", "is offered")
            yield f"CONTRADICTS: {one.feature} {words[bool(one.observed)]}, but {one.why}."
    for number, cause in enumerate(check.causes, 1):
        yield f"Likely cause {number}, {cause.kind.value}: {cause.why} {cause.settle}"


def _dialogue_sheet(seen: ProbeObservation) -> Sheet:
    return Sheet(
        title=f"Dialogue with {seen.target}",
        columns=("Seconds", "", "Line"),
        rows=tuple((f"{one.seconds:.3f}", one.direction, one.text) for one in seen.transcript),
        empty="Nothing was said.",
    )


def _via_sheet(one: ViaCheck) -> Sheet:
    return Sheet(
        title=f"{one.via} ({one.target}) compared with {one.server}",
        columns=("Different",),
        rows=tuple((text,) for text in one.differences),
        notes=(
            ("The servers treat what comes through it differently: they see its address.",)
            if one.differences
            else ()
        ),
        empty="No difference.",
    )


def probe_table(report: ProbeReport) -> Sheet:
    """One row for each step of each target."""
    checks = report.checks or (None,) * len(report.observations)
    return Sheet(
        title="steps",
        columns=(
            "target", "server", "via", "address", "port", "source", "connector", "step", "result",
            "predicted", "agreement", "code", "enhanced", "reply", "why",
        ),
        rows=tuple(
            row
            for seen, check in zip(report.observations, checks, strict=True)
            for row in _rows(seen, check)
        ),
    )  # fmt: skip


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
