"""Which log a file is, by its content and folder (the interface; filled in soon)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKind:
    """What a file is.

    Attributes:
        log: ``receive`` or ``send``; None when it is no SMTP protocol log.
        role: ``frontend``, ``hub``, ``edge`` or ``mailbox``, by the folder names; else None.
        refusal: why it is not read; None for protocol logs.
        began: ``#Date`` or the time of the first row, for ordering files; empty when there is none.
    """

    log: str | None
    role: str | None
    refusal: str | None
    began: str


def recognise(head: bytes, name: str) -> LogKind:
    """Tell what a file is by its first bytes (up to 64 KiB, uncompressed) and its path."""
    raise NotImplementedError
