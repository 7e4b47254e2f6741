"""SMTP servers on the loopback that are polite until a test makes them misbehave."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rctango.probe import ProbeLimits, ProbeSettings, Target, probe_all

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from rctango.model.probing import ProbeObservation

    Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

SETTINGS = ProbeSettings(ehlo_name="probe.contoso.com", domains=("contoso.com",))
QUICK = ProbeLimits(
    connect=0.5, greeting=10, reply=10, tls=10, run=20, farewell=0.4, rate=10_000, at_once=40
)
"""Only what a test is about may take long, whatever else the machine does."""
OFFER = (
    b"250-ex01.contoso.com Hello [127.0.0.1]\r\n250-SIZE\r\n250-X-ANONYMOUSTLS\r\n250 8BITMIME\r\n"
)
OFFER_TLS = OFFER.replace(b"250-SIZE", b"250-STARTTLS")


def now() -> datetime:
    return datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Polite:
    """A server that says what ``replies`` holds for a verb, and else what Exchange would.

    A reply is sent as it is; ``b""`` is none, and None closes the connection.
    """

    def __init__(self, offer: bytes = OFFER, **replies: bytes | None) -> None:
        self.replies: dict[str, bytes | None] = {"EHLO": offer, **replies}
        self.heard: list[str] = []
        self.sources: list[str] = []
        self.heard_mail = asyncio.Event()
        self.most_at_once = 0
        self._at_once = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sources.append(writer.get_extra_info("peername")[0])
        self._at_once += 1
        self.most_at_once = max(self._at_once, self.most_at_once)
        try:
            await self.hold(reader, writer)
        finally:
            self._at_once -= 1

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greeting = self.replies.get("GREETING", b"220 ex01.contoso.com ready\r\n")
        if not await self.say(writer, greeting):
            return
        while line := await reader.readline():
            command = line.decode().rstrip("\r\n")
            self.heard.append(command)
            if command.startswith("MAIL"):
                self.heard_mail.set()
            answer = self.answer(command)
            if not await self.say(writer, answer):
                return
            if command == "STARTTLS" and answer and answer.startswith(b"220 "):
                await self.secure(writer)
            if command == "QUIT":
                return

    async def secure(self, writer: asyncio.StreamWriter) -> None:
        await writer.start_tls(server_context())

    async def say(self, writer: asyncio.StreamWriter, reply: bytes | None) -> bool:
        if reply is None:
            return False
        writer.write(reply)
        await writer.drain()
        return True

    def answer(self, command: str) -> bytes | None:
        verb = command.partition(" ")[0].partition(":")[0]
        if verb in self.replies:
            return self.replies[verb]
        if verb == "RCPT":
            inside = command.endswith("@contoso.com>")
            return b"250 2.1.5 Recipient OK\r\n" if inside else self.refusal()
        known = {"STARTTLS": b"220 2.0.0 SMTP server ready\r\n", "QUIT": b"221 2.0.0 Bye\r\n"}
        return known.get(verb, b"250 2.1.0 OK\r\n")

    def refusal(self) -> bytes:
        return b"550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain\r\n"


@asynccontextmanager
async def serving(handler: Handler, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """The port on which a handler serves."""
    running: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            with suppress(OSError):
                await handler(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            running.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(handle, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in tuple(running):
            one.cancel()
        await asyncio.sleep(0.01)


def target(port: int, host: str = "127.0.0.1", source: str | None = None) -> Target:
    return Target(text=f"{host}:{port}", host=host, port=port, source=source)


def observe(
    handler: Handler, settings: ProbeSettings = SETTINGS, limits: ProbeLimits = QUICK
) -> ProbeObservation:
    """What a probe of a handler shows."""

    async def probe() -> ProbeObservation:
        async with serving(handler) as port:
            (seen,) = await probe_all([target(port)], settings, limits, now=now)
            return seen

    return asyncio.run(probe())


@cache
def pem() -> bytes:
    """A key and its self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ex01.contoso.com")])
    names = [x509.DNSName("ex01.contoso.com"), x509.IPAddress(IPv4Address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)


@cache
def server_context() -> ssl.SSLContext:
    """TLS with a self-signed certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "both.pem"
        path.write_bytes(pem())
        context.load_cert_chain(path)
    return context
