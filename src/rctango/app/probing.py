"""Live SMTP tests: which targets, from where, what came of it, and how that fits the evidence."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rctango._version import __version__
from rctango.addresses import Address
from rctango.analysis.probe_check import check_probe, check_via
from rctango.analysis.view import View
from rctango.app import EXIT_CLEAN, EXIT_NO_EVIDENCE, EXIT_NOT_ASSESSED, only_servers
from rctango.app.probe_targets import evidence_targets, server_named
from rctango.errors import AddressError, RctangoError
from rctango.model.probe_plan import NotProbed, PlannedLine, PlannedTarget
from rctango.model.probing import ProbeResult, ProbeStepKind, RemoteErrorKind
from rctango.model.server import DomainType
from rctango.probe import (
    ProbeLimits,
    ProbeSettings,
    SettingsError,
    check_source,
    commands_of,
    parse_source,
    parse_target,
    probe_all,
)
from rctango.report.probe_documents import PlanReport, ProbeReport, Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rctango.app import Evidence
    from rctango.model.probe_check import ProbeCheck, ViaCheck
    from rctango.model.probing import ProbeObservation
    from rctango.model.server import AcceptedDomain
    from rctango.probe import Target

    OnStep = Callable[[str, int, int], None]

NAMELESS = "localhost"
"""How this machine names itself when its own name cannot be sent in EHLO."""
_DOMAIN_ORDER = (DomainType.AUTHORITATIVE, DomainType.INTERNAL_RELAY, None)
_TOOL = Tool(name="rctango", version=__version__)


class ProbeRequestError(RctangoError):
    """What is to be probed makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """What to probe, and how.

    Attributes:
        targets: hosts and addresses as the user named them; none to take those of the evidence.
        via: load balancers as ``NAME=HOST`` or ``NAME=HOST:PORT``.
        sources: local addresses to connect from; empty to leave it to the system.
        servers: of the evidence only these; empty for all.
        ports: of the evidence only listeners on these ports; empty for all.
        ehlo: the name for EHLO; None for this host's.
        contact: whom to ask about the probe.
        senders: addresses to send as.
        recipients: addresses to send to.
        domains: the accepted domains; None for those of the evidence.
        tricks: whether the old ways round a relay refusal are tried.
        send: whether a message is sent.
        limits: how long to wait, and how much to do at a time.
        seconds: for the whole run.
    """

    targets: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    ehlo: str | None = None
    contact: str | None = None
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    domains: tuple[str, ...] | None = None
    tricks: bool = False
    send: bool = False
    limits: ProbeLimits = field(default_factory=ProbeLimits)
    seconds: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePlan:
    """Everything that is settled before anything is connected.

    Attributes:
        targets: the sessions, in order.
        not_probed: what is left out.
        settings: what each session sends.
        limits: how long to wait, and how much to do at a time.
        seconds: for the whole run.
        unusable_domains: accepted domains of the evidence that no command can name.
    """

    targets: tuple[Target, ...]
    not_probed: tuple[NotProbed, ...]
    settings: ProbeSettings
    limits: ProbeLimits
    seconds: float
    unusable_domains: tuple[str, ...] = ()


def plan_probe(request: ProbeRequest, evidence: Evidence | None) -> ProbePlan:
    """Settle the targets and what is sent; nothing is connected and no name is looked up.

    Targets that are named go before those of the evidence: with some, the evidence only foretells.

    Raises:
        ProbeRequestError: nothing is named, or a load balancer has no server to compare with.
        TargetError: a text is no target, or a source address is none of this machine's.
        SettingsError: something cannot be sent.
        UnknownServerError: a server filter names no server of the evidence.
    """
    view = None if evidence is None else View(evidence.snapshot)
    sources = [parse_source(one) for one in request.sources]
    for one in sources:
        check_source(one)
    direct, not_probed = _direct(request, view, sources)
    balanced = [_via(text) for text in request.via]
    _see_comparable(balanced, direct, not_probed)
    domains, unusable = _domains(request, view)
    targets, unmatched = _from_sources((*direct, *balanced), sources)
    return ProbePlan(
        targets=targets,
        not_probed=(*not_probed, *unmatched),
        settings=ProbeSettings(
            ehlo_name=request.ehlo or own_name(),
            contact=request.contact,
            senders=request.senders,
            recipients=request.recipients,
            domains=domains,
            tricks=request.tricks,
            send=request.send,
        ),
        limits=request.limits,
        seconds=request.seconds,
        unusable_domains=unusable,
    )


def own_name() -> str:
    """The name of this host for EHLO, without asking any name server."""
    name = socket.gethostname()
    try:
        ProbeSettings(ehlo_name=name)
    except SettingsError:
        return NAMELESS
    return name


