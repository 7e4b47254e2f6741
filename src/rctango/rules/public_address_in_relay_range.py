"""The specific ranges of a relay connector hold public addresses.

A public address in relay ranges belongs to somebody on the Internet: a partner, a cloud service, a
former provider. It may be shared by many customers of that service, and it may belong to somebody
else next year. Prefer authentication on port 587 for clients outside your network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import PUBLIC, RangeSet
from rctango.model.finding import Severity, Subject, SubjectKind
from rctango.model.rights import Answer
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_RELAY, by_relay, count, listed, relay_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding


def _check(view: View) -> Iterator[Finding]:
    for connector in view.suspects:
        public = view.ranges(connector) & PUBLIC
        if public and view.rights(connector).relay is not Answer.NO:
            yield _finding(view, connector, public)


def _finding(view: View, connector: Connector, public: RangeSet) -> Finding:
    relay = view.rights(connector).relay
    answered = bool(view.reach(connector).possible & public)
    texts = [entry.text for entry in connector.remote_ranges or () if public.touches(entry.range)]
    then = f"a client there {relay_words(relay)}"
    if not answered:
        then = f"a narrower range of another connector answers there today; once that goes, {then}"
    return RULE.finding(
        severity=by_relay(relay, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
        if answered
        else Severity.LOW,
        connector=connector,
        subjects=(Subject(kind=SubjectKind.RANGE, name="", address=text) for text in texts),
        ranges=texts,
        message=(
            f"{listed(texts)} in {connector.identity} {'holds' if len(texts) == 1 else 'hold'} "
            f"{count(public)} of the public Internet; {then}."
        ),
        fix="Remove the public addresses; let these clients authenticate on port 587.",
        evidence=connector.origin("remote_ranges", "permission_groups"),
    )


RULE = Rule(
    name="public-address-in-relay-range",
    title="A relay connector's ranges hold public addresses",
    severity=Severity.HIGH,
    needs=(Need.SELECTION, Need.RIGHTS, Need.ACCEPTED_DOMAINS),
    explanation=__doc__ or "",
    sources=(LEARN_RELAY,),
    check=_check,
)
