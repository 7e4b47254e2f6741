"""Words and numbers of the log sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

NOBODY = "(no connector answered)"


def number(value: int | None) -> str:
    """A number for people; ``?`` when it is not known."""
    return "?" if value is None else f"{value:,}"


def plain(value: float | None) -> str:
    """A number for programs; empty when it is not known."""
    return "" if value is None else str(value)


def when(moment: datetime | None) -> str:
    """A time for people, to the second."""
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"


def day(moment: datetime) -> str:
    """The day of a time (UTC)."""
    return f"{moment:%Y-%m-%d}"


def endpoint(server: str | None, local: str, port: int | None) -> str:
    """A server and its local endpoint, as far as they are known."""
    text = f"[{local}]" if ":" in local else local
    return " ".join(part for part in (server, text if port is None else f"{text}:{port}") if part)
