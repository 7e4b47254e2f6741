"""A single entry of a relay connector's ranges holds more machines than anybody can name.

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
from rctango.rules._words import LEARN_RELAY, LEARN_SET, WIDE, count, listed, relay_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.finding import Finding

_HUGE = 65536


def _check(view: View) -> Iterator[Finding]:
    for connector in view.suspects:
        relay = view.rights(connector).relay
        if relay is Answer.NO:
            continue
        broad = [entry for entry in connector.remote_ranges or () if entry.range.size >= WIDE]
        if not broad:
            continue
        held = RangeSet.of(entry.range for entry in broad)
        severity = Severity.HIGH if held.size >= _HUGE else Severity.MEDIUM
        yield RULE.finding(
            severity=severity if relay is Answer.YES else Severity.LOW,
            connector=connector,
            ranges=[entry.text for entry in broad],
            message=(
                f"{listed(entry.text for entry in broad)} in {connector.identity} "
                f"{'holds' if len(broad) == 1 else 'hold'} {count(held)}; every machine there "
                f"{relay_words(relay)}."
            ),
            fix="Replace the range by the addresses of the machines that have to relay.",
            evidence=connector.origin("remote_ranges", "permission_groups"),
        )


RULE = Rule(
    name="overbroad-relay-range",
    title="A relay connector's range is wide",
    severity=Severity.HIGH,
    needs=(Need.SELECTION, Need.AUTHENTICATION, Need.RIGHTS),
    explanation=__doc__ or "",
    sources=(LEARN_RELAY, LEARN_SET),
    check=_check,
)
