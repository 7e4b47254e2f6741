from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakes.models import appliance, connector, default_connectors, entry, server, snapshot
from fakes.probes import BOTH_AUTH, seen, step
from rctango.analysis.probe_check import check_probe
from rctango.analysis.view import View
from rctango.model.probe_check import CauseKind
from rctango.model.probing import ProbeStepKind

if TYPE_CHECKING:
    from rctango.model.probe_check import ProbableCause
    from rctango.model.probing import ProbeObservation

Kind = CauseKind
RELAYING = (entry(right="ms-Exch-SMTP-Accept-Any-Recipient"),)
TRUSTED = ("SIZE", "STARTTLS", *BOTH_AUTH)
PLAIN = ("SIZE", "STARTTLS")
MASKED = ("SIZE", "XXXXXXXA", "XXXXXXXXXXXXXC")
ALWAYS = [Kind.CONFIGURATION_CHANGED, Kind.MODEL]


def relay(name: str, ranges: str, **more: Any) -> Any:
    return connector(name=name, ranges=ranges, entries=RELAYING, **more)


def causes(
    probed: ProbeObservation, *more: Any, gateways: str = "10.0.0.1", **facts: Any
) -> tuple[ProbableCause, ...]:
    """Of EX01 with its default connectors and the given ones, and of EX02."""
    found = snapshot(
        server(fqdn="ex01.contoso.com", gateways=gateways),
        server("EX02", fqdn="ex02.contoso.com", addresses="10.0.0.6"),
        default_connectors(),
        *more,
        **facts,
    )
    return check_probe(View(found), probed).causes


def kinds(found: tuple[ProbableCause, ...]) -> list[CauseKind]:
    return [one.kind for one in found]


def test_without_a_contradiction_there_is_no_cause() -> None:
    assert causes(seen(relay="denied", keywords=TRUSTED)) == ()


def test_a_change_and_the_model_are_always_possible() -> None:
    found = causes(seen(relay="allowed", keywords=TRUSTED))
    assert kinds(found) == ALWAYS
    assert all(one.why and one.settle for one in found)


# --- another source address


def test_another_connector_that_gives_just_this_is_named() -> None:
    found = causes(seen(keywords=PLAIN), relay("Apps", "10.0.8.0/24"))
    assert kinds(found) == [Kind.SOURCE_NAT, *ALWAYS]
    assert "EX01\\Apps would give another address than 10.0.7.9" in found[0].why
    assert "a device" not in found[0].why


def test_a_device_in_the_range_of_another_connector_weighs_more() -> None:
    balancer = appliance("LB01", "load-balancer", "10.0.8.250")
    declared = causes(seen(keywords=PLAIN), relay("Apps", "10.0.8.0/24"), appliances=(balancer,))
    gateway = causes(seen(keywords=PLAIN), relay("Apps", "10.0.8.0/24"), gateways="10.0.8.1")
    bare = causes(seen(keywords=PLAIN), relay("Apps", "10.0.8.0/24"))
    assert "if the server saw a device: 10.0.8.250." in declared[0].why
    assert "if the server saw a device: 10.0.8.1." in gateway[0].why
    assert declared[0].points == gateway[0].points > bare[0].points


def test_every_device_that_explains_it_is_named() -> None:
    found = causes(
        seen(keywords=PLAIN),
        relay("Apps", "10.0.8.0/24"),
        relay("Branch", "10.0.9.0/24"),
        appliances=(
            appliance("LB01", "load-balancer", "10.0.8.250"),
            appliance("FW02", "nat", "10.0.9.1"),
        ),
    )
    assert "what EX01\\Apps or EX01\\Branch would give" in found[0].why
    assert "a device: 10.0.8.250 or 10.0.9.1." in found[0].why


def test_a_device_of_the_other_family_explains_nothing() -> None:
    found = causes(
        seen(keywords=PLAIN),
        relay("Apps", "2001:db8::/64"),
        appliances=(appliance("LB01", "load-balancer", "2001:db8::1"),),
    )
    assert kinds(found) == ALWAYS


