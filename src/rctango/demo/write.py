"""Write the made-up organisation, its logs and the truth about them to a folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rctango.demo.evidence import evidence_files
from rctango.demo.ledger import Ledger
from rctango.demo.organisation import BALANCER, FIREWALL, SERVERS
from rctango.demo.plan import PlanError
from rctango.demo.roster import sources
from rctango.demo.schedule import counts
from rctango.demo.timeline import log_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rctango.demo.plan import Plan
    from rctango.demo.truth import Truth

_CONFIG = f"""\
# Addresses that stand for many clients. Nothing is declared, so that the logs have to show it;
# truth.json says what is right.

# [[appliance]]
# name = "LB01"
# kind = "load-balancer"
# addresses = ["{BALANCER}"]

# [[appliance]]
# name = "FW01"
# kind = "nat"
# addresses = ["{FIREWALL}"]
"""


def all_logs(plan: Plan, ledger: Ledger) -> Iterator[tuple[str, bytes]]:
    """The log files of all servers, piece by piece; the pieces of a file follow each other."""
    everything = sources()
    number = counts(plan, everything)
    for server in SERVERS:
        work = [
            (source, count)
            for source, count in zip(everything, number, strict=True)
            if source.server == server.name
        ]
        yield from log_files(server, plan, work, ledger)


def write(target: Path, plan: Plan) -> Truth:
    """Write everything below a folder that is new or empty.

    Args:
        target: the folder; it is made if it does not exist.
        plan: what is asked for.

    Returns:
        The truth, which ``truth.json`` holds as well.

    Raises:
        PlanError: the folder is not empty.
        OSError: something cannot be written.
    """
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise PlanError(f"the folder {target} is not empty")
    ledger = Ledger()
    for path, data in all_logs(plan, ledger):
        _append(target / path, data)
    for name, data in evidence_files(plan).items():
        _append(target / "evidence" / name, data)
    truth = ledger.truth()
    text = json.dumps(truth.to_document(), indent=1, ensure_ascii=False) + "\n"
    _append(target / "truth.json", text.encode())
    _append(target / "rctango.toml", _CONFIG.encode())
    return truth


def _append(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        stream.write(data)
