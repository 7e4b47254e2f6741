"""The anonymous session may relay, and the connector answers the Internet.

A connector on which a client that proves nothing may send to any recipient is an open relay as soon
as it answers public addresses: spammers find it within hours and the organisation's addresses end
up on block lists. Default connectors and connectors with all addresses in their ranges are looked
at like all others. What counts is the part of the ranges in which the connector really answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import PUBLIC, Family, RangeSet
from rctango.analysis.access import is_externally_secured
from rctango.model.finding import Confidence, Severity, Subject, SubjectKind
from rctango.model.rights import Answer
from rctango.rules._known import known_reach
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_CONNECTORS, LEARN_RELAY, count, is_huge, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for connector in view.connectors:
        if connector.enabled is False or view.rights(connector).relay is not Answer.YES:
            continue
        reach = known_reach(view, connector)
        public = reach.possible & PUBLIC
        if public:
            yield _finding(view, connector, public, sure=bool(reach.sure & PUBLIC))


def _finding(view: View, connector: Connector, public: RangeSet, *, sure: bool) -> Finding:
    answered = known_reach(view, connector).possible
    whole = [family for family in Family if answered.is_whole(family)]
    many = bool(whole) or is_huge(public)
    may = "answers" if sure else "may answer"
    held = "the Internet included" if whole else f"{count(public)} of them public"
    shown = RangeSet.whole(*whole) if whole else public
    return RULE.finding(
        severity=Severity.CRITICAL if many else Severity.HIGH,
        confidence=Confidence.HIGH if sure else Confidence.LOW,
        connector=connector,
        subjects=(
            Subject(kind=SubjectKind.RANGE, name="", address=text) for text in shown.texts()[:20]
        ),
        ranges=[
            entry.text for entry in connector.remote_ranges or () if public.touches(entry.range)
        ],
        message=(
            f"{connector.identity} {may} {count(answered)}, {held}, and "
            f"{_why(view, connector)}: an open relay for "
            f"{'whoever reaches its port' if many else 'the public addresses'}."
            f"{_beside_all(connector)}"
        ),
        fix=_fix(view, connector),
        evidence=connector.origin(
            "remote_ranges", "access_entries", "permission_groups", "auth_mechanism"
        ),
    )


def _beside_all(connector: Connector) -> str:
    """What to say of narrow ranges that somebody added to a connector for all addresses."""
    entries = connector.remote_ranges or ()
    narrow = [entry.text for entry in entries if not entry.range.is_whole]
    if not narrow or not any(entry.range.is_whole for entry in entries):
        return ""
    return f" The ranges {listed(narrow)} beside all addresses limit nothing."


def _why(view: View, connector: Connector) -> str:
    if view.every_domain_accepted:
        return "every domain is an accepted domain, so that anonymous clients reach any recipient"
    if is_externally_secured(connector) is Answer.YES:
        return "treats every client as an internal server that may send to any recipient"
    return "grants Anonymous Logon to submit mail to any recipient"


def _fix(view: View, connector: Connector) -> str:
    if view.every_domain_accepted:
        return "Remove the accepted domain '*'."
    if is_externally_secured(connector) is Answer.YES:
        return f"Remove ExternalAuthoritative from AuthMechanism of {connector.identity}."
    return (
        f"Remove ms-Exch-SMTP-Accept-Any-Recipient for Anonymous Logon from {connector.identity}, "
        "or limit its remote ranges to the machines that have to relay."
    )


RULE = Rule(
    name="open-relay",
    title="Open relay: anonymous clients on public addresses may send to any recipient",
    severity=Severity.CRITICAL,
    needs=(Need.SELECTION, Need.RIGHTS, Need.ACCEPTED_DOMAINS),
    explanation=__doc__ or "",
    sources=(LEARN_RELAY, LEARN_CONNECTORS),
    check=_check,
)
