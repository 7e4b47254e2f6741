"""Running the command line, inside this process or as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rctango.cli import run

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]
CONTOSO = "examples/contoso"
CONFIG = f"{CONTOSO}/rctango.toml"
_SWITCHES = frozenset({"NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONUTF8", "PYTHONIOENCODING"})


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """The variables of this process without those that change what is printed."""
    kept = {name: value for name, value in os.environ.items() if name not in _SWITCHES}
    return kept | {"PYTHONIOENCODING": "utf-8"} | more


def command(*arguments: str) -> list[str]:
    """The program as a child process gets it."""
    return [sys.executable, "-m", "rctango", *arguments]


def program(*arguments: str, cwd: Path = ROOT, stdin: bytes = b"", **variables: str) -> Ran:
    """A run in a process of its own."""
    done = subprocess.run(  # noqa: S603 - our own program
        command(*arguments),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
        env=environment(**variables),
    )
    text = variables.get("PYTHONIOENCODING", "utf-8")
    return Ran(done.returncode, done.stdout.decode(text), done.stderr.decode(text))


def runner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """A function that runs the command line inside this process."""

    def here(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["rctango", *arguments])
        with pytest.raises(SystemExit) as left:
            run()
        captured = capsys.readouterr()
        code = left.value.code
        return Ran(code if isinstance(code, int) else 0, captured.out, captured.err)

    return here
