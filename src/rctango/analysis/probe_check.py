"""A probe against the evidence: who should have answered, what agrees, and why something may not.

A probe speaks for its own vantage point: the server may see another address than the probe used.
"""

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
from rctango.analysis.probe_causes import probable_causes
from rctango.errors import AddressError
from rctango.model.connection import Verdict
from rctango.model.probe_check import Agreement, FeatureCheck, ProbeCheck, StepCheck, ViaCheck
from rctango.model.probing import ProbeResult, ProbeStepKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rctango.analysis.selection import Table
    from rctango.analysis.view import View
    from rctango.model.connection import Selection
    from rctango.model.probing import EhloOffer, ProbeObservation


def check_probe(view: View, seen: ProbeObservation) -> ProbeCheck:
    """Compare a probe with what the evidence foretells."""
    server = server_of(view, seen)
    table = None if server is None else _listener(view, server, seen)
    source = _address(seen.source)
    if table is None or source is None:
        return _not_compared(seen, server, table)
    selection = table.select(source)
    foretold = _foretold(view, selection)
    if selection.verdict is not Verdict.REFUSED:
        foretold |= misaddressed(seen, view.snapshot.accepted_domains)
    steps = tuple(_steps(seen, foretold))
    features = tuple(_features(seen, selection))
    check = ProbeCheck(
        target=seen.target,
        source=seen.source,
        server=server,
        listener=str(table.listener),
        connector=None if selection.connector is None else selection.connector.identity,
        range=None if selection.range is None else selection.range.text,
        steps=steps,
        features=features,
        causes=(),
        note=_note(selection),
    )
    causes = probable_causes(view, table, seen, check) if check.contradictions else ()
    return ProbeCheck(
        **{name: getattr(check, name) for name in check.__slots__ if name != "causes"},
        causes=causes,
    )


def server_of(view: View, seen: ProbeObservation) -> str | None:
    """The server of the evidence that was probed: as named, or the one with the address."""
    if seen.server is not None:
        return seen.server
    address = _address(seen.address)
    found = [one.name for one in view.snapshot.servers if address in (one.addresses or ())]
    return found[0] if len(found) == 1 else None


def _address(text: str | None) -> Address | None:
    if text is None:
        return None
    try:
        return Address.parse(text)
    except AddressError:
        return None


def _listener(view: View, server: str, seen: ProbeObservation) -> Table | None:
    """The listener that a connection to the address and port meets; None when that is not one.

    A specific local address goes before the wildcard one.
    """
    address = _address(seen.address)
    tables = [
        one
        for one in view.tables_at(server)
        if one.listener.local.port == seen.port
        and (address is None or one.family is address.family)
    ]
    exact = [one for one in tables if one.listener.local.address == address]
    wild = [one for one in tables if one.listener.local.is_wildcard]
    found = exact or wild
    return found[0] if len(found) == 1 else None


def _not_compared(seen: ProbeObservation, server: str | None, table: Table | None) -> ProbeCheck:
    if server is None:
        note = "no server of the evidence has this address"
    elif table is None:
        note = f"the evidence shows no listener, or several, on port {seen.port} of {server}"
    else:
        note = "nothing was connected, so no source address is known"
    return ProbeCheck(
        target=seen.target,
        source=seen.source,
        server=server,
        listener="" if table is None else str(table.listener),
        connector=None,
        range=None,
        steps=tuple(
            StepCheck(
                kind=one.kind,
                predicted=None,
                observed=one.result,
                agreement=Agreement.NOT_PREDICTED,
                why=note,
            )
            for one in seen.steps
        ),
        features=(),
        causes=(),
        note=note,
    )


def _foretold(
    view: View, selection: Selection
) -> dict[ProbeStepKind, tuple[ProbeResult | None, str]]:
    answered = selection.verdict in {Verdict.ANSWERED, Verdict.AMBIGUOUS}
    return foretell(selection, view.session(selection) if answered else None)


