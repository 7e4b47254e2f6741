"""Reading servers, their network adapters and their transport service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rctango.addresses import Address
from rctango.errors import AddressError
from rctango.formats.raw import Lost, RawObject
from rctango.intake.enums import SERVER_ROLE
from rctango.intake.names import leaf_name, property_text, server_name
from rctango.intake.record import FieldReader, Record
from rctango.intake.values import datetime_of, int_of, is_blank, list_of, text_of
from rctango.model.server import ServerRole, Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.formats.raw import RawValue
    from rctango.model.snapshot import Gap

_NAME_OF_OBJECT = re.compile(r"(?:@\{|MSFT_\w+ \()")
"""How PowerShell writes an object that lies deeper than an export goes."""

_NO_GATEWAY = "No default"
"""HealthChecker puts a sentence that begins so in the place of an absent gateway."""

_VERSION = re.compile(r"(?:Version )?([0-9]{1,4})\.([0-9]{1,4})")


def read_server(source: str, raw: RawObject, inside: str | None = None) -> tuple[Record, list[Gap]]:
    """The facts of one ``Get-ExchangeServer`` object; ``inside`` names an enclosing object's."""
    record, reader = _server_record(source, raw, inside, "Name", "Identity", "Fqdn")
    record.changed = datetime_of(raw.get("WhenChangedUTC")) or datetime_of(raw.get("WhenChanged"))
    reader.text("fqdn", "Fqdn")
    reader.flags("roles", "ServerRole", SERVER_ROLE, ServerRole)
    _read_version(reader)
    site = leaf_name(text_of(raw.get("Site")))
    if site:
        reader.put("site", "Site", site)
    record.fields["is_exchange"] = True
    return record, reader.gaps


def _server_record(
    source: str, raw: RawObject, inside: str | None, *names: str
) -> tuple[Record, FieldReader]:
    name = server_name(property_text(raw, *names)) or inside
    record = Record(noun="server", server=name, name=name or "")
    return record, FieldReader(source, raw, record, name or "an unnamed server")


def _read_version(reader: FieldReader) -> None:
    value = reader.raw.get("AdminDisplayVersion")
    if is_blank(value):
        return
    major, minor = None, None
    if isinstance(value, RawObject):
        major, minor = int_of(value.get("Major")), int_of(value.get("Minor"))
    match = _VERSION.match((text_of(value) or "").strip())
    if match and major is None:
        major, minor = int(match[1]), int(match[2])
    if major is None or minor is None:
        reader.gap("AdminDisplayVersion", "is not of the form 'Version 15.2 (Build 986.5)'")
    else:
        reader.put("version", "AdminDisplayVersion", Version(major=major, minor=minor))


def read_transport_service(
    source: str, raw: RawObject, inside: str | None = None
) -> tuple[Record, list[Gap]]:
    """The facts of one ``Get-TransportService`` or ``Get-TransportServer`` object."""
    record, reader = _server_record(source, raw, inside, "Name", "Identity")
    reader.boolean("anti_spam_agents", "AntispamAgentsEnabled")
    record.fields["is_exchange"] = True
    return record, reader.gaps


def read_adapter(
    source: str, raw: RawObject, inside: str | None = None
) -> tuple[Record, list[Gap]]:
    """One ``Win32_NetworkAdapterConfiguration``."""
    record, reader = _adapter_record(
        source, raw, inside, "DNSHostName", "PSComputerName", "__SERVER", "SystemName"
    )
    _read_addresses(reader, "addresses", "IPAddress")
    _read_addresses(reader, "gateways", "DefaultIPGateway")
    return record, reader.gaps


def read_net_ip_configuration(
    source: str, raw: RawObject, inside: str | None = None
) -> tuple[Record, list[Gap]]:
    """One ``Get-NetIPConfiguration`` object."""
    record, reader = _adapter_record(source, raw, inside, "ComputerName", "PSComputerName")
    whole = "AllIPAddresses" if raw.get("AllIPAddresses") else None
    for prop in (whole,) if whole else ("IPv4Address", "IPv6Address"):
        _read_addresses(reader, "addresses", prop)
    for prop in ("IPv4DefaultGateway", "IPv6DefaultGateway"):
        _read_addresses(reader, "gateways", prop)
    return record, reader.gaps


def read_health_checker_adapter(
    source: str, raw: RawObject, inside: str | None = None
) -> tuple[Record, list[Gap]]:
    """One network adapter inside Microsoft HealthChecker's data."""
    record, reader = _adapter_record(source, raw, inside, "ServerName")
    for prop in ("IPv4Addresses", "IPv6Addresses"):
        _read_addresses(reader, "addresses", prop)
        _read_addresses(reader, "gateways", prop, "DefaultGateway")
    return record, reader.gaps


def _adapter_record(
    source: str, raw: RawObject, inside: str | None, *names: str
) -> tuple[Record, FieldReader]:
    server = server_name(property_text(raw, *names)) or inside
    adapter = property_text(raw, "InterfaceIndex", "InterfaceAlias")
    record = Record(noun="adapter", server=server, name=adapter or f"{source}: {raw.locator}")
    return record, FieldReader(
        source, raw, record, f"an adapter of {server or 'an unnamed server'}"
    )


def _read_addresses(reader: FieldReader, attribute: str, prop: str, inner: str = "") -> None:
    if prop.lower() not in reader.raw.properties:
        return
    found: list[Address] = list(reader.record.fields.get(attribute, ()))
    gaps_before = len(reader.gaps)
    for text in _address_texts(reader, prop, reader.raw.get(prop), inner):
        try:
            address = Address.parse(text)
        except AddressError as error:
            reader.gap(prop, str(error))
        else:
            if attribute != "gateways" or not address.is_unspecified:
                found.append(address)
    complete = len(reader.gaps) == gaps_before
    if found or complete:
        reader.put(attribute, prop, tuple(dict.fromkeys(found)))
    if not complete:
        reader.record.fields["network_complete"] = False


def _address_texts(reader: FieldReader, prop: str, value: RawValue, inner: str) -> Iterator[str]:
    """The texts of addresses in a property; of objects, ``inner`` or what is usual there."""
    if isinstance(value, Lost):
        reader.gap(prop, value.why)
        value = value.rest
    if isinstance(value, tuple):
        for element in value:
            yield from _address_texts(reader, prop, element, inner)
    elif isinstance(value, RawObject):
        yield from _texts_inside(reader, prop, value, inner)
    elif isinstance(value, str) and value.startswith(_NO_GATEWAY):
        return
    elif isinstance(value, str) and _NAME_OF_OBJECT.match(value):
        reader.gap(prop, "the export holds the name of an object in place of its values")
    elif inner and value:
        reader.gap(prop, f"the export does not hold {inner}")
    else:
        values = list_of(value)
        yield from values.items if values else ()


def _texts_inside(reader: FieldReader, prop: str, value: RawObject, inner: str) -> Iterator[str]:
    names = (inner,) if inner else ("IPAddressToString", "IPAddress", "NextHop", "Address")
    for name in names:
        held = value.get(name)
        if held is not None:
            yield from _address_texts(reader, prop, _plain(held), "")
            return
    if not inner and value.text is not None:
        yield from _address_texts(reader, prop, value.text, "")


def _plain(value: RawValue) -> RawValue:
    """The text of an address object; any other value as it is."""
    return text_of(value) if isinstance(value, RawObject) else value
