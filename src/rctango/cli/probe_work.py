"""What ``rctango probe`` does; loaded only once it is called, so that start-up stays fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango.app import probing
from rctango.cli.evidence import load_evidence
from rctango.cli.options import TableFormat
from rctango.cli.output import Output, OutputError, complain
from rctango.cli.progress import progress
from rctango.report.document import to_json
from rctango.report.probe_documents import PlanReport, ProbeReport, probe_document
from rctango.report.probe_sheets import plan_sheets, plan_table, probe_sheets, probe_table
from rctango.report.sheets import render_sheets, sheet_csv, sheets_markdown

if TYPE_CHECKING:
    from pathlib import Path

    from rctango.app import Evidence
    from rctango.app.probing import ProbePlan, ProbeRequest
    from rctango.report.sheets import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command is given beside what to probe.

    Attributes:
        output: where the result goes.
        format: of the result.
        evidence: files and folders with exports; empty for none.
        config: the configuration file; None for the default one.
        save: where the observations are written to; None for nowhere.
        verbose: whether the dialogues are shown.
    """

    output: Output
    format: TableFormat
    evidence: list[str]
    config: str | None
    save: Path | None
    verbose: bool


def dry_run(request: Request, asked: ProbeRequest) -> int:
    """Show what would be done, and give the exit code."""
    evidence, plan = _planned(request, asked)
    report = probing.plan_report(plan)
    if request.format is TableFormat.CSV:
        request.output.text(sheet_csv(plan_table(report)))
    else:
        _write(request, report, list(plan_sheets(report)))
    return probing.plan_code(plan, evidence)


def probe(request: Request, asked: ProbeRequest) -> int:
    """Probe, save, show, and give the exit code."""
    _see_writable(request.save)
    _see_writable(request.output.file)
    evidence, plan = _planned(request, asked)
    with progress(request.output) as step:
        report = probing.run_probe(plan, evidence, step)
    failure = _saved(request.save, report)
    if request.format is TableFormat.CSV:
        request.output.text(sheet_csv(probe_table(report)))
    else:
        _write(request, report, list(probe_sheets(report, verbose=request.verbose)))
    if failure is not None:
        raise failure
    return probing.probe_code(plan, report, evidence)


def _planned(request: Request, asked: ProbeRequest) -> tuple[Evidence | None, ProbePlan]:
    evidence = _evidence(request)
    plan = probing.plan_probe(asked, evidence)
    if not request.output.quiet:
        for domain in plan.unusable_domains:
            complain(f"the accepted domain {domain!r} cannot be part of an SMTP command: left out")
    return evidence, plan


def _evidence(request: Request) -> Evidence | None:
    if not request.evidence:
        return None
    return load_evidence(request.output, request.evidence, request.config)


def _write(request: Request, report: ProbeReport | PlanReport, sheets: list[Sheet]) -> None:
    if request.format is TableFormat.JSON:
        request.output.text(to_json(probe_document(report)))
    elif request.format is TableFormat.MARKDOWN:
        request.output.text(sheets_markdown(sheets))
    else:
        request.output.console(lambda console: render_sheets(console, sheets))


def _see_writable(file: Path | None) -> None:
    """See early that what is found has a place, because a probe takes long."""
    if file is not None and (file.is_dir() or not file.parent.is_dir()):
        raise OutputError(f"cannot write {file}: it has no folder, or is one")


def _saved(save: Path | None, report: ProbeReport) -> OutputError | None:
    """Write the observations; the failure to, so that what was found is shown all the same."""
    if save is None:
        return None
    try:
        save.write_text(to_json(probe_document(report)), encoding="utf-8", newline="\n")
    except OSError as error:
        return OutputError(f"cannot write {save}: {error.strerror or type(error).__name__}")
    return None
