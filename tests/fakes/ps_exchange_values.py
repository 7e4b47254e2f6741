"""The value types inside Exchange objects: identities, ranges, bindings, time spans, sizes."""

from __future__ import annotations

import ipaddress
import uuid
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from fakes.powershell import PSEnum, PSList, PSNumber, PSObject, text_of

DOMAIN = "contoso.com"
ORGANIZATION = "Contoso"
ADMINISTRATIVE_GROUP = "Exchange Administrative Group (FYDIBOHF23SPDLT)"
CHANGED = datetime(2024, 5, 14, 9, 30, 0, tzinfo=timezone(timedelta(hours=2)))

WHOLE_IPV4 = "0.0.0.0-255.255.255.255"
WHOLE_IPV6 = "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"

_ASSEMBLY = "Version=15.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
_MSCORLIB = "mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089"
_NO_BLOB = bytes.fromhex("0001000000ffffffff01000000000000000b")
_NAMES = uuid.UUID("6f2c5b0a-8f43-4d0e-9a58-2a7d3c1e9b40")

_SERIALIZED = {"SerializationData": _NO_BLOB}
_VALUE = ("System.ValueType", "System.Object")


def guid(text: str) -> uuid.UUID:
    """A GUID that depends on nothing but the text."""
    return uuid.uuid5(_NAMES, text)


def flags(kind: str, names: dict[str, int], text: str) -> PSEnum:
    """An enum of flags from its text, printed in ascending order as .NET does."""
    wanted = {part.strip() for part in text.split(",")}
    known = sorted((value, name) for name, value in names.items() if name in wanted)
    if len(known) != len(wanted):
        raise ValueError(f"{kind} has no {sorted(wanted - names.keys())}")
    return PSEnum(kind, ", ".join(name for _, name in known), sum(value for value, _ in known))


def collection(element: str, items: tuple[Any, ...] = ()) -> PSList:
    """A MultiValuedProperty of an Exchange type."""
    assembly = element.rpartition(".")[0]
    if element.startswith("Microsoft.Exchange.Data.") and "Directory" not in element:
        assembly = "Microsoft.Exchange.Data"
    full = f"[[{element}, {assembly}, {_ASSEMBLY}]]"
    return PSList(f"Microsoft.Exchange.Data.MultiValuedProperty`1{full}", items)


def texts(*items: str) -> PSList:
    """A MultiValuedProperty of strings."""
    kind = f"Microsoft.Exchange.Data.MultiValuedProperty`1[[System.String, {_MSCORLIB}]]"
    return PSList(kind, items)


def dn_of(server: str, *parents: str) -> str:
    """The distinguished name of a server, or of what stands below it."""
    head = (*(f"CN={name}" for name in parents), f"CN={server}", "CN=Servers")
    return ",".join((*head, group_dn()))


def group_dn() -> str:
    """The distinguished name of the administrative group."""
    return f"CN={ADMINISTRATIVE_GROUP},CN=Administrative Groups,{organization_dn()}"


def organization_dn(*parents: str) -> str:
    """The distinguished name of the organisation, or of what stands below it."""
    head = "".join(f"CN={name}," for name in parents)
    tail = f"CN={ORGANIZATION},CN=Microsoft Exchange,CN=Services,{configuration_dn()}"
    return head + tail


def configuration_dn() -> str:
    """The distinguished name of the configuration partition."""
    return "CN=Configuration," + ",".join(f"DC={label}" for label in DOMAIN.split("."))


def ad_object_id(dn: str, text: str | None = None, parent: str | None = None) -> PSObject:
    """A reference to a directory object; its text is its name unless told otherwise."""
    rdn, _, rest = dn.partition(",")
    name = rdn.partition("=")[2]
    properties: dict[str, Any] = {
        "OrgHierarchyToIgnore": None,
        "IsDeleted": False,
        "Rdn": rdn,
        "Parent": rest.partition(",")[0].partition("=")[2] if parent is None else parent,
        "Depth": dn.count(",") - dn.count("\\,"),
        "DistinguishedName": dn,
        "IsRelativeDn": False,
        "DomainId": DOMAIN,
        "PartitionGuid": guid("partition"),
        "PartitionFQDN": DOMAIN,
        "ObjectGuid": guid(dn),
        "Name": name,
    }
    types = (
        "Microsoft.Exchange.Data.Directory.ADObjectId",
        "Microsoft.Exchange.Data.ObjectId",
        "System.Object",
    )
    return PSObject(types, name if text is None else text, properties, _SERIALIZED)


