"""The example organisation: what its README promises, and the whole output as golden files.

Run with ``RCTANGO_UPDATE_GOLDEN=1`` to rewrite the files, then read the difference.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import TYPE_CHECKING

import pytest

from rctango import app
from rctango._version import __version__
from unit.cli.runs import CONFIG, CONTOSO, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from rctango.model.finding import AuditResult
    from unit.cli.runs import Ran

    Here = Callable[..., Ran]

GOLDEN = ROOT / "tests" / "golden" / "cli"
ROW = re.compile(r"^\| (\w+) \| ([^|]+) \| ([^|]+) \| ([a-z0-9-]+) \|$", re.MULTILINE)


class FixedDay(datetime):
    """A clock that stands still, because acceptances expire."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> FixedDay:
        return cls(2026, 1, 15, 12, tzinfo=tz or UTC)


def promises() -> list[tuple[str, str, str]]:
    text = (ROOT / CONTOSO / "README.md").read_text(encoding="utf-8")
    table = text.partition("## What an audit must find")[2].partition("\n## ")[0]
    rows = [(row[1], row[2], row[4]) for row in ROW.finditer(table)]
    return [row for row in rows if row[0] != "server"]


@cache
def audited() -> AuditResult:
    evidence = app.load([str(ROOT / CONTOSO)], config=str(ROOT / CONFIG))
    return app.run_audit(evidence)


def test_the_table_is_found() -> None:
    assert len(promises()) >= 20


@pytest.mark.parametrize(("server", "names", "rule"), promises(), ids=str)
def test_what_the_readme_promises(server: str, names: str, rule: str) -> None:
    found = [one for one in audited().findings if one.rule == rule and one.server == server]
    assert found
    for name in names.split(", "):
        identity = f"{server}\\{name}"
        assert any(
            one.connector == identity or name in one.message or one.connector is None
            for one in found
        )


def test_everything_in_the_folder_is_read() -> None:
    result = audited()
    assert not [gap for gap in result.gaps if gap.unreadable]
    listed = {os.path.basename(item.path) for item in result.evidence if item.objects}  # noqa: PTH119
    files = {path.name for path in (ROOT / CONTOSO).iterdir()} - {"README.md", "rctango.toml"}
    assert listed == files


@pytest.mark.parametrize(
    "words",
    [
        ("audit",),
        ("audit", "--format", "json"),
        ("audit", "--server", "EX19"),
        ("which", "192.168.1.10"),
        ("which", "10.20.8.15", "--format", "json"),
        ("map", "--server", "EX16A"),
        ("map", "--format", "csv"),
        ("map", "--format", "markdown", "--server", "EX19"),
        ("map", "--format", "json", "--server", "EDGE1"),
        ("matrix",),
        ("matrix", "--format", "csv"),
        ("matrix", "--format", "markdown"),
        ("matrix", "--format", "json", "--server", "EX16B"),
    ],
    ids=" ".join,
)
def test_golden(here: Here, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(app, "datetime", FixedDay)
    ran = here(*words, CONTOSO, "--config", CONFIG)
    assert ran.err == ""
    text = f"exit code {ran.code}\n{ran.out.replace(__version__, 'VERSION')}"
    path = GOLDEN / ("-".join(word.lstrip("-").replace(".", "-") for word in words) + ".txt")
    if os.environ.get("RCTANGO_UPDATE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()
