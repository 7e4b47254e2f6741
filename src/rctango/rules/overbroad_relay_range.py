"""One stretch of a relay connector's ranges holds more machines than anybody can name.

A generous range such as a whole /24 is how a relay connector comes to hold another Exchange server,
the default gateway or a load balancer, today or after the next change of the network. Every machine
in it may relay: also the guest that plugs in tomorrow. List the machines that have to relay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import RangeSet
from rctango.model.finding import Severity
from rctango.model.rights import Answer
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_RELAY, LEARN_SET, WIDE, count, is_huge, listed, relay_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for connector in view.suspects:
        held = RangeSet.of(part for part in view.ranges(connector) if part.size >= WIDE)
        answered = held & view.reach(connector).possible
        if answered and view.rights(connector).relay is not Answer.NO:
            yield _finding(view, connector, held, answered)


def _finding(view: View, connector: Connector, held: RangeSet, answered: RangeSet) -> Finding:
    relay = view.rights(connector).relay
    broad = [entry.text for entry in connector.remote_ranges or () if held.touches(entry.range)]
    part = "" if answered == held else f" and answers {count(answered)} of them"
    severity = Severity.HIGH if is_huge(answered) else Severity.MEDIUM
    return RULE.finding(
        severity=severity if relay is Answer.YES else Severity.LOW,
        connector=connector,
        ranges=broad,
        message=(
            f"{listed(broad)} in {connector.identity} {'holds' if len(broad) == 1 else 'hold'} "
            f"{count(held)}{part}; every machine there {relay_words(relay)}."
        ),
        fix="Replace the range by the addresses of the machines that have to relay.",
        evidence=connector.origin("remote_ranges", "permission_groups"),
    )


RULE = Rule(
    name="overbroad-relay-range",
    title="A relay connector's range is wide",
    severity=Severity.HIGH,
    needs=(Need.SELECTION, Need.RIGHTS, Need.ACCEPTED_DOMAINS),
    explanation=__doc__ or "",
    sources=(LEARN_RELAY, LEARN_SET),
    check=_check,
)
