"""One target, probed over a real connection."""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from contextlib import suppress
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from rctango.model.probing import (
    ProbeObservation,
    ProbeStepKind,
    RemoteErrorKind,
    RemoteFault,
)
from rctango.probe.certificate import certificate_facts
from rctango.probe.dialogue import Dialogue
from rctango.probe.names import addresses_of, is_address
from rctango.probe.record import PeerError, Record, Transcript
from rctango.probe.wire import Wire
from rctango.smtp import PLAIN_TEXT_AFTER_STARTTLS, QUIT, plain_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rctango.model.probing import CertificateFacts, SmtpReply
    from rctango.probe.settings import ProbeLimits, ProbeSettings
    from rctango.probe.targets import Target
    from rctango.smtp import Command

    Places = defaultdict[tuple[str, int], asyncio.Lock]

Kind = RemoteErrorKind

_CIPHERS: Final = "ALL:!aNULL:!eNULL:@SECLEVEL=0"
"""Everything with a certificate: what a server still takes is to be seen, not to be trusted."""

_OP_LEGACY_SERVER_CONNECT: Final = 0x4
"""``ssl.OP_LEGACY_SERVER_CONNECT`` of Python 3.12: servers without RFC 5746."""


async def probe_one(
    target: Target,
    settings: ProbeSettings,
    limits: ProbeLimits,
    now: Callable[[], datetime],
    places: Places | None = None,
) -> ProbeObservation:
    """Probe one target. Whatever the peer does is in the observation, never an exception.

    Being cancelled ends the session, with QUIT if that takes no longer than ``limits.farewell``
    seconds, and what it showed so far is returned: see ``asyncio.Task.cancelling``. Being cancelled
    once more is what it always is.

    Args:
        target: what to connect to, and from where.
        settings: what is sent.
        limits: how long to wait.
        now: the time, with its zone.
        places: a lock for each address and port, shared by sessions that must not meet there.
            Waiting for one counts for no limit.
    """
    places = defaultdict(asyncio.Lock) if places is None else places
    return await _Session(target, settings, limits, now(), places).observe()


