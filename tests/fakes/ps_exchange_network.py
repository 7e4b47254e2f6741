"""Network adapters: Win32_NetworkAdapterConfiguration and Get-NetIPConfiguration."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fakes.powershell import PSList, PSNumber, PSObject
from fakes.ps_exchange_values import DOMAIN

_CIM = "Microsoft.Management.Infrastructure.CimInstance"
_FOREVER = timedelta(days=10_675_199)


def _strings(items: tuple[str, ...]) -> PSList | None:
    return PSList("System.String[]", items) if items else None


def _is_ipv6(text: str) -> bool:
    return ":" in text


def win32_adapter(
    server: str,
    addresses: tuple[str, ...],
    gateways: tuple[str, ...] = (),
    *,
    index: int = 1,
    cim: bool = True,
    enabled: bool = True,
) -> PSObject:
    """One adapter as Get-CimInstance (or Get-WmiObject, ``cim=False``) returns it."""
    description = "Ethernet Adapter"
    masks = tuple("64" if _is_ipv6(text) else "255.255.255.0" for text in addresses)
    metrics = PSList("System.UInt16[]", tuple(PSNumber("U16", 256) for _ in gateways))
    own: dict[str, Any] = {
        "Caption": f"[{index:08}] {description}",
        "DefaultIPGateway": _strings(gateways),
        "Description": description,
        "DHCPEnabled": False,
        "DHCPServer": None,
        "DNSDomain": None,
        "DNSDomainSuffixSearchOrder": _strings((DOMAIN,)),
        "DNSHostName": server,
        "DNSServerSearchOrder": _strings(("10.20.3.10",)),
        "GatewayCostMetric": metrics if gateways else None,
        "Index": PSNumber("U32", index),
        "InterfaceIndex": PSNumber("U32", index + 6),
        "IPAddress": _strings(addresses),
        "IPConnectionMetric": PSNumber("U32", 15),
        "IPEnabled": enabled,
        "IPFilterSecurityEnabled": False,
        "IPSubnet": _strings(masks),
        "MACAddress": f"00:00:5E:00:53:{index:02X}",
        "MTU": None,
        "ServiceName": "netvsc",
    }
    if cim:
        return _cim_adapter(server, own)
    return _wmi_adapter(server, index, own)


def _cim_adapter(server: str, own: dict[str, Any]) -> PSObject:
    name = "Win32_NetworkAdapterConfiguration"
    types = (
        f"{_CIM}#root/cimv2/{name}",
        f"{_CIM}#root/cimv2/CIM_Setting",
        f"{_CIM}#{name}",
        f"{_CIM}#CIM_Setting",
        _CIM,
        "System.Object",
    )
    text = f"{name}: {own['Description']} (Index = {own['Index'].value})"
    return PSObject(types, text, own | {"PSComputerName": server}, {"PSShowComputerName": True})


def _wmi_adapter(server: str, index: int, own: dict[str, Any]) -> PSObject:
    name = "Win32_NetworkAdapterConfiguration"
    management = "System.Management.ManagementObject"
    path = f"{name}.Index={index}"
    system: dict[str, Any] = {
        "__GENUS": 2,
        "__CLASS": name,
        "__SUPERCLASS": "CIM_Setting",
        "__DYNASTY": "CIM_Setting",
        "__RELPATH": path,
        "__PROPERTY_COUNT": len(own),
        "__DERIVATION": _strings(("CIM_Setting",)),
        "__SERVER": server,
        "__NAMESPACE": r"root\cimv2",
        "__PATH": rf"\\{server}\root\cimv2:{path}",
    }
    types = (
        rf"{management}#root\cimv2\{name}",
        rf"{management}#root\cimv2\CIM_Setting",
        f"{management}#{name}",
        f"{management}#CIM_Setting",
        management,
        "System.Management.ManagementBaseObject",
        "System.ComponentModel.Component",
        "System.MarshalByRefObject",
        "System.Object",
    )
    return PSObject(types, system["__PATH"], system | own, {"PSComputerName": server})


def net_ip_configuration(
    server: str,
    addresses: tuple[str, ...],
    gateways: tuple[str, ...] = (),
    *,
    index: int = 7,
    alias: str = "Ethernet",
) -> PSObject:
    """One interface as Get-NetIPConfiguration returns it: CIM objects inside a plain object."""
    every = tuple(_net_ip_address(text, alias, index) for text in addresses)
    routes = tuple(_net_route(text, alias, index) for text in gateways)
    ipv6_routes = tuple(route for route in routes if _is_ipv6(route.properties["NextHop"]))
    ipv4_routes = tuple(route for route in routes if not _is_ipv6(route.properties["NextHop"]))
    by_family = {
        family: tuple(item for item in every if item.properties[f"{family}Address"] is not None)
        for family in ("IPv4", "IPv6")
    }
    properties: dict[str, Any] = {
        "ComputerName": server,
        "InterfaceAlias": alias,
        "InterfaceIndex": index,
        "InterfaceDescription": "Ethernet Adapter",
        "CompartmentId": 1,
        "NetAdapter": _net_adapter(server, alias),
        "AllIPAddresses": _cims(every),
        "IPv6Address": _cims(by_family["IPv6"]),
        "IPv6TemporaryAddress": _cims(()),
        "IPv6LinkLocalAddress": _cims(()),
        "IPv4Address": _cims(by_family["IPv4"]),
        "IPv6DefaultGateway": _cims(ipv6_routes) if ipv6_routes else None,
        "IPv4DefaultGateway": _cims(ipv4_routes) if ipv4_routes else None,
        "DNSServer": _cims(()),
        "Detailed": False,
    }
    return PSObject(("NetIPConfiguration", "System.Object"), "NetIPConfiguration", properties)


def _cims(items: tuple[PSObject, ...]) -> PSList:
    return PSList(f"{_CIM}[]", items)


def _cim_types(name: str) -> tuple[str, ...]:
    return (f"{_CIM}#root/StandardCimv2/{name}", f"{_CIM}#{name}", _CIM, "System.Object")


def _net_adapter(server: str, alias: str) -> PSObject:
    properties: dict[str, Any] = {
        "Name": alias,
        "SystemName": f"{server}.{DOMAIN}",
        "Status": None,
        "NetworkAddresses": _strings(("00005E005301",)),
        "PermanentAddress": "00005E005301",
        "Virtual": False,
    }
    return PSObject(
        _cim_types("MSFT_NetAdapter"), f'MSFT_NetAdapter (Name = "{alias}")', properties
    )


def _net_ip_address(text: str, alias: str, index: int) -> PSObject:
    ipv6 = _is_ipv6(text)
    properties: dict[str, Any] = {
        "Name": None,
        "IPv4Address": None if ipv6 else text,
        "IPv6Address": text if ipv6 else None,
        "PrefixLength": PSNumber("By", 64 if ipv6 else 24),
        "AddressFamily": PSNumber("U16", 23 if ipv6 else 2),
        "AddressState": PSNumber("U16", 4),
        "InterfaceAlias": alias,
        "InterfaceIndex": PSNumber("U32", index),
        "IPAddress": text,
        "PreferredLifetime": _FOREVER,
        "PrefixOrigin": PSNumber("U16", 1),
        "SkipAsSource": False,
        "Store": PSNumber("By", 1),
        "Type": PSNumber("By", 1),
        "PSComputerName": None,
    }
    family = "IPv6" if ipv6 else "IPv4"
    extra = {"PrefixOrigin": "Manual", "AddressFamily": family, "AddressState": "Preferred"}
    return PSObject(_cim_types("MSFT_NetIPAddress"), text, properties, extra)


def _net_route(gateway: str, alias: str, index: int) -> PSObject:
    ipv6 = _is_ipv6(gateway)
    properties: dict[str, Any] = {
        "RouteMetric": PSNumber("U16", 256),
        "TypeOfRoute": PSNumber("U16", 3),
        "AddressFamily": PSNumber("U16", 23 if ipv6 else 2),
        "DestinationPrefix": "::/0" if ipv6 else "0.0.0.0/0",
        "InterfaceAlias": alias,
        "InterfaceIndex": PSNumber("U32", index),
        "NextHop": gateway,
        "PSComputerName": None,
    }
    text = f'MSFT_NetRoute (InstanceID = ":8:8:8:9:55?{index}:55;")'
    extra = {"AddressFamily": "IPv6" if ipv6 else "IPv4", "State": "Alive"}
    return PSObject(_cim_types("MSFT_NetRoute"), text, properties, extra)
