"""Receive connectors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from rctango.model.origin import Origin, origin_of

if TYPE_CHECKING:
    from datetime import datetime

    from rctango.addresses import Binding, RangeText
    from rctango.model.rights import AccessEntry, AuthMechanism, PermissionGroups, TransportRole


class Unlimited(Enum):
    """The value of a limit that is off; Exchange prints it as ``Unlimited``."""

    UNLIMITED = "Unlimited"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One receive connector of one server.

    Property names follow ``Get-ReceiveConnector``
    (https://learn.microsoft.com/powershell/module/exchangepowershell/set-receiveconnector).

    Attributes:
        server: the name of the server it belongs to.
        name: its own name.
        bindings_complete: False when the export lost some of the bindings.
        remote_ranges_complete: False when the export lost some of the ranges, or an entry
            could not be read.
        verbose_logging: whether ``ProtocolLoggingLevel`` is Verbose.
        max_inbound: ``MaxInboundConnection``: connections at the same time.
        max_inbound_per_source: ``MaxInboundConnectionPerSource``: those from one address.
        max_inbound_percentage_per_source: ``MaxInboundConnectionPercentagePerSource``: the same as
            a percentage of the connections that are still free.
        access_entries: the access control entries, when ``Get-ADPermission`` was collected.
        facts: where each property was read, as (attribute name, origin).
    """

    server: str
    name: str
    enabled: bool | None = None
    transport_role: TransportRole | None = None
    bindings: tuple[Binding, ...] | None = None
    bindings_complete: bool = True
    remote_ranges: tuple[RangeText, ...] | None = None
    remote_ranges_complete: bool = True
    auth_mechanism: AuthMechanism | None = None
    permission_groups: PermissionGroups | None = None
    access_entries: tuple[AccessEntry, ...] | None = None
    verbose_logging: bool | None = None
    max_inbound: int | Unlimited | None = None
    max_inbound_per_source: int | Unlimited | None = None
    max_inbound_percentage_per_source: int | None = None
    require_tls: bool | None = None
    suppress_x_anonymous_tls: bool | None = None
    fqdn: str | None = None
    tls_domain_capabilities: tuple[str, ...] | None = None
    when_changed: datetime | None = None
    facts: tuple[tuple[str, Origin], ...] = ()

    @property
    def identity(self) -> str:
        r"""``SERVER\Name``, as Exchange writes it."""
        return f"{self.server}\\{self.name}"

    def origin(self, *names: str) -> tuple[Origin, ...]:
        """Where the named properties were read; those not collected are left out."""
        found = (origin_of(self.facts, name) for name in names)
        return tuple(origin for origin in found if origin is not None)
