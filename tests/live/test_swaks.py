"""An independent witness: swaks sees the same servers accept and refuse the same envelopes."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from live.exchange_fake import (
    NOBODY,
    PROXY_FAILED,
    RELAY,
    SECURED,
    TOO_MANY,
    Treatment,
    exchange,
)
from live.peers import QUICK, SETTINGS, now, pem, target
from live.postfix import (
    CLOSED,
    DEFERRING,
    GUARDED,
    INTERNAL,
    OPEN,
    TLS_ONLY,
    needs_postfix,
    postfix,
)
from rctango.model.probing import ProbeResult, ProbeStepKind
from rctango.probe import probe_all

if TYPE_CHECKING:
    from rctango.model.probing import ProbeObservation, ProbeStep

SWAKS = shutil.which("swaks")
pytestmark = pytest.mark.skipif(SWAKS is None, reason="no swaks: install the Debian package swaks")
needs_tls = pytest.mark.skipif(
    not Path("/usr/share/doc/libnet-ssleay-perl").is_dir(),
    reason="swaks without TLS: install the Debian package libnet-ssleay-perl",
)

Step = ProbeStepKind
MAIL_STEPS = (Step.RELAY, Step.SPOOF_TO_INTERNAL, Step.SPOOF_TO_FOREIGN, Step.ACCEPTED_DOMAIN)


async def witnessed(host: str, port: int, step: ProbeStep, *more: str) -> ProbeResult:
    """What swaks saw of the envelope of a step."""
    assert SWAKS is not None
    envelope = ("--from", str(step.sender), "--to", str(step.recipient))
    swaks = await asyncio.create_subprocess_exec(
        SWAKS,
        *("--server", host, "--port", str(port), "--ehlo", "probe.contoso.com", *envelope),
        *("--quit-after", "RCPT", "--timeout", "10", *more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, errors = await swaks.communicate()
    if swaks.returncode == 0:
        return ProbeResult.ALLOWED
    refusal = re.search(rb"^<(?:\*\*|~\*) +(\d)\d\d ", printed, re.MULTILINE)
    assert refusal is not None, (printed, errors)
    return ProbeResult.DENIED if refusal[1] == b"5" else ProbeResult.INCONCLUSIVE


async def both(
    host: str, port: int, *more: str
) -> tuple[ProbeObservation, dict[ProbeStepKind, ProbeResult]]:
    """What the probe saw, and what swaks saw of the same envelopes."""
    (seen,) = await probe_all([target(port, host)], SETTINGS, QUICK, now=now)
    steps = [one for one in seen.steps if one.kind in MAIL_STEPS]
    found = await asyncio.gather(*(witnessed(host, port, one, *more) for one in steps))
    return seen, {one.kind: result for one, result in zip(steps, found, strict=True)}


def results(seen: ProbeObservation) -> dict[ProbeStepKind, ProbeResult]:
    return {one.kind: one.result for one in seen.steps if one.kind in MAIL_STEPS}


@needs_postfix
@pytest.mark.parametrize(
    "settings",
    [OPEN, CLOSED, INTERNAL, GUARDED, DEFERRING],
    ids=["open", "closed", "internal", "guarded", "deferring"],
)
def test_swaks_agrees_on_postfix(settings: str) -> None:
    with postfix(settings) as server:
        seen, witness = asyncio.run(both(server.host, server.port))
    assert results(seen) == witness
    assert len(witness) == 4


@needs_postfix
@needs_tls
def test_swaks_agrees_inside_tls() -> None:
    with postfix(TLS_ONLY, pem()) as server:
        seen, witness = asyncio.run(both(server.host, server.port, "--tls"))
        _, plain = asyncio.run(both(server.host, server.port))
    assert results(seen) == witness
    assert set(witness.values()) == {ProbeResult.ALLOWED, ProbeResult.DENIED}
    assert set(plain.values()) == {ProbeResult.DENIED}


@pytest.mark.parametrize(
    "treated",
    [
        Treatment(),
        Treatment(keywords=RELAY, relays=True),
        Treatment(keywords=SECURED, relays=True),
        Treatment(spoofs=False),
        Treatment(submits=False),
        Treatment(submits=False, is_old=True),
        Treatment(recipient=PROXY_FAILED),
    ],
    ids=["default", "relay", "secured", "no-spoofing", "users-only", "users-only-2013", "no-hub"],
)
def test_swaks_agrees_on_exchange(treated: Treatment) -> None:
    async def probe() -> tuple[ProbeObservation, dict[ProbeStepKind, ProbeResult]]:
        async with exchange(lambda _: treated) as port:
            return await both("127.0.0.1", port)

    seen, witness = asyncio.run(probe())
    assert results(seen) == witness
    assert len(witness) == 4


@pytest.mark.parametrize("greeting", [NOBODY.greeting, TOO_MANY], ids=["nobody", "limit"])
def test_swaks_gets_no_further_either(greeting: str) -> None:
    async def probe() -> tuple[ProbeObservation, bytes]:
        async with exchange(lambda _: Treatment(greeting=greeting)) as port:
            (seen,) = await probe_all([target(port)], SETTINGS, QUICK, now=now)
            swaks = await asyncio.create_subprocess_exec(
                str(SWAKS),
                *("--server", "127.0.0.1", "--port", str(port), "--to", "postmaster@contoso.com"),
                stdout=asyncio.subprocess.PIPE,
            )
            printed, _ = await swaks.communicate()
            return seen, printed

    seen, printed = asyncio.run(probe())
    assert [one.kind for one in seen.steps] == [Step.CONNECT]
    assert f"<** {greeting}".encode() in printed
    assert b"-> EHLO" not in printed
