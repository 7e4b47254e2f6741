"""An Exchange server on the loopback: aiosmtpd with Exchange's replies, and devices before it.

How a client is treated follows from its source address, as with receive connectors. Sources of the
texts: https://learn.microsoft.com/exchange/mail-flow/non-delivery-reports-and-bounce-messages/ and
https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors
"""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from live.peers import server_context, serving
from rctango.model.rights import Answer, AuthMechanism

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

    from rctango.model.connector import Connector
    from rctango.model.rights import SessionRights

NO_SERVICE = "421 4.3.2 Service not available"
TOO_MANY = (
    "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing "
    "transmission channel"
)
PROXY_FAILED = "451 4.7.0 Temporary server error. Please try again later. PRX5"
TLS_FIRST = "530 5.7.0 Must issue a STARTTLS command first"
TEXTS = {
    "anonymous": (
        "530 5.7.1 Client was not authenticated",
        "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM",
    ),
    "send as": (
        "550 5.7.1 Client does not have permissions to send as this sender",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
    ),
    "relay": (
        "550 5.7.1 Unable to relay",
        "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
    ),
}
"""Of Exchange 2010 and 2013, and of later versions."""

BEFORE = ("SIZE 37748736", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES")
AFTER = ("8BITMIME", "BINARYMIME", "CHUNKING")
EXCHANGE_AUTH = ("X-ANONYMOUSTLS", "AUTH NTLM", "X-EXPS GSSAPI NTLM")
FRONTEND = (*BEFORE, "STARTTLS", *EXCHANGE_AUTH, *AFTER, "SMTPUTF8", "XRDST")
"""What Default Frontend offers in plain text."""
RELAY = (*BEFORE, "STARTTLS", *AFTER, "SMTPUTF8")
"""What a connector for relaying, with AuthMechanism Tls, offers in plain text."""
SECURED = (*BEFORE, *AFTER, "SMTPUTF8")
"""What a connector with AuthMechanism ExternalAuthoritative offers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """How a server treats a client.

    Attributes:
        fqdn: with what the greeting begins.
        keywords: what EHLO offers in plain text.
        submits: whether it may send at all without authentication.
        relays: whether it may send to any recipient.
        spoofs: whether it may send as a sender of the organisation.
        wants_tls: whether it must begin TLS first.
        is_old: whether the server is Exchange 2010 or 2013.
        greeting: the whole greeting, after which the connection is closed; None to go on.
        recipient: the reply to every RCPT; None for the one that follows from the rights.
    """

    fqdn: str = "ex01.contoso.com"
    keywords: tuple[str, ...] = FRONTEND
    submits: bool = True
    relays: bool = False
    spoofs: bool = True
    wants_tls: bool = False
    is_old: bool = False
    greeting: str | None = None
    recipient: str | None = None


NOBODY = Treatment(greeting=NO_SERVICE)


def treatment(connector: Connector, rights: SessionRights, *, old: bool, hidden: bool) -> Treatment:
    """How a connector treats a client without authentication.

    Args:
        connector: the connector that answers.
        rights: what such a client may do there.
        old: whether the server is Exchange 2010 or 2013.
        hidden: what is true where the evidence leaves a right open.
    """

    def has(answer: Answer) -> bool:
        return answer is Answer.YES or (answer is Answer.UNKNOWN and hidden)

    return Treatment(
        fqdn=connector.fqdn or f"{connector.server}.contoso.com",
        keywords=_keywords(connector.auth_mechanism or AuthMechanism.NONE),
        submits=has(rights.submit),
        relays=has(rights.relay),
        spoofs=has(rights.spoof_internal_sender),
        wants_tls=bool(connector.require_tls),
        is_old=old,
    )


def _keywords(mechanism: AuthMechanism) -> tuple[str, ...]:
    by_flag = (
        (AuthMechanism.TLS, "STARTTLS"),
        (AuthMechanism.EXCHANGE_SERVER, "X-ANONYMOUSTLS"),
        (AuthMechanism.INTEGRATED, "AUTH NTLM"),
        (AuthMechanism.EXCHANGE_SERVER, "X-EXPS GSSAPI NTLM"),
    )
    return (*BEFORE, *(word for flag, word in by_flag if mechanism & flag), *AFTER)


class Exchange(SMTP):
    """One connection to the server.

    Args:
        treat: how a client is treated, by its address.
        accepted: whether a domain is accepted.
        context: the server's TLS.
    """

    treatment: Treatment

    def __init__(
        self,
        treat: Callable[[str], Treatment],
        accepted: Callable[[str], bool],
        context: ssl.SSLContext,
    ) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(Manners(), tls_context=context, loop=loop, hostname="exchange")
        self._treat = treat
        self.accepted = accepted

    async def _handle_client(self) -> None:
        assert self.session is not None
        assert self.session.peer is not None
        self.treatment = self._treat(self.session.peer[0])
        self.hostname = self.treatment.fqdn
        self.__ident__ = "Microsoft ESMTP MAIL Service ready at Mon, 2 Mar 2026 08:00:00 +0000"
        if self.treatment.greeting is None:
            await super()._handle_client()
        else:
            await self.push(self.treatment.greeting)
            self._writer.close()

    async def push(self, status: Any) -> None:
        if status == "220 Ready to start TLS":
            status = "220 2.0.0 SMTP server ready"
        await super().push(status)


class Manners:
    """What the server says; the names of the methods are aiosmtpd's."""

    async def handle_EHLO(  # noqa: N802
        self, server: Exchange, session: Session, _: Envelope, name: str, __: list[str]
    ) -> list[str]:
        session.host_name = name
        assert session.peer is not None
        keywords = server.treatment.keywords
        if session.ssl is not None:
            keywords = tuple(one for one in keywords if one not in {"STARTTLS", "X-ANONYMOUSTLS"})
        *lines, last = (f"{server.treatment.fqdn} Hello [{session.peer[0]}]", *keywords)
        return [*(f"250-{one}" for one in lines), f"250 {last}"]

    async def handle_MAIL(  # noqa: N802
        self, server: Exchange, session: Session, envelope: Envelope, sender: str, _: list[str]
    ) -> str:
        told = server.treatment
        if told.wants_tls and session.ssl is None:
            return TLS_FIRST
        if not told.submits:
            return TEXTS["anonymous"][not told.is_old]
        if server.accepted(_domain(sender)) and not told.spoofs:
            return TEXTS["send as"][not told.is_old]
        envelope.mail_from = sender
        return "250 2.1.0 Sender OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Exchange, _: Session, envelope: Envelope, recipient: str, __: list[str]
    ) -> str:
        told = server.treatment
        if told.recipient is not None:
            return told.recipient
        if not told.relays and not server.accepted(_domain(recipient)):
            return TEXTS["relay"][not told.is_old]
        envelope.rcpt_tos.append(recipient)
        return "250 2.1.5 Recipient OK"

    async def handle_RSET(self, *_: object) -> str:  # noqa: N802
        return "250 2.0.0 Resetting"

    async def handle_QUIT(self, *_: object) -> str:  # noqa: N802
        return "221 2.0.0 Service closing transmission channel"

    async def handle_exception(self, error: Exception) -> str:
        raise error


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()


