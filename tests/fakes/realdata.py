"""Exports that other people published, which are not part of this project.

Tests use them where they are at hand and skip, saying so, where they are not.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_PLACE = "RCTANGO_DATA"
_SIBLING = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def real_file(name: str) -> Path:
    """The file called ``name`` in the collection; skips the test if it is absent."""
    path = Path(os.environ.get(_PLACE) or _SIBLING) / name
    if not path.is_file():
        pytest.skip(f"needs {name} in the folder that {_PLACE} names")
    return path
