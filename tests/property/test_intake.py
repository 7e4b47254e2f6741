"""Laws of intake: encodings agree, order does not matter, nothing but a snapshot comes out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes import exchange
from fakes.powershell import clixml
from property.strategies import hostile_texts
from rctango.addresses import AddressRange, Binding, read_range
from unit.intake.samples import FAITHFUL, LOSSY, bare, read, whys

if TYPE_CHECKING:
    from fakes.powershell import PSObject
    from rctango.model.connector import Connector

RANGES = st.sampled_from(
    (
        "10.0.0.0/8",
        "10.1.2.3",
        "10.0.0.0-10.0.0.255",
        "192.168.0.0(255.255.0.0)",
        "0.0.0.0-255.255.255.255",
        "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db8::/32",
        "fe80::1",
        "2001:db8::1-2001:db8::ffff",
    )
) | st.integers(0, (1 << 32) - 1).map(
    lambda value: str(
        exchange.ip_range(
            f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}.{value & 255}"
        ).text
    )
)
BINDINGS = st.sampled_from(
    ("0.0.0.0:25", "[::]:25", ":::2525", "10.0.0.5:25", "[2001:db8::5]:587", "0.0.0.0:2525")
)
NAMES = st.text(
    alphabet=st.sampled_from("ABCxyz 019äßŁж中😀_-.;:|&<>()[]{}'\"$%#@!?*=`"),
    min_size=1,
    max_size=30,
).map(lambda text: "R" + " ".join(text.split()))
"""Any name that a window of text cannot blur: runs of blanks are one."""

AUTH = st.sampled_from(
    ("None", "Tls", "Tls, ExchangeServer", "Tls, Integrated, BasicAuth", "ExternalAuthoritative")
)
GROUPS = st.lists(
    st.sampled_from(("AnonymousUsers", "ExchangeUsers", "ExchangeServers", "Partners", "Custom")),
    min_size=1,
    unique=True,
).map(", ".join)


@dataclass(frozen=True)
class Plan:
    """The properties of a connector that decide; short enough to be shown."""

    server: str
    name: str
    bindings: list[str]
    ranges: list[str]
    role: str | None
    auth: str
    groups: str
    enabled: bool
    logging: str

    def built(self) -> PSObject:
        return exchange.receive_connector(
            self.server,
            self.name,
            self.bindings,
            self.ranges,
            transport_role=self.role,
            auth=self.auth,
            groups=self.groups,
            enabled=self.enabled,
            logging=self.logging,
        )


plans = st.builds(
    Plan,
    server=st.sampled_from(("EX01", "ex02", "SRV-3")),
    name=NAMES,
    bindings=st.lists(BINDINGS, min_size=1, max_size=4, unique=True),
    ranges=st.lists(RANGES, min_size=1, max_size=12, unique=True),
    role=st.sampled_from(("FrontendTransport", "HubTransport", None)),
    auth=AUTH,
    groups=GROUPS,
    enabled=st.booleans(),
    logging=st.sampled_from(("None", "Verbose")),
)
organisations = st.lists(
    plans, min_size=1, max_size=4, unique_by=lambda plan: (plan.server, plan.name.casefold())
)


def built(many: list[Plan]) -> list[PSObject]:
    return [plan.built() for plan in many]


def by_identity(found: tuple[Connector, ...]) -> dict[str, Connector]:
    return {one.identity: one for one in found}


@settings(deadline=None, max_examples=25)
@given(organisations, st.sampled_from(sorted(FAITHFUL)))
def test_every_encoding_says_the_same(plan: list[Plan], encoding: str) -> None:
    many = built(plan)
    if encoding == "csv-blank":  # its code page holds few of the letters
        encoding = "csv-comma"
    reference = read(clixml(many))
    snapshot = read(FAITHFUL[encoding](many))
    assert bare(snapshot) == bare(reference)
    assert not whys(snapshot, unreadable=True)


@settings(deadline=None, max_examples=25)
@given(organisations)
def test_what_is_read_is_what_was_exported(plan: list[Plan]) -> None:
    many = built(plan)
    found = by_identity(read(clixml(many)).connectors)
    assert len(found) == len(many)
    for thing in many:
        one = found[thing.text or ""]
        properties: dict[str, Any] = thing.properties
        assert [str(entry.range) for entry in one.remote_ranges or ()] == [
            str(read_range(item.text).range) for item in properties["RemoteIPRanges"].items
        ]
        assert one.bindings == tuple(
            dict.fromkeys(Binding.parse(item.text) for item in properties["Bindings"].items)
        )
        assert one.auth_mechanism == properties["AuthMechanism"].value
        assert one.permission_groups == properties["PermissionGroups"].value
        assert one.enabled is properties["Enabled"]
        assert one.verbose_logging is (properties["ProtocolLoggingLevel"].value == 1)


@settings(deadline=None, max_examples=25)
@given(organisations, st.sampled_from(sorted(LOSSY)))
def test_what_was_lost_is_never_taken_for_whole(plan: list[Plan], encoding: str) -> None:
    many = built(plan)
    whole = by_identity(read(clixml(many)).connectors)
    snapshot = read(LOSSY[encoding](many))
    assert by_identity(snapshot.connectors).keys() == whole.keys()
    for identity, one in by_identity(snapshot.connectors).items():
        for name in ("bindings", "remote_ranges"):
            value, before = getattr(one, name), getattr(whole[identity], name)
            if value != before:
                assert value is None or (value and not getattr(one, f"{name}_complete"))
                assert any(identity in line for line in whys(snapshot, unreadable=True))


@settings(deadline=None, max_examples=15)
@given(
    organisations,
    st.lists(st.sampled_from(sorted(FAITHFUL.keys() - {"csv-blank"})), min_size=2, max_size=4),
    st.randoms(use_true_random=False),
)
def test_the_order_of_exports_does_not_matter(
    plan: list[Plan], encodings: list[str], chance: Any
) -> None:
    many = built(plan)
    files = {
        f"{number} {encoding}": FAITHFUL[encoding](many)
        for number, encoding in enumerate(encodings)
    }
    names = list(files)
    chance.shuffle(names)
    shuffled = {name: files[name] for name in names}
    assert read(**shuffled) == read(**files)
    assert bare(read(**files)) == bare(read(clixml(many)))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile_texts(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(("Address", "Port", "Expression", "LowerBound", "value", "Name"))
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
PROPERTIES = st.sampled_from(
    (
        *("Name", "Identity", "Server", "Bindings", "RemoteIPRanges", "AuthMechanism", "Enabled"),
        *("PermissionGroups", "TransportRole", "Fqdn", "WhenChanged", "ProtocolLoggingLevel"),
        *("User", "ExtendedRights", "AccessRights", "Deny", "IsInherited", "InheritanceType"),
        *("DomainName", "DomainType", "AddressSpaces", "SmartHosts", "SourceTransportServers"),
        *("AdminDisplayVersion", "ServerRole", "IPAddress", "DefaultIPGateway", "IPSubnet"),
        *("IPv4Address", "InterfaceAlias", "IPv4DefaultGateway", "AllIPAddresses"),
        *("IPv4Addresses", "IPv6Addresses", "TransportAgentFactory", "Priority", "ServerName"),
        *("TlsDomainCapabilities", "DistinguishedName", "AntispamAgentsEnabled"),
    )
)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.dictionaries(PROPERTIES, VALUES, max_size=10), max_size=5))
def test_any_values_give_a_snapshot(objects: list[dict[str, Any]]) -> None:
    snapshot = read(json.dumps(objects))
    assert sum(item.objects for item in snapshot.evidence) >= len(objects)
    for one in snapshot.connectors:
        assert one.remote_ranges != ()
        assert one.bindings != ()
        assert all(isinstance(entry.range, AddressRange) for entry in one.remote_ranges or ())
    for gap in snapshot.gaps:
        assert gap.what
        assert gap.why


@settings(deadline=None, max_examples=100)
@given(st.lists(hostile_texts(), min_size=1, max_size=5))
def test_no_range_is_dropped_without_a_word(texts: list[str]) -> None:
    thing = {"Name": "R", "Server": "EX01", "RemoteIPRanges": texts}
    snapshot = read(json.dumps(thing))
    (one,) = snapshot.connectors
    given_texts = [text for text in texts if text.strip()]
    if len(one.remote_ranges or ()) < len(given_texts):
        assert one.remote_ranges is None or not one.remote_ranges_complete
        assert whys(snapshot, unreadable=True)