def only_contoso(domain: str) -> bool:
    """Whether a domain is contoso.com."""
    return domain == "contoso.com"


@asynccontextmanager
async def exchange(
    treat: Callable[[str], Treatment],
    accepted: Callable[[str], bool] = only_contoso,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[int]:
    """The port on which an Exchange server answers."""
    context, loop = server_context(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Exchange(treat, accepted, context), host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0.01)


@asynccontextmanager
async def device(
    to: tuple[str, int],
    source: str,
    *,
    at: tuple[str, int] = ("127.0.0.1", 0),
    rewrite: Callable[[bytes], bytes] | None = None,
) -> AsyncIterator[int]:
    """The port of a device that connects to a server from an address of its own.

    Args:
        to: the server.
        source: the address that the server sees.
        at: where the device listens.
        rewrite: what it makes of each line of the server; None for a device that looks at nothing.
    """

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*to, local_addr=(source, 0))
        try:
            back = _lines(far_reader, writer, rewrite) if rewrite else _copy(far_reader, writer)
            await asyncio.gather(_copy(reader, far_writer), back)
        finally:
            far_writer.transport.abort()

    async with serving(carry, *at) as port:
        yield port


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
        writer.write_eof()


async def _lines(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rewrite: Callable[[bytes], bytes]
) -> None:
    with suppress(OSError):
        while line := await reader.readline():
            writer.write(rewrite(line))
        writer.write_eof()


def masked(line: bytes) -> bytes:
    """What SMTP inspection of an old Cisco firewall makes of a server's line.

    Source: https://support.microsoft.com/kb/979175
    """
    if line.startswith(b"220 "):
        return b"220 " + re.sub(rb"[^02\r\n]", b"*", line[4:])
    known = re.match(rb"250[ -](SIZE|PIPELINING|DSN|ENHANCEDSTATUSCODES|8BITMIME|\S+ Hello)", line)
    if line.startswith(b"250-") and not known:
        return b"250-" + b"X" * (len(line) - 7) + b"A\r\n"
    return line
