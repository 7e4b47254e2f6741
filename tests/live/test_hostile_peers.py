"""Servers that misbehave: each gets its typed fault, in its time, and no more memory than it may.

Real connections on the loopback; the probe must neither hang nor raise nor believe what was
injected.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import ssl
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from live.peers import (
    OFFER,
    OFFER_TLS,
    QUICK,
    SETTINGS,
    Polite,
    now,
    observe,
    pem,
    serving,
    target,
)
from rctango.model.probing import ProbeObservation, ProbeResult, ProbeStepKind, RemoteErrorKind
from rctango.probe import ProbeSettings, TargetError, certificate, probe_all, probe_one

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = RemoteErrorKind
Step = ProbeStepKind
LOOPBACK_IS_A_NETWORK = sys.platform == "linux"


IMPATIENT = {
    Kind.GREETING_TIMEOUT: replace(QUICK, greeting=0.3),
    Kind.REPLY_TIMEOUT: replace(QUICK, reply=0.3),
    Kind.TLS_FAILED: replace(QUICK, tls=0.3),
}


def fault_of(seen: ProbeObservation) -> RemoteErrorKind | None:
    return None if seen.fault is None else seen.fault.kind


def results(seen: ProbeObservation) -> dict[ProbeStepKind, ProbeResult]:
    return {one.kind: one.result for one in seen.steps}


class Flood(Polite):
    """Sends one thing for ever where the reply to a verb belongs."""

    def __init__(self, verb: str, piece: bytes) -> None:
        super().__init__()
        self.verb = verb
        self.piece = piece

    async def say(self, writer: asyncio.StreamWriter, reply: bytes | None) -> bool:
        floods = self.verb == (self.heard[-1].split()[0] if self.heard else "GREETING")
        while floods and not writer.is_closing():
            writer.write(self.piece)
            await writer.drain()
        return await super().say(writer, reply)


class Slow(Polite):
    """Sends every byte by itself."""

    async def say(self, writer: asyncio.StreamWriter, reply: bytes | None) -> bool:
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in reply or b"":
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        return reply is not None


class Dripping(Polite):
    """Never stops talking, and never says anything."""

    async def say(self, writer: asyncio.StreamWriter, reply: bytes | None) -> bool:
        while reply is not None:
            writer.write(b"2" if not self.heard else b"250-x\r\n")
            await asyncio.sleep(0.02)
        return False


class AfterStartTls(Polite):
    """Agrees to STARTTLS and then does something else."""

    def __init__(self, *pieces: bytes, hangs: bool = True, reply: bytes = b"220 go\r\n") -> None:
        super().__init__(OFFER_TLS, STARTTLS=reply)
        self.pieces = pieces
        self.hangs = hangs

    async def secure(self, writer: asyncio.StreamWriter) -> None:
        for piece in self.pieces:
            await asyncio.sleep(0.02)
            writer.write(piece)
            await writer.drain()
        if self.hangs:
            await asyncio.sleep(30)
        writer.transport.abort()


class InsideTls(Polite):
    """Says something odd in the same record as, or right after, a reply inside TLS."""

    async def secure(self, writer: asyncio.StreamWriter) -> None:
        await super().secure(writer)
        self.replies["EHLO"] = OFFER + b"550 odd\r\n"


def test_the_polite_server_is_the_control() -> None:
    seen = observe(Polite(OFFER_TLS))
    assert seen.fault is None
    assert results(seen) == {
        Step.CONNECT: ProbeResult.ALLOWED,
        Step.EHLO: ProbeResult.ALLOWED,
        Step.RELAY: ProbeResult.DENIED,
        Step.SPOOF_TO_INTERNAL: ProbeResult.ALLOWED,
        Step.SPOOF_TO_FOREIGN: ProbeResult.DENIED,
        Step.ACCEPTED_DOMAIN: ProbeResult.ALLOWED,
        Step.STARTTLS: ProbeResult.ALLOWED,
        Step.EHLO_AFTER_STARTTLS: ProbeResult.ALLOWED,
    }
    assert seen.certificate is not None
    assert seen.certificate.is_self_signed
    assert seen.certificate.names == ("ex01.contoso.com", "127.0.0.1")
    assert seen.certificate.not_before == now().replace(day=1)
    assert len(seen.certificate.sha256) == 64
    assert seen.certificate.protocol.startswith("TLSv1")
    assert (seen.address, seen.source) == ("127.0.0.1", "127.0.0.1")


@pytest.mark.parametrize(
    ("peer", "fault"),
    [
        (Polite(GREETING=b""), Kind.GREETING_TIMEOUT),
        (Polite(GREETING=b"220 half a gree"), Kind.GREETING_TIMEOUT),
        (Polite(GREETING=None), Kind.CLOSED),
        (Polite(GREETING=b"220-more\r\n"), Kind.GREETING_TIMEOUT),
        (Polite(GREETING=b"220 a\r\n220 b\r\n"), Kind.UNEXPECTED_DATA),
        (Polite(GREETING=b"554 5.7.1 go away\r\n"), Kind.REFUSED_SERVICE),
        (Polite(GREETING=b"421 4.3.2 Service not available\r\n"), Kind.REFUSED_SERVICE),
        (Polite(GREETING=b"SSH-2.0-OpenSSH_9.2\r\n"), Kind.MALFORMED_REPLY),
        (Polite(GREETING=b"\x00\x00\x00\x00"), Kind.MALFORMED_REPLY),
        (Polite(GREETING=b"220 ready\n"), Kind.MALFORMED_REPLY),
        (Polite(GREETING=b"220 re\0ady\r\n"), Kind.MALFORMED_REPLY),
        (Polite(GREETING=b"\xff" * 1_000_000), Kind.MALFORMED_REPLY),
        (Polite(GREETING=b"220 " + b"x" * 1_000_000 + b"\r\n"), Kind.TOO_LONG),
        (Polite(EHLO=b""), Kind.REPLY_TIMEOUT),
        (Polite(EHLO=None), Kind.CLOSED),
        (Polite(EHLO=b"250-ex01\r\n250-SIZE\r\n"), Kind.REPLY_TIMEOUT),
        (Polite(EHLO=b"250-ex01\r\n251 SIZE\r\n"), Kind.MALFORMED_REPLY),
        (Polite(EHLO=b"999 ex01\r\n"), Kind.MALFORMED_REPLY),
        (Polite(EHLO=b"550 who are you\r\n"), Kind.REFUSED_SERVICE),
        (Polite(MAIL=b"250 ok\r\n250 ok\r\n"), Kind.UNEXPECTED_DATA),
        (Polite(MAIL=b"421 4.4.2 rate limit\r\n"), Kind.REFUSED_SERVICE),
        (Polite(RCPT=None), Kind.CLOSED),
        (Polite(RCPT=b"250 ok\r\n421 4.3.2 paused\r\n"), Kind.REFUSED_SERVICE),
        (Polite(RSET=b"25"), Kind.REPLY_TIMEOUT),
        (Polite(QUIT=b"221 bye\r\n250 and more\r\n"), Kind.UNEXPECTED_DATA),
        (Flood("GREETING", b"220 " + b"x" * 65536), Kind.TOO_LONG),
        (Flood("EHLO", b"250-x\r\n" * 5000), Kind.TOO_LONG),
        (Flood("MAIL", b"250 ok\r\n" * 5000), Kind.UNEXPECTED_DATA),
        (Flood("RCPT", b"\0" * 65536), Kind.MALFORMED_REPLY),
        (Dripping(), Kind.GREETING_TIMEOUT),
        (AfterStartTls(), Kind.TLS_FAILED),
        (AfterStartTls(hangs=False), Kind.TLS_FAILED),
        (AfterStartTls(b"250 injected\r\n"), Kind.UNEXPECTED_DATA),
        (AfterStartTls(reply=b"220 go\r\n250 injected\r\n"), Kind.UNEXPECTED_DATA),
        (AfterStartTls(b"\x16\x03\x03\x00\x02no"), Kind.TLS_FAILED),
        (AfterStartTls(b"\x16\x03\x03", b"\xff" * 100_000), Kind.TLS_FAILED),
        (AfterStartTls(b"\x15\x03\x03\x00\x02\x02\x28"), Kind.TLS_FAILED),
        (InsideTls(OFFER_TLS), Kind.UNEXPECTED_DATA),
    ],
    ids=lambda value: value.value if isinstance(value, Kind) else type(value).__name__,
)
def test_each_misdeed_has_its_fault(peer: Polite, fault: RemoteErrorKind) -> None:
    limits = IMPATIENT.get(fault, QUICK)
    seen = observe(peer, limits=limits)
    assert fault_of(seen) is fault
    assert seen.seconds < 5
    assert sum(len(one.text) for one in seen.transcript) <= 16_500
    assert len(seen.transcript) <= 500


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT", "RSET"])
def test_the_step_that_was_being_done_is_inconclusive(verb: str) -> None:
    seen = observe(Polite(**{verb: b"garbage\r\n"}))
    assert fault_of(seen) is Kind.MALFORMED_REPLY
    last = seen.steps[-1]
    if verb == "RSET":
        assert last.result is ProbeResult.DENIED
    else:
        assert last.result is ProbeResult.INCONCLUSIVE
        assert "malformed-reply" in last.why


@pytest.mark.parametrize("offer", [OFFER, OFFER_TLS], ids=["plain", "tls"])
def test_replies_in_single_bytes_are_the_same_replies(offer: bytes) -> None:
    whole, slow = observe(Polite(offer)), observe(Slow(offer))
    assert slow.fault is None
    assert slow.steps == whole.steps
    assert slow.offer == whole.offer
    assert slow.offer_after_tls == whole.offer_after_tls


class Breaking(Polite):
    """Closes in the middle of the reply to a verb."""

    def __init__(self, verb: str, piece: bytes) -> None:
        super().__init__(**{verb: piece})
        self.piece = piece

    async def say(self, writer: asyncio.StreamWriter, reply: bytes | None) -> bool:
        return await super().say(writer, reply) and reply != self.piece


@pytest.mark.parametrize(
    ("verb", "piece"),
    [
        ("GREETING", b"220 ex01.conto"),
        ("GREETING", b"220-ex01\r\n"),
        ("EHLO", b"250-ex01\r\n250-SI"),
        ("RCPT", b"250 2.1.5 Recipient OK"),
        ("RCPT", b"550 5.7.54 SMTP; Unable to rel"),
    ],
)
def test_a_reply_that_breaks_off_is_none(verb: str, piece: bytes) -> None:
    seen = observe(Breaking(verb, piece))
    assert fault_of(seen) is Kind.CLOSED
    assert seen.steps[-1].result is ProbeResult.INCONCLUSIVE
    assert seen.steps[-1].reply is None


@pytest.mark.parametrize(
    ("verb", "code"),
    [(verb, code) for verb in ("MAIL", "RCPT") for code in (b"334", b"354", b"399")]
    + [("RCPT", b"220"), ("RCPT", b"299")],
)
def test_a_code_that_does_not_belong_there_proves_nothing(verb: str, code: bytes) -> None:
    peer = Polite(**{verb: code + b" go on\r\n"})
    seen = observe(peer)
    assert seen.fault is None
    assert {one.result for one in seen.steps if one.recipient is not None} == {
        ProbeResult.INCONCLUSIVE
    }
    assert "DATA" not in peer.heard


def test_a_delayed_greeting_is_waited_for() -> None:
    class Late(Polite):
        async def say(self, writer: asyncio.StreamWriter, reply: bytes | None) -> bool:
            await asyncio.sleep(0 if self.heard else 0.2)
            return await super().say(writer, reply)

    seen = observe(Late())
    assert seen.fault is None
    assert seen.seconds >= 0.2


def test_a_server_that_is_slow_all_the_time_meets_the_limit_of_the_run() -> None:
    class Sluggish(Polite):
        async def say(self, writer: asyncio.StreamWriter, reply: bytes | None) -> bool:
            await asyncio.sleep(0.15)
            return await super().say(writer, reply)

    seen = observe(Sluggish(), limits=replace(QUICK, run=0.5))
    assert fault_of(seen) is Kind.RUN_TIMEOUT
    assert 0.45 <= seen.seconds < 2
    assert seen.offer is not None


def test_injected_plain_text_is_never_read_as_tls() -> None:
    evil = b"220 go\r\n250-ex01\r\n250 X-EXPS EXCHANGEAUTH\r\n"
    for peer in (AfterStartTls(reply=evil), AfterStartTls(b"250-ex01\r\n250 X-EXPS\r\n")):
        seen = observe(peer)
        assert fault_of(seen) is Kind.UNEXPECTED_DATA
        assert seen.offer_after_tls is None
        assert seen.certificate is None
        assert results(seen)[Step.RELAY] is ProbeResult.DENIED
        assert results(seen)[Step.STARTTLS] is ProbeResult.INCONCLUSIVE


MAIL = (Step.RELAY, Step.SPOOF_TO_FOREIGN, Step.SPOOF_TO_INTERNAL, Step.ACCEPTED_DOMAIN)


class OneTooMany(Polite):
    """Sends a second reply to EHLO late, so that each answer seems to be for the next command."""

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.say(writer, b"220 ready\r\n")
        owed = b""
        while line := await reader.readline():
            command = line.decode().strip()
            self.heard.append(command)
            answer = self.answer(command) or b""
            if command.startswith("EHLO"):
                writer.write(answer)
                owed = b"250 2.1.0 late\r\n"
                continue
            writer.write(owed)
            owed = answer
            if command == "QUIT":
                writer.write(owed)
                return


def test_replies_that_are_out_of_step_prove_nothing() -> None:
    seen = observe(OneTooMany())
    assert fault_of(seen) is Kind.UNEXPECTED_DATA
    found = results(seen)
    assert ProbeResult.ALLOWED not in [result for kind, result in found.items() if kind in MAIL]
    assert found[Step.RELAY] is ProbeResult.INCONCLUSIVE


def test_a_refused_rset_answers_something_else() -> None:
    peer = Polite(
        RCPT=b"250 2.1.0 Sender OK\r\n", RSET=b"550 5.7.54 SMTP; Unable to relay\r\n", QUIT=None
    )
    seen = observe(peer)
    assert fault_of(seen) is Kind.UNEXPECTED_DATA
    assert results(seen)[Step.RELAY] is ProbeResult.INCONCLUSIVE


@pytest.mark.parametrize("farewell", [b"250 whatever\r\n", b"", None])
def test_a_rude_farewell_takes_nothing_away(farewell: bytes | None) -> None:
    seen = observe(Polite(QUIT=farewell), limits=replace(QUICK, reply=0.5))
    assert seen.fault is None
    assert results(seen)[Step.RELAY] is ProbeResult.DENIED


def test_a_server_that_knows_no_ehlo_is_still_tested() -> None:
    seen = observe(Polite(b"500 5.3.3 Unrecognized command\r\n"))
    assert seen.fault is None
    assert seen.offer is None
    assert results(seen)[Step.EHLO] is ProbeResult.DENIED
    assert results(seen)[Step.RELAY] is ProbeResult.DENIED


def test_blanks_instead_of_dashes_are_understood() -> None:
    seen = observe(Polite(b"250 dev Hello\r\n250 SIZE\r\n250 AUTH=LOGIN\r\n"))
    assert seen.fault is None
    assert seen.offer is not None
    assert seen.offer.keywords == ("SIZE", "AUTH=LOGIN")


class Demanding(Polite):
    """Demands TLS before MAIL."""

    is_secure = False

    async def secure(self, writer: asyncio.StreamWriter) -> None:
        await super().secure(writer)
        self.is_secure = True

    def answer(self, command: str) -> bytes | None:
        if command.startswith("MAIL") and not self.is_secure:
            return b"530 5.7.0 Must issue a STARTTLS command first\r\n"
        return super().answer(command)


def test_what_a_server_demands_tls_for_is_tested_inside_tls() -> None:
    peer = Demanding(OFFER_TLS)
    seen = observe(peer)
    assert seen.fault is None
    assert [one.kind for one in seen.steps][:5] == [
        Step.CONNECT,
        Step.EHLO,
        Step.STARTTLS,
        Step.EHLO_AFTER_STARTTLS,
        Step.RELAY,
    ]
    assert results(seen)[Step.RELAY] is ProbeResult.DENIED
    assert peer.heard.count("STARTTLS") == 1


def test_a_demand_for_tls_that_cannot_be_met_is_said() -> None:
    demand = b"530 5.7.0 Must issue a STARTTLS command first\r\n"
    refused = Polite(OFFER_TLS, MAIL=demand, STARTTLS=b"454 4.7.0 TLS not available\r\n")
    for peer in (refused, Polite(MAIL=demand)):
        seen = observe(peer)
        assert seen.fault is None
        assert results(seen)[Step.RELAY] is ProbeResult.INCONCLUSIVE


def test_a_certificate_that_cannot_be_parsed_has_a_fingerprint() -> None:
    text = pem().decode()
    usual = ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN CERTIFICATE") :])
    strange = usual.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05")
    assert strange != usual
    facts = certificate.certificate_facts(strange, "TLSv1.2", "X")
    assert (facts.subject, len(facts.sha256)) == (None, 64)
    facts = certificate.certificate_facts(b"no certificate", "TLSv1.2", "X")
    assert facts.subject is None
    assert facts.names is None
    assert len(facts.sha256) == 64


def test_without_the_parser_there_is_a_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    facts = certificate.certificate_facts(b"anything", "TLSv1.2", "X")
    assert (facts.subject, facts.not_after, facts.protocol) == (None, None, "TLSv1.2")


def test_nothing_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        seen = asyncio.run(probe_one(target(port), SETTINGS, QUICK, now))
    assert fault_of(seen) is Kind.CONNECT_FAILED
    assert [one.kind for one in seen.steps] == [Step.CONNECT]
    assert seen.source is None


@pytest.mark.skipif(not LOOPBACK_IS_A_NETWORK, reason="a full backlog drops only on Linux")
def test_a_connection_that_is_never_accepted() -> None:
    with ExitStack() as sockets:
        full = sockets.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            one = sockets.enter_context(socket.socket())
            one.setblocking(False)  # noqa: FBT003 - the socket's own interface
            one.connect_ex(full.getsockname())
        seen = asyncio.run(probe_one(target(full.getsockname()[1]), SETTINGS, QUICK, now))
    assert fault_of(seen) is Kind.CONNECT_TIMEOUT
    assert 0.45 <= seen.seconds < 2


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    seen = asyncio.run(probe_one(target(25, "ex01.invalid"), SETTINGS, QUICK, now))
    assert fault_of(seen) is Kind.CONNECT_FAILED
    assert seen.address is None


def test_a_name_server_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [release.wait(30)] * 0)
    began = time.monotonic()
    seen = asyncio.run(probe_one(target(25, "ex01.invalid"), SETTINGS, QUICK, now))
    assert fault_of(seen) is Kind.CONNECT_TIMEOUT
    assert time.monotonic() - began < 3
    release.set()


def test_a_name_with_a_dead_and_a_living_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async def probe() -> ProbeObservation:
        async with serving(Polite()) as port:
            found = [(socket.AF_INET, 1, 6, "", (one, port)) for one in ("127.0.0.9", "127.0.0.1")]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
            return await probe_one(target(port, "ex01.contoso.com"), SETTINGS, QUICK, now)

    seen = asyncio.run(probe())
    assert seen.address == "127.0.0.1"
    assert seen.fault is None


@pytest.mark.skipif(not LOOPBACK_IS_A_NETWORK, reason="127.0.0.0/8 is local only on Linux")
def test_the_source_address_is_used() -> None:
    peer = Polite()

    async def probe() -> list[ProbeObservation]:
        async with serving(peer) as port:
            sources = ["127.0.0.2", "127.0.0.3", "127.0.0.2"]
            targets = [target(port, source=one) for one in sources]
            return await probe_all(targets, SETTINGS, QUICK, now=now)

    seen = asyncio.run(probe())
    assert [one.source for one in seen] == ["127.0.0.2", "127.0.0.3", "127.0.0.2"]
    assert peer.sources == ["127.0.0.2", "127.0.0.3", "127.0.0.2"]
    assert peer.most_at_once == 1


def test_a_source_that_is_not_ours_is_our_mistake() -> None:
    wrong = target(25, source="192.0.2.1")
    with pytest.raises(TargetError, match=r"192\.0\.2\.1"):
        asyncio.run(probe_all([wrong], SETTINGS, QUICK, now=now))


def test_a_source_of_the_other_family_is_said() -> None:
    seen = asyncio.run(probe_one(target(25, source="::1"), SETTINGS, QUICK, now))
    assert fault_of(seen) is Kind.CONNECT_FAILED
    assert "::1" in str(seen.fault)


def test_a_message_is_sent_only_on_demand() -> None:
    quiet = Polite(RCPT=b"250 ok\r\n")
    observe(quiet)
    assert "DATA" not in quiet.heard

    class Receiving(Polite):
        reads_message = False

        def answer(self, command: str) -> bytes | None:
            if command == "DATA":
                self.reads_message = True
                return b"354 go\r\n"
            if not self.reads_message:
                return super().answer(command)
            self.reads_message = command != "."
            return b"" if self.reads_message else b"250 2.6.0 Queued\r\n"

    peer = Receiving()
    settings = ProbeSettings(
        ehlo_name="probe.contoso.com",
        domains=("contoso.com",),
        recipients=("postmaster@contoso.com",),
        send=True,
        contact="admin@contoso.com",
    )
    seen = observe(peer, settings)
    assert seen.fault is None
    assert results(seen)[Step.HEADER_FROM] is ProbeResult.ALLOWED
    assert peer.heard.count("DATA") == 1
    assert "From: <rctango-probe@contoso.com>" in peer.heard
    assert any("rctango test" in one for one in peer.heard if one.startswith("Subject:"))
    assert "NOOP rctango probe, contact admin@contoso.com" in peer.heard


def test_the_rate_is_kept() -> None:
    async def probe() -> tuple[float, int]:
        async with serving(Polite()) as one, serving(Polite()) as other:
            began = time.monotonic()
            targets = [target(one), target(other)] * 3
            await probe_all(targets, SETTINGS, replace(QUICK, rate=20), now=now)
            return time.monotonic() - began, len(targets)

    seconds, count = asyncio.run(probe())
    assert seconds >= (count - 1) / 20 - 0.01


def test_only_so_many_at_once() -> None:
    class Counting(Polite):
        async def say(self, writer: asyncio.StreamWriter, reply: bytes | None) -> bool:
            await asyncio.sleep(0.01)
            return await super().say(writer, reply)

    peer = Counting()

    async def probe() -> list[ProbeObservation]:
        async with serving(peer, "0.0.0.0") as port:
            hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
            targets = [target(port, host) for host in hosts for _ in range(3)]
            return await probe_all(targets, SETTINGS, replace(QUICK, at_once=2), now=now)

    assert len(asyncio.run(probe())) == 9
    assert peer.most_at_once == 2


def test_a_target_that_hangs_costs_its_own_time_only() -> None:
    async def probe() -> tuple[float, list[ProbeObservation]]:
        async with serving(Polite(GREETING=b"")) as hung, serving(Polite()) as fine:
            targets = [target(hung), *[target(fine)] * 20]
            began = time.monotonic()
            limits = replace(QUICK, at_once=2, greeting=0.5)
            seen = await probe_all(targets, SETTINGS, limits, now=now)
            return time.monotonic() - began, seen

    seconds, seen = asyncio.run(probe())
    assert [fault_of(one) for one in seen] == [Kind.GREETING_TIMEOUT, *[None] * 20]
    assert seconds < 2


def test_an_interrupted_run_gives_what_was_found() -> None:
    waiting, fine = Polite(MAIL=b""), Polite()
    done: list[ProbeObservation] = []

    async def probe() -> list[ProbeObservation]:
        async with serving(fine) as one, serving(waiting) as two, serving(Polite()) as three:
            targets = [target(one), target(two), target(two), target(three)]
            limits = replace(QUICK, at_once=1, farewell=0.3)
            run = asyncio.create_task(
                probe_all(targets, SETTINGS, limits, now=now, on_done=done.append)
            )
            await waiting.heard_mail.wait()
            began = time.monotonic()
            run.cancel()
            seen = await run
            assert time.monotonic() - began < 2
            return seen

    seen = asyncio.run(probe())
    assert [fault_of(one) for one in seen] == [None, Kind.INTERRUPTED]
    assert seen == done
    assert seen[1].offer is not None
    assert seen[1].steps[-1].result is ProbeResult.INCONCLUSIVE


def test_an_interrupted_session_says_quit_when_it_can() -> None:
    class Late(Polite):
        async def say(self, writer: asyncio.StreamWriter, reply: bytes | None) -> bool:
            await asyncio.sleep(0.1 if self.heard[-1:] and "MAIL" in self.heard[-1] else 0)
            return await super().say(writer, reply)

    peer = Late()

    async def probe() -> list[ProbeObservation]:
        async with serving(peer) as port:
            run = asyncio.create_task(probe_all([target(port)], SETTINGS, QUICK, now=now))
            await peer.heard_mail.wait()
            run.cancel()
            return await run

    (seen,) = asyncio.run(probe())
    assert fault_of(seen) is Kind.INTERRUPTED
    assert peer.heard[-1] == "QUIT"


@pytest.mark.skipif(sys.platform == "win32", reason="a signal to oneself is another thing there")
def test_control_c_gives_what_was_found() -> None:
    peer = Polite(MAIL=b"")

    async def probe() -> list[ProbeObservation]:
        async with serving(peer) as port:
            asyncio.get_running_loop().call_later(0.2, os.kill, os.getpid(), signal.SIGINT)
            return await probe_all([target(port)], SETTINGS, QUICK, now=now)

    (seen,) = asyncio.run(probe())
    assert fault_of(seen) is Kind.INTERRUPTED


FLOODS: dict[str, Callable[[], Polite]] = {
    "endless line": lambda: Flood("GREETING", b"220 " + b"x" * 65536),
    "long lines": lambda: Flood("EHLO", b"250-" + b"\xc3\xa4" * 1000 + b"\r\n"),
    "wide letters": lambda: Flood("EHLO", b"250-" + b"\xf0\x9f\x98\x80" * 30 + b"\r\n"),
    "endless reply": lambda: Flood("EHLO", b"250-abc\r\n" * 5000),
    "many replies": lambda: Flood("RCPT", b"250 ok\r\n" * 5000),
    "long replies": lambda: Polite(RSET=b"250-" + b"x" * 900 + b"\r\n250 x\r\n"),
    "handshake": lambda: AfterStartTls(*[b"\x16\x03\x03\x40\x00" + b"\0" * 16384] * 40),
}

CHILD = """
import asyncio, re, sys
from datetime import UTC, datetime
from pathlib import Path
from rctango.probe import ProbeLimits, ProbeSettings, Target, probe_all
targets = [Target(text="x", host=f"127.0.0.{at}", port=int(sys.argv[1])) for at in range(1, 241)]
settings = ProbeSettings(ehlo_name="probe", domains=("contoso.com",))
limits = ProbeLimits(greeting=0.5, reply=0.5, tls=0.5, rate=10_000, at_once=40)
seen = asyncio.run(probe_all(targets, settings, limits, now=lambda: datetime.now(UTC)))
assert len(seen) == 240
print(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
"""
"""The most memory that a process ever held which probes 240 targets, 40 at once, in KiB."""


@pytest.mark.skipif(not LOOPBACK_IS_A_NETWORK, reason="127.0.0.0/8 is local only on Linux")
@pytest.mark.parametrize("name", FLOODS)
def test_no_peer_takes_much_memory(name: str) -> None:
    async def probe() -> int:
        async with serving(FLOODS[name](), "0.0.0.0") as port:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                CHILD,
                str(port),
                stdout=asyncio.subprocess.PIPE,
            )
            printed, _ = await child.communicate()
            return int(printed)

    kibibytes = asyncio.run(probe())
    assert kibibytes < 64 << 10
