"""The logs make it plausible that an undeclared address stands for many clients.

A load balancer or firewall that replaces the client's address with its own makes everybody behind
it look like one machine. On a relay connector that is an open relay for all of them. No export
knows such devices; their traces are in the protocol logs: many EHLO names from one address in the
server's subnet, health checks, refusals by connection limits. It is an inference: a server that
runs several applications can look alike. Each signal is explained in the message.

An address that no relaying connector answers is reported only when the traces are strong. Find out
whose address it is. Declare a device in rctango.toml, so that the other rules know it, and take its
address out of relay ranges. Without protocol logs the rule does not apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.finding import Severity, Subject, SubjectKind
from rctango.model.judgement import SourceVerdict
from rctango.model.rights import Answer
from rctango.rules._logs import has_logs
from rctango.rules._rule import Need, Rule
from rctango.rules._words import (
    LEARN_LOGGING,
    LEARN_RELAY,
    by_relay,
    ranges_holding,
    relay_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding
    from rctango.model.judgement import SourceJudgement
    from rctango.model.observation import Traffic


def _check(view: View) -> Iterator[Finding]:
    traffic = view.snapshot.traffic
    if traffic is None:
        return
    for one in view.judged_sources:
        if one.verdict in {SourceVerdict.LIKELY, SourceVerdict.POSSIBLE}:
            relaying = list(_relaying(view, one))
            for connector in relaying:
                yield _relayed(view, traffic, one, connector)
            if not relaying and one.verdict is SourceVerdict.LIKELY:
                yield _harmless(traffic, one)


def _relaying(view: View, one: SourceJudgement) -> Iterator[Connector]:
    """The connectors that answer, or may answer, the address, and relay or may relay."""
    for connector in view.connectors:
        if (
            one.address is not None
            and connector.enabled is not False
            and view.rights(connector).relay is not Answer.NO
            and one.address in view.reach(connector).possible
        ):
            yield connector


def _relayed(view: View, traffic: Traffic, one: SourceJudgement, connector: Connector) -> Finding:
    relay = view.rights(connector).relay
    sure = one.address is not None and one.address in view.reach(connector).sure
    likely = one.verdict is SourceVerdict.LIKELY
    return RULE.finding(
        severity=by_relay(relay, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
        if likely
        else by_relay(relay, Severity.MEDIUM, Severity.LOW, Severity.LOW),
        confidence=one.confidence,
        connector=connector,
        subjects=(_subject(one),),
        ranges=() if one.address is None else ranges_holding(connector, one.address),
        message=(
            f"{_seems(one)} {connector.identity} {'answers' if sure else 'may answer'} it, so "
            f"everyone behind it {relay_words(relay)}."
        ),
        fix=(
            f"Find out whose address {one.client} is. Unless it is a single machine, take it out "
            f"of the remote ranges of {connector.identity} and declare it in rctango.toml."
        ),
        evidence=(traffic.origin, *connector.origin("remote_ranges")),
    )


def _harmless(traffic: Traffic, one: SourceJudgement) -> Finding:
    return RULE.finding(
        severity=Severity.LOW,
        confidence=one.confidence,
        subjects=(_subject(one),),
        message=f"{_seems(one)} No connector that relays answers it today.",
        fix=(
            f"Find out whose address {one.client} is, and declare it in rctango.toml if it is a "
            "device that hides clients."
        ),
        evidence=(traffic.origin,),
    )


def _subject(one: SourceJudgement) -> Subject:
    return Subject(kind=SubjectKind.CLIENT, name="", address=one.client)


def _seems(one: SourceJudgement) -> str:
    reasons = " ".join(signal.sentence for signal in one.signals)
    return (
        f"It is {one.verdict.value} that {one.client} stands for many clients (score {one.score} "
        f"of 100). {reasons}"
    )


RULE = Rule(
    name="suspected-source-nat",
    title="Protocol logs show an address that seems to stand for many clients",
    severity=Severity.HIGH,
    needs=(Need.TRAFFIC, Need.SELECTION, Need.RIGHTS),
    explanation=__doc__ or "",
    sources=(LEARN_RELAY, LEARN_LOGGING),
    check=_check,
    applies=has_logs,
)
