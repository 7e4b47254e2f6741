"""Anonymous clients in restricted ranges may send to any recipient.

This is what a relay connector is for, and it is proved here, not guessed from its name: Anonymous
Logon may submit and may address any recipient. The finding states exactly how many addresses get
that right, after narrower ranges of other connectors are taken away. Whoever controls one of these
addresses, or a machine behind it, may send to anybody in anybody's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import PUBLIC
from rctango.analysis.access import is_externally_secured
from rctango.model.finding import Confidence, Severity
from rctango.model.rights import Answer
from rctango.rules._known import known_reach
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_RELAY, WIDE, count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for connector in view.connectors:
        if connector.enabled is False or view.rights(connector).relay is not Answer.YES:
            continue
        reach = known_reach(view, connector)
        external = is_externally_secured(connector) is Answer.YES
        if external or not reach.possible or reach.possible & PUBLIC:
            continue
        may = "answers" if reach.sure else "may answer"
        yield RULE.finding(
            severity=Severity.LOW if reach.possible.size >= WIDE else Severity.INFO,
            confidence=Confidence.HIGH if reach.sure else Confidence.MEDIUM,
            connector=connector,
            ranges=[entry.text for entry in connector.remote_ranges or ()],
            message=(
                f"{connector.identity} {may} {count(reach.possible)}; every client there may relay "
                "to any recipient without authentication."
            ),
            fix=(
                "Keep only the addresses that have to relay; let applications that can "
                "authenticate use port 587 instead."
            ),
            evidence=connector.origin("remote_ranges", "access_entries", "permission_groups"),
        )


RULE = Rule(
    name="anonymous-relay",
    title="Anonymous relay for restricted addresses",
    severity=Severity.LOW,
    needs=(Need.SELECTION, Need.RIGHTS, Need.ACCEPTED_DOMAINS),
    explanation=__doc__ or "",
    sources=(LEARN_RELAY,),
    check=_check,
)
