"""Source NAT: which remote addresses of the logs stand for many clients.

A device that replaces the client's address with its own (a one-arm load balancer, a firewall that
translates inbound mail) makes many clients look like one. Exchange logs only what it sees, so this
is an inference and never a proof. The reasoning:

* *Necessary*: more than one client speaks from the address, and clients are told apart by the name
  they give with EHLO. Three different names make it plausible, two are what one host gives after it
  was renamed. Without at least three, nothing else lifts an address above *unlikely* (one name) or
  *possible* (two names): a busy multi-function scanner has a dominating share and stands in the
  subnet, a smart host passes on many sender domains, and both are one client with one name.
* *Supporting*: several sender domains of which none dominates, an address in the server's subnet
  or that of a default gateway, a large share of a listener that has other clients as well, sessions
  without a command at regular intervals, refusals by a connection limit. Each of them has an
  innocent reading, so none counts alone. Health checks alone are a monitoring system.
* *Settled by evidence*: a declared device is recognised as such. An Exchange server is explained by
  being one: mail between servers carries many sender domains and names.
* On the Internet names are chosen freely and abused, so an address out there is *possible* at most.
  An address from which no message was ever accepted is *unlikely*: strangers and security scanners
  try many names, and nobody relays through it.
* Few sessions say nothing: the verdict is then *too little to tell*, never *unlikely*.

A device that greets with a name of its own (an SMTP proxy, a mail gateway) does not show here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.neighbours import Neighbours
from rctango.analysis.profiles import sources_of
from rctango.analysis.source_signals import (
    FEW_SESSIONS,
    LIKELY_FROM,
    MANY_SESSIONS,
    POSSIBLE_FROM,
    SOME_SESSIONS,
    signals_of,
)
from rctango.model.finding import Confidence
from rctango.model.judgement import SignalKind, SourceJudgement, SourceVerdict

if TYPE_CHECKING:
    from rctango.analysis.profiles import Source
    from rctango.analysis.view import View
    from rctango.model.judgement import SourceSignal
    from rctango.model.observation import Traffic

_SETTLE = {
    SourceVerdict.DECLARED: "Nothing: it was declared.",
    SourceVerdict.EXCHANGE_SERVER: "Nothing: it is an Exchange server.",
    SourceVerdict.LIKELY: (
        "Find out whose address it is; if it is a load balancer, a firewall or another device that "
        "replaces addresses, declare it as [[appliance]] in rctango.toml. Its own configuration "
        "tells whether it keeps the client's address."
    ),
    SourceVerdict.POSSIBLE: (
        "Find out whose address it is, and look at the EHLO names in its sessions: names of "
        "different machines settle it. Longer logs help."
    ),
    SourceVerdict.UNLIKELY: (
        "The owner of the address can confirm that it is one machine. A proxy that greets with its "
        "own name would look the same."
    ),
    SourceVerdict.TOO_LITTLE: "Longer logs, with more sessions from this address.",
}
_ONLY_CHECKS = (
    "It only tests whether the port answers; no client came through it in these logs. If it is a "
    "load balancer, find out which address it uses for the clients' connections."
)


def judge_sources(traffic: Traffic, view: View | None) -> tuple[SourceJudgement, ...]:
    """Judge every remote address of the receive logs; the highest score comes first.

    Args:
        traffic: what the logs showed.
        view: the evidence, for servers, gateways and declared devices; None when there is none.
    """
    neighbours = Neighbours(traffic, view)
    judged = [_judge(source, neighbours) for source in sources_of(traffic)]
    return tuple(sorted(judged, key=lambda one: (-one.score, -one.sessions)))


def _judge(source: Source, neighbours: Neighbours) -> SourceJudgement:
    signals = signals_of(source, neighbours)
    score = max(0, min(100, sum(one.points for one in signals)))
    verdict = _verdict(source, signals, score)
    only_checks = verdict is SourceVerdict.UNLIKELY and not source.speaking
    return SourceJudgement(
        client=source.client,
        address=source.address,
        name=neighbours.name_of(source.address),
        listeners=tuple(
            f"{one.server or '?'} {one.local}:{'?' if one.port is None else one.port}"
            for one in source.profiles
        ),
        sessions=source.sessions,
        messages=source.messages,
        sender_domains=source.sender_domains,
        limit_refusals=source.limit_refusals,
        verdict=verdict,
        score=score,
        confidence=_confidence(source, verdict, signals),
        signals=signals,
        settle=_ONLY_CHECKS if only_checks else _SETTLE[verdict],
    )


def _verdict(source: Source, signals: tuple[SourceSignal, ...], score: int) -> SourceVerdict:
    kinds = {one.kind for one in signals}
    if SignalKind.SERVER in kinds:
        return SourceVerdict.EXCHANGE_SERVER
    if SignalKind.INVENTORY in kinds:
        return SourceVerdict.DECLARED
    if source.speaking >= FEW_SESSIONS and source.names:
        return _by_score(source, score)
    only_checks = not source.speaking and source.idle >= MANY_SESSIONS
    return SourceVerdict.UNLIKELY if only_checks else SourceVerdict.TOO_LITTLE


def _by_score(source: Source, score: int) -> SourceVerdict:
    if score >= LIKELY_FROM:
        return SourceVerdict.LIKELY
    if score >= POSSIBLE_FROM:
        return SourceVerdict.POSSIBLE
    return SourceVerdict.TOO_LITTLE if source.speaking < SOME_SESSIONS else SourceVerdict.UNLIKELY


def _confidence(
    source: Source, verdict: SourceVerdict, signals: tuple[SourceSignal, ...]
) -> Confidence:
    """How sure it is. What only logs say is never highly sure."""
    if verdict in {SourceVerdict.DECLARED, SourceVerdict.EXCHANGE_SERVER}:
        return Confidence.HIGH
    plenty = source.speaking >= MANY_SESSIONS and source.address is not None
    supporting = sum(one.points > 0 for one in signals) - 1
    if verdict is SourceVerdict.LIKELY and plenty and supporting >= 1:
        return Confidence.MEDIUM
    if verdict is SourceVerdict.UNLIKELY and plenty and source.days > 1:
        return Confidence.MEDIUM
    return Confidence.LOW
