"""A connector through which clients may relay writes no protocol log.

Custom connectors do not log until somebody turns it on. Without the log nobody can say who relays,
whether a device hides the clients behind one address, or who needs the connector at all. Set
ProtocolLoggingLevel to Verbose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.finding import Severity
from rctango.model.rights import Answer
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_LOGGING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    candidates = {one.identity for one in view.relay_candidates}
    for connector in view.connectors:
        relays = view.rights(connector).relay is Answer.YES or connector.identity in candidates
        if relays and connector.enabled is not False and connector.verbose_logging is False:
            yield RULE.finding(
                connector=connector,
                message=(
                    f"{connector.identity} lets clients in without authentication and logs none of "
                    "their sessions."
                ),
                fix=f"Set ProtocolLoggingLevel of {connector.identity} to Verbose.",
                evidence=connector.origin("verbose_logging"),
            )


RULE = Rule(
    name="no-protocol-logging",
    title="A relay connector writes no protocol log",
    severity=Severity.LOW,
    needs=(Need.SELECTION, Need.RIGHTS, Need.ACCEPTED_DOMAINS, Need.LOGGING),
    explanation=__doc__ or "",
    sources=(LEARN_LOGGING,),
    check=_check,
)
