"""What saved probes show of findings: *confirmed*, or a sentence on what speaks against them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rctango.analysis.probed import Shown, balancer_shown, capture_probed, step_shown
from rctango.model.finding import Grade
from rctango.model.probing import ProbeStepKind
from rctango.rules._scope import connector_of, ranges_of, subjects_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding

    Probed = Callable[[View, Connector, Finding], Shown]


def by_probes(view: View, finding: Finding) -> Finding:
    """A probe that speaks against a finding is told in it; the finding stays as it is."""
    shown = BY_PROBES.get(finding.rule)
    connector = connector_of(view, finding)
    if not view.snapshot.probes or shown is None or connector is None:
        return finding
    seen = shown(view, connector, finding)
    told = (finding.message, seen.confirmed, seen.refuted, seen.note)
    return replace(
        finding,
        grade=Grade.CONFIRMED if seen.confirmed else finding.grade,
        message=" ".join(filter(None, told)),
        evidence=tuple(dict.fromkeys((*finding.evidence, *seen.origins))),
    )


def _probed_from_ranges(view: View, connector: Connector, found: Finding) -> Shown:
    return step_shown(view, connector, ranges_of(found), ProbeStepKind.RELAY)


def _probed_by_subjects(view: View, connector: Connector, found: Finding) -> Shown:
    return step_shown(view, connector, subjects_of(found), ProbeStepKind.RELAY)


def _probed_spoof(view: View, connector: Connector, found: Finding) -> Shown:
    return step_shown(view, connector, ranges_of(found), ProbeStepKind.SPOOF_TO_INTERNAL)


def _probed_capture(view: View, connector: Connector, found: Finding) -> Shown:
    return capture_probed(view, connector, subjects_of(found))


def _probed_balancer(view: View, connector: Connector, found: Finding) -> Shown:
    """From the balancer itself, or through it."""
    direct = _probed_by_subjects(view, connector, found)
    if direct.confirmed:
        return direct
    for name in dict.fromkeys(one.name for one in found.subjects):
        through = balancer_shown(view, connector, name)
        if through.confirmed:
            return through
    return direct


BY_PROBES: dict[str, Probed] = {
    "anonymous-relay": _probed_from_ranges,
    "anti-spam-device-in-relay-range": _probed_by_subjects,
    "captured-exchange-server": _probed_capture,
    "default-gateway-in-relay-range": _probed_by_subjects,
    "externally-secured-relay": _probed_from_ranges,
    "internal-sender-spoofing": _probed_spoof,
    "load-balancer-in-relay-range": _probed_balancer,
    "nat-device-in-relay-range": _probed_by_subjects,
    "open-relay": _probed_from_ranges,
    "overbroad-relay-range": _probed_from_ranges,
    "public-address-in-relay-range": _probed_from_ranges,
    "suspected-source-nat": _probed_by_subjects,
}
"""What shows the offence of each rule to a probe; rules that are not here have none.

A relay is confirmed from any address of the finding's ranges, public or not: the connector's rights
are the same for all that it answers.
"""
