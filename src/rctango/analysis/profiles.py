"""All that logs say about one remote address, at whichever listener it was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango.analysis.logged import RECEIVE

if TYPE_CHECKING:
    from rctango.addresses import Address
    from rctango.model.observation import SourceProfile, Traffic, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One remote address over all listeners.

    Attributes:
        client: the address as logged, once for all spellings.
        profiles: how it behaves at each listener, most sessions first.
        names: how many different EHLO names it gave. Case plays no part, and a bare name counts
            as the full name that begins with it, so far as the names themselves are known.
        sessions: all its sessions.
        idle: those without a command.
        messages: messages accepted from it.
        limit_refusals: 421 replies, as connection limits give.
        days: on how many days it was seen, at the listener with most of them.
        sender_domains: how many different sender domains, at the listener with most of them.
        common_ehlo_share: the share of the commonest EHLO name, at most, over all listeners.
        common_sender_share: the same of the commonest sender domain.
    """

    client: str
    address: Address | None
    profiles: tuple[SourceProfile, ...]
    names: int
    sessions: int
    idle: int
    messages: int
    limit_refusals: int
    days: int
    sender_domains: int
    common_ehlo_share: float
    common_sender_share: float

    @property
    def speaking(self) -> int:
        """Its sessions with a command."""
        return self.sessions - self.idle


class _Names:
    """The EHLO names of one address, from every connector it used."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.spellings: set[str] = set()
        self.complete = True

    def add(self, usage: Usage) -> None:
        self.spellings.update(usage.ehlo_names)
        self.known.update(name.casefold().rstrip(".") for name in usage.ehlo_names)
        self.complete = self.complete and usage.ehlo_name_count <= len(usage.ehlo_names)

    def count(self, least: int) -> int:
        """How many hosts they name; ``least`` is known from elsewhere."""
        full = {name.partition(".")[0] for name in self.known if "." in name}
        hosts = sum("." in name or name not in full for name in self.known)
        exact = self.complete and len(self.spellings) >= max(least, 1)
        return hosts if exact else max(hosts, least)


def sources_of(traffic: Traffic) -> list[Source]:
    """Every remote address of the receive logs, in the order of the addresses."""
    groups: dict[Address | str, list[SourceProfile]] = {}
    for profile in traffic.sources:
        groups.setdefault(_key(profile.address, profile.client), []).append(profile)
    names: dict[Address | str, _Names] = {}
    for usage in traffic.usage:
        if usage.log == RECEIVE:
            names.setdefault(_key(usage.address, usage.client), _Names()).add(usage)
    made = [_source(members, names.get(key, _Names())) for key, members in groups.items()]
    return sorted(made, key=_in_order)


def _key(address: Address | None, client: str) -> Address | str:
    return client if address is None else address


def _source(members: list[SourceProfile], names: _Names) -> Source:
    address = members[0].address
    return Source(
        client=members[0].client if address is None else str(address),
        address=address,
        profiles=tuple(sorted(members, key=_by_sessions)),
        names=names.count(max([one.ehlo_names for one in members])),
        sessions=sum([one.sessions for one in members]),
        idle=sum([one.idle_sessions for one in members]),
        messages=sum([one.messages for one in members]),
        limit_refusals=sum([one.limit_refusals for one in members]),
        days=max([one.days for one in members]),
        sender_domains=max([one.sender_domains for one in members]),
        common_ehlo_share=_mean([(one, one.common_ehlo_share) for one in members]),
        common_sender_share=_mean([(one, one.common_sender_share) for one in members]),
    )


def _mean(shares: list[tuple[SourceProfile, float]]) -> float:
    """The mean share, each listener as heavy as it has sessions with commands."""
    known = [(one.sessions - one.idle_sessions, share) for one, share in shares if share > 0]
    weight = sum([heavy for heavy, _ in known])
    if not weight:
        return max([share for _, share in known], default=0.0)
    return sum([heavy * share for heavy, share in known]) / weight


def _by_sessions(profile: SourceProfile) -> tuple[int, str, str, int]:
    return -profile.sessions, profile.server or "", profile.local, profile.port or 0


def _in_order(source: Source) -> tuple[int, int, str]:
    address = source.address
    return (9, 0, source.client) if address is None else (address.family, address.value, "")
