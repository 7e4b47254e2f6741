"""Hypothesis strategies for servers full of connectors whose ranges meet in every way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from fakes.models import connector, server
from rctango.addresses import Address, AddressRange, Family, Notation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import SearchStrategy

    from rctango.model.connector import Connector
    from rctango.model.server import Server

BASES = {Family.IPV4: 10 << 24, Family.IPV6: 0xFD << 120}
"""Where the small universes begin, in which most ranges lie."""
UNIVERSE = 64
WIDE = (
    "0.0.0.0-255.255.255.255",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "10.0.0.0/8",
    "255.255.255.0-255.255.255.254",
)
WIDE_IPV6 = ("::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fd00::/8", "8000::/1")
BINDINGS = ("0.0.0.0:25", "10.0.0.5:25", "10.0.0.6:25", "[::]:25", "[fd00::5]:25", "0.0.0.0:2525")
ROLES = ("FrontendTransport", "HubTransport", "HubTransport, FrontendTransport")
SERVERS = (
    None,
    server(version="15.2", roles="Mailbox"),
    server(version="15.0", roles="Mailbox"),
    server(version="15.0", roles="ClientAccess"),
    server(version="15.0", roles="Mailbox, ClientAccess"),
    server(version="15.2", roles="Edge"),
    server(version=None, roles="Edge"),
    server(version="14.3", roles="HubTransport"),
    server(version="14.3", roles=None),
    server(version="15.1", roles=None),
    server(version=None, roles="Mailbox"),
)

HOLES: tuple[dict[str, Any], ...] = (
    {"enabled": None},
    {"transport_role": None},
    {"bindings": None},
    {"bindings_complete": False},
    {"remote_ranges": None},
    {"remote_ranges_complete": False},
)
"""The facts of a connector that an export may lack."""

_SHAPES = (
    *((first, last) for first in (0, 8, 9, 10) for last in (10, 15, 16)),
    *((first, first) for first in (0, 9, 15, 16, 63)),
    *((0, 63), (0, 31), (32, 63), (8, 15), (16, 31), (0, 7)),
)
"""Nested, equal, partly overlapping and adjacent ranges."""


def servers() -> SearchStrategy[Server | None]:
    """A server of any version, or nothing known of it."""
    return st.sampled_from(SERVERS)


@st.composite
def small_ranges(draw: st.DrawFn) -> str:
    """A range inside one of the small universes, in any notation that can write it."""
    family = draw(st.sampled_from(Family))
    free = st.tuples(st.integers(0, UNIVERSE - 1), st.integers(0, UNIVERSE - 1))
    one, other = draw(st.sampled_from(_SHAPES) | free)
    base = BASES[family]
    found = AddressRange(family=family, first=base + min(one, other), last=base + max(one, other))
    notations = [Notation.LOHI]
    if found.size == 1:
        notations.append(Notation.SINGLE_ADDRESS)
    if found.prefix_length is not None:
        notations += [Notation.CIDR, Notation.NETMASK]
    return found.text(draw(st.sampled_from(notations)))


def range_texts() -> SearchStrategy[str]:
    """A range, most often a small one."""
    return small_ranges() | small_ranges() | st.sampled_from(WIDE + WIDE_IPV6)


@st.composite
def organisations(
    draw: st.DrawFn, *, complete: bool = True, most: int = 5
) -> tuple[Connector, ...]:
    """The connectors of one server; some facts are missing unless ``complete``.

    All of them take their ranges and bindings from one small pool, so that many are equal.
    """
    count = draw(st.integers(1, most))
    ranges = draw(st.lists(range_texts(), min_size=1, max_size=4, unique=True))
    bindings = draw(st.lists(st.sampled_from(BINDINGS), min_size=1, max_size=3, unique=True))
    holes = 0 if complete else draw(st.integers(1, 3))
    lacking = [draw(st.integers(0, count - 1)) for _ in range(holes)]
    return tuple(
        _with_holes(draw, _complete(draw, f"C{number}", ranges, bindings), lacking.count(number))
        for number in range(count)
    )


def _complete(draw: st.DrawFn, name: str, ranges: list[str], bindings: list[str]) -> Connector:
    return connector(
        "EX01",
        name,
        ranges=draw(_some(ranges, 3)),
        bindings=draw(_some(bindings, 2)),
        role=draw(st.sampled_from((ROLES[0], ROLES[0], *ROLES))),
        enabled=draw(st.sampled_from((True, True, True, True, False))),
        auth=None,
        groups=None,
        facts=(),
    )


def _some(pool: list[str], most: int) -> SearchStrategy[str]:
    some = st.lists(st.sampled_from(pool), min_size=1, max_size=most, unique=True)
    return some.map(", ".join)


def _with_holes(draw: st.DrawFn, whole: Connector, holes: int) -> Connector:
    for _ in range(holes):
        whole = replace(whole, **draw(st.sampled_from(HOLES)))
    return whole


def ends(connectors: Iterable[Connector], family: Family) -> list[Address]:
    """The addresses at which an answer can change, and their neighbours."""
    values = {0, family.maximum}
    for one in connectors:
        for entry in one.remote_ranges or ():
            if entry.range.family is family:
                values.update(entry.range.first + step for step in (-1, 0, 1))
                values.update(entry.range.last + step for step in (-1, 0, 1))
    return [
        Address(family=family, value=value)
        for value in sorted(values)
        if 0 <= value <= family.maximum
    ]


@st.composite
def anywhere(draw: st.DrawFn) -> Address:
    """Any address, most often of a small universe."""
    family = draw(st.sampled_from(Family))
    near = st.integers(BASES[family] - 2, BASES[family] + UNIVERSE + 1)
    value = draw(near | near | st.integers(0, family.maximum))
    return Address(family=family, value=value)


def describe(connectors: Iterable[Connector]) -> str:
    """One line for each connector, for failing examples."""
    lines = []
    for one in connectors:
        ranges = [entry.text for entry in one.remote_ranges or ()]
        bindings = [str(binding) for binding in one.bindings or ()]
        complete = (one.bindings_complete, one.remote_ranges_complete)
        lines.append(
            f"{one.name} {one.enabled} {one.transport_role!r} {bindings} {ranges} {complete}"
        )
    return "\n".join(lines)
