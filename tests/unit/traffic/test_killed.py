"""A run that is killed at any moment loses nothing and counts nothing twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from rctango.demo.plan import Plan
from rctango.demo.write import write
from rctango.traffic.store import Store
from unit.traffic.reads import all_facts, read, store_of

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys, tempfile
from rctango.traffic import reading
from rctango.traffic.logfiles import find
from rctango.traffic.store import Store

if __name__ == "__main__":
    reading.COMMIT_BYTES = int(sys.argv[3])
    with Store.open(sys.argv[1]) as store, tempfile.TemporaryDirectory() as spool:
        print("begun", flush=True)
        files = find([sys.argv[2]], spool, print)
        reading.read_logs(files, store, workers=int(sys.argv[4]))
        print("done", flush=True)
"""


def run(tmp_path: Path, commit: int, workers: int, seconds: float) -> bool:
    """Run for some time, then kill it if it is still running; whether it came to its end."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    arguments = [str(program), str(tmp_path / "store"), str(tmp_path / "logs"), str(commit)]
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, *arguments, str(workers)],
        stdout=subprocess.PIPE,
        text=True,
        env={"TMPDIR": str(tmp_path), "TEMP": str(tmp_path), **_environment()},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(seconds)
        process.kill()
        return process.stdout.read() == "done\n"


def _environment() -> dict[str, str]:
    """What Python needs on Windows."""
    import os  # noqa: PLC0415 - only here

    return {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_at_random_moments(tmp_path: Path, workers: int) -> None:
    write(tmp_path / "logs", Plan(size=3_000_000, days=2))
    with store_of(tmp_path / "logs") as store:
        expected = all_facts(store)
        totals = store.line_totals()
        entries = store.ledger().entries
    chance = random.Random(workers)  # noqa: S311 - no secrets
    ends = [
        run(tmp_path, chance.choice([1, 20_000, 400_000]), workers, chance.random() * 0.5)
        for _ in range(10)
    ]
    assert not all(ends)
    with Store.open(tmp_path / "store") as store:
        read(store, tmp_path / "logs")
        assert all_facts(store) == expected
        assert store.line_totals() == totals
        assert store.ledger().entries == entries
