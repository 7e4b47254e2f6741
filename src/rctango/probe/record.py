"""What a session has shown so far, bounded."""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Final

from rctango.model.probing import ProbeLine, ProbeResult, ProbeStep, RemoteFault
from rctango.probe.judge import judge_fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from rctango.model.probing import (
        CertificateFacts,
        EhloOffer,
        ProbeStepKind,
        RemoteErrorKind,
        SmtpReply,
    )
    from rctango.probe.judge import Verdict
    from rctango.smtp import Command

MOST_TRANSCRIPT_LINES: Final = 500
MOST_TRANSCRIPT_CHARACTERS: Final = 16384
LONGEST_TRANSCRIPT_LINE: Final = 1000

_OUT_OF_STEP: Final = (
    "The server sent more replies than it got commands, so it is not known which reply is whose."
)


class PeerError(Exception):
    """The session cannot go on because of the peer.

    Attributes:
        fault: why.
    """

    def __init__(self, kind: RemoteErrorKind, detail: str) -> None:
        super().__init__(f"{kind.value}: {detail}")
        self.fault = RemoteFault(kind=kind, detail=detail)


class Transcript:
    """The dialogue; what goes beyond its bounds is left out, and that is said.

    Lines that servers have in common are kept once.

    Args:
        clock: seconds since any fixed moment.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self._lines: list[tuple[float, str, str]] = []
        self._left = MOST_TRANSCRIPT_CHARACTERS

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return round(self._clock() - self._began, 3)

    @property
    def lines(self) -> tuple[ProbeLine, ...]:
        """What was noted."""
        return tuple(
            ProbeLine(
                seconds=round(moment - self._began, 3), direction=direction, text=intern(text)
            )
            for moment, direction, text in self._lines
        )

    def note(self, direction: str, text: str) -> None:
        """Add a line.

        Args:
            direction: ``>`` sent, ``<`` received, ``*`` what happened otherwise.
            text: the line.
        """
        if len(self._lines) >= MOST_TRANSCRIPT_LINES or self._left <= 0:
            return
        text = text[: min(LONGEST_TRANSCRIPT_LINE, self._left)]
        self._left -= len(text)
        if len(self._lines) == MOST_TRANSCRIPT_LINES - 1 or not self._left:
            direction, text = "*", "the rest is left out"
        self._lines.append((self._clock(), direction, text))

    def reply(self, reply: SmtpReply) -> None:
        """Add the lines of a reply as they were on the wire."""
        for line in reply.lines[:-1]:
            self.note("<", f"{reply.code}-{line}")
        self.note("<", f"{reply.code} {reply.lines[-1]}".rstrip())


class Record:
    """The facts of a session and its steps.

    Attributes:
        transcript: the dialogue.
        banner: the greeting.
        offer: what the first EHLO reply offers.
        offer_after_tls: the same after STARTTLS.
        certificate: what STARTTLS showed.
        fault: what ended it before its time.
        steps: the steps that were done.
    """

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.banner: SmtpReply | None = None
        self.offer: EhloOffer | None = None
        self.offer_after_tls: EhloOffer | None = None
        self.certificate: CertificateFacts | None = None
        self.fault: RemoteFault | None = None
        self.steps: list[ProbeStep] = []
        self._kind: ProbeStepKind | None = None
        self._path: tuple[str | None, str | None] = (None, None)
        self._commands: list[str] = []

    def begin(
        self, kind: ProbeStepKind, sender: str | None = None, recipient: str | None = None
    ) -> None:
        """A step begins."""
        self._kind, self._path, self._commands = kind, (sender, recipient), []

    def sent(self, command: Command) -> None:
        """A command was sent for the step that is being done."""
        self._commands.append(command.line)

    def done(self, verdict: Verdict) -> None:
        """The step that is being done has a result."""
        if self._kind is not None:
            sender, recipient = self._path
            self.steps.append(
                ProbeStep(
                    kind=self._kind,
                    result=verdict.result,
                    reply=verdict.reply,
                    commands=tuple(self._commands),
                    sender=sender,
                    recipient=recipient,
                    why=verdict.why,
                )
            )
        self._kind = None

    def failed(self, fault: RemoteFault) -> None:
        """The session ended; a step that was being done has no result. Only the first counts."""
        if self.fault is None:
            self.fault = fault
            self.transcript.note("*", f"{fault.kind.value}: {fault.detail}")
            self.done(judge_fault(fault))

    def out_of_step(self) -> None:
        """The peer's replies did not belong to the commands: no envelope was judged rightly."""
        self.steps = [
            step
            if step.recipient is None
            else ProbeStep(
                kind=step.kind,
                result=ProbeResult.INCONCLUSIVE,
                reply=step.reply,
                commands=step.commands,
                sender=step.sender,
                recipient=step.recipient,
                why=_OUT_OF_STEP,
            )
            for step in self.steps
        ]
