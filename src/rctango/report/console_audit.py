"""The result of an audit on a console."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from rctango.model.finding import Confidence, Grade, Severity
from rctango.report.console_layout import (
    BAD,
    DIM,
    GOOD,
    HEAD,
    UNSURE,
    blank,
    data,
    join,
    write,
    write_field,
)
from rctango.report.console_limits import render_limits
from rctango.report.summary import counts, names_all, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from rctango.model.finding import Acceptance, AuditResult, Finding, Subject
    from rctango.model.origin import Origin

_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: BAD,
    Severity.MEDIUM: UNSURE,
    Severity.LOW: "cyan",
    Severity.INFO: "blue",
}
_GRADES = {
    Grade.POSSIBLE: "seen in the configuration",
    Grade.USED: "seen in a log",
    Grade.CONFIRMED: "confirmed by a probe",
}


def render_audit(console: Console, result: AuditResult) -> None:
    """Write findings worst first, accepted ones after them, then the limits and the summary."""
    for severity in Severity:
        for finding in result.findings:
            if finding.severity is severity and finding.acceptance is None:
                _write_finding(console, finding)
    accepted = [finding for finding in result.findings if finding.acceptance is not None]
    if accepted:
        write(console, join((f"Accepted risks ({len(accepted)})", HEAD)))
        blank(console)
    for finding in sorted(accepted, key=lambda finding: finding.severity.rank):
        _write_finding(console, finding)
    render_limits(console, result)
    _write_summary(console, result)


def _write_finding(console: Console, finding: Finding) -> None:
    write(console, _heading(finding), hang=2)
    write(console, data(finding.message), indent=2)
    whose = finding.connector or finding.server or ""
    said = f"{finding.title}\n{whose}\n{finding.message}\n{finding.fix}"
    if not names_all(said, [part for one in finding.subjects for part in (one.name, one.address)]):
        write_field(console, "Concerns", data(", ".join(map(_subject, finding.subjects))))
    if not names_all(said, finding.ranges):
        write_field(console, "Ranges", data(", ".join(finding.ranges)))
    if finding.grade is not Grade.POSSIBLE or finding.confidence is not Confidence.HIGH:
        sure = f"{finding.confidence.value} confidence; {_GRADES[finding.grade]}"
        write_field(console, "Certainty", data(sure))
    write_field(console, "Fix", data(finding.fix))
    if finding.acceptance is not None:
        _write_acceptance(console, finding.acceptance)
    if finding.evidence:
        write_field(console, "Seen in", data(_places(finding.evidence), DIM), style=DIM)
    blank(console)


def _heading(finding: Finding) -> Text:
    whose = finding.connector or finding.server or "the whole organisation"
    return join(
        (finding.severity.value.upper(), _STYLES[finding.severity]),
        " ",
        data(finding.title, HEAD),
        ": ",
        data(whose, HEAD),
        " ",
        data(f"[{finding.rule}]", DIM),
    )


def _subject(subject: Subject) -> str:
    named = subject.name and subject.address and subject.name != subject.address
    text = f"{subject.name} ({subject.address})" if named else subject.name or subject.address
    return f"{subject.kind.value} {text}"


def _places(origins: Sequence[Origin]) -> str:
    parts: list[str] = []
    for source, group in groupby(origins, key=attrgetter("source")):
        locators = "; ".join(origin.locator for origin in group if origin.locator)
        parts.append(f"{source}: {locators}" if locators else source)
    return " | ".join(parts)


def _write_acceptance(console: Console, acceptance: Acceptance) -> None:
    who = f" by {acceptance.owner}" if acceptance.owner else ""
    until = f"until {acceptance.until.isoformat()}" if acceptance.until else "without an end date"
    text = f"{acceptance.reason} (accepted{who}, {until}; {acceptance.origin})"
    write_field(console, "Accepted", data(text), style=GOOD)


def _write_summary(console: Console, result: AuditResult) -> None:
    for line in counts(result):
        write(console, data(line), hang=2)
    text, good = verdict(result)
    if text:
        write(console, data(text, GOOD if good else UNSURE))
