"""rctango's probe of many servers, beside the same sessions written by hand with aiosmtplib.

``python bench/probe.py`` starts a server in a process of its own and measures in turn, each time in
a fresh process: the same commands to the same 300 addresses of 127.0.0.0/8, 40 sessions at once,
without and with STARTTLS. Only the sessions are timed, not the start of Python. Then: how much
memory ten times as many targets take, and what a target costs that never says anything.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterator

    from aiosmtplib import SMTP

    Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
    Client = Callable[[int, int, int | None], Awaitable[int]]

ROUNDS = 11
TARGETS = 300
AT_ONCE = 40
PATIENCE = 1.0
"""Seconds that a greeting may take."""
OFFER = b"250-ex01.contoso.com Hello\r\n250-SIZE 37748736\r\n250-PIPELINING\r\n250-DSN\r\n"
END = b"250-X-ANONYMOUSTLS\r\n250-X-EXPS GSSAPI NTLM\r\n250-8BITMIME\r\n250 CHUNKING\r\n"
FOREIGN, OUTSIDE = "rctango-probe@example.com", "rctango-probe@example.net"
OWN = "rctango-probe@contoso.com"
ENVELOPES = ((FOREIGN, OUTSIDE), (OWN, OWN), (OWN, OUTSIDE), (FOREIGN, OWN))
REPLIES = {
    b"MAIL": b"250 2.1.0 Sender OK\r\n",
    b"RSET": b"250 2.0.0 Resetting\r\n",
    b"STAR": b"220 2.0.0 SMTP server ready\r\n",
    b"QUIT": b"221 2.0.0 Service closing transmission channel\r\n",
}
ACCEPTED = b"250 2.1.5 Recipient OK\r\n"
REFUSED = b"550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain\r\n"


# --- the server


async def serve() -> None:
    """Serve in plain text, with STARTTLS, and not at all; print the three ports."""
    context = _context()

    def talk(tls: ssl.SSLContext | None) -> Handler:
        return lambda reader, writer: _talk(reader, writer, tls)

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    handlers: list[Handler] = [talk(None), talk(context), silent]
    servers = [await asyncio.start_server(one, "0.0.0.0", 0, backlog=1000) for one in handlers]  # noqa: S104
    print(json.dumps([one.sockets[0].getsockname()[1] for one in servers]), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tls: ssl.SSLContext | None
) -> None:
    writer.write(b"220 ex01.contoso.com Microsoft ESMTP MAIL Service ready\r\n")
    while line := await reader.readline():
        verb = line[:4]
        if verb == b"EHLO":
            writer.write(OFFER + (b"250-STARTTLS\r\n" if tls else b"") + END)
        elif verb == b"RCPT":
            writer.write(ACCEPTED if b"@contoso.com" in line else REFUSED)
        else:
            writer.write(REPLIES.get(verb, b"502 5.5.1 Unknown\r\n"))
        if verb == b"STAR" and tls is not None:
            await writer.start_tls(tls)
        elif verb == b"QUIT":
            break
    writer.close()


@cache
def _trusting_context() -> ssl.SSLContext:
    import ssl  # noqa: PLC0415 - as rctango, only where there is TLS

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _context() -> ssl.SSLContext:
    import ssl  # noqa: PLC0415 - only the server has a certificate

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "both.pem"
        path.write_bytes(_pem())
        context.load_cert_chain(path)
    return context


def _pem() -> bytes:
    from cryptography import x509  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ex01.contoso.com")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)


# --- the two clients


def hosts(count: int) -> Iterator[str]:
    """As many addresses of the loopback."""
    return (f"127.1.{at >> 8}.{at & 255}" for at in range(1, count + 1))


async def by_rctango(port: int, count: int, hung: int | None) -> int:
    """How many sessions of rctango's probe went to their end."""
    from rctango.probe import ProbeLimits, ProbeSettings, Target, probe_all  # noqa: PLC0415

    targets = [Target(text=host, host=host, port=port) for host in hosts(count)]
    if hung is not None:
        targets[0] = Target(text="hung", host="127.1.0.1", port=hung)
    settings = ProbeSettings(ehlo_name="probe.contoso.com", domains=("contoso.com",))
    limits = ProbeLimits(greeting=PATIENCE, rate=1e9, at_once=AT_ONCE)
    seen = await probe_all(targets, settings, limits, now=lambda: datetime.now(UTC))
    return sum(one.fault is None for one in seen)


