"""A connector is used, and its own protocol logging is off.

Custom connectors write no log until somebody turns it on, so the logs at hand say nothing of them.
Other logs give them away: the Transport service's log names the true client of every session that
the Front End passes on, and the send log of another Exchange server names its target. Which
connector answered is computed from that. Nobody can say who relays through such a connector, and
judgements about its clients rest on less than they seem to.

Set ProtocolLoggingLevel to Verbose. Without protocol logs the rule does not apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.logged import counted, time_span
from rctango.analysis.unlogged import unlogged_traffic
from rctango.model.finding import Confidence, Grade, Severity, Subject, SubjectKind
from rctango.model.rights import Answer
from rctango.rules._logs import has_logs
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_LOGGING, LEARN_MAIL_FLOW, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.finding import Finding
    from rctango.model.log_coverage import UnloggedTraffic
    from rctango.model.observation import Traffic

_MOST_SUBJECTS = 20


def _check(view: View) -> Iterator[Finding]:
    traffic = view.snapshot.traffic
    if traffic is None:
        return
    groups: dict[str, list[UnloggedTraffic]] = {}
    for one in unlogged_traffic(traffic, view):
        groups.setdefault(one.connector, []).append(one)
    for seen in groups.values():
        yield _finding(view, traffic, seen)


def _finding(view: View, traffic: Traffic, seen: list[UnloggedTraffic]) -> Finding:
    connector = next(one for one in view.connectors if one.identity == seen[0].connector)
    relays = view.rights(connector).relay is not Answer.NO
    clients = list(dict.fromkeys(client for one in seen for client in one.clients))
    shown = listed(
        f"{counted(one.sessions, 'session')} {time_span(one.first_seen, one.last_seen)} in "
        f"{one.shown_by}"
        for one in seen
    )
    return RULE.finding(
        severity=Severity.MEDIUM if relays else Severity.LOW,
        confidence=Confidence.MEDIUM,
        grade=Grade.USED,
        connector=connector,
        subjects=(
            Subject(kind=SubjectKind.CLIENT, name="", address=client)
            for client in clients[:_MOST_SUBJECTS]
        ),
        message=(
            f"{connector.identity} writes no protocol log, but it is used: {shown}, from "
            f"{listed(clients)}."
        ),
        fix=f"Set ProtocolLoggingLevel of {connector.identity} to Verbose.",
        evidence=(traffic.origin, *connector.origin("verbose_logging")),
    )


RULE = Rule(
    name="connector-without-logging-has-traffic",
    title="A connector is used and writes no protocol log",
    severity=Severity.MEDIUM,
    needs=(Need.TRAFFIC, Need.OTHER_LOGS, Need.SELECTION, Need.LOGGING, Need.RIGHTS),
    explanation=__doc__ or "",
    sources=(LEARN_LOGGING, LEARN_MAIL_FLOW),
    check=_check,
    applies=has_logs,
)
