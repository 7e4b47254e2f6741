"""Protocol logs: from raw files to session facts, beside DuckDB and mawk.

``python bench/logs.py [MEGABYTES]`` (or RCTANGO_BENCH_LOGS, 2000 by default) makes logs once, reads
them so that they lie in memory, and measures in turn, each time in processes of their own:

- DuckDB and mawk: the columns of ``rctango logs usage``, straight from the files (``log_usage.sql``
  and ``log_usage.awk``);
- facts: every session's facts by ``rctango.traffic.scanner``, joined from file to file;
- usage: the same, and added up to the columns that the other two give.

All but the facts are compared with what the generator wrote down. The ratios are of wall times in
the same round; the seconds of processor time stand beside them, because others may use the machine.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rctango.demo.plan import Plan
from rctango.demo.write import write

HERE = Path(__file__).parent
DATA = HERE / "data"
SEED = 3
ROUNDS = 3
ENGINES = ("DuckDB", "mawk", "facts", "usage")
CORES = (1, 2)


class Run(NamedTuple):
    """One measured run; peak is in MB."""

    seconds: float
    cpu: float
    peak: float
    right: bool


def logs(megabytes: int) -> Path:
    """The folder with that much of logs; made when it is not there."""
    folder = DATA / f"logs-{megabytes}"
    if not (folder / "truth.json").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        start = datetime(2026, 3, 2, tzinfo=UTC)
        write(folder, Plan(seed=SEED, size=megabytes * 1_000_000, start=start, days=3))
    return folder


def packed(folder: Path) -> Path:
    """The same logs, each packed with gzip."""
    target = folder.with_name(f"{folder.name}-gz")
    if not (target / "done").is_file():
        for path in folder.rglob("*.LOG"):
            copy = target / path.relative_to(folder).with_suffix(".LOG.gz")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(gzip.compress(path.read_bytes(), 6))
        (target / "done").touch()
    return target


def size(folder: Path) -> float:
    """Megabytes of logs; reading them brings them into memory."""
    return sum(len(path.read_bytes()) for path in folder.rglob("*.LOG")) / 1e6


def answer(name: str, folder: Path, cores: int) -> dict[str, float]:
    """What a measuring process prints."""
    command = [sys.executable, str(HERE / "log_baselines.py"), name, str(folder), str(cores)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    return dict(json.loads(done.stdout))


def measure(name: str, folder: Path, cores: int) -> Run:
    """Measure an engine once."""
    found = answer(name, folder, cores)
    return Run(found["seconds"], found["cpu"], found["peak"], bool(found["right"]))


def compare(folder: Path, megabytes: float) -> None:
    """All engines in turn, on one core and on two."""
    print(
        f"  {'engine':8} {'cores':>5} {'MB/s':>6} {'to DuckDB':>9} {'to mawk':>8} {'cpu s':>6} "
        f"{'to DuckDB':>9} {'to mawk':>8} {'peak MB':>8}  answer"
    )
    medians: dict[tuple[str, int], float] = {}
    for cores in CORES:
        rounds = [{name: measure(name, folder, cores) for name in ENGINES} for _ in range(ROUNDS)]
        for name in ENGINES:
            runs = [one[name] for one in rounds]
            medians[name, cores] = median(run.seconds for run in runs)
            print(
                f"  {name:8} {cores:5} {megabytes / medians[name, cores]:6.0f} "
                f"{_ratio(rounds, name, 'DuckDB', 'seconds'):9.2f} "
                f"{_ratio(rounds, name, 'mawk', 'seconds'):8.2f} "
                f"{median(run.cpu for run in runs):6.1f} "
                f"{_ratio(rounds, name, 'DuckDB', 'cpu'):9.2f} "
                f"{_ratio(rounds, name, 'mawk', 'cpu'):8.2f} "
                f"{max(run.peak for run in runs):8.0f}  "
                f"{_verdict(name, right=all(run.right for run in runs))}",
                flush=True,
            )
    gain = medians["facts", 1] / medians["facts", 2]
    print(f"  facts: two processes are {gain:.2f} times as fast as one (goal: 1.7)")
    print("  goals: facts 0.9 of DuckDB, 0.8 of mawk, peak under 250 MB")


def _ratio(rounds: list[dict[str, Run]], name: str, other: str, field: str) -> float:
    """How many times as fast as another engine, in the median of the rounds."""
    at = Run._fields.index(field)
    return median(one[other][at] / one[name][at] for one in rounds)


def _verdict(name: str, *, right: bool) -> str:
    if name == "facts":
        return "(see usage)"
    return "right" if right else "WRONG"


def part(folder: Path, share: float) -> Path:
    """The first files of each folder, as links: as busy an organisation, for a shorter time."""
    if share == 1:
        return folder
    target = folder.with_name(f"{folder.name}-{share:.0%}")
    if not (target / "done").is_file():
        shutil.rmtree(target, ignore_errors=True)
        for parent in sorted({path.parent for path in folder.rglob("*.LOG")}):
            files = sorted(parent.glob("*.LOG"), key=_hour)
            copies = target / parent.relative_to(folder)
            copies.mkdir(parents=True)
            for path in files[: round(len(files) * share)]:
                os.link(path, copies / path.name)
        (target / "done").touch()
    return target


def _hour(path: Path) -> tuple[str, int, str]:
    """For ordering logs such as RECV2026030213-1.LOG by the hour, and by the number within it."""
    return path.name.partition("-")[0], len(path.name), path.name


def growth(whole: Path, shares: tuple[float, ...]) -> None:
    """Speed and memory for the beginning of the logs, more of them, and all."""
    rates = []
    for share in shares:
        folder = part(whole, share)
        amount = size(folder)
        runs = [measure("facts", folder, 1) for _ in range(ROUNDS)]
        rates.append(amount / median(run.cpu for run in runs))
        print(
            f"  {amount:6.0f} MB: {amount / median(run.seconds for run in runs):4.0f} MB/s, "
            f"{rates[-1]:4.0f} MB for a second of processor time, "
            f"peak {max(run.peak for run in runs):4.0f} MB",
            flush=True,
        )
    print(f"  slowest to fastest {min(rates) / max(rates):.2f} (goal: 0.85)")


def archives(folder: Path) -> None:
    """Packed files beside plain ones, by uncompressed bytes."""
    other = packed(folder)
    amount = size(folder)
    pairs = [(measure("facts", other, 1), measure("facts", folder, 1)) for _ in range(ROUNDS)]
    rate = amount / median(pair[0].seconds for pair in pairs)
    ratio = median(pair[1].cpu / pair[0].cpu for pair in pairs)
    print(f"  gzip: {rate:4.0f} MB/s, {ratio:.2f} of the rate of plain files (goal: 0.5)")


def keep(folder: Path, amount: float) -> None:
    """Into a store, again, and each question."""
    found = answer("store", folder, CORES[-1])
    share = found["second"] / found["first"]
    print(
        f"  store: {amount / found['first']:4.0f} MB/s on {CORES[-1]} cores; again unchanged "
        f"{found['second']:.2f} s, {share:.1%} of it (goal: 2 %); peak {found['peak']:.0f} MB, "
        f"of a worker {found['peak of a worker']:.0f} MB"
    )
    asked = {name: value for name, value in found.items() if name.startswith("question ")}
    slowest = max(asked, key=lambda name: asked[name])
    print(f"  slowest question: {slowest[9:]}, {asked[slowest]:.2f} s (goal: 1 s)")


def main() -> None:
    """Measure and print."""
    text = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("RCTANGO_BENCH_LOGS", "2000")
    megabytes = int(text)
    folder = logs(megabytes)
    amount = size(folder)
    print(f"protocol logs, {amount:,.0f} MB (median of {ROUNDS}, in turn)", flush=True)
    compare(folder, amount)
    growth(folder, (1 / 8, 1 / 2, 1))
    archives(logs(megabytes // 8))
    keep(folder, amount)


if __name__ == "__main__":
    main()