async def by_hand(port: int, count: int, _: int | None) -> int:
    """How many sessions of aiosmtplib went to their end."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(host: str) -> bool:
        async with turn:
            await _session(host, port)
            return True

    return sum(await asyncio.gather(*map(one, hosts(count))))


async def _session(host: str, port: int) -> None:
    from aiosmtplib import SMTP  # noqa: PLC0415 - not in rctango's process

    client = SMTP(
        hostname=host, port=port, local_hostname="probe.contoso.com", start_tls=False, timeout=30
    )
    await client.connect()
    await client.ehlo()
    for sender, recipient in ENVELOPES:
        await _envelope(client, sender, recipient)
    if client.supports_extension("starttls"):
        await client.starttls(tls_context=_trusting_context())
        await client.ehlo()
    await client.quit()


async def _envelope(client: SMTP, sender: str, recipient: str) -> None:
    await client.mail(sender)
    reply = await client.execute_command(b"RCPT", b"TO:<" + recipient.encode() + b">")
    if (reply.code == 250) is not (recipient == OWN):
        raise AssertionError(reply)
    await client.rset()


CLIENTS: dict[str, Client] = {"rctango": by_rctango, "aiosmtplib": by_hand}


async def hold(name: str, port: int, count: int, hung: int | None) -> None:
    """Hold the sessions and print what they took."""
    await CLIENTS[name](port, 1, None)
    began, cpu = time.perf_counter(), time.process_time()
    done = await CLIENTS[name](port, count, hung)
    found = {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "done": done,
    }
    print(json.dumps(found))


# --- the measuring


def measure(
    name: str, port: int, count: int = TARGETS, hung: int | None = None
) -> dict[str, float]:
    """Measure a client once, in a process of its own."""
    command = [sys.executable, __file__, name, str(port), str(count), str(hung or 0)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    found: dict[str, float] = json.loads(done.stdout)
    if found["done"] != count - (hung is not None):
        raise AssertionError(found)
    return found


def compare(title: str, port: int) -> None:
    """Both clients in turn."""
    rounds = [{name: measure(name, port) for name in CLIENTS} for _ in range(ROUNDS)]
    print(f"  {title}")
    for name in CLIENTS:
        each = {key: median(one[name][key] for one in rounds) for key in ("seconds", "cpu", "peak")}
        print(
            f"    {name:12} {each['seconds']:6.3f} s, {each['cpu']:6.3f} s of processor time, "
            f"peak {each['peak']:3.0f} MB"
        )
    for key, words in (("seconds", "wall time"), ("cpu", "processor time")):
        ratio = median(one["rctango"][key] / one["aiosmtplib"][key] for one in rounds)
        print(f"    ratio of {words:14} {ratio:6.2f} (goal: under 1.5)", flush=True)


def growth(port: int) -> None:
    """Memory for ten times as many targets."""
    few, many = (measure("rctango", port, count) for count in (TARGETS, 10 * TARGETS))
    more = many["peak"] - few["peak"]
    print(
        f"  peak {few['peak']:.0f} MB with {TARGETS} targets, {many['peak']:.0f} MB with "
        f"{10 * TARGETS}: {more * 1024 / (9 * TARGETS):.1f} KB for each more"
    )


def hanging(port: int, silent: int) -> None:
    """One target that never says anything."""
    pairs = [(measure("rctango", port), measure("rctango", port, hung=silent)) for _ in range(3)]
    more = median(other["seconds"] - one["seconds"] for one, other in pairs)
    print(f"  one target that hangs costs {more:.2f} s (its own limit is {PATIENCE:g} s)")


def main() -> None:
    """Measure and print."""
    server = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, __file__, "serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        plain, tls, silent = json.loads(server.stdout.readline() if server.stdout else "")
        print(f"probe, {TARGETS} targets, {AT_ONCE} at once (median of {ROUNDS}, in turn)")
        compare("plain text", plain)
        compare("with STARTTLS", tls)
        growth(plain)
        hanging(plain, silent)
        server.communicate()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    elif len(sys.argv) > 1:
        client, *numbers = sys.argv[1:]
        at, amount, quiet = map(int, numbers)
        asyncio.run(hold(client, at, amount, quiet or None))
    else:
        main()
