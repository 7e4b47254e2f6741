"""``rctango logs --engine spark`` gives what the embedded engine gives."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from rctango.demo.plan import Plan
from rctango.demo.write import write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    shutil.which("java") is None, reason="no Java: install default-jre-headless"
)


def usage(folder: Path, *more: str) -> dict[str, Any]:
    arguments = ("logs", "usage", str(folder / "logs"), "--evidence", str(folder / "evidence"))
    done = subprocess.run(  # noqa: S603 - our own program
        (sys.executable, "-m", "rctango", *arguments, "--quiet", "--format", "json", *more),
        capture_output=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_both_engines_give_one_document(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    write(folder, Plan(seed=3, size=500_000, days=1))
    assert usage(folder, "--engine", "spark", "--master", "local[2]") == usage(folder)