def _steps(
    seen: ProbeObservation, foretold: dict[ProbeStepKind, tuple[ProbeResult | None, str]]
) -> Iterator[StepCheck]:
    done = {one.kind: one for one in seen.steps}
    for kind in ProbeStepKind:
        predicted, why = foretold.get(kind, (None, "nothing is foretold"))
        step = done.get(kind)
        if step is None and predicted is None:
            continue
        observed = None if step is None else step.result
        yield StepCheck(
            kind=kind,
            predicted=predicted,
            observed=observed,
            agreement=_agreement(predicted, observed),
            why=why,
        )


def _agreement(predicted: ProbeResult | None, observed: ProbeResult | None) -> Agreement:
    if observed is None or observed is ProbeResult.INCONCLUSIVE:
        return Agreement.NOT_OBSERVED
    if predicted is None:
        return Agreement.NOT_PREDICTED
    return Agreement.AGREES if predicted is observed else Agreement.CONTRADICTS


def _features(seen: ProbeObservation, selection: Selection) -> Iterator[FeatureCheck]:
    if selection.connector is None:
        return
    for feature, (predicted, why) in offers(selection.connector).items():
        observed = None if seen.offer is None else has_feature(seen.offer, feature)
        yield FeatureCheck(
            feature=feature,
            predicted=predicted,
            observed=observed,
            agreement=_same(predicted, observed),
            why=why,
        )


def has_feature(offer: EhloOffer, feature: str) -> bool:
    """Whether an EHLO reply offers a feature of ``foretelling``."""
    return offer.offers_exchange_auth if feature == EXCHANGE_AUTH else offer.has(STARTTLS)


def _same(predicted: bool | None, observed: bool | None) -> Agreement:
    if observed is None:
        return Agreement.NOT_OBSERVED
    if predicted is None:
        return Agreement.NOT_PREDICTED
    return Agreement.AGREES if predicted is observed else Agreement.CONTRADICTS


def _note(selection: Selection) -> str:
    if selection.verdict is Verdict.AMBIGUOUS:
        names = ", ".join(one.identity for one in selection.contenders)
        return f"the evidence leaves open which of these answers: {names}"
    if selection.verdict is Verdict.UNDETERMINED:
        return "a fact is missing, so it is not known which connector answers"
    return ""


def check_via(balanced: ProbeObservation, direct: Iterable[ProbeObservation]) -> list[ViaCheck]:
    """Compare what a load balancer's address gives with what each server behind it gives.

    A different outcome means that the servers see another address there: the load balancer's.
    """
    return [
        ViaCheck(
            via=balanced.via or balanced.target,
            target=balanced.target,
            source=balanced.source,
            server=one.server or one.target,
            differences=tuple(_differences(balanced, one)),
        )
        for one in direct
    ]


def _differences(balanced: ProbeObservation, direct: ProbeObservation) -> Iterator[str]:
    done = {one.kind: one for one in direct.steps}
    for step in balanced.steps:
        other = done.get(step.kind)
        results = {step.result, None if other is None else other.result}
        if other is not None and results == {ProbeResult.ALLOWED, ProbeResult.DENIED}:
            yield f"{step.kind.value}: {step.result.value} there, {other.result.value} directly"
    if balanced.offer is not None and direct.offer is not None:
        for feature in (EXCHANGE_AUTH, STARTTLS):
            there, here = has_feature(balanced.offer, feature), has_feature(direct.offer, feature)
            if there is not here:
                words = ("not offered", "offered")
                yield f"{feature}: {words[there]} there, {words[here]} directly"
        yield from _other_keywords(balanced.offer, direct.offer)


def _other_keywords(balanced: EhloOffer, direct: EhloOffer) -> Iterator[str]:
    """What else the EHLO replies offer, by the first word; AUTH with each mechanism."""
    there, here = _verbs(balanced), _verbs(direct)
    for where, only in (("there", there - here), ("directly", here - there)):
        if only:
            yield f"offered only {where}: {', '.join(sorted(only))}"


def _verbs(offer: EhloOffer) -> set[str]:
    compared = {STARTTLS, "AUTH", "X-EXPS", "X-ANONYMOUSTLS"}
    verbs = {words[0] for one in offer.keywords if (words := one.upper().split())}
    mechanisms = {f"AUTH {name}" for name in offer.auth_mechanisms}
    return {verb for verb in verbs if verb.partition("=")[0] not in compared} | mechanisms
