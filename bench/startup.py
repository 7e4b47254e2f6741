"""How long ``rctango --version`` takes, as a ratio to importing Typer alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 9
TYPER = [sys.executable, "-c", "import typer"]
VERSION = [sys.executable, "-m", "rctango", "--version"]


def seconds(command: list[str]) -> float:
    """The wall time of one run."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    return time.perf_counter() - start


def main() -> None:
    """Measure in turn and print."""
    for command in (TYPER, VERSION):
        seconds(command)
    pairs = [(seconds(VERSION), seconds(TYPER)) for _ in range(ROUNDS)]
    version = statistics.median(pair[0] for pair in pairs)
    typer = statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    print("start-up")
    print(f"  rctango --version         {version:8.3f} s")
    print(f"  python -c 'import typer'  {typer:8.3f} s")
    print(f"  ratio                     {ratio:8.2f}         (goal: under 4)")


if __name__ == "__main__":
    main()
