"""The probe against Postfix: another implementation, whose own log says what it was asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from live.peers import QUICK, SETTINGS, now, pem, target
from live.postfix import (
    CHECKING,
    CLOSED,
    DEFERRING,
    GUARDED,
    INTERNAL,
    OPEN,
    SECONDARY,
    TARPIT,
    TLS_ONLY,
    needs_postfix,
    postfix,
)
from rctango.model.probing import ProbeResult, ProbeStepKind, RemoteErrorKind
from rctango.probe import ProbeSettings, probe_all

if TYPE_CHECKING:
    from live.postfix import Instance
    from rctango.model.probing import ProbeObservation
    from rctango.probe import ProbeLimits

pytestmark = needs_postfix

Step = ProbeStepKind
YES, NO, OPEN_ANSWER = ProbeResult.ALLOWED, ProbeResult.DENIED, ProbeResult.INCONCLUSIVE
MAIL_STEPS = (Step.RELAY, Step.SPOOF_TO_INTERNAL, Step.SPOOF_TO_FOREIGN, Step.ACCEPTED_DOMAIN)
TRICKS = (Step.PERCENT_HACK, Step.BANG_PATH, Step.SOURCE_ROUTE, Step.QUOTED_LOCAL_PART)


def probe(
    server: Instance, settings: ProbeSettings = SETTINGS, limits: ProbeLimits = QUICK
) -> ProbeObservation:
    (seen,) = asyncio.run(probe_all([target(server.port, server.host)], settings, limits, now=now))
    return seen


def results(seen: ProbeObservation) -> dict[ProbeStepKind, ProbeResult]:
    return {one.kind: one.result for one in seen.steps}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (OPEN, (YES, YES, YES, YES)),
        (CLOSED, (NO, NO, NO, NO)),
        (INTERNAL, (NO, YES, NO, YES)),
        (GUARDED, (NO, NO, NO, YES)),
        (CHECKING, (NO, OPEN_ANSWER, NO, OPEN_ANSWER)),
        (DEFERRING, (OPEN_ANSWER,) * 4),
    ],
    ids=["open", "closed", "internal", "guarded", "checking", "deferring"],
)
def test_what_each_server_lets_happen(settings: str, expected: tuple[ProbeResult, ...]) -> None:
    with postfix(settings) as server:
        seen = probe(server)
    assert seen.fault is None
    found = results(seen)
    assert tuple(found[kind] for kind in MAIL_STEPS) == expected
    assert found[Step.CONNECT] is found[Step.EHLO] is YES
    assert found[Step.STARTTLS] is NO


def test_a_refusal_that_is_delayed_is_waited_for() -> None:
    with postfix(TARPIT) as server:
        seen = probe(server)
    assert seen.fault is None
    assert tuple(results(seen)[kind] for kind in MAIL_STEPS) == (NO, YES, NO, YES)
    assert seen.seconds >= 2


def test_a_refusal_that_does_not_come_in_time_is_none() -> None:
    with postfix(TARPIT) as server:
        seen = probe(server, limits=replace(QUICK, reply=0.3))
    assert seen.fault is not None
    assert seen.fault.kind is RemoteErrorKind.REPLY_TIMEOUT
    assert results(seen)[Step.RELAY] is OPEN_ANSWER
    assert NO not in results(seen).values()


def test_a_server_that_demands_tls_is_tested_inside_tls() -> None:
    with postfix(TLS_ONLY, pem()) as server:
        seen = probe(server)
    assert seen.fault is None
    found = results(seen)
    assert tuple(found[kind] for kind in MAIL_STEPS) == (NO, YES, NO, YES)
    assert [one.kind for one in seen.steps][2:4] == [Step.STARTTLS, Step.EHLO_AFTER_STARTTLS]
    assert found[Step.STARTTLS] is found[Step.EHLO_AFTER_STARTTLS] is YES
    assert seen.certificate is not None
    assert seen.certificate.is_self_signed
    assert seen.offer is not None
    assert seen.offer.has("STARTTLS")
    assert seen.offer_after_tls is not None
    assert not seen.offer_after_tls.has("STARTTLS")


def test_the_old_ways_round_a_relay_refusal() -> None:
    tricky = replace(SETTINGS, tricks=True)
    with postfix(CHECKING) as careful, postfix(OPEN) as careless:
        refused, taken = probe(careful, tricky), probe(careless, tricky)
    assert {results(refused)[kind] for kind in TRICKS} == {NO}
    assert results(taken)[Step.SOURCE_ROUTE] is YES
    assert {results(taken)[kind] for kind in TRICKS if kind is not Step.SOURCE_ROUTE} == {
        OPEN_ANSWER
    }


def test_a_second_mail_server_that_takes_percent_signs_relays_by_them() -> None:
    with postfix(SECONDARY) as server:
        seen = probe(server, replace(SETTINGS, tricks=True))
    assert results(seen)[Step.RELAY] is NO
    assert results(seen)[Step.PERCENT_HACK] is YES


def test_the_server_counted_what_it_was_asked() -> None:
    with postfix(INTERNAL) as server:
        probe(server)
        line = server.logged("ehlo=1")
        said = server.log.read_text()
    assert line.endswith("ehlo=1 mail=4 rcpt=2/4 rset=4 quit=1 commands=12/14")
    assert "message-id=" not in said


def test_a_message_on_demand_reaches_the_queue_and_nobody() -> None:
    sending = ProbeSettings(
        ehlo_name="probe.contoso.com",
        domains=("contoso.com",),
        recipients=("postmaster@contoso.com",),
        send=True,
    )
    with postfix(INTERNAL) as server:
        seen = probe(server, sending)
        delivered = server.logged("relay=none")
    assert seen.fault is None
    assert results(seen)[Step.HEADER_FROM] is YES
    assert "to=<postmaster@contoso.com>" in delivered
    assert "status=sent" in delivered
