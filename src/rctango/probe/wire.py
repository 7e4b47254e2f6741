"""The connection to one peer: bytes and TLS on one side, replies on the other.

TLS runs over memory buffers. ``loop.start_tls`` and ``StreamWriter.start_tls`` cannot tell plain
text that came before from what belongs to TLS (https://github.com/python/cpython/issues/118642),
and here what a peer sends is judged at the moment it comes, before anything can be read later.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

from rctango.model.probing import RemoteErrorKind, RemoteFault, SmtpReply
from rctango.probe.news import News
from rctango.probe.record import PeerError
from rctango.smtp import (
    PLAIN_TEXT_AFTER_STARTTLS,
    QUIT,
    ReplyContinued,
    SmtpClient,
    message,
    plain_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.probe.record import Transcript
    from rctango.smtp import Command, Event

Kind = RemoteErrorKind

LONGEST_HANDSHAKE: Final = 1 << 18
"""Bytes that a peer may send before TLS is set up; a certificate chain takes a few thousand."""

READ_AT_ONCE: Final = 1 << 14
"""Bytes that are read together; a TLS record is no longer, nor is what an honest peer says."""

LINGER: Final = 0.5
"""Seconds in which the last bytes must have left."""

_PATIENT: Final = frozenset({Kind.CLOSED, Kind.REFUSED_SERVICE})
"""Faults that may come right behind a reply without casting doubt on it."""

_TLS_RECORDS: Final = range(20, 24)
"""First bytes of TLS records. Source: RFC 8446 section 5.1."""


class Wire(asyncio.BufferedProtocol):
    """One connection. It holds no more of the peer than its SMTP client and TLS buffers do.

    It reads into a buffer of its own, because asyncio would otherwise ask the system for a quarter
    of a megabyte whenever something comes, and give most of it back.
    """

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._client = SmtpClient()
        self._buffer = memoryview(bytearray(READ_AT_ONCE))
        self._transport: asyncio.Transport | None = None
        self._news = News()
        self._gone = asyncio.Event()
        self._reply: SmtpReply | None = None
        self._more: list[SmtpReply] = []
        self._fault: RemoteFault | None = None
        self._tls: ssl.SSLObject | None = None
        self._is_secure = False
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._handshake_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.BaseProtocol``."""
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """See ``asyncio.BufferedProtocol``."""
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """See ``asyncio.BufferedProtocol``."""
        if self._fault is None:
            data = bytes(self._buffer[:nbytes])
            if self._tls is None:
                self._heard(data)
            else:
                self._heard_tls(self._tls, data)
        if self._fault is not None:
            self.drop()

    def eof_received(self) -> None:
        """See ``asyncio.BufferedProtocol``."""
        self._ended()

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.BaseProtocol``."""
        if exc is not None:
            self._fail(Kind.CLOSED, f"the connection broke: {plain_text(str(exc), 200)}")
        self._ended()
        self._gone.set()
        self._news.close()

    @property
    def continued(self) -> tuple[SmtpReply, ...]:
        """What came of the reply to EHLO after its last line."""
        return tuple(self._more)

    @property
    def may_send(self) -> bool:
        """Whether a command may be sent now."""
        return self._fault is None and self._client.may_send

    async def reply(self, seconds: float, late: RemoteErrorKind) -> SmtpReply:
        """The next reply.

        Args:
            seconds: how long to wait for the whole of it.
            late: what it is called when it does not come in time.

        Raises:
            PeerError: it does not come, or is no reply.
        """
        until = asyncio.get_running_loop().time() + seconds
        while self._reply is None:
            self._check()
            if not await self._news.wait(until):
                raise PeerError(late, f"nothing complete came within {seconds:g} s")
        if self._fault is not None and self._fault.kind not in _PATIENT:
            raise PeerError(self._fault.kind, self._fault.detail)
        reply, self._reply = self._reply, None
        return reply

    def send(self, command: Command) -> None:
        """Send a command.

        Raises:
            PeerError: the session cannot go on.
        """
        self._check()
        self._transcript.note(">", command.line)
        self._more = []
        self._write(self._client.send(command))

    def send_message(self, lines: Iterable[str]) -> None:
        """Send a message after DATA.

        Raises:
            PeerError: the session cannot go on.
        """
        self._check()
        data = message(lines)
        for line in data.decode("ascii").splitlines():
            self._transcript.note(">", line)
        self._write(self._client.send_message(data))

    async def secure(
        self, context: ssl.SSLContext, name: str | None, seconds: float
    ) -> ssl.SSLObject:
        """Begin TLS after a 220 to STARTTLS.

        Args:
            context: how.
            name: the host name for SNI; None for an address.
            seconds: how long to wait.

        Raises:
            PeerError: TLS fails, or takes too long.
        """
        self._check()
        self._client.tls_begun()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._shake_hands(self._tls)
        try:
            async with asyncio.timeout(seconds):
                while not self._is_secure:
                    await self._wait()
        except TimeoutError:
            detail = f"the handshake was not over within {seconds:g} s"
            raise PeerError(Kind.TLS_FAILED, detail) from None
        return self._tls

    async def settled(self) -> None:
        """Wait for the reply that is outstanding, if one is, and drop it.

        Raises:
            PeerError: the session cannot go on.
        """
        if self._transport is None:
            raise PeerError(Kind.CLOSED, "there is no connection")
        while self._client.is_waiting:
            await self._wait()
        self._reply = None

    async def drained(self, seconds: float) -> RemoteFault | None:
        """After the reply to QUIT: wait until the peer closes; what it sends then is a fault."""
        with suppress(PeerError, TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._gone.is_set():
                    await self._wait()
        return self._fault

    async def close(self) -> None:
        """Close; with a last QUIT, whose reply nobody awaits, if it is this side's turn."""
        if self._transport is None:
            return
        if self.may_send:
            self._write(self._client.send(QUIT))
        self._transport.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                await self._gone.wait()
        self.drop()

    def drop(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    async def _wait(self) -> None:
        self._check()
        await self._news.wait()

    def _check(self) -> None:
        if self._fault is not None:
            raise PeerError(self._fault.kind, self._fault.detail)

    def _heard(self, data: bytes) -> None:
        for event in self._client.receive(data):
            self._take(event)

    def _take(self, event: Event) -> None:
        if isinstance(event, RemoteFault):
            self._fail(event.kind, event.detail)
            return
        reply = event.reply if isinstance(event, ReplyContinued) else event
        self._transcript.reply(reply)
        if isinstance(event, ReplyContinued):
            self._more.append(reply)
        else:
            self._reply = reply
        self._news.tell()

    def _ended(self) -> None:
        if self._fault is None:
            if self._tls is not None and not self._is_secure:
                self._fail(Kind.TLS_FAILED, "the peer closed the connection in the handshake")
            else:
                self._heard(b"")
        self._news.tell()

    def _fail(self, kind: RemoteErrorKind, detail: str) -> None:
        if self._fault is None:
            self._fault = RemoteFault(kind=kind, detail=detail)
        self._news.tell()

    def _write(self, data: bytes) -> None:
        if self._transport is None:
            return
        if self._tls is not None:
            with suppress(ssl.SSLError):
                self._tls.write(data)
            data = self._outgoing.read()
        self._transport.write(data)

    def _heard_tls(self, tls: ssl.SSLObject, data: bytes) -> None:
        if not self._handshake_bytes and data[0] not in _TLS_RECORDS:
            self._fail(Kind.UNEXPECTED_DATA, PLAIN_TEXT_AFTER_STARTTLS)
            return
        self._incoming.write(data)
        if not self._is_secure:
            self._handshake_bytes += len(data)
            if self._handshake_bytes > LONGEST_HANDSHAKE:
                self._fail(Kind.TLS_FAILED, f"the handshake takes over {LONGEST_HANDSHAKE} bytes")
                return
            self._shake_hands(tls)
        if self._is_secure:
            self._read_tls(tls)

    def _shake_hands(self, tls: ssl.SSLObject) -> None:
        try:
            tls.do_handshake()
            self._is_secure = True
            self._news.tell()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self._fail(Kind.TLS_FAILED, _reason(error))
        self._flush()

    def _read_tls(self, tls: ssl.SSLObject) -> None:
        try:
            while self._fault is None:
                data = tls.read(65536)
                self._heard(data)
                if not data:
                    break
        except ssl.SSLWantReadError:
            self._flush()
        except ssl.SSLZeroReturnError:
            self._heard(b"")
        except ssl.SSLError as error:
            self._fail(Kind.TLS_FAILED, _reason(error))

    def _flush(self) -> None:
        waiting = self._outgoing.read()
        if waiting and self._transport is not None:
            self._transport.write(waiting)


def _reason(error: ssl.SSLError) -> str:
    return plain_text((error.reason or str(error)).replace("_", " ").lower(), 200)