def _direct(
    request: ProbeRequest, view: View | None, sources: Sequence[str]
) -> tuple[list[Target], list[NotProbed]]:
    if request.targets:
        if request.servers or request.ports:
            raise ProbeRequestError("--server and --port choose among the targets of --evidence")
        named = [parse_target(text) for text in request.targets]
        return [replace(one, server=server_named(view, one.host)) for one in named], []
    if view is None:
        raise ProbeRequestError("name targets, or exports with --evidence")
    wanted = only_servers(view, request.servers)
    return evidence_targets(view, wanted, frozenset(request.ports), sources)


def _via(text: str) -> Target:
    name, equals, host = text.partition("=")
    if not equals or not name.strip():
        raise ProbeRequestError(f"--via {text[:100]!r} is not of the form NAME=ADDRESS")
    return replace(parse_target(host), via=name.strip())


def _see_comparable(
    balanced: Iterable[Target], direct: Iterable[Target], not_probed: Iterable[NotProbed]
) -> None:
    ports = {one.port for one in direct}
    for one in balanced:
        if one.port not in ports:
            why = next((f"; {skipped.target}: {skipped.why}" for skipped in not_probed), "")
            raise ProbeRequestError(
                f"--via {one.via}: there is no target on port {one.port} to compare it with{why}"
            )


