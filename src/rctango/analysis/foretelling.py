"""What a probe of one listener from one address should meet, by the evidence.

A session without authentication has the rights of its connector (see ``access``). What each right
lets pass at MAIL and RCPT follows from the meaning of the extended rights.
Source: https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.connection import Verdict
from rctango.model.probing import ProbeResult, ProbeStepKind
from rctango.model.rights import Answer, AuthMechanism

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.model.connection import Selection
    from rctango.model.connector import Connector
    from rctango.model.probing import ProbeObservation, ProbeStep
    from rctango.model.rights import SessionRights
    from rctango.model.server import AcceptedDomain

EXCHANGE_AUTH = "Exchange Server authentication (X-ANONYMOUSTLS or X-EXPS)"
STARTTLS = "STARTTLS"

_FORETOLD = (
    ProbeStepKind.CONNECT,
    ProbeStepKind.EHLO,
    ProbeStepKind.RELAY,
    ProbeStepKind.SPOOF_TO_INTERNAL,
    ProbeStepKind.SPOOF_TO_FOREIGN,
    ProbeStepKind.ACCEPTED_DOMAIN,
)

_OWN = {
    ProbeStepKind.RELAY: (None, False),
    ProbeStepKind.SPOOF_TO_INTERNAL: (True, True),
    ProbeStepKind.SPOOF_TO_FOREIGN: (True, False),
    ProbeStepKind.ACCEPTED_DOMAIN: (None, True),
}
"""Whether sender and recipient of a step must be in an accepted domain; None where either does."""

Foretold = tuple[ProbeResult | None, str]


def foretell(selection: Selection, rights: SessionRights | None) -> dict[ProbeStepKind, Foretold]:
    """What each step should give, with the reason; None where the evidence leaves it open.

    Args:
        selection: which connector answers.
        rights: what an unauthenticated session may do there; None when that is not known.
    """
    if selection.verdict is Verdict.REFUSED:
        why = "no connector holds the address: 421 4.3.2"
        return dict.fromkeys(_FORETOLD, (ProbeResult.DENIED, why))
    if rights is None:
        return {}
    name = "" if selection.connector is None else selection.connector.identity
    submit, relay, spoof = rights.submit, rights.relay, rights.spoof_internal_sender
    found: dict[ProbeStepKind, Foretold] = {
        ProbeStepKind.CONNECT: _told(rights.connect, f"{name} answers"),
        ProbeStepKind.EHLO: _told(rights.connect, f"{name} answers"),
        ProbeStepKind.ACCEPTED_DOMAIN: _told(submit, "the right to submit"),
        ProbeStepKind.RELAY: _told(both(submit, relay), "the right to any recipient"),
        ProbeStepKind.SPOOF_TO_INTERNAL: _told(
            both(submit, spoof), "the right to senders of own domains"
        ),
        ProbeStepKind.SPOOF_TO_FOREIGN: _told(
            both(both(submit, spoof), relay),
            "the rights to any recipient and to senders of own domains",
        ),
    }
    return found


def misaddressed(
    seen: ProbeObservation, domains: tuple[AcceptedDomain, ...] | None
) -> dict[ProbeStepKind, Foretold]:
    """Steps of which nothing can be foretold, because of the addresses that were used.

    Args:
        seen: the probe.
        domains: the accepted domains; None when they are not known.
    """
    if domains is None:
        return {}
    return {
        step.kind: (None, why)
        for step in seen.steps
        if step.kind in _OWN and (why := _what_is_amiss(step, domains))
    }


_NOBODYS = frozenset({"example.com", "example.net", "example.org", "invalid"})
"""Domains that no organisation has. Source: RFC 2606."""


def is_to_the_point(
    seen: ProbeObservation, kind: ProbeStepKind, domains: tuple[AcceptedDomain, ...] | None
) -> bool:
    """Whether a step used the addresses that it is about, so that its result proves it.

    Where the accepted domains are not known, only nobody's domains are known to be foreign.
    """
    step = next((one for one in seen.steps if one.kind is kind), None)
    if step is None:
        return False
    for address, must_be_own in zip((step.sender, step.recipient), _OWN[kind], strict=True):
        if must_be_own is None:
            continue
        domain = (address or "").rpartition("@")[2].casefold().rstrip(".")
        if not domain:
            return False
        if domains is None and (must_be_own or domain not in _NOBODYS):
            return False
        if domains is not None and _is_accepted(domain, domains) is not must_be_own:
            return False
    return True


def _what_is_amiss(step: ProbeStep, domains: tuple[AcceptedDomain, ...]) -> str:
    addresses = (step.sender, step.recipient)
    for address, must_be_own in zip(addresses, _OWN[step.kind], strict=True):
        if address is None or must_be_own is None:
            continue
        domain = address.rpartition("@")[2].casefold().rstrip(".")
        if _is_accepted(domain, domains) is not must_be_own:
            return f"{domain} is {'no' if must_be_own else 'an'} accepted domain of the evidence"
    return ""


def _is_accepted(domain: str, domains: Iterable[AcceptedDomain]) -> bool:
    """Whether a domain is one of these; ``*`` stands for every domain and is nobody's own."""
    known = [one.domain.casefold() for one in domains]
    return any(
        domain == one or (one.startswith("*.") and domain.endswith(one[1:])) for one in known
    )


def both(one: Answer, other: Answer) -> Answer:
    """Yes when both are, no when one is not, unknown otherwise."""
    if Answer.NO in {one, other}:
        return Answer.NO
    return Answer.YES if one is other is Answer.YES else Answer.UNKNOWN


def _told(answer: Answer, right: str) -> Foretold:
    if answer is Answer.UNKNOWN:
        return None, f"the evidence leaves open: {right}"
    if answer is Answer.YES:
        return ProbeResult.ALLOWED, right
    return ProbeResult.DENIED, f"not: {right}"


def offers(connector: Connector) -> dict[str, tuple[bool | None, str]]:
    """What the first EHLO reply of a connector should offer.

    X-ANONYMOUSTLS and X-EXPS stand there when ``AuthMechanism`` holds ExchangeServer. STARTTLS
    needs Tls and a usable certificate as well, so its presence is foretold only as absence is.
    """
    mechanism = connector.auth_mechanism
    if mechanism is None:
        unknown = (None, "AuthMechanism was not collected")
        return {EXCHANGE_AUTH: unknown, STARTTLS: unknown}
    has_exchange = bool(mechanism & AuthMechanism.EXCHANGE_SERVER)
    has_tls = bool(mechanism & AuthMechanism.TLS)
    words = ("AuthMechanism holds ", "AuthMechanism does not hold ")
    return {
        EXCHANGE_AUTH: (has_exchange, f"{words[not has_exchange]}ExchangeServer"),
        STARTTLS: (
            None if has_tls else False,
            f"{words[not has_tls]}Tls" + ("; a certificate is needed too" if has_tls else ""),
        ),
    }
