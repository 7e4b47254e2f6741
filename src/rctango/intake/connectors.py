"""Reading ``Get-ReceiveConnector`` and ``Get-ADPermission`` output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import Binding, RangeText, read_range
from rctango.errors import AddressError
from rctango.intake.enums import AUTH_MECHANISM, PERMISSION_GROUPS, TRANSPORT_ROLE
from rctango.intake.names import (
    command_target,
    connector_identity,
    property_text,
    server_in_default_name,
    server_name,
)
from rctango.intake.principals import trustee_kind
from rctango.intake.record import FieldReader, Record
from rctango.intake.rights import rights_of
from rctango.intake.values import bool_of, datetime_of, list_of, text_of
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
    from rctango.formats.raw import RawObject
    from rctango.model.snapshot import Gap

_EXTENDED_RIGHT = 256
_INHERIT_ONLY = frozenset({"descendents", "children", "2", "4"})


def read_connector(source: str, raw: RawObject) -> tuple[Record, list[Gap]]:
    """The facts of one receive connector."""
    server, name = _identity(raw)
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
    _read_bindings(reader)
    _read_ranges(reader)
    if record.fields.get("transport_role") == TransportRole(0):
        del record.fields["transport_role"]
    if record.server is None:
        record.server = _server_by_fqdn(record)
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
    if server is None and name is not None:
        server = server_in_default_name(name)
    return server, name


def _server_by_fqdn(record: Record) -> str | None:
    """With Exchange authentication, Fqdn has to be the name of the server.

    Source: https://learn.microsoft.com/powershell/module/exchangepowershell/set-receiveconnector
    """
    auth = record.fields.get("auth_mechanism", AuthMechanism.NONE)
    if auth & AuthMechanism.EXCHANGE_SERVER:
        return server_name(record.fields.get("fqdn"))
    return None


def _read_logging(reader: FieldReader) -> None:
    text = text_of(reader.raw.get("ProtocolLoggingLevel"))
    if text is None:
        return
    level = {"verbose": True, "1": True, "none": False, "0": False}.get(text.strip().casefold())
    if level is None:
        reader.gap("ProtocolLoggingLevel", "is neither Verbose nor None")
    else:
        reader.put("verbose_logging", "ProtocolLoggingLevel", level)


def _read_bindings(reader: FieldReader) -> None:
    values = list_of(reader.raw.get("Bindings"))
    if values is None:
        return
    complete = values.lost is None
    if values.lost:
        reader.gap("Bindings", values.lost)
    bindings: list[Binding] = []
    for text in values.items:
        try:
            bindings.append(Binding.parse(text))
        except AddressError as error:
            reader.gap("Bindings", str(error))
            complete = False
    if bindings or complete:
        reader.put("bindings", "Bindings", tuple(dict.fromkeys(bindings)))
        reader.record.fields["bindings_complete"] = complete


def _read_ranges(reader: FieldReader) -> None:
    values = list_of(reader.raw.get("RemoteIPRanges"))
    if values is None:
        return
    complete = values.lost is None
    if values.lost:
        reader.gap("RemoteIPRanges", values.lost)
    ranges: list[RangeText] = []
    for text in values.items:
        try:
            entry = read_range(text)
        except AddressError as error:
            reader.gap("RemoteIPRanges", str(error))
            complete = False
            continue
        ranges.append(entry)
        for warning in entry.warnings:
            reader.gap("RemoteIPRanges", warning, unreadable=False)
    if complete and not ranges:
        reader.gap("RemoteIPRanges", "the list is empty, which Exchange does not allow")
        complete = False
    if ranges:
        reader.put("remote_ranges", "RemoteIPRanges", tuple(ranges))
        reader.record.fields["remote_ranges_complete"] = complete


def read_permission(source: str, raw: RawObject) -> tuple[Record, list[Gap]]:
    """One access control entry, as a record of the connector it belongs to."""
    identity = property_text(raw, "Identity") or command_target(raw.command) or ""
    server, name = connector_identity(identity)
    record = Record(noun="connector", server=server_name(server), name=name or "(unnamed)")
    user = property_text(raw, "SecurityIdentifier", "Sid", "User") or ""
    reader = FieldReader(source, raw, record, f"{user or 'an entry'} on {identity or '?'}")
    if name is None:
        reader.gap("Identity", "the export does not say which connector the entry is on")
    if not user:
        reader.gap("User", "the export does not say whom the entry concerns")
    kind = trustee_kind(user)
    entry = AccessEntry(
        trustee=kind,
        name=user,
        rights=_entry_rights(reader, kind),
        allow=not bool_of(raw.get("Deny")),
        inherited=bool_of(raw.get("IsInherited")),
        locator=raw.where("ExtendedRights"),
    )
    reader.put("access_entries", "ExtendedRights", (entry,))
    return record, reader.gaps


def _entry_rights(reader: FieldReader, kind: TrusteeKind) -> Right:
    if (text_of(reader.raw.get("InheritanceType")) or "").strip().casefold() in _INHERIT_ONLY:
        return NO_RIGHTS
    names = list_of(reader.raw.get("ExtendedRights"), separators=r"[,;|]")
    if names is not None and names.lost:
        reader.gap("ExtendedRights", names.lost)
    if names is not None and names.items:
        return rights_of(names.items)
    if names is not None and names.lost:
        return NO_RIGHTS
    return ALL_RIGHTS if _grants_all(reader, kind) else NO_RIGHTS


def _grants_all(reader: FieldReader, kind: TrusteeKind) -> bool:
    """Whether an entry that names no extended right stands for all of them.

    ``Get-ADPermission`` leaves the column empty for an entry of control access without an object
    type. Without AccessRights such an entry cannot be told from a harmless one: on the principals
    an unauthenticated session runs under it is taken at its worst.
    """
    rights = list_of(reader.raw.get("AccessRights"), separators=r"[,;|\s]+")
    if rights is None:
        return kind in {TrusteeKind.ANONYMOUS, TrusteeKind.EXTERNALLY_SECURED_SERVERS}
    for text in rights.items:
        number = int(text) if text.isdecimal() else 0
        if text.casefold() in {"extendedright", "genericall"} or number & _EXTENDED_RIGHT:
            return True
    return False
