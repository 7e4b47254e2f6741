"""From *possible* to *used*: findings whose offence the logs show.

Which evidence fits an offence stands in one table, by the rule's name, so that no rule has to know
of logs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rctango.addresses import PUBLIC, RangeSet, read_range
from rctango.analysis.used import capture_shown, relay_shown, visit_shown
from rctango.model.finding import Grade, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding
    from rctango.model.observation import Traffic

    Shown = Callable[[View, Traffic, Connector, Finding], str]


def graded(view: View, finding: Finding) -> Finding:
    """The finding, as *used* and with a sentence on what the logs show, where they do."""
    traffic = view.snapshot.traffic
    shown = BY_LOGS.get(finding.rule)
    if traffic is None or shown is None or finding.grade is not Grade.POSSIBLE:
        return finding
    connector = next((one for one in view.connectors if one.identity == finding.connector), None)
    sentence = "" if connector is None else shown(view, traffic, connector, finding)
    if not sentence:
        return finding
    evidence = tuple(dict.fromkeys((*finding.evidence, traffic.origin)))
    message = f"{finding.message} {sentence}"
    return replace(finding, grade=Grade.USED, message=message, evidence=evidence)


def _ranges(finding: Finding) -> RangeSet:
    return RangeSet.of(read_range(text).range for text in finding.ranges)


def _subjects(finding: Finding) -> RangeSet:
    return RangeSet.of(read_range(one.address).range for one in finding.subjects if one.address)


def _relay_from_ranges(view: View, traffic: Traffic, connector: Connector, found: Finding) -> str:
    return relay_shown(view, traffic, connector, _ranges(found))


def _relay_from_outside(view: View, traffic: Traffic, connector: Connector, found: Finding) -> str:
    return relay_shown(view, traffic, connector, _ranges(found) & PUBLIC)


def _relay_by_subjects(view: View, traffic: Traffic, connector: Connector, found: Finding) -> str:
    return relay_shown(view, traffic, connector, _subjects(found))


def _visit_by_subjects(view: View, traffic: Traffic, connector: Connector, found: Finding) -> str:
    return visit_shown(view, traffic, connector, _subjects(found))


def _capture(view: View, traffic: Traffic, connector: Connector, found: Finding) -> str:
    sentences = [
        capture_shown(view, traffic, connector, one.name, one.address)
        for one in found.subjects
        if one.kind is SubjectKind.SERVER
    ]
    return " ".join(filter(None, sentences))


BY_LOGS: dict[str, Shown] = {
    "anonymous-relay": _relay_from_ranges,
    "anti-spam-device-in-relay-range": _visit_by_subjects,
    "captured-exchange-server": _capture,
    "default-gateway-in-relay-range": _visit_by_subjects,
    "externally-secured-relay": _relay_from_ranges,
    "load-balancer-in-relay-range": _visit_by_subjects,
    "nat-device-in-relay-range": _visit_by_subjects,
    "open-relay": _relay_from_outside,
    "overbroad-relay-range": _relay_from_ranges,
    "public-address-in-relay-range": _relay_from_outside,
    "suspected-source-nat": _relay_by_subjects,
}
"""What shows the offence of each rule; rules that are not here have none."""
