"""An audit in a few lines: what was counted, and whether it may be called clean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rctango.model.finding import OutcomeKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.model.finding import AuditResult

_KINDS = {
    OutcomeKind.FIRED: "fired",
    OutcomeKind.CLEAN: "clean",
    OutcomeKind.NOT_APPLICABLE: "not applicable",
    OutcomeKind.NOT_ASSESSED: "not assessed",
    OutcomeKind.CRASHED: "crashed",
}


def counts(result: AuditResult) -> tuple[str, str]:
    """How many findings of which severity, and how the rules ended."""
    open_ones = [finding.severity for finding in result.findings if finding.acceptance is None]
    accepted = len(result.findings) - len(open_ones)
    findings = ", ".join(f"{open_ones.count(severity)} {severity.value}" for severity in Severity)
    kinds = [outcome.kind for outcome in result.outcomes]
    rules = ", ".join(f"{kinds.count(kind)} {word}" for kind, word in _KINDS.items())
    seen = f"{number(result.servers, 'server')}, {number(result.connectors, 'connector')}"
    return (
        f"Findings: {findings}; {accepted} accepted. Seen: {seen}.",
        f"Rules: {rules}.",
    )


def number(count: int, noun: str) -> str:
    """``1 server``, ``2 servers``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def verdict(result: AuditResult) -> tuple[str, bool]:
    """What the counts mean, in one sentence, and whether that is good news.

    The sentence is empty when the findings speak for themselves.
    """
    fired = any(finding.acceptance is None for finding in result.findings)
    obstacle = _obstacle(result)
    if obstacle and fired:
        return f"{obstacle} There may be more than the findings above.", False
    if obstacle:
        return f"{obstacle} Nothing fired, but this is not a clean bill of health.", False
    if fired:
        return "", False
    if result.findings:
        return "Every rule was assessed, and nothing fired beyond the accepted risks.", True
    return "Clean: every rule was assessed, and none fired.", True


def _obstacle(result: AuditResult) -> str:
    """Why the absence of findings proves little; empty when nothing stands in the way."""
    kinds = {outcome.kind for outcome in result.outcomes}
    obstacles = (
        (not result.connectors, "No receive connector was found in the evidence."),
        (not kinds, "No rule was run."),
        (OutcomeKind.CRASHED in kinds, "A rule crashed, so this report is incomplete."),
        (_lacks_facts(result), "Not everything could be assessed."),
        (any(gap.unreadable for gap in result.gaps), "Not all of the evidence could be read."),
    )
    return next((words for stands, words in obstacles if stands), "")


def _lacks_facts(result: AuditResult) -> bool:
    return any(
        outcome.missing or outcome.kind is OutcomeKind.NOT_ASSESSED for outcome in result.outcomes
    )


def names_all(text: str, parts: Iterable[str]) -> bool:
    """Whether a text already names all the given names and addresses, each as a whole word."""
    return all(_names(text, part) for part in parts if part)


def _names(text: str, part: str) -> bool:
    return re.search(rf"(?<![\w.:-]){re.escape(part)}(?![\w:/-]|\.\w)", text) is not None