def test_a_connector_that_would_offer_something_else_explains_nothing() -> None:
    assert kinds(causes(seen(keywords=TRUSTED), relay("Apps", "10.0.8.0/24"))) == ALWAYS


def test_a_connector_that_would_not_let_it_happen_explains_nothing() -> None:
    other = connector(name="Users", ranges="10.0.8.0/24", groups="ExchangeUsers")
    assert kinds(causes(seen(keywords=PLAIN), other)) == ALWAYS


def test_nobody_may_be_the_answer_as_well() -> None:
    refused = seen(steps=(step(ProbeStepKind.CONNECT, "denied"),), offer=None)
    only = snapshot(server(), connector(ranges="10.0.7.0/24"))
    (first, *_) = check_probe(View(only), refused).causes
    assert first.kind is Kind.SOURCE_NAT
    assert "what nobody would give" in first.why


# --- devices that rewrite SMTP


@pytest.mark.parametrize(
    ("greeting", "keywords", "word"),
    [
        ("ex01.contoso.com ready", MASKED, "Keywords of the EHLO reply"),
        ("*******************0*2******", PLAIN, "The greeting"),
    ],
)
def test_a_mask_is_named_and_no_connector(
    greeting: str, keywords: tuple[str, ...], word: str
) -> None:
    plain = connector(name="Plain", ranges="10.0.8.0/24")
    found = causes(seen(relay="denied", greeting=greeting, keywords=keywords), plain)
    assert kinds(found) == [Kind.ESMTP_INSPECTION, *ALWAYS]
    assert found[0].why.startswith(f"{word}")


def test_behind_a_mask_only_the_steps_tell_connectors_apart() -> None:
    found = causes(seen(relay="allowed", keywords=MASKED), relay("Apps", "10.0.8.0/24"))
    assert kinds(found) == [Kind.ESMTP_INSPECTION, Kind.SOURCE_NAT, *ALWAYS]
    trusting = relay("Trusting", "10.0.8.0/24", auth="Tls, ExchangeServer")
    found = causes(seen(relay="allowed", keywords=MASKED), trusting)
    assert "EX01\\Trusting" in found[1].why


def test_a_verb_that_is_missing_while_all_steps_agree_may_be_stripped() -> None:
    found = causes(seen(relay="denied", keywords=PLAIN))
    assert kinds(found)[0] is Kind.ESMTP_INSPECTION
    assert found[0].why.startswith("All steps agree")


# --- another server


def test_a_greeting_of_another_known_server() -> None:
    found = causes(seen(keywords=TRUSTED, greeting="EX02.contoso.com. ready"))
    assert kinds(found) == [Kind.WRONG_SERVER, *ALWAYS]
    assert "names ex02.contoso.com, which is EX02." in found[0].why


def test_a_greeting_of_an_unknown_server_weighs_less() -> None:
    found = causes(seen(keywords=TRUSTED, greeting="mx.example.net ESMTP"))
    known = causes(seen(keywords=TRUSTED, greeting="ex02.contoso.com ready"))
    assert found[0].kind is Kind.WRONG_SERVER
    assert "EX01 has other names" in found[0].why
    assert found[0].points < known[0].points


def test_a_greeting_of_a_connectors_own_name_is_right() -> None:
    own = connector(name="Other", ranges="10.0.3.0/24", fqdn="mail.contoso.com")
    probed = seen(keywords=TRUSTED, greeting="mail.contoso.com ready")
    assert Kind.WRONG_SERVER not in kinds(causes(probed, own))


@pytest.mark.parametrize("greeting", ["", "ESMTP ready"])
def test_a_greeting_without_a_name_says_nothing(greeting: str) -> None:
    assert kinds(causes(seen(keywords=TRUSTED, greeting=greeting))) == ALWAYS


def test_without_any_known_name_no_greeting_is_wrong() -> None:
    bare = snapshot(server(fqdn=None), default_connectors())
    found = check_probe(View(bare), seen(keywords=TRUSTED, greeting="mx.example.net hello")).causes
    assert kinds(found) == ALWAYS
