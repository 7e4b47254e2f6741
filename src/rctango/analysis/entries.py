"""Which remote ranges of a connector its logged clients need."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.addresses import Address, AddressRange, RangeText
    from rctango.model.connector import Connector


def unused_entries(connector: Connector, clients: Iterable[Address]) -> tuple[RangeText, ...]:
    """The remote ranges without which every one of the clients is held as narrowly as before.

    Of several ranges that hold a client the smallest counts, as in selection; the wider ones are
    not needed for it.
    """
    entries = connector.remote_ranges or ()
    ordered = sorted({one.range for one in entries}, key=lambda one: one.size)
    needed: set[AddressRange] = set()
    for client in set(clients):
        found = next((one for one in ordered if client in one), None)
        if found is not None:
            needed.add(found)
    return tuple(one for one in entries if one.range not in needed)
