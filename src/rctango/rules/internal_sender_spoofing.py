"""A client that proves nothing may use a sender address of the organisation's own domains.

The permission group AnonymousUsers includes the right to send as an authoritative domain, so every
connector for Internet mail allows this out of the box; there it is reported as information, since
anti-spam and sender checks have to deal with it. On a connector for a wide range of internal
machines it means that each of them may write in the name of anybody in the organisation. A
connector for a few named machines is not reported.

Taking ms-Exch-SMTP-Accept-Authoritative-Domain-Sender away from Anonymous Logon is the documented
hardening. Reports disagree whether that alone is enough on a Front End connector, so rctango does
not call a connector safe that still grants ms-Exch-SMTP-Accept-Any-Sender.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.access import is_externally_secured
from rctango.analysis.relay import is_wide_open
from rctango.model.finding import Confidence, Severity
from rctango.model.rights import Answer, Right
from rctango.rules._known import known_reach
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_CONNECTORS, WIDE, count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for connector in view.connectors:
        if connector.enabled is False or is_externally_secured(connector) is Answer.YES:
            continue
        spoof = view.rights(connector).spoof_internal_sender
        any_sender = view.grant(connector).has(Right.SUBMIT | Right.ACCEPT_ANY_SENDER)
        possible = spoof is Answer.YES or (spoof is Answer.UNKNOWN and any_sender is Answer.YES)
        if possible and known_reach(view, connector).possible.size >= WIDE:
            yield _finding(view, connector, spoof)


def _finding(view: View, connector: Connector, spoof: Answer) -> Finding:
    reach = known_reach(view, connector).possible
    wide = is_wide_open(connector)
    severity = Severity.INFO if wide else Severity.MEDIUM
    may = "may" if spoof is Answer.YES else "can probably"
    usual = " The permission group AnonymousUsers grants that by default." if wide else ""
    return RULE.finding(
        severity=severity,
        confidence=Confidence.HIGH if spoof is Answer.YES else Confidence.LOW,
        connector=connector,
        ranges=[entry.text for entry in connector.remote_ranges or ()],
        message=(
            f"{connector.identity} answers {count(reach)}; a client there {may} send to internal "
            f"recipients as a sender of your own domains without authentication.{usual}"
        ),
        fix=(
            "Remove ms-Exch-SMTP-Accept-Authoritative-Domain-Sender for Anonymous Logon where no "
            "machine needs it, or narrow the remote ranges; reject forged senders by SPF or a "
            "transport rule."
        ),
        evidence=connector.origin("permission_groups", "access_entries", "remote_ranges"),
    )


RULE = Rule(
    name="internal-sender-spoofing",
    title="Anonymous clients may use internal sender addresses",
    severity=Severity.MEDIUM,
    needs=(Need.SELECTION, Need.RIGHTS),
    explanation=__doc__ or "",
    sources=(LEARN_CONNECTORS,),
    check=_check,
)
