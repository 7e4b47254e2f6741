"""Least-privilege remote ranges for one connector, from what the logs show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from rctango.addresses import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayingClient:
    """A client that relayed through the connector.

    Attributes:
        client: the address as logged.
        address: the same as an address; None when it cannot be read.
        sessions: its sessions on the connector.
        messages: messages accepted from it.
        recipients: accepted recipients in foreign domains; all accepted ones when the accepted
            domains are not known.
        first_seen: the first time (UTC).
        last_seen: the last time (UTC).
        why: for a client that somebody must decide about: what speaks against keeping it; for one
            that is not proposed: why not. Empty otherwise.
    """

    client: str
    address: Address | None
    sessions: int
    messages: int
    recipients: int
    first_seen: datetime
    last_seen: datetime
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostClient:
    """A client that used the connector without relaying, and who would answer it afterwards.

    Attributes:
        answered_by: per listener, in words; empty when the address cannot be read.
    """

    client: str
    address: Address | None
    sessions: int
    last_seen: datetime
    answered_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    r"""Remote ranges that hold the clients that relayed, and nobody else.

    Attributes:
        connector: ``SERVER\\Name``.
        entries: one single address for each client to keep; empty when nothing is proposed.
        aggregated: the same addresses in the fewest CIDR blocks; each address in a block relayed.
        keep: the clients behind ``entries``.
        needs_decision: clients that relayed and stand for something else than one client: Exchange
            servers, gateways, devices, addresses that hide many. They are in no entry.
        left_out: clients that relayed and are in no entry for another reason.
        unused: present entries, as written, that no logged client needed.
        lost: clients seen on the connector that did not relay.
        relay_proved: whether foreign recipients were told from own ones; without accepted domains
            every client with an accepted recipient counts.
        caveats: what the logs cannot say.
        warnings: what the change would do beside its purpose.
    """

    connector: str
    entries: tuple[str, ...]
    aggregated: tuple[str, ...]
    keep: tuple[RelayingClient, ...]
    needs_decision: tuple[RelayingClient, ...]
    left_out: tuple[RelayingClient, ...]
    unused: tuple[str, ...]
    lost: tuple[LostClient, ...]
    relay_proved: bool
    caveats: tuple[str, ...]
    warnings: tuple[str, ...]
