"""The example organisation is what its script writes."""

from __future__ import annotations

import runpy
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def test_the_folder_is_up_to_date() -> None:
    assert runpy.run_path(str(EXAMPLES / "build_contoso.py"))["stale"]() == []


def test_every_export_is_described() -> None:
    described = (EXAMPLES / "contoso" / "README.md").read_text(encoding="utf-8")
    exports = {path.name for path in (EXAMPLES / "contoso").iterdir()} - {"README.md"}
    assert {name for name in exports if name not in described} == set()
