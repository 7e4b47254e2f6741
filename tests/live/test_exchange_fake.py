"""The probe and its comparison with the evidence, against Exchange's replies by source address.

The example organisation is moved to 127.0.0.0/8: 10.20.1.16 becomes 127.20.1.16, and so on, so that
each of its servers, clients and devices has an address to listen on or to connect from.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakes.models import AUTH_31, connector, server, snapshot
from live.exchange_fake import (
    FRONTEND,
    NOBODY,
    PROXY_FAILED,
    RELAY,
    SECURED,
    TOO_MANY,
    Treatment,
    device,
    exchange,
    masked,
    treatment,
)
from live.peers import QUICK, SETTINGS, now
from rctango.addresses import Address, Binding, Family, RangeSet, read_range
from rctango.analysis.foretelling import EXCHANGE_AUTH
from rctango.analysis.probe_check import check_probe, check_via
from rctango.analysis.view import View
from rctango.app import read
from rctango.model.connection import Verdict
from rctango.model.probe_check import Agreement, CauseKind
from rctango.model.probing import ProbeResult, ProbeStepKind
from rctango.probe import ProbeSettings, Target, probe_all

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from rctango.addresses import RangeText
    from rctango.analysis.selection import Table
    from rctango.model.connector import Connector
    from rctango.model.probe_check import ProbeCheck
    from rctango.model.probing import ProbeObservation
    from rctango.model.snapshot import Snapshot

    Comparison = tuple[ProbeObservation, ProbeCheck]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="127.0.0.0/8 is local as a whole only on Linux"
)

Step = ProbeStepKind
YES, NO, UNSURE = ProbeResult.ALLOWED, ProbeResult.DENIED, ProbeResult.INCONCLUSIVE
MAIL_STEPS = (Step.RELAY, Step.SPOOF_TO_INTERNAL, Step.SPOOF_TO_FOREIGN, Step.ACCEPTED_DOMAIN)
SERVERS = {
    "EX10": "127.168.1.10",
    "CAS13": "127.20.1.13",
    "MBX13": "127.20.1.14",
    "EX16A": "127.20.1.16",
    "EX16B": "127.20.1.17",
    "EX19": "127.20.2.19",
    "EDGE1": "127.20.9.25",
}
VIP, BALANCER = "127.20.1.251", "127.20.1.250"
BRANCH_NAT = "127.20.6.1"
CLIENT = "127.99.7.7"


def results(seen: ProbeObservation) -> dict[ProbeStepKind, ProbeResult]:
    return {one.kind: one.result for one in seen.steps}


def mail_results(seen: ProbeObservation) -> tuple[ProbeResult, ...]:
    return tuple(results(seen)[kind] for kind in MAIL_STEPS)


# --- single treatments, written by hand


def observe(treated: Treatment) -> ProbeObservation:
    async def probe() -> ProbeObservation:
        async with exchange(lambda _: treated) as port:
            one = Target(text="ex01", host="127.0.0.1", port=port)
            (seen,) = await probe_all([one], SETTINGS, QUICK, now=now)
            return seen

    return asyncio.run(probe())


@pytest.mark.parametrize("is_old", [True, False], ids=["2013", "2019"])
@pytest.mark.parametrize(
    ("treated", "expected"),
    [
        (Treatment(), (NO, YES, NO, YES)),
        (Treatment(keywords=RELAY, relays=True), (YES, YES, YES, YES)),
        (Treatment(keywords=SECURED, relays=True), (YES, YES, YES, YES)),
        (Treatment(spoofs=False), (NO, NO, NO, YES)),
        (Treatment(submits=False), (NO, NO, NO, NO)),
        (Treatment(wants_tls=True), (NO, YES, NO, YES)),
        (Treatment(recipient=PROXY_FAILED), (UNSURE, UNSURE, UNSURE, UNSURE)),
    ],
    ids=["default", "relay", "secured", "no-spoofing", "users-only", "tls-only", "no-hub"],
)
def test_what_each_connector_lets_happen(
    treated: Treatment, expected: tuple[ProbeResult, ...], *, is_old: bool
) -> None:
    seen = observe(replace(treated, is_old=is_old))
    assert seen.fault is None
    assert mail_results(seen) == expected
    assert seen.offer is not None
    assert seen.offer.offers_exchange_auth is (treated.keywords is FRONTEND)
    assert results(seen)[Step.STARTTLS] is (NO if treated.keywords is SECURED else YES)
    if seen.offer_after_tls is not None:
        assert not seen.offer_after_tls.has("STARTTLS")


@pytest.mark.parametrize(
    ("greeting", "expected"), [(NOBODY.greeting, NO), (TOO_MANY, UNSURE)], ids=["nobody", "limit"]
)
def test_a_connection_limit_is_no_refusal_by_the_configuration(
    greeting: str, expected: ProbeResult
) -> None:
    seen = observe(Treatment(greeting=greeting))
    assert results(seen) == {Step.CONNECT: expected}
    assert seen.fault is not None


# --- the example organisation


def moved(text: str) -> str:
    """The text with private IPv4 addresses moved to 127.0.0.0/8."""
    return re.sub(r"\b(?:10|172|192)\.(?=\d+\.\d+\.\d+)", "127.", text)


def on_loopback(found: Snapshot, port: int) -> Snapshot:
    """The same organisation with its addresses moved, and another port in the place of 25.

    One connector is left out: while it stands, two processes of EX19 claim the port.
    """

    def address(one: Address) -> Address:
        return Address.parse(moved(str(one)))

    def binding(one: Binding) -> Binding:
        return Binding(address=address(one.address), port=port if one.port == 25 else one.port)

    def entry(one: RangeText) -> RangeText:
        return read_range(moved(one.text))

    def entries(one: Connector) -> Connector:
        return replace(
            one,
            bindings=tuple(map(binding, one.bindings or ())),
            remote_ranges=tuple(map(entry, one.remote_ranges or ())),
        )

    return replace(
        found,
        connectors=tuple(entries(one) for one in found.connectors if one.name != "Relay Migration"),
        servers=tuple(
            replace(
                one,
                addresses=tuple(map(address, one.addresses or ())),
                gateways=tuple(map(address, one.gateways or ())),
            )
            for one in found.servers
        ),
        appliances=tuple(
            replace(one, addresses=RangeSet.parse(*map(moved, one.addresses.texts())))
            for one in found.appliances or ()
        ),
    )


@cache
def contoso() -> Snapshot:
    folder = Path(__file__).resolve().parents[2] / "examples" / "contoso"
    return read(str(folder), config=str(folder / "rctango.toml"))


class Organisation:
    """Every server of the example organisation, running.

    Args:
        port: where all of them answer in the place of 25.
        hidden: what is true where the evidence leaves it open.
    """

    def __init__(self, port: int, *, hidden: bool) -> None:
        self.port = port
        self.view = View(on_loopback(contoso(), port))
        self._hidden = hidden

    def table(self, server: str) -> Table:
        """What decides on IPv4 at the port."""
        (found,) = (
            one
            for one in self.view.tables_at(server)
            if one.listener.local.port == self.port and one.family is Family.IPV4
        )
        return found

    def accepts(self, domain: str) -> bool:
        own = [one.domain.casefold() for one in self.view.snapshot.accepted_domains or ()]
        return domain in own or any(
            one.startswith("*.") and domain.endswith(one[1:]) for one in own
        )

    def treat(self, server: str, client: str) -> Treatment:
        selection = self.table(server).select(Address.parse(client))
        if selection.verdict is Verdict.REFUSED:
            return NOBODY
        chosen = selection.connector or selection.contenders[-1 if self._hidden else 0]
        version = self.view.servers[server].version
        return treatment(
            chosen,
            self.view.rights(chosen),
            old=version is not None and (version.major, version.minor) < (15, 1),
            hidden=self._hidden,
        )

    def clients(self, server: str) -> Iterator[str]:
        """The first and last loopback address of everything that has an answer of its own."""
        loopback = RangeSet.parse("127.0.0.1-127.255.255.254")
        for segment in self.view.coverage(self.table(server)).segments:
            for part in RangeSet.of([segment.range]) & loopback:
                for value in sorted({part.first, part.last}):
                    yield str(Address(family=Family.IPV4, value=value))


@asynccontextmanager
async def organisation(*, hidden: bool = False) -> AsyncIterator[Organisation]:
    """All servers on one port, as on port 25 in real life; below those that the system gives."""
    first = 20_000 + os.getpid() % 10_000
    for port in (*range(first, 30_000), *range(20_000, first)):
        found = Organisation(port, hidden=hidden)
        async with AsyncExitStack() as stack:
            try:
                for name, address in SERVERS.items():
                    treat = partial(found.treat, name)
                    await stack.enter_async_context(exchange(treat, found.accepts, address, port))
            except OSError:
                continue
            yield found
            return


def settings(view: View) -> ProbeSettings:
    domains = view.snapshot.accepted_domains or ()
    return ProbeSettings(
        ehlo_name="probe.contoso.com", domains=tuple(one.domain for one in domains)
    )


async def compare(there: Organisation, targets: list[Target]) -> list[Comparison]:
    seen = await probe_all(targets, settings(there.view), QUICK, now=now)
    return [(one, check_probe(there.view, one)) for one in seen]


@pytest.mark.parametrize("hidden", [False, True], ids=["hidden-no", "hidden-yes"])
def test_every_answer_of_every_server_is_what_the_evidence_foretells(*, hidden: bool) -> None:
    async def probe() -> list[Comparison]:
        async with organisation(hidden=hidden) as there:
            targets = [
                Target(text=name, host=address, port=there.port, server=name, source=client)
                for name, address in SERVERS.items()
                for client in there.clients(name)
            ]
            return await compare(there, targets)

    found = asyncio.run(probe())
    assert len(found) > 80
    assert len({check.connector for _, check in found}) >= 18
    assert not any(check.note.startswith("the evidence shows no listener") for _, check in found)
    for seen, check in found:
        assert check.causes == (), (seen.source, check)
        assert check.contradictions == 0
        for step in check.steps:
            if step.predicted is not None:
                assert step.agreement is Agreement.AGREES, (seen.source, check.connector, step)
        for feature in check.features:
            if feature.predicted is not None:
                assert feature.agreement is Agreement.AGREES, (seen.source, feature)


def through(
    client: str, source: str, rewrite: Callable[[bytes], bytes] | None = None, name: str = "EX16A"
) -> tuple[Comparison, Comparison]:
    """A server probed directly, and through a device in whose place the server sees a source."""

    async def probe() -> tuple[Comparison, Comparison]:
        async with (
            organisation() as there,
            device((SERVERS[name], there.port), source, at=(VIP, there.port), rewrite=rewrite),
        ):
            direct = Target(
                text=name, host=SERVERS[name], port=there.port, server=name, source=client
            )
            other = replace(direct, text="mail.contoso.com", host=VIP, via="LB01")
            one, two = await compare(there, [direct, other])
            return one, two

    return asyncio.run(probe())


@pytest.mark.parametrize(
    ("source", "connector"),
    [(BALANCER, "Relay Printers"), (BRANCH_NAT, "Relay Branch")],
    ids=["balancer", "branch"],
)
def test_a_declared_device_that_hides_the_source_is_named(source: str, connector: str) -> None:
    (_, direct), (_, hidden) = through(CLIENT, source)
    assert direct.contradictions == 0
    assert direct.connector == hidden.connector == "EX16A\\Default Frontend EX16A"
    contradicted = {one.kind for one in hidden.steps if one.agreement is Agreement.CONTRADICTS}
    assert contradicted == {Step.RELAY, Step.SPOOF_TO_FOREIGN}
    likeliest = hidden.causes[0]
    assert likeliest.kind is CauseKind.SOURCE_NAT
    assert f"EX16A\\{connector}" in likeliest.why
    assert source in likeliest.why.partition("if the server saw a device:")[2]


def test_a_device_that_nobody_declared_is_suspected() -> None:
    _, (_, hidden) = through(CLIENT, "127.20.5.30")
    assert hidden.contradictions > 0
    assert hidden.causes[0].kind is CauseKind.SOURCE_NAT
    assert "EX16A\\Relay" in hidden.causes[0].why


def test_a_device_that_keeps_the_source_is_not_noticed() -> None:
    direct, kept = through(CLIENT, CLIENT)
    assert kept[1].contradictions == direct[1].contradictions == 0
    assert [one.differences for one in check_via(kept[0], [direct[0]])] == [()]


def test_a_balancer_is_compared_with_the_server_behind_it() -> None:
    direct, balanced = through(CLIENT, BALANCER)
    (found,) = check_via(balanced[0], [direct[0]])
    assert (found.via, found.server, found.target) == ("LB01", "EX16A", "mail.contoso.com")
    assert found.differences == (
        "relay: allowed there, denied directly",
        "spoof-to-foreign: allowed there, denied directly",
        f"{EXCHANGE_AUTH}: not offered there, offered directly",
        "offered only directly: AUTH NTLM",
    )
    assert found.source == CLIENT


def test_a_device_that_rewrites_smtp_is_named_instead_of_a_connector() -> None:
    _, (seen, check) = through(CLIENT, CLIENT, masked)
    assert seen.fault is None
    assert seen.banner is not None
    assert "****" in seen.banner.text
    assert seen.offer is not None
    assert "XXXXXXXA" in seen.offer.keywords
    assert seen.offer.is_rewritten
    assert [one.kind for one in check.causes] == [
        CauseKind.ESMTP_INSPECTION,
        CauseKind.CONFIGURATION_CHANGED,
        CauseKind.MODEL,
    ]


def test_a_device_that_rewrites_smtp_and_hides_the_source_is_both() -> None:
    _, (_, check) = through(CLIENT, BALANCER, masked)
    assert [one.kind for one in check.causes[:2]] == [
        CauseKind.ESMTP_INSPECTION,
        CauseKind.SOURCE_NAT,
    ]


def test_another_server_behind_the_address_is_named() -> None:
    async def probe() -> Comparison:
        async with organisation() as there:
            wrong = Target(
                text="EX16A",
                host=SERVERS["EX16B"],
                port=there.port,
                server="EX16A",
                source="127.20.5.30",
            )
            (found,) = await compare(there, [wrong])
            return found

    _, check = asyncio.run(probe())
    assert check.contradictions > 0
    assert check.causes[0].kind is CauseKind.WRONG_SERVER
    assert "which is EX16B" in check.causes[0].why


# --- a server that does not answer everyone


INSIDE, OUTSIDE = "127.40.0.9", "127.41.0.9"


def refusing(client: str, source: str) -> Comparison:
    """A server that answers 127.40.0.0/16 only, through a device that connects from a source."""

    async def probe() -> Comparison:
        def treat(seen: str) -> Treatment:
            return Treatment() if seen.startswith("127.40.") else NOBODY

        async with (
            exchange(treat) as port,
            device(("127.0.0.1", port), source, at=(VIP, port)),
        ):
            answering = connector(
                "EX01",
                "Default",
                ranges="127.40.0.0/16",
                bindings=f"0.0.0.0:{port}",
                auth=AUTH_31,
                groups="AnonymousUsers, ExchangeServers",
                fqdn="ex01.contoso.com",
            )
            one = Target(text="ex01", host=VIP, port=port, server="EX01", source=client)
            (seen,) = await probe_all([one], SETTINGS, QUICK, now=now)
            return seen, check_probe(View(snapshot(server("EX01"), answering)), seen)

    return asyncio.run(probe())


def test_a_client_that_no_connector_answers_is_refused_as_foretold() -> None:
    seen, check = refusing(OUTSIDE, OUTSIDE)
    assert results(seen) == {Step.CONNECT: NO}
    assert check.contradictions == 0
    assert check.steps[0].agreement is Agreement.AGREES
    assert {one.agreement for one in check.steps[1:]} == {Agreement.NOT_OBSERVED}


def test_an_answer_where_none_is_foretold_is_a_contradiction() -> None:
    _, check = refusing(OUTSIDE, INSIDE)
    assert check.contradictions > 0
    assert check.causes[0].kind is CauseKind.SOURCE_NAT
    assert "EX01\\Default" in check.causes[0].why


def test_no_answer_where_one_is_foretold_is_a_contradiction() -> None:
    _, check = refusing(INSIDE, OUTSIDE)
    assert check.contradictions == 1
    assert check.causes[0].kind is CauseKind.SOURCE_NAT
    assert "nobody" in check.causes[0].why