def category(name: str) -> PSObject:
    """The object category of a class."""
    schema = f"{DOMAIN}/Configuration/Schema"
    dn = f"CN={name},CN=Schema,{configuration_dn()}"
    return ad_object_id(dn, f"{schema}/{name}", schema)


def _organization_id() -> PSObject:
    properties = {
        "OrganizationalUnit": None,
        "ConfigurationUnit": None,
        "IsConsumerOrganization": False,
        "IdForEventLog": "",
    }
    types = ("Microsoft.Exchange.Data.Directory.OrganizationId", "System.Object")
    return PSObject(types, "", properties, _SERIALIZED)


ORGANIZATION_ID = _organization_id()


def object_version(minor: int = 1, build: str = "8.0.535.0") -> PSObject:
    """The version of a directory object's format, not of the server."""
    properties = {
        "NextMajorVersion": "1.0 (0.0.0.0)",
        "NextMinorVersion": f"0.{minor + 1} (0.0.0.0)",
        "Major": PSNumber("By", 0),
        "Minor": PSNumber("By", minor),
        "ExchangeBuild": build,
    }
    types = ("Microsoft.Exchange.Data.ExchangeObjectVersion", "System.Object")
    return PSObject(types, f"0.{minor} ({build})", properties, _SERIALIZED)


def directory_properties(
    dn: str, identity: PSObject, classes: tuple[str, ...], schema_name: str, changed: datetime
) -> dict[str, Any]:
    """The properties every directory object ends with, from AdminDisplayName on."""
    created = changed - timedelta(days=90)
    return {
        "AdminDisplayName": "",
        "ExchangeVersion": object_version(),
        "Name": dn.partition(",")[0].partition("=")[2],
        "DistinguishedName": dn,
        "Identity": identity,
        "Guid": guid(dn),
        "ObjectCategory": category(schema_name),
        "ObjectClass": texts(*classes),
        "WhenChanged": changed,
        "WhenCreated": created,
        "WhenChangedUTC": changed.astimezone(UTC),
        "WhenCreatedUTC": created.astimezone(UTC),
        "OrganizationId": ORGANIZATION_ID,
        "Id": identity,
        "OriginatingServer": f"dc01.{DOMAIN}",
        "IsValid": True,
        "ObjectState": PSEnum("Microsoft.Exchange.Data.ObjectState", "Unchanged", 1),
    }


def session_members(server: str) -> dict[str, Any]:
    """What the Exchange Management Shell's session adds to every object."""
    return {
        "PSComputerName": f"{server.lower()}.{DOMAIN}",
        "RunspaceId": guid(f"runspace {server}"),
        "PSShowComputerName": False,
        "SerializationData": _NO_BLOB,
    }


def directory_types(*leading: str) -> tuple[str, ...]:
    """Type names of a configuration object, the given ones first."""
    directory = "Microsoft.Exchange.Data.Directory"
    return (
        *leading,
        f"{directory}.ADObject",
        f"{directory}.ADRawEntry",
        "Microsoft.Exchange.Data.ConfigurableObject",
        "System.Object",
    )


def ip_address(text: str) -> PSObject:
    """A System.Net.IPAddress."""
    address = ipaddress.ip_address(text)
    if address.version == 4:
        number = int.from_bytes(address.packed, "little")
        head: dict[str, Any] = {"Address": PSNumber("I64", number), "AddressFamily": "InterNetwork"}
    else:
        head = {"AddressFamily": "InterNetworkV6", "ScopeId": PSNumber("I64", 0)}
    tail = {
        "IsIPv6Multicast": address.version == 6 and address.is_multicast,
        "IsIPv6LinkLocal": address.version == 6 and address.is_link_local,
        "IsIPv6SiteLocal": False,
        "IsIPv6Teredo": False,
        "IsIPv4MappedToIPv6": False,
    }
    printed = str(address)
    types = ("System.Net.IPAddress", "System.Object")
    return PSObject(types, printed, head | tail, {"IPAddressToString": printed})


def ip_binding(text: str) -> PSObject:
    """One entry of Bindings; ``:::25`` and ``[::]:25`` are both IPv6."""
    host, _, port = text.rpartition(":")
    address = ip_address(host.strip("[]") or "0.0.0.0")
    properties = {
        "Port": int(port),
        "AddressFamily": address.properties["AddressFamily"],
        "Address": address,
    }
    types = (
        "Microsoft.Exchange.Data.IPBinding",
        "System.Net.IPEndPoint",
        "System.Net.EndPoint",
        "System.Object",
    )
    return PSObject(types, text, properties, _SERIALIZED)