def _domains(request: ProbeRequest, view: View | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The own domains, and those that cannot be part of a command."""
    if request.domains is not None:
        return request.domains, ()
    known = () if view is None else view.snapshot.accepted_domains or ()
    usable, unusable = [], []
    for one in sorted(known, key=_rank):
        text = _sendable(one.domain)
        if text is None:
            unusable.append(one.domain)
        else:
            usable.append(text)
    return tuple(usable), tuple(unusable)


def _rank(domain: AcceptedDomain) -> int:
    """Authoritative first: of the rights to senders the one for own domains is about those."""
    return _DOMAIN_ORDER.index(domain.kind) if domain.kind in _DOMAIN_ORDER else len(_DOMAIN_ORDER)


def _sendable(domain: str) -> str | None:
    """The domain in ASCII form; None when it has none."""
    stars = "*." if domain.startswith("*.") else ""
    rest = domain.removeprefix(stars)
    try:
        text = stars + (rest if rest.isascii() else rest.encode("idna").decode("ascii"))
        ProbeSettings(ehlo_name=NAMELESS, domains=(text,))
    except (SettingsError, UnicodeError):
        return None
    return text


def _from_sources(
    places: Iterable[Target], sources: Sequence[str]
) -> tuple[tuple[Target, ...], list[NotProbed]]:
    """Each place from each source address of its family, each once."""
    chosen: dict[tuple[object, ...], Target] = {}
    unmatched: list[NotProbed] = []
    for place in places:
        fitting = [one for one in sources if _fits(place.host, one)]
        if sources and not fitting:
            why = f"no source address given is of the family of {place.host}"
            unmatched.append(
                NotProbed(target=place.text, server=place.server, why=why, is_gap=True)
            )
            continue
        for source in fitting or (None,):
            key = (place.host.casefold().rstrip("."), place.port, place.server, place.via, source)
            chosen.setdefault(key, replace(place, source=source))
    return tuple(chosen.values()), unmatched


def _fits(host: str, source: str) -> bool:
    """Whether a host may be reached from an address; a name may have addresses of both kinds."""
    address = _address(host)
    return address is None or (":" in host) == (":" in source)


def _address(host: str) -> Address | None:
    try:
        return Address.parse(host)
    except AddressError:
        return None


def plan_report(plan: ProbePlan) -> PlanReport:
    """What would be done."""
    return PlanReport(
        tool=_TOOL,
        rate=plan.limits.rate,
        at_once=plan.limits.at_once,
        targets=tuple(
            PlannedTarget(
                target=one.text, host=one.host, port=one.port, server=one.server, via=one.via,
                source=one.source,
            )
            for one in plan.targets
        ),
        commands=tuple(
            PlannedLine(
                step=None if one.kind is None else one.kind.value,
                line=one.line,
                condition=one.condition,
            )
            for one in commands_of(plan.settings)
        ),
        not_probed=plan.not_probed,
    )  # fmt: skip


def run_probe(
    plan: ProbePlan, evidence: Evidence | None, on_step: OnStep | None = None
) -> ProbeReport:
    """Probe, and compare with the evidence.

    An interruption (Ctrl-C), or the end of the time for the whole run, ends the sessions that are
    being held; the report then holds what was found so far and is not complete.

    Args:
        plan: what to do.
        evidence: what to compare with; None for nothing.
        on_step: called with a target, the number done and the number of all when one is done.

    Raises:
        TargetError: a source address is none of this machine's.
    """
    found = _observed(plan, on_step)
    left = tuple(_left(plan.targets, found))
    alone = tuple(_not_compared(found))
    interrupted = any(_is_interrupted(one) for one in found)
    return ProbeReport(
        tool=_TOOL,
        complete=not left and not interrupted,
        observations=tuple(found),
        checks=_checks(found, evidence),
        via=tuple(_via_checks(found)),
        not_probed=(*plan.not_probed, *left, *alone),
    )


def _observed(plan: ProbePlan, on_step: OnStep | None) -> list[ProbeObservation]:
    kept: list[ProbeObservation] = []

    def keep(seen: ProbeObservation) -> None:
        kept.append(seen)
        if on_step is not None:
            on_step(seen.target, len(kept), len(plan.targets))

    try:
        return asyncio.run(_within_time(plan, keep))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return kept  # interrupted twice: without the farewells


async def _within_time(
    plan: ProbePlan, keep: Callable[[ProbeObservation], None]
) -> list[ProbeObservation]:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - asyncio.run runs this in one
    alarm = asyncio.get_running_loop().call_later(plan.seconds, task.cancel)
    try:
        return await probe_all(
            plan.targets,
            plan.settings,
            plan.limits,
            now=lambda: datetime.now(UTC),
            on_done=keep,
        )
    finally:
        alarm.cancel()


def _left(targets: Sequence[Target], found: Sequence[ProbeObservation]) -> Iterator[NotProbed]:
    """The targets that no observation is of; both are in the same order."""
    waiting = iter(found)
    seen = next(waiting, None)
    for target in targets:
        if seen is not None and _is_of(seen, target):
            seen = next(waiting, None)
        else:
            why = "the run ended before its turn"
            yield NotProbed(target=target.text, server=target.server, why=why, is_gap=True)


def _is_of(seen: ProbeObservation, target: Target) -> bool:
    same = (seen.target, seen.server, seen.via, seen.port) == (
        target.text, target.server, target.via, target.port,
    )  # fmt: skip
    return same and (None in {seen.source, target.source} or seen.source == target.source)


def _is_interrupted(seen: ProbeObservation) -> bool:
    return seen.fault is not None and seen.fault.kind is RemoteErrorKind.INTERRUPTED


def _checks(found: Iterable[ProbeObservation], evidence: Evidence | None) -> tuple[ProbeCheck, ...]:
    if evidence is None:
        return ()
    view = View(evidence.snapshot)
    return tuple(check_probe(view, one) for one in found)


def _via_checks(found: Sequence[ProbeObservation]) -> Iterator[ViaCheck]:
    """Each load balancer with the server that it led to, or with all where that is not known."""
    for balanced in found:
        if balanced.via is None:
            continue
        behind = _behind(balanced, found)
        name = balanced.greeting_name
        same = [one for one in behind if name is not None and one.greeting_name == name]
        yield from check_via(balanced, same or behind)


def _behind(
    balanced: ProbeObservation, found: Iterable[ProbeObservation]
) -> list[ProbeObservation]:
    """What was probed directly, on the same port and from the same address."""
    return [
        one
        for one in found
        if one.via is None
        and one.port == balanced.port
        and one.source == balanced.source
        and one.source is not None
    ]


def _not_compared(found: Sequence[ProbeObservation]) -> Iterator[NotProbed]:
    """Load balancers that were probed for nothing: no probe is like theirs."""
    for one in found:
        if one.via is not None and one.source is not None and not _behind(one, found):
            why = (
                f"{one.via} was not compared: no target on port {one.port} was reached from "
                f"{one.source}, as it was; name one with --source"
            )
            yield NotProbed(target=one.target, server=one.server, why=why, is_gap=True)


def plan_code(plan: ProbePlan, evidence: Evidence | None) -> int:
    """The exit code of a dry run."""
    if not plan.targets:
        return EXIT_NO_EVIDENCE
    known = not any(one.is_gap for one in plan.not_probed)
    return EXIT_CLEAN if known and _is_read(evidence) else EXIT_NOT_ASSESSED


def probe_code(plan: ProbePlan, report: ProbeReport, evidence: Evidence | None) -> int:
    """The exit code of a probe: 0 when every question has an answer that nothing contradicts."""
    if not plan.targets:
        return EXIT_NO_EVIDENCE
    settled = (
        report.complete
        and not any(one.is_gap for one in report.not_probed)
        and all(_is_settled(one) for one in report.observations)
        and not any(one.contradictions for one in report.checks)
    )
    return EXIT_CLEAN if settled and _is_read(evidence) else EXIT_NOT_ASSESSED


def _is_read(evidence: Evidence | None) -> bool:
    return evidence is None or evidence.is_complete


def _is_settled(seen: ProbeObservation) -> bool:
    """Whether every step has a result; a server that refuses to talk has answered everything."""
    results = {one.kind: one.result for one in seen.steps}
    if results.get(ProbeStepKind.CONNECT) is ProbeResult.DENIED:
        return True
    return seen.fault is None and ProbeResult.INCONCLUSIVE not in results.values()
