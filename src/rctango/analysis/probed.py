"""What saved probes show of an offence: that it was seen, or that it was looked for in vain.

A probe counts for the connector that the evidence says answers its source address at the listener
it met. It speaks for its own vantage point, so one that came through a load balancer counts for the
balancer only: the server saw another address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rctango.analysis.foretelling import EXCHANGE_AUTH, is_to_the_point
from rctango.analysis.logged import counted, enumerated, known_address, time_span, utc
from rctango.analysis.probe_causes import greets_as_another
from rctango.analysis.probe_check import check_probe, server_of
from rctango.model.probe_check import Agreement
from rctango.model.probing import ProbeResult, ProbeStepKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rctango.addresses import Address, RangeSet
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.origin import Origin
    from rctango.model.probe_check import ProbeCheck
    from rctango.model.probing import ProbeObservation, ProbeStep, SavedProbe

    Outcome = tuple[ProbeResult | None, ProbeResult | None]

ZONES: Final = timedelta(hours=15)
"""How far a time without zone, as exports have, can be from UTC."""

_DEEDS: Final = {
    ProbeStepKind.RELAY: ("could relay to a foreign recipient", "could not relay"),
    ProbeStepKind.SPOOF_TO_INTERNAL: (
        "could send as a sender of the organisation",
        "could not send as a sender of the organisation",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """A saved probe and what the evidence says of it.

    Attributes:
        saved: the probe.
        source: the address it came from; None when that is not known.
        check: the comparison with the evidence.
    """

    saved: SavedProbe
    source: Address | None
    check: ProbeCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What probes show of one finding.

    Attributes:
        confirmed: one sentence: it was seen; empty when it was not.
        refuted: one sentence: it was foretold and the server did not let it happen; empty
            otherwise.
        note: one sentence on probes that do not count; empty without any.
        origins: the probes that both sentences rest on.
    """

    confirmed: str = ""
    refuted: str = ""
    note: str = ""
    origins: tuple[Origin, ...] = ()


def all_probed(view: View) -> tuple[Probed, ...]:
    """Every saved probe of the evidence, compared with it."""
    return tuple(
        Probed(
            saved=one,
            source=known_address(one.seen.source or ""),
            check=check_probe(view, one.seen),
        )
        for one in view.snapshot.probes or ()
    )


def step_shown(view: View, connector: Connector, scope: RangeSet, kind: ProbeStepKind) -> Shown:
    """What probes from some addresses show of a step at the connector.

    Args:
        view: the evidence.
        connector: the connector that answers them.
        scope: the source addresses that count.
        kind: the relay step, or the one of own senders to own recipients.
    """

    def outcome(one: Probed) -> Outcome:
        if not is_to_the_point(one.saved.seen, kind, view.snapshot.accepted_domains):
            return None, None
        check = next((step for step in one.check.steps if step.kind is kind), None)
        return (None, None) if check is None else (check.predicted, check.observed)

    return _shown(view, connector, _at(view, connector, scope), outcome, _DEEDS[kind], kind)


def capture_probed(view: View, connector: Connector, scope: RangeSet) -> Shown:
    """What probes from Exchange servers' addresses show of the lack of Exchange authentication."""

    def outcome(one: Probed) -> Outcome:
        offer = one.saved.seen.offer
        if offer is None or offer.is_rewritten:
            return None, None  # what a device on the way has masked shows nothing of the connector
        for feature in one.check.features:
            if feature.feature == EXCHANGE_AUTH:
                return _lack(feature.predicted), _lack(feature.observed)
        return None, None

    words = (
        "was offered no Exchange Server authentication",
        "was offered Exchange Server authentication",
    )
    probes = _at(view, connector, scope)
    return _shown(view, connector, probes, outcome, words, ProbeStepKind.EHLO)


def _lack(offered: bool | None) -> ProbeResult | None:
    """The offence is that nothing is offered."""
    if offered is None:
        return None
    return ProbeResult.DENIED if offered else ProbeResult.ALLOWED


