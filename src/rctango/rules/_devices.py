"""What the device rules share: an address that stands for many clients, in relay ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.access import is_externally_secured
from rctango.model.finding import Confidence, Severity, Subject, SubjectKind
from rctango.model.rights import Answer
from rctango.model.server import ApplianceKind
from rctango.rules._words import by_relay, count, relay_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.addresses import RangeSet
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding
    from rctango.model.server import Appliance
    from rctango.rules._rule import Rule


def check_devices(
    view: View, rule: Rule, kinds: tuple[ApplianceKind, ...], *, danger: str, least: Severity | None
) -> Iterator[Finding]:
    """Find declared devices of some kinds inside the ranges of suspect connectors.

    Args:
        view: the view.
        rule: the rule to report for.
        kinds: the kinds of devices.
        danger: one sentence on what reaches the connector through such a device.
        least: the severity where the connector surely does not relay; None to report nothing.
    """
    for connector in view.suspects:
        relay = view.rights(connector).relay
        if relay is Answer.NO and least is None:
            continue
        for device in view.appliances(*kinds):
            inside = view.specific_ranges(connector) & device.addresses
            if inside:
                severity = by_relay(relay, Severity.CRITICAL, Severity.HIGH, least or Severity.LOW)
                yield _finding(view, rule, connector, device, (inside, severity, danger))


def _finding(
    view: View,
    rule: Rule,
    connector: Connector,
    device: Appliance,
    judged: tuple[RangeSet, Severity, str],
) -> Finding:
    inside, severity, danger = judged
    secured = is_externally_secured(connector) is Answer.YES
    answered = view.reach(connector).possible & inside
    if not answered:
        severity = Severity.LOW
    texts = ", ".join(inside.texts())
    answers = "answers" if answered <= view.reach(connector).sure else "may answer"
    everyone = f"everyone behind {device.name} {relay_words(view.rights(connector).relay)}"
    message = (
        f"The ranges of {connector.identity} hold {count(inside)} of {device.name} ({texts}). "
        + (
            f"{danger} {connector.identity} {answers} there, so {everyone}."
            if answered
            else "A narrower range of another connector answers there today; once that goes, "
            f"{everyone}."
        )
        + " The connector is externally secured: mail from there counts as internal." * secured
    )
    return rule.finding(
        severity=severity,
        confidence=Confidence.HIGH,
        connector=connector,
        subjects=(
            Subject(kind=SubjectKind.APPLIANCE, name=device.name, address=text)
            for text in inside.texts()
        ),
        ranges=[
            entry.text for entry in connector.remote_ranges or () if inside.touches(entry.range)
        ],
        message=message,
        fix=f"Take {texts} out of the remote ranges of {connector.identity}. {_remedy(device)}",
        evidence=(device.origin, *connector.origin("remote_ranges", "permission_groups")),
    )


def _remedy(device: Appliance) -> str:
    if device.kind is ApplianceKind.ANTI_SPAM:
        return "A connector for it needs AnonymousUsers and Tls only, no right to any recipient."
    return (
        "Let relaying clients connect to the server directly, or make the device keep the client's "
        "address."
    )
