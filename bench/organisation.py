"""A whole audit of a large organisation, against reading its files alone.

200 servers with 12 connectors of 500 ranges each are 1.2 million entries. The lower bound is what
``json.loads`` of the same files takes, and as a nearer one reading them into a snapshot. Growth is
shown at 50, 100 and 200 servers. Each run is a process of its own, so that peak memory is its own
as well.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

from rctango.addresses import Address, AddressRange, Family, Notation

DATA = Path(__file__).parent / "data"
CONNECTORS = 12
RANGES = 500
SIZES = (50, 100, 200)

READ = """
import json, pathlib, resource, sys, time
start = time.perf_counter()
kept = [json.loads(path.read_bytes()) for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json"))]
seconds = time.perf_counter() - start
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
AUDIT = """
import json, resource, sys, time
from rctango.app import load, run_audit
start = time.perf_counter()
evidence = load([sys.argv[1]])
read = time.perf_counter() - start
result = run_audit(evidence)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
entries = sum(len(one.remote_ranges) for one in evidence.snapshot.connectors)
print(json.dumps([seconds, peak, read, entries, len(result.findings)]))
"""


def ranges(rng: random.Random) -> list[str]:
    """Distinct remote ranges of one connector, in three notations."""
    texts: list[str] = []
    for _ in range(RANGES):
        base = rng.randrange(10 << 24, 11 << 24)
        kind = rng.random()
        if kind < 0.6:
            texts.append(str(Address(family=Family.IPV4, value=base)))
        elif kind < 0.9:
            texts.append(str(AddressRange.network(Family.IPV4, base, rng.choice((24, 26, 28)))))
        else:
            last = min(base + rng.randrange(1, 200), (11 << 24) - 1)
            lohi = AddressRange(family=Family.IPV4, first=base, last=last)
            texts.append(lohi.text(Notation.LOHI))
    return texts


def connector(server: str, number: int, rng: random.Random) -> dict[str, object]:
    """One connector as ConvertTo-Json writes it after remote PowerShell."""
    default = number == 0
    return {
        "AuthMechanism": "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer"
        if default
        else "Tls",
        "Banner": "",
        "Bindings": ["[::]:25", "0.0.0.0:25"],
        "Enabled": True,
        "Fqdn": f"{server.lower()}.contoso.com",
        "PermissionGroups": "AnonymousUsers, ExchangeServers, ExchangeLegacyServers"
        if default
        else "AnonymousUsers",
        "ProtocolLoggingLevel": "Verbose",
        "RemoteIPRanges": ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0.0.0.0-255.255.255.255"]
        if default
        else ranges(rng),
        "RequireTLS": False,
        "SuppressXAnonymousTls": False,
        "Server": server,
        "TlsDomainCapabilities": [],
        "TransportRole": "FrontendTransport",
        "Name": f"Relay {number}" if number else f"Default Frontend {server}",
        "Identity": f"{server}\\Relay {number}",
        "WhenChangedUTC": "2026-01-05T08:00:00Z",
    }


def write(folder: Path, servers: int) -> None:
    """Write the exports of an organisation, one file a server."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(servers)
    for at in range(servers):
        name = f"EX{at:03}"
        objects: list[dict[str, object]] = [
            connector(name, number, rng) for number in range(CONNECTORS + 1)
        ]
        objects.append(
            {
                "Name": name,
                "AdminDisplayVersion": "Version 15.2 (Build 1544.4)",
                "ServerRole": "Mailbox",
                "Fqdn": f"{name.lower()}.contoso.com",
            }
        )
        objects.append(
            {
                "DNSHostName": name,
                "InterfaceIndex": 4,
                "IPAddress": [f"10.250.{at // 200}.{at % 200 + 10}"],
                "DefaultIPGateway": [f"10.250.{at // 200}.1"],
            }
        )
        (folder / f"{name}.json").write_text(json.dumps(objects), encoding="utf-8")


def run(program: str, folder: Path) -> list[float]:
    """What a program prints about one organisation."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, str(folder)], check=True, capture_output=True, text=True
    )
    return list(json.loads(done.stdout))


def main() -> None:
    """Measure and print."""
    print(f"whole audit, {CONNECTORS} connectors of {RANGES} ranges a server (JSON, median of 3)")
    for servers in SIZES:
        folder = DATA / f"organisation-{servers}"
        if not (folder / f"EX{servers - 1:03}.json").is_file():
            write(folder, servers)
        bound = sorted(run(READ, folder) for _ in range(3))[1]
        audit = sorted(run(AUDIT, folder) for _ in range(3))[1]
        print(
            f"  {servers:4} servers, {audit[3]:9,.0f} entries: audit {audit[0]:6.1f} s "
            f"(reading {audit[2]:5.1f} s), {audit[1]:6,.0f} MB; json.loads alone {bound[0]:.2f} s, "
            f"{bound[1]:5,.0f} MB; ratio to that {audit[0] / bound[0]:.0f}, to reading "
            f"{audit[0] / audit[2]:.1f}; {audit[4]:,.0f} findings"
        )
    print("  goal: 200 servers under 60 s and 3,000 MB, growth close to linear")


if __name__ == "__main__":
    main()