class _Session:
    """The ``Peer`` of a dialogue, on a real connection."""

    def __init__(
        self,
        target: Target,
        settings: ProbeSettings,
        limits: ProbeLimits,
        began: datetime,
        places: Places,
    ) -> None:
        self._target = target
        self._settings = settings
        self._limits = limits
        self._began = began
        self._transcript = Transcript(asyncio.get_running_loop().time)
        self._record = Record(self._transcript)
        self._wire = Wire(self._transcript)
        self._address: str | None = None
        self._source: str | None = None
        self._places = places
        self._place: asyncio.Lock | None = None
        self._limit = asyncio.timeout(limits.run)

    async def observe(self) -> ProbeObservation:
        try:
            await self._hold_and_close()
        except asyncio.CancelledError:
            self._fail(Kind.INTERRUPTED, "it was interrupted here")
            last_words = asyncio.create_task(self._hurry())
            await asyncio.wait({last_words}, timeout=self._limits.farewell)
            last_words.cancel()
            self._wire.drop()
        finally:
            self._leave_place()
        return self._observation()

    async def _hold_and_close(self) -> None:
        try:
            async with self._limit:
                await self._hold()
        except PeerError as error:
            self._failed(error.fault)
        except TimeoutError:
            self._fail(Kind.RUN_TIMEOUT, f"it was not over within {self._limits.run:g} s")
        await self._wire.close()

    async def _hold(self) -> None:
        self._record.begin(ProbeStepKind.CONNECT)
        await self._connect(await self._addresses())
        date = format_datetime(self._began)
        await Dialogue(self, self._settings, self._record, date).run()

    async def _addresses(self) -> tuple[str, ...]:
        try:
            async with asyncio.timeout(self._limits.connect):
                found = await addresses_of(self._target.host, self._target.port)
        except TimeoutError:
            raise PeerError(Kind.CONNECT_TIMEOUT, "its name was not resolved in time") from None
        except OSError as error:
            raise PeerError(
                Kind.CONNECT_FAILED, f"its name cannot be resolved: {_said(error)}"
            ) from None
        source = self._target.source
        fitting = tuple(one for one in found if source is None or _same_family(one, source))
        if not fitting:
            raise PeerError(Kind.CONNECT_FAILED, f"it has no address of the kind of {source}")
        return fitting

    async def _connect(self, addresses: tuple[str, ...]) -> None:
        *others, last = addresses
        seconds = self._limits.connect / len(addresses)
        for one in others:
            with suppress(PeerError):
                return await self._connect_to(one, seconds)
        return await self._connect_to(last, seconds)

    async def _connect_to(self, address: str, seconds: float) -> None:
        source = self._target.source
        self._address = address
        place = f"{address} port {self._target.port}"
        await self._take_place(address)
        try:
            async with asyncio.timeout(seconds):
                transport, _ = await asyncio.get_running_loop().create_connection(
                    lambda: self._wire,
                    address,
                    self._target.port,
                    local_addr=None if source is None else (source, 0),
                )
        except TimeoutError:
            raise PeerError(Kind.CONNECT_TIMEOUT, f"no connection to {place}") from None
        except OSError as error:
            raise PeerError(
                Kind.CONNECT_FAILED, f"no connection to {place}: {_said(error)}"
            ) from None
        self._source = str(transport.get_extra_info("sockname", (source,))[0])
        self._transcript.note("*", f"connected to {place} from {self._source}")

    async def _take_place(self, address: str) -> None:
        """Wait until no other session is held there."""
        self._leave_place()
        place = self._places[address, self._target.port]
        if place.locked():
            self._limit.reschedule(None)
        await place.acquire()
        self._place = place
        if self._limit.when() is None:
            self._limit.reschedule(asyncio.get_running_loop().time() + self._limits.run)

    def _leave_place(self) -> None:
        if self._place is not None:
            self._place.release()
            self._place = None

    async def greeting(self) -> SmtpReply:
        return await self._wire.reply(self._limits.greeting, Kind.GREETING_TIMEOUT)

    async def ask(self, command: Command) -> SmtpReply:
        self._wire.send(command)
        return await self._wire.reply(self._limits.reply, Kind.REPLY_TIMEOUT)

    def continued(self) -> tuple[SmtpReply, ...]:
        return self._wire.continued

    async def deliver(self, lines: tuple[str, ...]) -> SmtpReply:
        self._wire.send_message(lines)
        return await self._wire.reply(self._limits.reply, Kind.REPLY_TIMEOUT)

    async def secure(self) -> CertificateFacts:
        host = self._target.host.rstrip(".")
        name = None if is_address(host) else host
        tls = await self._wire.secure(_tls_context(), name, self._limits.tls)
        cipher = tls.cipher()
        facts = certificate_facts(
            tls.getpeercert(binary_form=True) or b"",
            tls.version() or "",
            "" if cipher is None else cipher[0],
        )
        self._transcript.note("*", f"TLS: {facts.protocol}, {facts.cipher}")
        return facts

    async def leave(self) -> None:
        """QUIT. A reply other than 221 may be a late one to an earlier command."""
        try:
            reply = await self.ask(QUIT)
        except PeerError as error:
            if error.fault.kind in {Kind.CLOSED, Kind.REPLY_TIMEOUT}:
                self._transcript.note("*", f"QUIT was not answered: {error.fault.kind.value}")
                return
            raise
        if reply.code != 221:
            fault = await self._wire.drained(self._limits.farewell)
            if fault is not None:
                raise PeerError(fault.kind, fault.detail)

    async def _hurry(self) -> None:
        with suppress(PeerError):
            await self._wire.settled()
            if self._wire.may_send:
                await self.ask(QUIT)
        await self._wire.close()

    def _fail(self, kind: RemoteErrorKind, detail: str) -> None:
        self._failed(RemoteFault(kind=kind, detail=detail))

    def _failed(self, fault: RemoteFault) -> None:
        self._record.failed(fault)
        if fault.kind is Kind.UNEXPECTED_DATA and fault.detail != PLAIN_TEXT_AFTER_STARTTLS:
            self._record.out_of_step()

    def _observation(self) -> ProbeObservation:
        record, target = self._record, self._target
        return ProbeObservation(
            target=target.text,
            server=target.server,
            via=target.via,
            address=self._address,
            port=target.port,
            source=self._source,
            began=self._began,
            seconds=self._transcript.seconds,
            steps=tuple(record.steps),
            banner=record.banner,
            offer=record.offer,
            offer_after_tls=record.offer_after_tls,
            certificate=record.certificate,
            fault=record.fault,
            transcript=self._transcript.lines,
        )


def _same_family(one: str, other: str) -> bool:
    return (":" in one) == (":" in other)


def _said(error: OSError) -> str:
    return plain_text(error.strerror or str(error) or type(error).__name__, 200)


@cache
def _tls_context() -> ssl.SSLContext:
    """Facts are wanted from every server: nothing is verified, and the oldest TLS is taken."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with suppress(ssl.SSLError):  # a library without security levels keeps its own list
        context.set_ciphers(_CIPHERS)
    context.options |= _OP_LEGACY_SERVER_CONNECT
    return context
