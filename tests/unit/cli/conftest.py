"""What the tests of the command line share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from fakes import exchange
from fakes.powershell import clixml, csv_text, encoded
from unit.cli.runs import runner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from unit.cli.runs import Ran


@cache
def _exports() -> dict[str, bytes]:
    closed = exchange.receive_connector(
        "EX01", "Scanners", remote_ip_ranges=("10.0.7.7",), groups="None", logging="Verbose"
    )
    connectors = (*exchange.default_connectors("EX01"), closed)
    entries = tuple(
        ace
        for thing in connectors
        for ace in exchange.default_aces(
            thing.text or "", thing.properties["PermissionGroups"].text
        )
    )
    files = {
        "connectors.xml": connectors,
        "servers.xml": (exchange.exchange_server("EX01"),),
        "network.xml": (exchange.win32_adapter("EX01", ("10.0.0.5",), ("10.0.0.1",)),),
        "domains.xml": (exchange.accepted_domain("contoso.com"),),
        "agents.xml": (exchange.transport_agent("EX01", "Transport Rule Agent"),),
    }
    columns = ("Identity", "User", "ExtendedRights", "AccessRights", "Deny", "IsInherited")
    listed = encoded(csv_text(entries, columns), "utf-8-sig")
    return {name: clixml(things) for name, things in files.items()} | {"entries.csv": listed}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An organisation without a fault, in the working folder; all of it could be assessed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exports").mkdir()
    for name, data in _exports().items():
        (tmp_path / "exports" / name).write_bytes(data)
    (tmp_path / "rctango.toml").write_text("appliance = []\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def here(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Runs the command line inside this process, in the folder of that organisation."""
    assert folder.is_dir()
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return runner(monkeypatch, capsys)
