"""Selection on one server with 30 connectors of 1,000 ranges each.

Ratios to a plain loop over the standard library's ``ipaddress``, measured side by side.
"""

from __future__ import annotations

import ipaddress
import random
import statistics
import time
from typing import TYPE_CHECKING

from rctango.addresses import (
    Address,
    AddressRange,
    Binding,
    Family,
    Notation,
    RangeText,
    read_range,
)
from rctango.analysis.listeners import contests
from rctango.analysis.selection import Table
from rctango.model.connector import Connector
from rctango.model.rights import TransportRole

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECTORS = 30
RANGES = 1000
ROUNDS = 5


def entry(rng: random.Random) -> RangeText:
    """A random remote range inside 10.0.0.0/8."""
    kind = rng.random()
    base = rng.randrange(10 << 24, 11 << 24)
    if kind < 0.4:
        return read_range(str(Address(family=Family.IPV4, value=base)))
    if kind < 0.7:
        block = AddressRange.network(Family.IPV4, base, rng.choice((20, 22, 24, 26)))
        return read_range(str(block))
    last = min(base + rng.randrange(1, 5000), (11 << 24) - 1)
    lohi = AddressRange(family=Family.IPV4, first=base, last=last)
    return read_range(lohi.text(Notation.LOHI))


def server(rng: random.Random) -> list[Connector]:
    """The connectors of one busy server."""
    return [
        Connector(
            server="EX01",
            name=f"Relay {number}",
            enabled=True,
            transport_role=TransportRole.FRONTEND_TRANSPORT,
            bindings=(Binding.parse("0.0.0.0:25"),),
            remote_ranges=tuple(entry(rng) for _ in range(RANGES)),
        )
        for number in range(CONNECTORS)
    ]


def plain_rate(connectors: list[Connector], values: list[int]) -> float:
    """Addresses a second for a loop over all ranges with ``ipaddress`` objects."""
    ranges = [
        (ipaddress.IPv4Address(one.range.first), ipaddress.IPv4Address(one.range.last), at)
        for at, connector in enumerate(connectors)
        for one in connector.remote_ranges or ()
    ]
    start = time.perf_counter()
    for value in values:
        address = ipaddress.IPv4Address(value)
        best = None
        for first, last, _ in ranges:
            if first <= address <= last and (best is None or int(last) - int(first) < best):
                best = int(last) - int(first)
    return len(values) / (time.perf_counter() - start)


def rate(work: Callable[[], object], number: int) -> float:
    """The median number of items a second over some rounds."""
    rates = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        rates.append(number / (time.perf_counter() - start))
    return statistics.median(rates)


def main() -> None:
    """Measure and print."""
    rng = random.Random(20260601)
    connectors = server(rng)
    contest = contests(connectors, None)[0]
    build = 1 / rate(lambda: Table(contest), 1)
    table = Table(contest)
    values = [rng.randrange(10 << 24, 11 << 24) for _ in range(1_000_000)]
    some = [Address(family=Family.IPV4, value=value) for value in values[:50_000]]
    answer = table.answer
    select = table.select
    select(some[0])

    def one_by_one() -> None:
        for value in values:
            answer(value)

    def traced() -> None:
        for address in some:
            select(address)

    lookups = rate(one_by_one, len(values))
    bulk = 1 / rate(lambda: table.answer_all(values), 1)
    traces = rate(traced, len(some))
    plain = plain_rate(connectors, values[:60])
    print(f"one listener, {CONNECTORS} connectors of {RANGES} ranges, {len(table.starts):,} pieces")
    print(f"  building the segments     {build:8.3f} s       (goal: under 0.3 s)")
    print(f"  core lookup               {lookups:12,.0f} /s  (goal: 1,000,000)")
    print(f"  plain ipaddress loop      {plain:12,.0f} /s")
    print(f"  ratio                     {lookups / plain:12,.0f}     (goal: 10,000)")
    print(f"  a million in bulk         {bulk:8.3f} s       (goal: under 0.5 s)")
    print(f"  selection with its trace  {traces:12,.0f} /s  (goal: 30,000)")


if __name__ == "__main__":
    main()
