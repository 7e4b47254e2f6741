from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes.models import (
    AUTH_15,
    AUTH_31,
    connector,
    default_connectors,
    domain,
    entry,
    server,
    snapshot,
)
from fakes.probes import seen, step
from rctango.addresses import Address
from rctango.analysis.foretelling import (
    EXCHANGE_AUTH,
    STARTTLS,
    both,
    foretell,
    misaddressed,
    offers,
)
from rctango.analysis.view import View
from rctango.model.probing import ProbeResult, ProbeStepKind
from rctango.model.rights import Answer

if TYPE_CHECKING:
    from rctango.model.connector import Connector

Step = ProbeStepKind
YES, NO = ProbeResult.ALLOWED, ProbeResult.DENIED
RELAYING = (entry(right="ms-Exch-SMTP-Accept-Any-Recipient"),)


def foretold(only: Connector, client: str = "10.0.7.9") -> dict[ProbeStepKind, ProbeResult | None]:
    """What is foretold of a client of EX01, whose only connector on port 25 this is."""
    view = View(snapshot(server(), only))
    (selection,) = view.connections(Address.parse(client))
    rights = view.session(selection) if selection.connector else None
    return {kind: told for kind, (told, _) in foretell(selection, rights).items()}


@pytest.mark.parametrize(
    ("only", "relay", "spoof", "spoof_foreign", "accepted"),
    [
        (default_connectors()[0], NO, YES, NO, YES),
        (connector(entries=RELAYING), YES, YES, YES, YES),
        (connector(groups="ExchangeUsers", auth=AUTH_15), NO, NO, NO, NO),
        (
            connector(groups="ExchangeServers", auth="ExternalAuthoritative"),
            *(YES, YES, YES, YES),
        ),
        (connector(groups="AnonymousUsers, Custom"), None, YES, None, YES),
        (connector(groups=None), None, None, None, None),
    ],
    ids=["default", "relay", "users", "secured", "hidden", "unknown"],
)
def test_rights_foretell_the_steps(
    only: Connector,
    relay: ProbeResult | None,
    spoof: ProbeResult | None,
    spoof_foreign: ProbeResult | None,
    accepted: ProbeResult | None,
) -> None:
    assert foretold(only) == {
        Step.CONNECT: YES,
        Step.EHLO: YES,
        Step.RELAY: relay,
        Step.SPOOF_TO_INTERNAL: spoof,
        Step.SPOOF_TO_FOREIGN: spoof_foreign,
        Step.ACCEPTED_DOMAIN: accepted,
    }


def test_nobody_answers_so_nothing_is_allowed() -> None:
    told = foretold(connector(ranges="10.1.0.0/16"))
    assert set(told.values()) == {NO}
    assert told.keys() == foretold(connector()).keys()


def test_unknown_rights_foretell_nothing() -> None:
    view = View(snapshot(server(), connector()))
    (selection,) = view.connections(Address.parse("10.0.7.9"))
    assert foretell(selection, None) == {}


@pytest.mark.parametrize(
    ("one", "other", "result"),
    [
        (Answer.YES, Answer.YES, Answer.YES),
        (Answer.YES, Answer.NO, Answer.NO),
        (Answer.NO, Answer.UNKNOWN, Answer.NO),
        (Answer.YES, Answer.UNKNOWN, Answer.UNKNOWN),
        (Answer.UNKNOWN, Answer.UNKNOWN, Answer.UNKNOWN),
    ],
)
def test_both(one: Answer, other: Answer, result: Answer) -> None:
    assert both(one, other) is both(other, one) is result


@pytest.mark.parametrize(
    ("auth", "exchange", "starttls"),
    [
        (None, None, None),
        ("None", False, False),
        ("Tls", False, None),
        ("ExchangeServer", True, False),
        (AUTH_31, True, None),
    ],
)
def test_what_ehlo_should_offer(
    auth: str | None, exchange: bool | None, starttls: bool | None
) -> None:
    told = {name: expected for name, (expected, _) in offers(connector(auth=auth)).items()}
    assert told == {EXCHANGE_AUTH: exchange, STARTTLS: starttls}


@pytest.mark.parametrize(
    ("kind", "sender", "recipient", "amiss"),
    [
        (Step.RELAY, "a@example.com", "b@example.net", ""),
        (Step.RELAY, "a@example.com", "b@CONTOSO.com", "contoso.com is an accepted domain"),
        (Step.RELAY, "a@example.com", "b@mail.example.org", "mail.example.org is an accepted"),
        (Step.RELAY, "a@example.com", "b@example.org", ""),
        (Step.ACCEPTED_DOMAIN, "a@example.com", "b@contoso.com", ""),
        (Step.ACCEPTED_DOMAIN, "a@example.com", "b@example.net", "example.net is no accepted"),
        (Step.SPOOF_TO_INTERNAL, "a@contoso.com", "b@contoso.com", ""),
        (Step.SPOOF_TO_INTERNAL, "a@example.com", "b@contoso.com", "example.com is no accepted"),
        (Step.SPOOF_TO_FOREIGN, "a@contoso.com", "b@contoso.com", "contoso.com is an accepted"),
        (Step.PERCENT_HACK, "a@example.com", "b%example.net@contoso.com", ""),
    ],
)
def test_addresses_of_another_kind_than_a_step_needs_foretell_nothing(
    kind: ProbeStepKind, sender: str, recipient: str, amiss: str
) -> None:
    used = replace(step(kind, "allowed"), sender=sender, recipient=recipient)
    accepted = (domain("contoso.com"), domain("*.example.org"), domain("*", "ExternalRelay"))
    found = misaddressed(seen(steps=(used,)), accepted)
    if amiss:
        assert found[kind][0] is None
        assert found[kind][1].startswith(amiss)
    else:
        assert found == {}


def test_unknown_accepted_domains_cast_no_doubt_on_addresses() -> None:
    assert misaddressed(seen(), None) == {}
    assert misaddressed(seen(spoof="allowed"), ()).keys() == {Step.SPOOF_TO_INTERNAL}
