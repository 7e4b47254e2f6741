"""Short builders of what probes showed, and a server for probes of the command line."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rctango.model.origin import Origin
from rctango.model.probing import (
    EhloOffer,
    ProbeObservation,
    ProbeResult,
    ProbeStep,
    ProbeStepKind,
    SavedProbe,
    SmtpReply,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from live.peers import Handler

BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
GRANTED = SmtpReply(code=250, enhanced="2.1.5", lines=("2.1.5 Recipient OK",))
REFUSED = SmtpReply(code=550, enhanced="5.7.54", lines=("5.7.54 SMTP; Unable to relay",))
BOTH_AUTH = ("X-ANONYMOUSTLS", "X-EXPS GSSAPI NTLM")


def step(kind: ProbeStepKind, result: str) -> ProbeStep:
    """A step with Exchange's reply, and with the addresses that it is about."""
    outcome = ProbeResult(result)
    is_own = kind is ProbeStepKind.SPOOF_TO_INTERNAL
    sender, recipient = (
        ("a@contoso.com", "b@contoso.com") if is_own else ("a@example.com", "b@example.net")
    )
    return ProbeStep(
        kind=kind,
        result=outcome,
        reply=GRANTED if outcome is ProbeResult.ALLOWED else REFUSED,
        commands=(f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"),
        sender=sender,
        recipient=recipient,
        why="The server said so.",
    )


def seen(
    source: str | None = "10.0.7.9",
    relay: str | None = "allowed",
    spoof: str | None = None,
    *,
    keywords: tuple[str, ...] = (),
    greeting: str = "ex01.contoso.com ready",
    **more: Any,
) -> ProbeObservation:
    """A probe of EX01 at 10.0.0.5 port 25 that came to its end."""
    told = ((ProbeStepKind.RELAY, relay), (ProbeStepKind.SPOOF_TO_INTERNAL, spoof))
    values: dict[str, Any] = {
        "target": "10.0.0.5:25",
        "server": None,
        "via": None,
        "address": "10.0.0.5",
        "port": 25,
        "source": source,
        "began": BEGAN,
        "seconds": 0.5,
        "steps": tuple(step(kind, result) for kind, result in told if result is not None),
        "banner": SmtpReply(code=220, enhanced=None, lines=(greeting,)),
        "offer": EhloOffer(greeting="ex01.contoso.com Hello", keywords=keywords),
        "offer_after_tls": None,
        "certificate": None,
        "fault": None,
        "transcript": (),
        **more,
    }
    return ProbeObservation(**values)


def saved(*probes: ProbeObservation) -> tuple[SavedProbe, ...]:
    """The same, as read from a file."""
    return tuple(
        SavedProbe(seen=one, origin=Origin(source="probe.json", locator=f"observations[{at}]"))
        for at, one in enumerate(probes)
    )


@contextmanager
def served(handler: Handler, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """The port on which a handler serves, in a thread of its own."""
    from live.peers import serving  # noqa: PLC0415 - only tests with sockets need it

    loop = asyncio.new_event_loop()
    ready = threading.Event()
    ports: list[int] = []
    over = asyncio.Event()

    async def serve() -> None:
        async with serving(handler, host, port) as at:
            ports.append(at)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(10)
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()
