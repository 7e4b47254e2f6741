"""Comparing rendered text with the files in ``tests/golden/report``.

Run with ``RCTANGO_UPDATE_GOLDEN=1`` to rewrite the files, then read the difference.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable

_FOLDER = Path(__file__).parents[2] / "golden" / "report"


def compare(name: str, text: str) -> None:
    path = _FOLDER / name
    if os.environ.get("RCTANGO_UPDATE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


def shown(render: Callable[[Console], None], width: int = 80, *, color: bool = False) -> str:
    """What a renderer writes to a console of the given width."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        no_color=not color,
    )
    render(console)
    return stream.getvalue()
