"""A connector that lets anonymous clients in writes no protocol log.

Custom connectors do not log until somebody turns it on. Without the log nobody can say who relays,
whether a device hides the clients behind one address, or who needs the connector at all. Set
ProtocolLoggingLevel to Verbose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.flows import SMTP_PORT
from rctango.analysis.relay import lets_anonymous_in, listens_on
from rctango.model.finding import Severity
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_LOGGING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for connector in view.connectors:
        relevant = (
            connector.enabled is not False
            and connector.verbose_logging is False
            and listens_on(connector, SMTP_PORT)
            and lets_anonymous_in(connector)
        )
        if relevant:
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
    title="No protocol log on a connector for anonymous clients",
    severity=Severity.LOW,
    needs=(Need.CONNECTORS, Need.LOGGING),
    explanation=__doc__ or "",
    sources=(LEARN_LOGGING,),
    check=_check,
)
