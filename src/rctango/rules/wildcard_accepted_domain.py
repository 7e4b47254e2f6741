"""The accepted domain '*' makes every recipient an accepted one.

Relaying is allowed to accepted domains. With '*' among them, every connector on which a client may
submit mail without authentication is an open relay, whatever its other rights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.finding import Severity, Subject, SubjectKind
from rctango.model.server import DomainType
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_DOMAINS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for domain in view.snapshot.accepted_domains or ():
        if domain.domain != "*":
            continue
        kind = domain.kind.value if domain.kind else "type not exported"
        relays = domain.kind is not DomainType.AUTHORITATIVE
        result = (
            "so whoever may submit mail may send it to anybody"
            if relays
            else "so mail to any domain is taken in, and what finds no mailbox bounces to senders "
            "that may be forged"
        )
        yield RULE.finding(
            severity=Severity.CRITICAL if relays else Severity.HIGH,
            subjects=[Subject(kind=SubjectKind.DOMAIN, name=domain.name, address="*")],
            message=(
                f"The accepted domain {domain.name} is '*' ({kind}): every recipient counts as one "
                f"of your own, {result}."
            ),
            fix=f"Remove the accepted domain {domain.name}; list the domains you receive for.",
            evidence=[domain.origin],
        )


RULE = Rule(
    name="wildcard-accepted-domain",
    title="Every domain is an accepted domain",
    severity=Severity.CRITICAL,
    needs=(Need.ACCEPTED_DOMAINS,),
    explanation=__doc__ or "",
    sources=(LEARN_DOMAINS,),
    check=_check,
)
