"""Reading ``Get-ReceiveConnector`` and ``Get-ADPermission`` output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from rctango.addresses import Binding, read_range
from rctango.errors import AddressError
from rctango.intake.enums import AUTH_MECHANISM, PERMISSION_GROUPS, TRANSPORT_ROLE
from rctango.intake.names import (
    command_server,
    command_target,
    connector_identity,
    property_text,
    server_in_default_name,
    server_in_old_default_name,
    server_name,
)
from rctango.intake.principals import trustee_kind
from rctango.intake.record import FieldReader, Record
from rctango.intake.rights import rights_of
from rctango.intake.values import bool_of, datetime_of, is_blank, limit_of, list_of, text_of
from rctango.model.rights import (
    ALL_RIGHTS,
    NO_RIGHTS,
    AccessEntry,
    AuthMechanism,
    PermissionGroups,
    Right,
    TransportRole,
    TrusteeKind,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rctango.formats.raw import RawObject
    from rctango.model.snapshot import Gap

_T = TypeVar("_T")

_LIMITS = {
    "max_inbound": "MaxInboundConnection",
    "max_inbound_per_source": "MaxInboundConnectionPerSource",
    "max_inbound_percentage_per_source": "MaxInboundConnectionPercentagePerSource",
}
_EXTENDED_RIGHT = 256
_SUBMISSION_PORT = 587
_WORST = frozenset(
    {
        TrusteeKind.ANONYMOUS,
        TrusteeKind.EVERYONE,
        TrusteeKind.EXTERNALLY_SECURED_SERVERS,
        TrusteeKind.UNRECOGNISED,
    }
)
_INHERIT_ONLY = frozenset({"descendents", "children", "2", "4"})


def read_connector(
    source: str, raw: RawObject, inside: str | None = None
) -> tuple[Record, list[Gap]]:
    """The facts of one receive connector; ``inside`` is the server of an enclosing object."""
    server, name = _identity(raw)
    server = server or inside
    record = Record(noun="connector", server=server, name=name or "(unnamed)")
    label = f"{server}\\{record.name}" if server else record.name
    reader = FieldReader(source, raw, record, label)
    record.changed = datetime_of(raw.get("WhenChangedUTC")) or datetime_of(raw.get("WhenChanged"))
    if name is None:
        reader.gap("Name", "the export does not name the connector")
    reader.boolean("enabled", "Enabled")
    reader.flags("transport_role", "TransportRole", TRANSPORT_ROLE, TransportRole)
    reader.flags("auth_mechanism", "AuthMechanism", AUTH_MECHANISM, AuthMechanism)
    reader.flags("permission_groups", "PermissionGroups", PERMISSION_GROUPS, PermissionGroups)
    reader.boolean("require_tls", "RequireTLS")
    reader.boolean("suppress_x_anonymous_tls", "SuppressXAnonymousTls")
    reader.text("fqdn", "Fqdn")
    reader.texts("tls_domain_capabilities", "TlsDomainCapabilities")
    _read_logging(reader)
    _read_limits(reader)
    _read_bindings(reader)
    _read_ranges(reader)
    if record.fields.get("transport_role") == TransportRole(0):
        del record.fields["transport_role"]
    if record.server is None:
        _guess_server(reader)
    return record, reader.gaps


def _identity(raw: RawObject) -> tuple[str | None, str | None]:
    server = server_name(property_text(raw, "Server", "ServerName"))
    name = property_text(raw, "Name")
    texts = [
        property_text(raw, "Identity"),
        property_text(raw, "DistinguishedName"),
        raw.text,
        command_target(raw.command),
    ]
    for text in texts:
        if text:
            found_server, found_name = connector_identity(text)
            server = server or server_name(found_server)
            name = name or found_name
    return server or server_name(command_server(raw.command)), name


def _guess_server(reader: FieldReader) -> None:
    """Find out from other properties whose connector it is, and say so."""
    record = reader.record
    for prop, server in (
        ("Fqdn", _server_by_fqdn(record)),
        ("Name", server_in_default_name(record.name)),
        ("Name", _server_by_old_name(record)),
    ):
        if server:
            record.server = server
            why = f"the export does not hold it; taken to be {server}, by {prop}"
            reader.gap("Server", why, unreadable=False)
            return


def _server_by_fqdn(record: Record) -> str | None:
    """With Exchange authentication, Fqdn has to be the name of the server.

    Source: https://learn.microsoft.com/powershell/module/exchangepowershell/set-receiveconnector
    """
    auth = record.fields.get("auth_mechanism", AuthMechanism.NONE)
    if auth & AuthMechanism.EXCHANGE_SERVER:
        return server_name(record.fields.get("fqdn"))
    return None


def _server_by_old_name(record: Record) -> str | None:
    """The server in ``Default SERVER`` or ``Client SERVER``, if the rest is as setup makes it."""
    found = server_in_old_default_name(record.name)
    if found is None:
        return None
    prefix, server = found
    auth = record.fields.get("auth_mechanism", AuthMechanism.EXCHANGE_SERVER)
    if prefix == "Default":
        return server if auth & AuthMechanism.EXCHANGE_SERVER else None
    bindings = record.fields.get("bindings")
    is_submission = bindings is None or any(one.port == _SUBMISSION_PORT for one in bindings)
    return server if is_submission else None


def _read_logging(reader: FieldReader) -> None:
    value = reader.raw.get("ProtocolLoggingLevel")
    if is_blank(value):
        return
    text = text_of(value) or ""
    level = {"verbose": True, "1": True, "none": False, "0": False}.get(text.strip().casefold())
    if level is None:
        reader.gap("ProtocolLoggingLevel", "is neither Verbose nor None")
    else:
        reader.put("verbose_logging", "ProtocolLoggingLevel", level)


def _read_limits(reader: FieldReader) -> None:
    for attribute, prop in _LIMITS.items():
        value = reader.raw.get(prop)
        if is_blank(value):
            continue
        limit = limit_of(value)
        is_percentage = attribute == "max_inbound_percentage_per_source"
        if limit is None or (is_percentage and not isinstance(limit, int)):
            reader.gap(prop, "is no number", unreadable=False)
        else:
            reader.put(attribute, prop, limit)


def _read_bindings(reader: FieldReader) -> None:
    bindings = _read_list(reader, "Bindings", Binding.parse)
    if bindings:
        reader.put("bindings", "Bindings", tuple(dict.fromkeys(bindings.items)))
        reader.record.fields["bindings_complete"] = bindings.complete


def _read_ranges(reader: FieldReader) -> None:
    ranges = _read_list(reader, "RemoteIPRanges", read_range)
    if ranges:
        for entry in ranges.items:
            for warning in entry.warnings:
                reader.gap("RemoteIPRanges", warning, unreadable=False)
        reader.put("remote_ranges", "RemoteIPRanges", tuple(ranges.items))
        reader.record.fields["remote_ranges_complete"] = ranges.complete


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read(Generic[_T]):
    items: list[_T]
    complete: bool


def _read_list(reader: FieldReader, prop: str, parse: Callable[[str], _T]) -> _Read[_T] | None:
    """The elements of a mandatory list; None when not one of them is there."""
    values = list_of(reader.raw.get(prop))
    if values is None:
        return None
    if values.lost:
        reader.gap(prop, values.lost)
    elif not values.items:
        reader.gap(prop, "the list is empty, which Exchange does not allow")
    items: list[_T] = []
    for text in values.items:
        try:
            items.append(parse(text))
        except AddressError as error:
            reader.gap(prop, str(error))
    complete = values.lost is None and len(items) == len(values.items)
    return _Read(items=items, complete=complete) if items else None


def read_permission(
    source: str, raw: RawObject, inside: str | None = None
) -> tuple[Record, list[Gap]]:
    """One access control entry, as a record of the connector it belongs to."""
    identity = property_text(raw, "Identity") or command_target(raw.command) or ""
    server, name = connector_identity(identity)
    record = Record(
        noun="connector",
        server=server_name(server) or inside,
        name=name or "(unnamed)",
        exists=False,
    )
    user = property_text(raw, "SecurityIdentifier", "Sid", "User") or ""
    reader = FieldReader(source, raw, record, f"{user or 'an entry'} on {identity or '?'}")
    if name is None:
        reader.gap("Identity", "the export does not say which connector the entry is on")
    kind = trustee_kind(user)
    concerned = kind is not TrusteeKind.OTHER
    deny = bool_of(raw.get("Deny"))
    if not user:
        reader.gap("User", "the export does not say whom the entry concerns")
        record.readable = False
    if deny is None and not is_blank(raw.get("Deny")):
        reader.gap("Deny", "is neither True nor False")
        record.readable = record.readable and not concerned
    entry = AccessEntry(
        trustee=kind,
        name=user,
        rights=_entry_rights(reader, kind, concerned=concerned),
        allow=not deny,
        inherited=bool_of(raw.get("IsInherited")),
        locator=raw.where("ExtendedRights"),
    )
    reader.put("access_entries", "ExtendedRights", (entry,))
    return record, reader.gaps


def _entry_rights(reader: FieldReader, kind: TrusteeKind, *, concerned: bool) -> Right:
    if (text_of(reader.raw.get("InheritanceType")) or "").strip().casefold() in _INHERIT_ONLY:
        return NO_RIGHTS
    names = list_of(reader.raw.get("ExtendedRights"), separators=r"[,;|]")
    if names is not None and names.lost:
        reader.gap("ExtendedRights", names.lost)
        reader.record.readable = reader.record.readable and not concerned
        return rights_of(names.items)
    if names is not None and names.items:
        return rights_of(names.items)
    return ALL_RIGHTS if _grants_all(reader, kind) else NO_RIGHTS


def _grants_all(reader: FieldReader, kind: TrusteeKind) -> bool:
    """Whether an entry that names no extended right stands for all of them.

    ``Get-ADPermission`` leaves the column empty for an entry of control access without an object
    type. Without AccessRights such an entry cannot be told from a harmless one: on the principals
    an unauthenticated session runs under it is taken at its worst.
    """
    rights = list_of(reader.raw.get("AccessRights"), separators=r"[,;|\s]+")
    if rights is None or rights.lost:
        if rights is not None and rights.lost and kind in _WORST:
            reader.gap("AccessRights", rights.lost)
        return kind in _WORST
    for text in rights.items:
        number = int(text) if text.isdecimal() else 0
        if text.casefold() in {"extendedright", "genericall"} or number & _EXTENDED_RIGHT:
            return True
    return False
