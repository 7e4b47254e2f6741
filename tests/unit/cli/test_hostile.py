"""Names from evidence reach no terminal as they are, in no format and on no stream."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING

import pytest

from fakes import exchange
from fakes.powershell import clixml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from unit.cli.runs import Ran

    Here = Callable[..., Ran]

NASTY = "\x1b]0;owned\x07\x1b[2J[red]b[/red] \u202egnp.exe\u202c\u200b <script> | `rm` \r\n=1+1"
FORMULA = "=HYPERLINK(1)"
STYLE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def hostile(folder: Path) -> Path:
    """Connectors, servers, domains, ranges and files with names that want to do something."""
    connectors = (
        exchange.receive_connector(
            "EX01",
            f"Relay {NASTY}",
            remote_ip_ranges=("10.0.0.0/24",),
            groups="AnonymousUsers, Custom",
        ),
        exchange.receive_connector("EX01", FORMULA, remote_ip_ranges=("10.0.1.0/24",)),
        exchange.receive_connector(f"EX{NASTY}", "Other", remote_ip_ranges=("10.0.2.1",)),
    )
    folder.joinpath("exports", "hostile.xml").write_bytes(clixml(connectors))
    domain = {"DomainName": f"*{NASTY}", "DomainType": NASTY, "Name": NASTY}
    ranges = {"Name": "M", "Server": "EX01", "RemoteIPRanges": [f"10.0.0.1{NASTY}"]}
    for name, thing in (("domain", domain), ("ranges", ranges)):
        folder.joinpath("exports", f"{name}.json").write_text(json.dumps(thing), encoding="utf-8")
    folder.joinpath("exports", "\x1b[31m\u202e[red]file.txt").write_text("junk", encoding="utf-8")
    folder.joinpath("rctango.toml").write_text(
        '[[appliance]]\nname = "\\u001b[2JLB\\u202e"\nkind = "nat"\naddresses = ["10.0.0.9"]\n'
        '[[accept]]\nrule = "anonymous-relay"\nreason = "\\u001b[2J"\nowner = "\\u202eme"\n',
        encoding="utf-8",
    )
    return folder


def hidden(text: str) -> list[str]:
    """Characters that a terminal obeys or does not show, apart from line ends."""
    return sorted(
        {
            repr(character)
            for character in text
            if character != "\n" and unicodedata.category(character) in {"Cc", "Cf", "Cs"}
        }
    )


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    "words",
    [
        ("audit", "exports"),
        ("audit", "exports", "--format", "json"),
        ("which", "10.0.0.9", "exports"),
        ("which", "10.0.2.1", "exports", "--format", "json"),
        ("map", "exports"),
        ("map", "exports", "--format", "csv"),
        ("map", "exports", "--format", "markdown"),
        ("map", "exports", "--format", "json"),
        ("matrix", "exports"),
        ("matrix", "exports", "--format", "csv"),
        ("matrix", "exports", "--format", "markdown"),
        ("audit", "exports", "--server", "nobody"),
        ("map", "exports", "--server", NASTY),
        ("audit", "exports", "--config", "\x1b[2J.toml"),
        ("audit", "\x1b[2J"),
        ("audit", "exports", "--output", "\x1b[2J/x"),
        ("which", "\x1b[2J", "exports"),
        ("rules", "\x1b[2J"),
        ("\x1b[2J",),
        ("audit", "--\x1b[2J"),
        ("audit", "exports", "--format", "\x1b[2J\u202e"),
    ],
    ids=repr,
)
def test_nothing_hidden_reaches_a_stream(here: Here, words: tuple[str, ...]) -> None:
    ran = here(*words)
    assert ran.code != 4
    assert hidden(ran.out.replace("\r\n", "\n")) == []
    assert hidden(ran.err) == []


@pytest.mark.usefixtures("hostile")
def test_names_stay_recognisable(here: Here) -> None:
    out = here("audit", "exports").out
    joined = " ".join(out.split())
    assert "[red]b[/red]" in joined
    assert r"\x1b]0;owned" in joined
    assert r"\u202egnp.exe" in joined


@pytest.mark.usefixtures("hostile")
def test_documents_keep_the_original(here: Here) -> None:
    document = json.loads(here("audit", "exports", "--format", "json").out)
    connectors = {one["connector"] for one in document["findings"]}
    assert f"EX01\\Relay {NASTY}" in connectors


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("command", ["map", "matrix"])
def test_no_cell_is_a_formula(here: Here, command: str) -> None:
    out = here(command, "exports", "--format", "csv").out
    cells = re.split(r"[,\n]", out.replace('"', ""))
    assert [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t"}] == []


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("words", [("audit",), ("which", "10.0.0.9"), ("map",), ("matrix",)])
def test_colours_are_the_only_sequences(
    here: Here, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    out = here(*words, "exports", "--color", "always").out
    assert STYLE.search(out)
    assert hidden(STYLE.sub("", out)) == []


@pytest.mark.usefixtures("hostile")
def test_what_is_written_to_files_is_text(here: Here, folder: Path) -> None:
    name = "b\udcfcro.txt"
    folder.joinpath("exports", name).write_text("junk", encoding="utf-8")
    for form in ("console", "json"):
        assert here("audit", "exports", "--format", form, "--output", "out").code != 4
        assert "ro.txt" in folder.joinpath("out").read_bytes().decode("utf-8")
