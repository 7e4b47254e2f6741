"""The README shows what really happens."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rctango.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIG = "examples/contoso/rctango.toml"


@pytest.fixture(autouse=True)
def _in_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_the_library_snippet_runs() -> None:
    (snippet,) = blocks("python")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(snippet, "README.md", "exec"), {})  # noqa: S102 - it is our own README
    assert r"EX16A\Relay Printers" in printed.getvalue()
    assert "captured-exchange-server" in printed.getvalue()


def test_the_excerpt_of_which_is_real() -> None:
    excerpt = blocks("console")[0].split("\n", 1)[1]
    arguments = ["which", "192.168.1.10", "examples/contoso", "--server", "EX16A"]
    result = CliRunner().invoke(app, [*arguments, "--config", CONFIG])
    assert squeezed(excerpt) in squeezed(result.stdout)


def test_the_excerpt_of_audit_is_real() -> None:
    result = CliRunner().invoke(app, ["audit", "examples/contoso", "--config", CONFIG])
    assert squeezed(blocks("console")[1]) in squeezed(result.stdout)


def test_the_excerpt_of_probe_is_real() -> None:
    command, excerpt = blocks("console")[2].split("\n", 1)
    words = command.removeprefix("$ rctango ").split()
    result = CliRunner().invoke(app, [*words, "--config", CONFIG])
    assert result.exit_code == 0
    assert squeezed(excerpt) in squeezed(result.stdout)


@pytest.mark.parametrize("option", sorted(set(re.findall(r"`(--[a-z-]+)", README))))
def test_options_that_it_names_exist(option: str) -> None:
    commands = ("audit", "which", "map", "probe")
    helps = [CliRunner().invoke(app, [name, "--help"]).stdout for name in commands]
    assert option == "--version" or any(option in shown for shown in helps)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_links_lead_somewhere(target: str) -> None:
    assert target.startswith("https://") or (ROOT / target).is_file()


def test_it_names_every_command_and_exit_code() -> None:
    commands = {command.name or "" for command in app.registered_commands}
    names = {name for name in commands if name} | {"audit", "which", "matrix", "rules", "probe"}
    assert all(f"rctango {name}" in README for name in names)
    assert all(re.search(rf"^\| {code} \|", README, re.MULTILINE) for code in range(6))
