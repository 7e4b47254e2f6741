"""Nothing of the names and addresses is left, and what belongs together stays together."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rctango.demo.plan import Plan
from rctango.demo.write import write
from rctango.errors import ConfigError, EvidenceError
from rctango.traffic.pseudonyms import KEY_VARIABLE, Pseudonyms, pseudonymise, read_key
from rctango.traffic.schema import ProxiedClient, Recipients
from rctango.traffic.store import Store
from unit.traffic.facts import fact
from unit.traffic.reads import all_facts, store_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv6Address
    from pathlib import Path

    from rctango.traffic.schema import SessionFacts

KEY = b"0123456789abcdef"
NAMES = Pseudonyms(KEY, ["corp.example", "*.branch.example"])

ipv4 = st.ip_addresses(v=4).map(str)
ipv6 = st.ip_addresses(v=6).map(str)
private = st.one_of(
    *(
        st.ip_addresses(network=network).map(str)
        for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8")
    )
)


def network(text: str) -> object:
    address = ip_address(text)
    return ip_network((address, 24 if address.version == 4 else 64), strict=False)


def same(one: IPv4Address | IPv6Address, two: IPv4Address | IPv6Address) -> bool:
    return (one.version, one.is_loopback, one.is_link_local, one.is_unspecified) == (
        two.version,
        two.is_loopback,
        two.is_link_local,
        two.is_unspecified,
    )


@settings(deadline=None)
@given(ipv4 | ipv6 | private)
@example("febd:181:5a00:8800::")
@example("fe11::1")
@example("fec0::1")
def test_an_address_becomes_one_of_its_kind(text: str) -> None:
    found = NAMES.address(text)
    assert same(ip_address(found), ip_address(text))
    assert Pseudonyms(KEY).address(text) == found


@settings(deadline=None)
@given(private)
def test_a_private_address_stays_private(text: str) -> None:
    assert ip_address(NAMES.address(text)).is_private


@settings(deadline=None)
@given(st.sampled_from(["8.8.8.8", "52.1.2.3", "2a00::1", "1.1.1.1"]))
def test_a_public_address_stays_public(text: str) -> None:
    found = ip_address(NAMES.address(text))
    rfc1918 = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    assert not any(found in ip_network(one) for one in rfc1918)
    assert not found.is_multicast


@settings(deadline=None)
@given(st.lists(ipv4 | private, min_size=2, max_size=2) | st.lists(ipv6, min_size=2, max_size=2))
def test_no_two_addresses_become_one_and_networks_stay_together(texts: list[str]) -> None:
    first, second = (NAMES.address(text) for text in texts)
    assert (first == second) == (texts[0] == texts[1])
    assert (network(first) == network(second)) == (network(texts[0]) == network(texts[1]))


@pytest.mark.parametrize(
    "prefix", ["10.1.1.", "203.0.113.", "fe80::", "2001:db8:1:2::", "::ffff:10.1.1."]
)
def test_a_whole_network_stays_one(prefix: str) -> None:
    found = {NAMES.address(f"{prefix}{host}") for host in range(1, 100)}
    assert len(found) == 99
    assert len({network(one) for one in found}) == 1


@settings(deadline=None)
@given(st.integers(1, 300), st.data())
def test_permutations(size: int, data: st.DataObject) -> None:
    kind = data.draw(st.text(max_size=3))
    found = [NAMES._permute(kind, value, size) for value in range(size)]
    assert sorted(found) == list(range(size))


def test_another_key_gives_others() -> None:
    other = Pseudonyms(KEY[::-1])
    for text in ("10.1.1.5", "8.8.8.8", "2001:db8::1"):
        assert other.address(text) != NAMES.address(text)
    assert other.name("app20") != NAMES.name("app20")


def test_texts_that_are_no_addresses() -> None:
    assert NAMES.address("") == ""
    assert NAMES.address("x.x.x.x").startswith("host-")
    assert NAMES.address("127.0.0.1") == "127.0.0.1"
    assert NAMES.address("::1") == "::1"


def test_address_literals_stay_literals() -> None:
    inside = NAMES.address("10.1.1.5")
    assert NAMES.name("[10.1.1.5]") == NAMES.domain("[10.1.1.5]") == f"[{inside}]"
    assert NAMES.name("10.1.1.5") == inside
    assert NAMES.name("[IPv6:fd00::9%12]") == f"[{NAMES.address('fd00::9')}]"


def test_names_keep_what_belongs_together() -> None:
    host, server = NAMES.name("EX01.corp.example"), NAMES.label("EX01")
    assert host == f"{server}.{NAMES.domain('corp.example')}"
    assert NAMES.connector("EX01\\Relay") == f"{server}\\{NAMES.label('Relay')}"
    assert NAMES.connector("") == NAMES.name("") == NAMES.label("") == NAMES.session("") == ""


def test_accepted_domains_can_be_told() -> None:
    for domain in ("corp.example", "a.branch.example"):
        assert NAMES.domain(domain).endswith(".own.example")
    for domain in ("sub.corp.example", "elsewhere.example", "notbranch.example"):
        assert NAMES.domain(domain).endswith(".foreign.example")
    assert Pseudonyms(KEY).domain("corp.example").endswith(".foreign.example")
    assert NAMES.domain("<>") == "<>"
    assert NAMES.domain("") == ""


def test_free_text_is_kept_only_where_it_is_known() -> None:
    given = fact(
        ended="Remote(ConnectionReset)",
        tls_protocol="SP_PROT_TLS1_2",
        auth_mechanism="NTLM",
        permissions="SMTPSubmit SMTPAcceptAnyRecipient AcceptRoutingHeaders CORP-secret",
    )
    found = NAMES.facts(given)
    assert (found.ended, found.tls_protocol, found.auth_mechanism) == (
        given.ended,
        given.tls_protocol,
        given.auth_mechanism,
    )
    assert found.permissions == "SMTPSubmit SMTPAcceptAnyRecipient AcceptRoutingHeaders other"
    odd = fact(ended="by admin@corp", tls_protocol="corp", auth_mechanism="CORP", permissions="")
    found = NAMES.facts(odd)
    assert (found.ended, found.tls_protocol, found.auth_mechanism) == ("other",) * 3
    assert found.permissions == ""


def words(facts: SessionFacts) -> Iterator[str]:
    """What must not be found again."""
    yield from (facts.connector, facts.session, facts.server or "")
    yield from facts.connector.split("\\")
    yield from (*facts.ehlo_names, *facts.sender_domains)
    yield from (name.partition(".")[0] for name in facts.ehlo_names)
    yield from (one.domain for one in facts.recipients)
    for one in facts.proxied:
        yield from (one.session, one.helo)


def test_nothing_is_left_in_the_file(tmp_path: Path) -> None:
    logs = tmp_path / "secretfolder"
    write(logs, Plan(size=1))
    target = tmp_path / "shared"
    with store_of(logs) as store:
        count = pseudonymise(store, target, KEY, ["northwind.example"])
        given = all_facts(store)
        assert count == len(given)
        secrets = {word for facts in given for word in words(facts) if len(word) > 4}
        addresses = {
            text for facts in given for text in (facts.local, facts.remote) if len(text) > 9
        }
        totals = store.line_totals()
    with Store.open(target) as copy:
        found = all_facts(copy)
        copy.export_parquet(tmp_path / "parquet")
        assert copy.line_totals() == totals
    new = {text for facts in found for text in (facts.local, facts.remote)}
    assert len(addresses & new) < 3  # a pseudonym may be another one's original, rarely
    assert len(found) == len(given)
    for path in (target, *(tmp_path / "parquet").iterdir()):
        raw = path.read_bytes()
        for word in {*secrets, *(addresses - new), "secretfolder"}:
            if word != "<>":
                assert word.encode() not in raw, word


def test_the_same_sessions_have_the_same_pseudonyms(tmp_path: Path) -> None:
    row = fact(
        recipients=[Recipients("corp.example", 1, 0)],
        proxied=[ProxiedClient("08DE7A0000000001", "10.9.9.9", "app", 1077)],
    )
    found = NAMES.facts(row)
    assert NAMES.facts(row) == found
    assert found.proxied[0].address == NAMES.address("10.9.9.9")
    assert found.proxied[0].session == NAMES.session("08DE7A0000000001")
    kept = ("began", "last_seen", "rows", "local_port", "remote_port", "messages", "replies")
    assert all(getattr(found, name) == getattr(row, name) for name in kept)
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "shared"
    target.write_bytes(b"precious")
    with Store.open(None) as store, pytest.raises(EvidenceError, match="exists already"):
        pseudonymise(store, target, KEY)
    assert target.read_bytes() == b"precious"


def test_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.write_bytes(KEY + b"\n")
    assert read_key(path) == KEY
    monkeypatch.setenv(KEY_VARIABLE, KEY.decode())
    assert read_key(None) == KEY
    path.write_bytes(b"short")
    monkeypatch.delenv(KEY_VARIABLE)
    for source in (path, None, tmp_path / "nowhere"):
        with pytest.raises(ConfigError):
            read_key(source)
