"""Who has an address, and which addresses lie in the subnet of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.addresses import AddressRange, Family, RangeSet
from rctango.analysis.flows import usable_addresses
from rctango.analysis.logged import known_address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.addresses import Address
    from rctango.analysis.view import View
    from rctango.model.observation import Traffic
    from rctango.model.server import Appliance

_PREFIX = {Family.IPV4: 24, Family.IPV6: 64}


class Neighbours:
    """The machines and devices that evidence and logs know by address.

    Attributes:
        servers: the Exchange server that has an address; local endpoints of the logs count.
        gateways: the servers that have an address as default gateway.
    """

    def __init__(self, traffic: Traffic, view: View | None) -> None:
        self.servers: dict[Address, str] = {}
        self.gateways: dict[Address, list[str]] = {}
        self._devices: tuple[Appliance, ...] = ()
        for profile in traffic.sources:
            local = known_address(profile.local)
            if local is not None and not local.is_loopback:
                self.servers.setdefault(local, profile.server or "")
        self._logged = _subnets(self.servers)
        self._exported = RangeSet()
        if view is not None:
            self._read(view)

    def _read(self, view: View) -> None:
        self._devices = view.snapshot.appliances or ()
        exported: dict[Address, str] = {}
        for server in view.snapshot.servers:
            exported |= dict.fromkeys(usable_addresses(server) or (), server.name)
            for gateway in server.gateways or ():
                self.gateways.setdefault(gateway, []).append(server.name)
        self.servers |= exported
        self._exported = _subnets(exported)

    def device(self, address: Address | None) -> Appliance | None:
        """The declared device that has the address."""
        if address is None:
            return None
        return next((one for one in self._devices if address in one.addresses), None)

    def is_server(self, address: Address | None) -> bool:
        """Whether an Exchange server has the address, or any loopback address was logged."""
        return address is not None and (address.is_loopback or address in self.servers)

    def name_of(self, address: Address | None) -> str:
        """The name of the server or declared device that has the address; empty for others."""
        if address is not None and address in self.servers:
            return self.servers[address]
        device = self.device(address)
        return device.name if device else ""

    def subnet(self, address: Address | None) -> str:
        """In whose subnet the address lies, in words; empty when in none that is known."""
        if address is None:
            return ""
        length = _PREFIX[address.family]
        if address in self._exported:
            return f"the same /{length} as an Exchange server of the evidence"
        if address in self._logged:
            return f"the same /{length} as a local endpoint in the logs"
        return ""


def _subnets(addresses: Iterable[Address]) -> RangeSet:
    return RangeSet.of(
        AddressRange.network(one.family, one.value, _PREFIX[one.family]) for one in addresses
    )