def balancer_shown(view: View, connector: Connector, name: str) -> Shown:
    """Whether relay was seen through a load balancer that the same client was refused directly.

    Args:
        view: the evidence.
        connector: the connector that answers the balancer.
        name: the name of the declared balancer, as the probe called it.
    """
    direct = [
        one
        for one in view.probed
        if one.saved.seen.via is None
        and server_of(view, one.saved.seen) == connector.server
        and _relay(view, one) is ProbeResult.DENIED
        and not _is_old(one, connector)
        and one.saved.seen.port in {binding.port for binding in connector.bindings or ()}
    ]
    elsewhere = [
        one
        for one in view.probed
        if one.saved.seen.via is None and _relay(view, one) is ProbeResult.ALLOWED
    ]
    pairs = [
        (one, other)
        for one in view.probed
        if (one.saved.seen.via or "").casefold() == name.casefold()
        and _relay(view, one) is ProbeResult.ALLOWED
        and not _is_old(one, connector)
        and not any(_same_way(one.saved.seen, other.saved.seen) for other in elsewhere)
        for other in direct
        if _same_way(one.saved.seen, other.saved.seen)
    ]
    if not pairs:
        return Shown()
    through, directly = pairs[0]
    seen = through.saved.seen
    when = time_span(seen.began, seen.began)
    sentence = (
        f"A probe shows it: {seen.source} could relay through {name} ({seen.target}) {when}, and "
        f"directly at {connector.server} it could not."
    )
    return Shown(confirmed=sentence, origins=(through.saved.origin, directly.saved.origin))


def _same_way(through: ProbeObservation, directly: ProbeObservation) -> bool:
    """Whether both led to the same server, by its greeting, from the same client."""
    names = {through.greeting_name, directly.greeting_name}
    return (
        through.source == directly.source
        and through.source is not None
        and through.port == directly.port
        and len(names) == 1
        and None not in names
    )


def _relay(view: View, probed: Probed) -> ProbeResult | None:
    seen, kind = probed.saved.seen, ProbeStepKind.RELAY
    if not is_to_the_point(seen, kind, view.snapshot.accepted_domains):
        return None
    return next((one.result for one in seen.steps if one.kind is kind), None)


def _at(view: View, connector: Connector, scope: RangeSet) -> list[Probed]:
    """The probes that the connector answered, by the evidence, at an address of the scope."""
    return [
        one
        for one in view.probed
        if one.saved.seen.via is None
        and one.check.connector == connector.identity
        and one.source is not None
        and one.source in scope
    ]


def _is_old(one: Probed, connector: Connector) -> bool:
    """Whether the connector was changed since, so that the probe met another configuration."""
    changed = connector.when_changed
    return changed is not None and utc(one.saved.seen.began) + ZONES < utc(changed)


def _met_another(view: View, one: Probed) -> bool:
    """Whether another connector or server seems to have answered than the evidence says."""
    seen, check = one.saved.seen, one.check
    steps = any(step.agreement is Agreement.CONTRADICTS for step in check.steps)
    is_masked = seen.offer is not None and seen.offer.is_rewritten
    offer = any(one.agreement is Agreement.CONTRADICTS for one in check.features)
    return steps or (offer and not is_masked) or greets_as_another(view, seen, check.server)


def _shown(
    view: View,
    connector: Connector,
    probes: Iterable[Probed],
    outcome: Callable[[Probed], Outcome],
    words: tuple[str, str],
    kind: ProbeStepKind,
) -> Shown:
    every = [one for one in probes if outcome(one)[1] is not None]
    fresh = [one for one in every if not _is_old(one, connector)]
    allowed = [one for one in fresh if outcome(one)[1] is ProbeResult.ALLOWED]
    seen = [one for one in allowed if not _met_another(view, one)]
    missed = [one for one in fresh if outcome(one) == (ProbeResult.ALLOWED, ProbeResult.DENIED)]
    confirmed = f"A probe shows it: {_who(seen)} {words[0]} {_when(seen)}." if seen else ""
    refuted = ""
    if missed:
        refuted = (
            f"A probe speaks against it: {_who(missed)} {words[1]} {_when(missed)}"
            f"{_reply(missed[0].saved.seen, kind)}, although the evidence foretells it."
            f"{_cause(missed[0])}"
        )
    note = ""
    if len(every) > len(fresh):
        number = counted(len(every) - len(fresh), "probe")
        note = f"{number} from before the connector's last change did not count."
    if len(allowed) > len(seen):
        number = counted(len(allowed) - len(seen), "probe")
        note += f" {number} did not count, because another connector seems to have answered."
    origins = tuple(one.saved.origin for one in (*seen, *missed))
    return Shown(confirmed=confirmed, refuted=refuted, note=note.strip(), origins=origins)


def _who(probes: list[Probed]) -> str:
    return enumerated(str(one.source) for one in probes)


def _when(probes: list[Probed]) -> str:
    times = sorted(utc(one.saved.seen.began) for one in probes)
    return time_span(times[0], times[-1])


def _reply(seen: ProbeObservation, kind: ProbeStepKind) -> str:
    steps: Iterator[ProbeStep] = (one for one in seen.steps if one.kind is kind)
    step = next(steps, None)
    return "" if step is None or step.reply is None else f" ({step.reply.text[:100]})"


def _cause(one: Probed) -> str:
    causes = one.check.causes
    return f" Likeliest cause: {causes[0].why}" if causes else ""