_RANGE_TYPES = ("Microsoft.Exchange.Data.IPRange", "System.Object")


def ip_range(text: str) -> PSObject:
    """One entry of RemoteIPRanges, in any of the four notations."""
    printed, properties = _range_facts(text)
    return PSObject(_RANGE_TYPES, printed, dict(properties), _SERIALIZED)


@lru_cache(maxsize=100_000)
def _range_facts(text: str) -> tuple[str, dict[str, str]]:
    notation, low, high, printed = _bounds(text)
    size = min(int(high) - int(low) + 1, 2**128 - 1)
    return printed, {
        "LowerBound": str(low),
        "UpperBound": str(high),
        "RangeFormat": notation,
        "Size": _size_text(size),
        "Expression": text,
    }


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _bounds(text: str) -> tuple[str, _Address, _Address, str]:
    if "-" in text:
        low, high = (ipaddress.ip_address(end) for end in text.split("-"))
        return "LoHi", low, high, f"{low}-{high}"
    if "(" in text:
        host, _, mask = text.rstrip(")").partition("(")
        network = ipaddress.ip_network(f"{host}/{_mask_length(mask)}", strict=False)
        return "Netmask", network[0], network[-1], f"{network[0]}({mask})"
    if "/" in text:
        network = ipaddress.ip_network(text, strict=False)
        return "CIDR", network[0], network[-1], str(network)
    address = ipaddress.ip_address(text)
    return "SingleAddress", address, address, str(address)


def _mask_length(mask: str) -> int:
    return int(ipaddress.ip_address(mask)).bit_count()


def _size_text(size: int) -> str:
    if 2**16 <= size < 2**32:
        return str(ipaddress.IPv4Address(size))
    return str(ipaddress.IPv6Address(size))


def time_span(seconds: int) -> PSObject:
    """An EnhancedTimeSpan."""
    minutes, rest = divmod(seconds, 60)
    days, hours = divmod(minutes // 60, 24)
    properties: dict[str, Any] = {
        "Days": days,
        "Hours": hours,
        "Milliseconds": 0,
        "Minutes": minutes % 60,
        "Seconds": rest,
        "Ticks": PSNumber("I64", seconds * 10_000_000),
        "TotalDays": seconds / 86400,
        "TotalHours": seconds / 3600,
        "TotalMilliseconds": seconds * 1000.0,
        "TotalMinutes": seconds / 60,
        "TotalSeconds": float(seconds),
        "Sign": int(seconds > 0),
    }
    head = f"{days}." if days else ""
    text = f"{head}{hours:02}:{minutes % 60:02}:{rest:02}"
    types = ("Microsoft.Exchange.Data.EnhancedTimeSpan", *_VALUE)
    return PSObject(types, text, properties, _SERIALIZED)


def unlimited(value: Any = None) -> PSObject:
    """An Unlimited number or size; None is Unlimited."""
    element = f"System.Int32, {_MSCORLIB}"
    if isinstance(value, PSObject):
        element = (
            f"Microsoft.Exchange.Data.ByteQuantifiedSize, Microsoft.Exchange.Data, {_ASSEMBLY}"
        )
    types = (f"Microsoft.Exchange.Data.Unlimited`1[[{element}]]", *_VALUE)
    properties: dict[str, Any] = {"IsUnlimited": value is None}
    if value is not None:
        properties["Value"] = text_of(value) if isinstance(value, PSObject) else value
    return PSObject(types, text_of(value) or "Unlimited", properties, _SERIALIZED)


def byte_size(size: int) -> PSObject:
    """A size in bytes, such as ``36 MB (37,748,736 bytes)``."""
    megabytes = size >= 2**20
    short = f"{size // 2**20} MB" if megabytes else f"{size // 2**10} KB"
    types = ("Microsoft.Exchange.Data.ByteQuantifiedSize", *_VALUE)
    return PSObject(types, f"{short} ({size:,} bytes)", {}, _SERIALIZED)


def host_name(text: str) -> PSObject:
    """An Fqdn."""
    types = (
        "Microsoft.Exchange.Data.Fqdn",
        "Microsoft.Exchange.Data.SmtpDomain",
        "System.Object",
    )
    return PSObject(types, text, {"Domain": text}, _SERIALIZED)
