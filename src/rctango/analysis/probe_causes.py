"""Why a probe may contradict the evidence, ranked, and what would tell the causes apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import Address
from rctango.analysis.foretelling import (
    EXCHANGE_AUTH,
    STARTTLS,
    foretell,
    misaddressed,
    offers,
)
from rctango.model.connection import Verdict
from rctango.model.probe_check import Agreement, CauseKind, ProbableCause
from rctango.model.probing import ProbeResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rctango.analysis.selection import Table
    from rctango.analysis.view import View
    from rctango.model.connection import Selection
    from rctango.model.probe_check import ProbeCheck, StepCheck
    from rctango.model.probing import ProbeObservation

_MOST_NAMED = 3


def probable_causes(
    view: View, table: Table, seen: ProbeObservation, check: ProbeCheck
) -> tuple[ProbableCause, ...]:
    """The likely causes of contradictions, the likeliest first.

    Args:
        view: the evidence.
        table: the listener that was probed.
        seen: what the probe showed.
        check: the comparison, with at least one contradiction.
    """
    found = (
        *_inspection(seen, check),
        *_wrong_server(view, seen, check),
        *_source_nat(view, table, seen, check),
        _changed(),
        _model(),
    )
    return tuple(sorted(found, key=lambda one: (-one.points, one.kind.value)))


def _inspection(seen: ProbeObservation, check: ProbeCheck) -> Iterator[ProbableCause]:
    """A device that rewrites ESMTP masks keywords with X, or the greeting with asterisks."""
    settle = "Probe from the server's own subnet, or look at the device's SMTP inspection."
    if _is_rewritten(seen):
        what = "The greeting is masked"
        if not _is_greeting_masked(seen):
            what = "Keywords of the EHLO reply are masked"
        yield ProbableCause(
            kind=CauseKind.ESMTP_INSPECTION,
            points=90,
            why=f"{what}: a device on the way rewrites SMTP, so the fingerprint is the device's.",
            settle=settle,
        )
        return
    lost = [
        one
        for one in check.features
        if one.agreement is Agreement.CONTRADICTS and one.predicted and not one.observed
    ]
    if lost and not _contradicting_steps(check):
        yield ProbableCause(
            kind=CauseKind.ESMTP_INSPECTION,
            points=50,
            why="All steps agree, and only what the EHLO reply offers does not.",
            settle=settle,
        )


def _contradicting_steps(check: ProbeCheck) -> list[StepCheck]:
    return [one for one in check.steps if one.agreement is Agreement.CONTRADICTS]


def _is_rewritten(seen: ProbeObservation) -> bool:
    return _is_greeting_masked(seen) or (seen.offer is not None and seen.offer.is_rewritten)


def _is_greeting_masked(seen: ProbeObservation) -> bool:
    return seen.banner is not None and any("***" in line for line in seen.banner.lines)


def _wrong_server(view: View, seen: ProbeObservation, check: ProbeCheck) -> Iterator[ProbableCause]:
    """The greeting begins with the connector's FQDN, by default the server's."""
    name = _greeted(seen)
    if name is None or check.server is None:
        return
    expected = _names(view, check.server)
    if name in expected or not expected:
        return
    others = [one for one in view.servers if one != check.server and name in _names(view, one)]
    yield ProbableCause(
        kind=CauseKind.WRONG_SERVER,
        points=85 if others else 45,
        why=f"The greeting names {name}"
        + (f", which is {others[0]}." if others else f", and {check.server} has other names."),
        settle="Compare the greeting with one that was read on the server itself.",
    )


def greets_as_another(view: View, seen: ProbeObservation, server: str | None) -> bool:
    """Whether the greeting names another server of the evidence."""
    name = _greeted(seen)
    if name is None or server is None or name in _names(view, server):
        return False
    return any(name in _names(view, one) for one in view.servers if one != server)


def _greeted(seen: ProbeObservation) -> str | None:
    name = (seen.greeting_name or "").rstrip(".")
    return name if "." in name else None


def _names(view: View, server: str) -> set[str]:
    """The names that a greeting of the server may begin with."""
    known = view.servers.get(server)
    names = [None if known is None else known.fqdn]
    names += [one.fqdn for one in view.connectors_of.get(server, ())]
    return {one.casefold().rstrip(".") for one in names if one}


def _source_nat(
    view: View, table: Table, seen: ProbeObservation, check: ProbeCheck
) -> Iterator[ProbableCause]:
    """Another connector of the listener explains everything: the server saw another address.

    Where a device rewrites SMTP, what is offered is the device's and tells nothing of connectors.
    """
    if _is_rewritten(seen) and not _contradicting_steps(check):
        return
    fitting = [one for one in _stand_ins(view, table, check) if _explains(view, one, seen)]
    if not fitting:
        return
    devices = [one for one in fitting if one.address in _devices(view)]
    chosen = (devices or fitting)[:_MOST_NAMED]
    names = _or("nobody" if one.connector is None else one.connector.identity for one in chosen)
    seen_then = _or(str(one.address) for one in chosen)
    sees = f" It would be so if the server saw a device: {seen_then}." if devices else ""
    yield ProbableCause(
        kind=CauseKind.SOURCE_NAT,
        points=80 if devices else 60,
        why=f"What was seen is what {names} would give another address than {seen.source}.{sees}",
        settle="Look for the session in the receive protocol log: it shows the address that the "
        "server saw.",
    )


def _or(words: Iterable[str]) -> str:
    *others, last = dict.fromkeys(words)
    return f"{', '.join(others)} or {last}" if others else last


def _stand_ins(view: View, table: Table, check: ProbeCheck) -> Iterator[Selection]:
    """The answers to one address of each segment with another answer; devices go first."""
    chosen = [one for one in _devices(view) if one.family is table.family]
    chosen += [
        Address(family=one.range.family, value=one.range.first)
        for one in view.coverage(table).segments
    ]
    for address in chosen:
        selection = table.select(address)
        identity = None if selection.connector is None else selection.connector.identity
        decided = selection.verdict in {Verdict.ANSWERED, Verdict.REFUSED}
        if decided and identity != check.connector:
            yield selection


def _devices(view: View) -> list[Address]:
    """Gateways, and declared devices by their first address."""
    gateways = [one for server in view.snapshot.servers for one in server.gateways or ()]
    firsts = [next(iter(one.addresses), None) for one in view.snapshot.appliances or ()]
    declared = [Address(family=one.family, value=one.first) for one in firsts if one is not None]
    return list(dict.fromkeys((*declared, *gateways)))


def _explains(view: View, selection: Selection, seen: ProbeObservation) -> bool:
    """Whether every step and the EHLO reply are what another answer gives."""
    foretold = foretell(selection, view.session(selection) if selection.connector else None)
    if selection.connector is not None:
        foretold |= misaddressed(seen, view.snapshot.accepted_domains)
    results = [
        (foretold[one.kind][0], one.result)
        for one in seen.steps
        if one.kind in foretold and one.result is not ProbeResult.INCONCLUSIVE
    ]
    if any(told is not None and told is not result for told, result in results):
        return False
    if selection.connector is None or seen.offer is None or _is_rewritten(seen):
        return bool(results)
    offered = {EXCHANGE_AUTH: seen.offer.offers_exchange_auth, STARTTLS: seen.offer.has(STARTTLS)}
    return all(
        told is None or told is offered[feature]
        for feature, (told, _) in offers(selection.connector).items()
    )


def _changed() -> ProbableCause:
    return ProbableCause(
        kind=CauseKind.CONFIGURATION_CHANGED,
        points=30,
        why="The exports may be older than a change of the configuration.",
        settle="Export the receive connectors again, and compare.",
    )


def _model() -> ProbableCause:
    return ProbableCause(
        kind=CauseKind.MODEL,
        points=5,
        why="If nothing else explains it, rctango may be wrong about how Exchange selects.",
        settle="Keep the exports and the probe, and report it.",
    )
