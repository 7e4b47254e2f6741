"""The Exchange builders: shapes, defaults and access entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from psrpcore.types import PSCryptoProvider, deserialize_clixml

from fakes.exchange import (
    SIDS,
    WHOLE_IPV4,
    accepted_domain,
    ad_permission,
    anonymous_relay_aces,
    default_aces,
    default_connectors,
    exchange_server,
    externally_secured_aces,
    ip_range,
    net_ip_configuration,
    receive_connector,
    send_connector,
    transport_agent,
    transport_service,
    win32_adapter,
)
from fakes.powershell import PSObject, clixml, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable


def read(objects: Iterable[PSObject], *, deserialized: bool = False) -> list[Any]:
    text = clixml(objects, encoding="utf-8", deserialized=deserialized).decode()
    return deserialize_clixml(text, PSCryptoProvider())


@pytest.mark.parametrize(
    ("text", "notation", "low", "high", "size", "printed"),
    [
        ("192.168.1.1", "SingleAddress", "192.168.1.1", "192.168.1.1", "::1", "192.168.1.1"),
        ("10.0.5.77/24", "CIDR", "10.0.5.0", "10.0.5.255", "::100", "10.0.5.0/24"),
        ("10.1.0.0/16", "CIDR", "10.1.0.0", "10.1.255.255", "0.1.0.0", "10.1.0.0/16"),
        (
            "10.0.5.0(255.255.255.0)",
            "Netmask",
            "10.0.5.0",
            "10.0.5.255",
            "::100",
            "10.0.5.0(255.255.255.0)",
        ),
        (
            WHOLE_IPV4,
            "LoHi",
            WHOLE_IPV4.partition("-")[0],
            "255.255.255.255",
            "::1:0:0",
            WHOLE_IPV4,
        ),
        ("2001:db8::/64", "CIDR", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff", "0:0:0:1::", ""),
        ("::/0", "CIDR", "::", ":".join(["ffff"] * 8), ":".join(["ffff"] * 8), "::/0"),
    ],
)
def test_ranges(text: str, notation: str, low: str, high: str, size: str, printed: str) -> None:
    entry = ip_range(text)
    assert entry.properties == {
        "LowerBound": low,
        "UpperBound": high,
        "RangeFormat": notation,
        "Size": size,
        "Expression": text,
    }
    assert entry.text == (printed or text)


def test_a_connector_comes_back_from_clixml() -> None:
    connector = receive_connector("EX19", "Relay", ("[::]:25", "0.0.0.0:25"), ("10.0.0.0/24",))
    (back,) = read([connector])
    assert back.PSObject.to_string == "EX19\\Relay"
    assert back.Server.PSObject.to_string == "EX19"
    assert [item.PSObject.to_string for item in back.Bindings] == ["[::]:25", "0.0.0.0:25"]
    assert back.RemoteIPRanges[0].UpperBound == "10.0.0.255"
    assert back.Id is back.Identity
    assert (back.AuthMechanism, back.PermissionGroups, back.TransportRole) == (1, 1, 16384)


def test_a_deserialized_connector_holds_only_texts() -> None:
    (back,) = read([receive_connector("EX19", "Relay")], deserialized=True)
    assert "Deserialized.Microsoft.Exchange.Data.Directory" in back.PSTypeNames[0]
    assert list(back.RemoteIPRanges) == [WHOLE_IPV4]
    assert back.PermissionGroups == "AnonymousUsers"


@pytest.mark.parametrize(
    ("version", "roles", "expected"),
    [
        (
            (15, 2),
            "Mailbox",
            {
                "Default X": ("2525", "HubTransport", 31, 14),
                "Client Proxy X": ("465", "HubTransport", 31, 6),
                "Default Frontend X": ("25", "FrontendTransport", 31, 13),
                "Outbound Proxy Frontend X": ("717", "FrontendTransport", 31, 4),
                "Client Frontend X": ("587", "FrontendTransport", 15, 2),
            },
        ),
        (
            (15, 0),
            "Mailbox",
            {
                "Default X": ("25", "HubTransport", 31, 14),
                "Client Proxy X": ("465", "HubTransport", 31, 6),
            },
        ),
        (
            (15, 0),
            "ClientAccess",
            {
                "Default Frontend X": ("25", "FrontendTransport", 31, 13),
                "Outbound Proxy Frontend X": ("717", "FrontendTransport", 31, 4),
                "Client Frontend X": ("587", "FrontendTransport", 15, 2),
            },
        ),
        (
            (14, 3),
            "Mailbox, ClientAccess, HubTransport",
            {"Default X": ("25", None, 31, 14), "Client X": ("587", None, 15, 2)},
        ),
        ((14, 3), "Mailbox", {}),
        (
            (15, 2),
            "Edge",
            {"Default internal receive connector X": ("25", "HubTransport", 17, 21)},
        ),
    ],
)
def test_default_connectors(
    version: tuple[int, int], roles: str, expected: dict[str, tuple[str, str | None, int, int]]
) -> None:
    found = {}
    for connector in default_connectors("X", version, roles):
        values = connector.properties
        found[values["Name"]] = (
            (text_of(values["Bindings"].items[0]) or "").rpartition(":")[2],
            text_of(values.get("TransportRole")),
            values["AuthMechanism"].value,
            values["PermissionGroups"].value,
        )
    assert found == expected


def test_an_edge_default_is_ipv4_only() -> None:
    (edge,) = default_connectors("EDGE1", (15, 2), "Edge")
    assert text_of(edge.properties["Bindings"]) == "0.0.0.0:25"
    assert text_of(edge.properties["RemoteIPRanges"]) == WHOLE_IPV4


def test_properties_that_an_old_version_lacks_are_absent() -> None:
    old = receive_connector("EX10", "Relay", transport_role=None, version=(14, 3)).properties
    new = receive_connector("EX19", "Relay").properties
    assert new.keys() - old.keys() >= {"TransportRole", "SmtpUtf8Enabled", "AuthTarpitInterval"}


def test_the_entry_without_a_type_shows_no_right() -> None:
    entry = ad_permission("EX19\\Relay", SIDS["anonymous"])
    assert entry.properties["ExtendedRights"] is None
    assert text_of(entry.properties["AccessRights"]) == "ExtendedRight"


def granted(entries: Iterable[PSObject], user: str) -> set[str | None]:
    return {
        text_of(entry.properties["ExtendedRights"])
        for entry in entries
        if text_of(entry.properties["User"]) == user and not entry.properties["Deny"]
    }


def test_an_anonymous_relay_in_german() -> None:
    entries = anonymous_relay_aces("EX16B\\Relay", language="de")
    rights = granted(entries, "NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG")
    assert len(rights) == 5
    assert "ms-Exch-SMTP-Accept-Any-Recipient" in rights


def test_externally_secured_servers_may_relay_but_hold_no_forest_headers() -> None:
    entries = externally_secured_aces("EX16B\\Relay", language="sid")
    rights = granted(entries, SIDS["externally secured"])
    assert len(rights) == 9
    assert "ms-Exch-SMTP-Accept-Any-Recipient" in rights
    assert "ms-Exch-Accept-Headers-Forest" not in rights


def test_legacy_servers_are_denied_two_headers() -> None:
    entries = default_aces("EX10\\Default EX10", "ExchangeLegacyServers", version=(14, 3))
    assert sum(entry.properties["Deny"] for entry in entries) == 2


def test_everything_else_comes_back_from_clixml() -> None:
    objects = (
        exchange_server("EX10", (14, 3), "Mailbox, ClientAccess, HubTransport"),
        transport_service("EX19"),
        accepted_domain("*.fabrikam.com", "InternalRelay"),
        send_connector("Internet", ("[10.20.9.40]",), source_servers=("EX16A", "EX16B")),
        transport_agent("EX19", "Sender Id Agent"),
        win32_adapter("EX10", ("192.168.1.10",), ("192.168.1.254",)),
        win32_adapter("EX10", ("192.168.1.10",), cim=False),
        net_ip_configuration("EX19", ("10.20.2.19", "2001:db8:20:2::19"), ("10.20.2.1",)),
    )
    server, service, domain, send, agent, adapter, wmi, network = read(objects)
    assert server.ServerRole == 38
    assert server.AdminDisplayVersion.PSObject.to_string == "Version 14.3 (Build 123.4)"
    assert service.ReceiveProtocolLogMaxAge.PSObject.to_string == "30.00:00:00"
    assert domain.DomainType == 2
    assert [host.PSObject.to_string for host in send.SmartHosts] == ["[10.20.9.40]"]
    assert agent.Identity == "Sender Id Agent"
    assert list(adapter.DefaultIPGateway) == ["192.168.1.254"]
    assert wmi.DefaultIPGateway is None
    assert network.IPv4Address[0] is network.AllIPAddresses[0]
    assert network.IPv4DefaultGateway[0].NextHop == "10.20.2.1"
