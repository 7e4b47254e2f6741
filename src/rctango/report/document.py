"""The documents that programs read; their keys and order are fixed by the ``schema`` number.

Texts from the evidence are kept as they are; ``to_json`` writes everything outside printable
ASCII as an escape. A ``size`` is a decimal string, because an IPv6 range holds up to 2**128
addresses and many JSON readers are exact only below 2**53.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from rctango.addresses import RangeSet
from rctango.model.finding import OutcomeKind, Severity
from rctango.report.words import ends, identities, losers, relay_answer, role_label, row_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rctango.addresses import Address, AddressRange
    from rctango.model.connection import Candidate, Coverage, Flow, Listener, Segment
    from rctango.model.connector import Connector
    from rctango.model.finding import Acceptance, AuditResult, Finding, Subject
    from rctango.model.rights import SessionRights
    from rctango.model.snapshot import Gap
    from rctango.report.rows import RuleRow, WhichRow

Document: TypeAlias = dict[str, object]


def to_json(document: Document) -> str:
    """The document as JSON text: pure printable ASCII, two blanks of indent, one line end."""
    text = json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False)
    return text.replace("\x7f", "\\u007f") + "\n"


def report_document(result: AuditResult) -> Document:
    """The result of an audit, ``rctango.report/1``.

    ``summary.findings`` counts what nobody accepted; ``summary.suppressed`` counts the rest.
    """
    return {
        "schema": "rctango.report/1",
        "tool": {"name": "rctango", "version": result.version},
        "evidence": [
            {"path": item.path, "kind": item.kind, "objects": item.objects}
            for item in result.evidence
        ],
        "summary": _summary(result),
        "findings": [_finding(finding) for finding in result.findings],
        "outcomes": [
            {"rule": outcome.rule, "outcome": outcome.kind.value, "missing": list(outcome.missing)}
            for outcome in result.outcomes
        ],
        "gaps": [_gap(gap) for gap in result.gaps],
    }


def _summary(result: AuditResult) -> Document:
    open_ones = [finding.severity for finding in result.findings if finding.acceptance is None]
    kinds = [outcome.kind for outcome in result.outcomes]
    return {
        "findings": {severity.value: open_ones.count(severity) for severity in Severity},
        "suppressed": len(result.findings) - len(open_ones),
        "not_assessed": kinds.count(OutcomeKind.NOT_ASSESSED),
        "servers": result.servers,
        "connectors": result.connectors,
    }


def _finding(finding: Finding) -> Document:
    return {
        "rule": finding.rule,
        "title": finding.title,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "grade": finding.grade.value,
        "server": finding.server,
        "connector": finding.connector,
        "subjects": [_subject(subject) for subject in finding.subjects],
        "ranges": list(finding.ranges),
        "message": finding.message,
        "fix": finding.fix,
        "evidence": [
            {"source": origin.source, "locator": origin.locator} for origin in finding.evidence
        ],
        "suppressed": _acceptance(finding.acceptance),
    }


def _subject(subject: Subject) -> Document:
    return {"kind": subject.kind.value, "name": subject.name, "address": subject.address}


def _acceptance(acceptance: Acceptance | None) -> Document | None:
    if acceptance is None:
        return None
    until = None if acceptance.until is None else acceptance.until.isoformat()
    return {"reason": acceptance.reason, "owner": acceptance.owner, "until": until}


def _gap(gap: Gap) -> Document:
    source = None if gap.origin is None else str(gap.origin)
    return {"what": gap.what, "server": gap.server, "why": gap.why, "source": source}


def which_document(address: Address, connections: Sequence[WhichRow]) -> Document:
    """Which connector answers one address at every listener, ``rctango.which/1``."""
    return {
        "schema": "rctango.which/1",
        "address": str(address),
        "connections": [_connection(row) for row in connections],
    }


def _connection(row: WhichRow) -> Document:
    selection = row.selection
    return {
        **_listener(selection.listener),
        "verdict": selection.verdict.value,
        "connector": _identity(selection.connector),
        "range": None if selection.range is None else selection.range.text,
        "rights": None if row.rights is None else _rights(row.rights),
        "relay": relay_answer(row).value,
        "candidates": [_candidate(candidate) for candidate in losers(selection)],
        "reason": row_reason(row),
    }


def _listener(listener: Listener) -> Document:
    local = {"address": str(listener.local.address), "port": listener.local.port}
    return {"server": listener.server, "role": role_label(listener), "local": local}


def _identity(connector: Connector | None) -> str | None:
    return None if connector is None else connector.identity


def _rights(rights: SessionRights) -> Document:
    return {
        "connect": rights.connect.value,
        "submit": rights.submit.value,
        "relay": rights.relay.value,
        "spoof_internal_sender": rights.spoof_internal_sender.value,
        "bypass_anti_spam": rights.bypass_anti_spam.value,
        "exchange_authentication": rights.exchange_authentication.value,
    }


def _candidate(candidate: Candidate) -> Document:
    return {
        "connector": candidate.connector.identity,
        "range": None if candidate.range is None else candidate.range.text,
        "reason": candidate.reason.value,
    }


def map_document(coverages: Iterable[Coverage], *, cidrs: bool = False) -> Document:
    """Every listener's whole remote address space, ``rctango.map/1``.

    Args:
        coverages: one for each listener.
        cidrs: whether each segment also lists the fewest CIDR blocks it consists of.
    """
    return {
        "schema": "rctango.map/1",
        "listeners": [
            {
                **_listener(coverage.listener),
                "segments": [_segment(segment, cidrs=cidrs) for segment in coverage.segments],
            }
            for coverage in coverages
        ],
    }


def _segment(segment: Segment, *, cidrs: bool) -> Document:
    first, last = ends(segment.range)
    return {
        "first": first,
        "last": last,
        **({"cidrs": _cidrs(segment.range)} if cidrs else {}),
        "size": str(segment.range.size),
        "verdict": segment.verdict.value,
        "connector": _identity(segment.connector),
        "contenders": identities(segment.contenders),
        "ranges": [entry.text for entry in segment.won_by],
    }


def _cidrs(span: AddressRange) -> list[str]:
    networks = RangeSet.of([span]).networks()
    return [f"{ends(network)[0]}/{network.prefix_length}" for network in networks]


def matrix_document(flows: Iterable[Flow]) -> Document:
    """Who reaches whom, ``rctango.matrix/1``."""
    return {"schema": "rctango.matrix/1", "flows": [_flow(flow) for flow in flows]}


def _flow(flow: Flow) -> Document:
    selection = flow.selection
    return {
        "sender": flow.sender,
        "target": flow.target,
        "port": flow.port,
        "source": None if flow.source is None else str(flow.source),
        "listener": None if selection is None else _listener(selection.listener),
        "connector": None if selection is None else _identity(selection.connector),
        "verdict": flow.verdict.value,
        "reason": flow.reason,
    }


def rules_document(rules: Iterable[RuleRow]) -> Document:
    """The catalogue, ``rctango.rules/1``."""
    return {
        "schema": "rctango.rules/1",
        "rules": [
            {
                "name": rule.name,
                "title": rule.title,
                "severity": rule.severity.value,
                "needs": list(rule.needs),
                "explanation": rule.explanation,
                "sources": list(rule.sources),
            }
            for rule in rules
        ],
    }
