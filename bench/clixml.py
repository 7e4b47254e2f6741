"""Reading Export-Clixml: speed, and memory that does not grow with the file.

The file holds 10,000 connectors, about 60 kB each as Exchange writes them (600 MB). Beside it, in
the same run, a file of 1,000 connectors is read, so that growth shows, and psrpcore reads the start
of it as a yardstick.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from psrpcore.types import PSCryptoProvider, deserialize_clixml

from fakes.exchange import receive_connector
from fakes.powershell import PSObject, clixml_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parent / "data"
LARGE = 10_000
SMALL = 1_000
SAMPLE = 20
PADDING = "QUFFQUFBRC8vLy8vQVFBQUFBQUFBQUFNQWdBQUFGdE5hV055YjNOdlpuUXU=" * 18
"""Stands for the binary serialisation data that fills most of a real file."""

READ = """
import json, resource, sys, time
from pathlib import Path
from rctango.formats.decode import decode
from rctango.model.origin import Artifact
path = Path(sys.argv[1])
artifact = Artifact(name=path.name, size=path.stat().st_size, open=lambda: path.open("rb"))
start = time.perf_counter()
number = sum(1 for _ in decode(artifact).items)
seconds = time.perf_counter() - start
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, number]))
"""
SNAPSHOT = """
import json, resource, sys, time
from rctango.app import load
start = time.perf_counter()
number = len(load([sys.argv[1]]).snapshot.connectors)
seconds = time.perf_counter() - start
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, number]))
"""


def connectors(number: int) -> Iterator[PSObject]:
    """Distinct relay connectors."""
    for at in range(number):
        ranges = [f"10.{at % 250}.{other}.0/26" for other in range(12)]
        yield receive_connector(
            f"EX{at // 12:04}",
            f"Relay {at % 12}",
            ["0.0.0.0:25"],
            ranges,
            transport_role="FrontendTransport",
            auth="Tls",
            groups="AnonymousUsers",
        )


def write(path: Path, number: int) -> None:
    """Write an export; every object is padded to the size that real ones have."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blob = f'<BA N="SerializationData">{PADDING}</BA>'
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for chunk in clixml_chunks(connectors(number)):
            stream.write(chunk.replace("</MS>", f"{blob}</MS>"))


def run(program: str, path: Path) -> list[float]:
    """What a program prints about one file."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True
    )
    return list(json.loads(done.stdout))


def main() -> None:
    """Measure and print."""
    files = {number: DATA / f"connectors-{number}.xml" for number in (SAMPLE, SMALL, LARGE)}
    for number, path in files.items():
        if not path.is_file():
            write(path, number)
    start = time.perf_counter()
    deserialize_clixml(files[SAMPLE].read_text(encoding="utf-8"), PSCryptoProvider())
    yardstick = files[SAMPLE].stat().st_size / (time.perf_counter() - start) / 1e6
    print("Export-Clixml of receive connectors")
    print(f"  psrpcore reads {yardstick:.1f} MB/s")
    for number in (SMALL, LARGE):
        path = files[number]
        size = path.stat().st_size / 1e6
        seconds, peak, _ = sorted(run(READ, path) for _ in range(3))[1]
        speed = size / seconds
        print(
            f"  {number:6,} connectors, {size:5.0f} MB: decoded at {speed:5.1f} MB/s "
            f"({speed / yardstick:.1f} times psrpcore), peak {peak:4.0f} MB (goal: 15 MB/s, flat)"
        )
    seconds, peak, number_read = run(SNAPSHOT, files[LARGE])
    print(f"  as a snapshot: {seconds:.1f} s, peak {peak:.0f} MB, {number_read:,.0f} connectors")


if __name__ == "__main__":
    main()
