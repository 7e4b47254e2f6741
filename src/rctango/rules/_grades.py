"""From *possible* to *used* or *confirmed*: findings whose offence logs or probes show.

Which evidence fits an offence stands in one table for logs and one for probes, by the rule's name,
so that no rule has to know of either.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rctango.addresses import PUBLIC
from rctango.analysis.used import capture_shown, relay_shown, visit_shown
from rctango.model.finding import Grade, SubjectKind
from rctango.rules._probes import by_probes
from rctango.rules._scope import connector_of, ranges_of, subjects_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding
    from rctango.model.observation import Traffic

    Shown = Callable[[View, Traffic, Connector, Finding], str]


def graded(view: View, finding: Finding) -> Finding:
    """The finding with what logs and probes show of it: *used*, or *confirmed*, where they do."""
    return by_probes(view, _by_logs(view, finding))


def _by_logs(view: View, finding: Finding) -> Finding:
    """The finding, as *used* and with a sentence on what the logs show, where they do."""
    traffic = view.snapshot.traffic
    shown = BY_LOGS.get(finding.rule)
    if traffic is None or shown is None or finding.grade is not Grade.POSSIBLE:
        return finding
    connector = connector_of(view, finding)
    sentence = "" if connector is None else shown(view, traffic, connector, finding)
    if not sentence:
        return finding
    evidence = tuple(dict.fromkeys((*finding.evidence, traffic.origin)))
    message = f"{finding.message} {sentence}"
    return replace(finding, grade=Grade.USED, message=message, evidence=evidence)


def _relay_from_ranges(view: View, traffic: Traffic, connector: Connector, found: Finding) -> str:
    return relay_shown(view, traffic, connector, ranges_of(found))


def _relay_from_outside(view: View, traffic: Traffic, connector: Connector, found: Finding) -> str:
    return relay_shown(view, traffic, connector, ranges_of(found) & PUBLIC)


def _relay_by_subjects(view: View, traffic: Traffic, connector: Connector, found: Finding) -> str:
    return relay_shown(view, traffic, connector, subjects_of(found))


def _visit_by_subjects(view: View, traffic: Traffic, connector: Connector, found: Finding) -> str:
    return visit_shown(view, traffic, connector, subjects_of(found))


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
