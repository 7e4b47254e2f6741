"""Running the catalogue over a snapshot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rctango._version import __version__
from rctango.analysis.view import View
from rctango.model.finding import AuditResult, Outcome, OutcomeKind
from rctango.model.snapshot import Gap
from rctango.rules import CATALOGUE, graded, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from rctango.model.finding import Acceptance, Finding
    from rctango.model.snapshot import Snapshot
    from rctango.rules import Rule


def audit_snapshot(
    snapshot: Snapshot,
    *,
    acceptances: Iterable[Acceptance] = (),
    today: date,
    rules: Sequence[Rule] = CATALOGUE,
    on_step: Callable[[str, int, int], None] | None = None,
) -> AuditResult:
    """Check a snapshot against the rules.

    Args:
        snapshot: the facts.
        acceptances: risks that somebody accepted; they mark findings and hide none.
        today: the day on which acceptances are judged; an expired one marks nothing.
        rules: the rules to run.
        on_step: called with a rule's name, its number and the number of rules, before it runs.
    """
    view = View(snapshot)
    findings: list[Finding] = []
    outcomes: list[Outcome] = []
    gaps = list(snapshot.gaps)
    for number, rule in enumerate(rules):
        if on_step is not None:
            on_step(rule.name, number, len(rules))
        outcome, found, crash = _run(rule, view)
        outcomes.append(outcome)
        findings += found
        gaps += crash
    accepted = tuple(acceptances)
    gaps += _expired(accepted, today)
    marked = [_accept(finding, accepted, today) for finding in findings]
    return AuditResult(
        version=__version__,
        evidence=snapshot.evidence,
        findings=tuple(sorted(marked, key=_order)),
        outcomes=tuple(outcomes),
        gaps=tuple(gaps),
        servers=len(snapshot.servers),
        connectors=len(snapshot.connectors),
    )


def _run(rule: Rule, view: View) -> tuple[Outcome, list[Finding], list[Gap]]:
    try:
        if not rule.applies(view):
            return Outcome(rule=rule.name, kind=OutcomeKind.NOT_APPLICABLE), [], []
        lacking = tuple(dict.fromkeys(text for need in rule.needs for text in missing(view, need)))
        found = [graded(view, one) for one in rule.check(view)]
    except Exception as error:  # noqa: BLE001 - one rule's defect must not hide the others' results
        why = f"{type(error).__name__}: {error}"
        gap = Gap(what=f"the rule {rule.name}", server=None, why=f"crashed: {why[:300]}")
        return Outcome(rule=rule.name, kind=OutcomeKind.CRASHED), [], [gap]
    if found:
        kind = OutcomeKind.FIRED
    else:
        kind = OutcomeKind.NOT_ASSESSED if lacking else OutcomeKind.CLEAN
    return Outcome(rule=rule.name, kind=kind, missing=lacking), found, []


def _accept(finding: Finding, acceptances: tuple[Acceptance, ...], today: date) -> Finding:
    for acceptance in acceptances:
        connector = acceptance.connector
        if (
            acceptance.rule == finding.rule
            and (connector is None or _same(connector, finding.connector))
            and (acceptance.until is None or acceptance.until >= today)
        ):
            return replace(finding, acceptance=acceptance)
    return finding


def _same(connector: str, identity: str | None) -> bool:
    return identity is not None and connector.casefold() == identity.casefold()


def _expired(acceptances: tuple[Acceptance, ...], today: date) -> list[Gap]:
    return [
        Gap(
            what=f"the accepted risk {one.rule} of {one.connector or 'every connector'}",
            server=None,
            why=f"expired on {one.until}; its findings count again",
            origin=one.origin,
        )
        for one in acceptances
        if one.until is not None and one.until < today
    ]


def _order(finding: Finding) -> tuple[int, str, str, str, str]:
    return (
        finding.severity.rank,
        finding.rule,
        finding.server or "",
        finding.connector or "",
        finding.message,
    )
