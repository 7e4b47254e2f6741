"""Reading what belongs to the organisation: domains, Send connectors, agents."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from rctango.formats.raw import Lost, RawObject
from rctango.intake.merge import is_newer, latest
from rctango.intake.names import property_text, server_name
from rctango.intake.values import ListText, bool_of, datetime_of, is_blank, list_of, text_of
from rctango.model.origin import Origin
from rctango.model.server import AcceptedDomain, DomainType, SendConnector, TransportAgent
from rctango.model.snapshot import Gap

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rctango.formats.raw import RawValue

_T = TypeVar("_T", AcceptedDomain, SendConnector, TransportAgent)

_DOMAIN_TYPES = {
    "authoritative": DomainType.AUTHORITATIVE,
    "0": DomainType.AUTHORITATIVE,
    "externalrelay": DomainType.EXTERNAL_RELAY,
    "1": DomainType.EXTERNAL_RELAY,
    "internalrelay": DomainType.INTERNAL_RELAY,
    "2": DomainType.INTERNAL_RELAY,
}
_IDENTITY = frozenset({"name", "origin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Generic[_T]):
    """What one export says about one object of the organisation.

    Attributes:
        key: what makes two statements be about the same object.
        label: what to call the object in messages.
        changed: when it was last changed, by its own account.
    """

    key: str
    label: str
    value: _T
    changed: datetime | None


def read_accepted_domain(
    source: str, raw: RawObject
) -> tuple[Statement[AcceptedDomain] | None, list[Gap]]:
    """One accepted domain; None when the export lost the domain itself."""
    domain = property_text(raw, "DomainName")
    if domain is None:
        why = "the export does not hold DomainName"
        return None, [_gap(source, raw, "DomainName", "an accepted domain", why)]
    gaps: list[Gap] = []
    kind = (text_of(raw.get("DomainType")) or "").strip().casefold()
    if not is_blank(raw.get("DomainType")) and kind not in _DOMAIN_TYPES:
        why = "is none of Authoritative, InternalRelay and ExternalRelay"
        gaps.append(_gap(source, raw, "DomainType", f"DomainType of {domain}", why))
    value = AcceptedDomain(
        name=property_text(raw, "Name", "Identity") or domain,
        domain=domain.casefold(),
        kind=_DOMAIN_TYPES.get(kind),
        origin=Origin(source=source, locator=raw.where("DomainName")),
    )
    label = f"the accepted domain {domain}"
    return Statement(key=value.domain, label=label, value=value, changed=_changed(raw)), gaps


def read_send_connector(
    source: str, raw: RawObject
) -> tuple[Statement[SendConnector] | None, list[Gap]]:
    """One Send connector."""
    name = property_text(raw, "Name", "Identity") or "(unnamed)"
    lists: dict[str, ListText | None] = {
        "SmartHosts": _smart_hosts(raw),
        "SourceTransportServers": list_of(raw.get("SourceTransportServers")),
    }
    gaps = [
        _gap(source, raw, prop, f"{prop} of {name}", values.lost)
        for prop, values in lists.items()
        if values and values.lost
    ]
    hosts, servers = lists["SmartHosts"], lists["SourceTransportServers"]
    names = (server_name(text) for text in servers.items) if servers else ()
    value = SendConnector(
        name=name,
        enabled=bool_of(raw.get("Enabled")),
        smart_hosts=hosts.items if hosts and not hosts.lost else None,
        source_servers=tuple(one for one in names if one) if servers and not servers.lost else None,
        origin=Origin(source=source, locator=raw.locator),
    )
    label = f"the Send connector {name}"
    return Statement(key=name.casefold(), label=label, value=value, changed=_changed(raw)), gaps


def _smart_hosts(raw: RawObject) -> ListText | None:
    """The smart hosts; their list is also there as one text, which no export loses."""
    value = raw.get("SmartHosts")
    if isinstance(value, tuple):
        value = tuple(_smart_host(element) for element in value)
    hosts = list_of(value)
    joined = property_text(raw, "SmartHostsString")
    if joined and (hosts is None or hosts.lost):
        return list_of(joined)
    return hosts


def _smart_host(value: RawValue) -> RawValue:
    """``[10.0.0.1]`` or a name, also from its parts; names come with the address 0.0.0.0."""
    if not isinstance(value, RawObject) or value.text is not None:
        return value
    domain = property_text(value, "Domain")
    if domain:
        return domain
    address = property_text(value, "Address")
    return f"[{address}]" if address else Lost(why="an element is of a form that cannot be read")


def read_transport_agent(
    source: str, raw: RawObject
) -> tuple[Statement[TransportAgent] | None, list[Gap]]:
    """One transport agent."""
    value = TransportAgent(
        name=property_text(raw, "Identity", "Name") or "(unnamed)",
        enabled=bool_of(raw.get("Enabled")),
        server=server_name(property_text(raw, "Server", "PSComputerName")),
        origin=Origin(source=source, locator=raw.locator),
    )
    key = f"{value.server or ''}\\{value.name}".casefold()
    label = f"the transport agent {value.name}"
    return Statement(key=key, label=label, value=value, changed=None), []


def settle(statements: Iterable[Statement[_T]]) -> tuple[tuple[_T, ...], list[Gap]]:
    """One value for each object, in the order of their keys, and the disagreements."""
    stands: dict[str, Statement[_T]] = {}
    gaps: list[Gap] = []
    for one in statements:
        before = stands.get(one.key)
        stands[one.key] = one if before is None else _join(before, one, gaps)
    return tuple(stands[key].value for key in sorted(stands)), gaps


def _join(first: Statement[_T], second: Statement[_T], gaps: list[Gap]) -> Statement[_T]:
    newer, older = first, second
    if is_newer(second.changed, first.changed):
        newer, older = second, first
    facts = [one.name for one in fields(newer.value) if one.name not in _IDENTITY]
    disagree = [name for name in facts if _disagree(name, newer.value, older.value)]
    first_choice, second_choice = newer.value, older.value
    if disagree:
        kept, dropped = first_choice.origin, second_choice.origin
        why = f"two exports disagree; taken from {kept}, not from {dropped}"
        what = f"{', '.join(disagree)} of {newer.label}"
        gaps.append(Gap(what=what, server=None, why=why, origin=kept))
    elif second_choice.origin < first_choice.origin:
        first_choice, second_choice = second_choice, first_choice
    lacking = [name for name in facts if getattr(first_choice, name) is None]
    value = replace(first_choice, **{name: getattr(second_choice, name) for name in lacking})
    return replace(newer, value=value, changed=latest(first.changed, second.changed))


def _disagree(name: str, one: object, other: object) -> bool:
    first, second = getattr(one, name), getattr(other, name)
    if first is None or second is None:
        return False
    return _comparable(first) != _comparable(second)


def _comparable(value: object) -> object:
    return frozenset(value) if isinstance(value, tuple) else value


def _changed(raw: RawObject) -> datetime | None:
    return datetime_of(raw.get("WhenChangedUTC")) or datetime_of(raw.get("WhenChanged"))


def _gap(source: str, raw: RawObject, prop: str, what: str, why: str) -> Gap:
    origin = Origin(source=source, locator=raw.where(prop))
    return Gap(what=what, server=None, why=why, origin=origin, unreadable=True)
