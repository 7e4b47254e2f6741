from __future__ import annotations

import hashlib
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from rctango import app
from rctango.demo.ledger import Ledger
from rctango.demo.plan import Plan, PlanError
from rctango.demo.write import all_logs, write
from unit.demo.conftest import SMALL

if TYPE_CHECKING:
    from pathlib import Path

    from unit.demo.conftest import Demo

DIGEST = "8e2875ecfb6331ce082d232042347ee889542098b8ba4551021405fea82e322e"


def digest(plan: Plan) -> str:
    total = hashlib.sha256()
    for path, data in all_logs(plan, Ledger()):
        total.update(path.encode())
        total.update(data)
    return total.hexdigest()


def test_the_same_seed_gives_the_same_bytes_everywhere() -> None:
    assert digest(replace(SMALL, days=1)) == DIGEST


def test_another_seed_gives_other_logs() -> None:
    assert digest(replace(SMALL, days=1, seed=2)) != DIGEST


def test_two_folders_are_equal(demo: Demo, tmp_path: Path) -> None:
    write(tmp_path / "again", demo.plan)
    first = {one.relative_to(demo.folder) for one in demo.folder.rglob("*.*")}
    assert first == {one.relative_to(tmp_path / "again") for one in tmp_path.rglob("*.*")}
    for name in first:
        assert (demo.folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.parametrize("size", [6_000_000, 12_000_000])
def test_the_size_is_about_what_was_asked_for(size: int) -> None:
    made = sum(len(data) for _, data in all_logs(Plan(size=size), Ledger()))
    assert abs(made - size) < size / 10


def test_logs_stay_within_their_time(demo: Demo) -> None:
    for one in demo.sessions:
        for row in one.rows:
            assert "2026-03-02T00:00:00.000Z" <= row.time < "2026-03-05T00:00:00.000Z"


@pytest.mark.parametrize(
    "bad",
    [
        {"size": 0},
        {"days": 0},
        {"roll": 0},
        {"seed": -1},
        {"start": datetime(2026, 1, 1)},  # noqa: DTZ001 - what is wrong with it
    ],
)
def test_impossible_plans(bad: dict[str, Any]) -> None:
    with pytest.raises(PlanError):
        replace(Plan(), **bad)


def test_another_start() -> None:
    plan = replace(SMALL, days=1, start=datetime(2024, 12, 31, tzinfo=UTC))
    ledger = Ledger()
    for _ in all_logs(plan, ledger):
        pass
    usage = ledger.truth().usage
    assert {one.first_seen[:10] for one in usage} == {"2024-12-31"}


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PlanError, match="not empty"):
        write(tmp_path, SMALL)


def test_the_exports_leave_no_gap(demo: Demo) -> None:
    evidence = app.load([str(demo.folder / "evidence")])
    assert evidence.snapshot.gaps == ()
    assert [one.name for one in evidence.snapshot.servers] == ["EX10", "EX13", "EX19A", "EX19B"]
    assert len(evidence.snapshot.connectors) == 22
    assert {one.domain for one in evidence.snapshot.accepted_domains or ()} == {
        "northwind.example",
        "sales.northwind.example",
        "*.subsidiary.example",
    }
    rules = {one.rule for one in app.run_audit(evidence).findings}
    assert {"captured-exchange-server", "uncovered-clients"} <= rules


def test_the_configuration_declares_nothing_until_it_is_uncommented(demo: Demo) -> None:
    text = (demo.folder / "rctango.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {}
    declared = "\n".join(
        line.removeprefix("# ") for line in text.splitlines() if "=" in line or "[[" in line
    )
    found = {one["kind"] for one in tomllib.loads(declared)["appliance"]}
    assert found == {"load-balancer", "nat"}
