"""Laws of the whole audit, on random organisations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.models import AUTH_15, AUTH_17, AUTH_31, appliance, connector, domain, entry, server
from fakes.rule_cases import ANY_RECIPIENT, RELAY_ENTRIES, TODAY, USERS, defaults
from rctango.audit import audit_snapshot
from rctango.model.finding import Acceptance, OutcomeKind
from rctango.model.origin import Origin
from rctango.model.rights import (
    ALL_RIGHTS,
    ANONYMOUS_RIGHTS,
    EXTERNALLY_SECURED_RIGHTS,
    AccessEntry,
    TrusteeKind,
)
from rctango.model.snapshot import Snapshot
from rctango.rules import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import AuditResult, Finding
    from rctango.rules import Rule

SERVERS = (
    server("EX01", addresses="10.0.0.5, 2001:db8::5", gateways="10.0.0.1, 2001:db8::1"),
    server("EX02", version="15.1", addresses="10.0.0.6"),
    server("EX10", version="14.3", roles="HubTransport", addresses="10.0.0.10"),
    server("CAS13", version="15.0", roles="ClientAccess", addresses="10.0.0.12"),
    server("MBX13", version="15.0", roles="Mailbox", addresses="10.0.0.13"),
    server("EDGE01", roles="Edge", addresses="10.0.9.25", gateways="10.0.9.1"),
)
VERSIONS = {
    "EX01": ("15.2", "Mailbox"),
    "EX02": ("15.1", "Mailbox"),
    "EX10": ("14.3", "HubTransport"),
    "CAS13": ("15.0", "ClientAccess"),
    "MBX13": ("15.0", "Mailbox"),
    "EDGE01": ("15.2", "Edge"),
}
BOTH_ROLES = ("FrontendTransport", "FrontendTransport", "HubTransport")
ROLES = {
    "EX10": ("HubTransport",),
    "CAS13": ("FrontendTransport",),
    "MBX13": ("HubTransport",),
    "EDGE01": ("HubTransport",),
}
"""What a server that runs one transport service can have."""
RANGES = (
    "10.0.0.0/24",
    "10.0.0.0/28",
    "10.0.0.1",
    "10.0.0.5",
    "10.0.0.10",
    "10.0.0.8-10.0.0.15",
    "10.0.0.0/25",
    "10.0.1.250",
    "10.0.0.0/16",
    "192.0.0.9",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "::/0",
    "2001:db8::/64",
)
BINDINGS = ("0.0.0.0:25", "[::]:25", "10.0.0.5:25", "0.0.0.0:2525", "0.0.0.0:26")
CLOUD = ("mail.protection.outlook.com:AcceptCloudServicesMail",)
ANONYMOUS = entry("anonymous", ANONYMOUS_RIGHTS)
SERVER_ENTRIES = (
    entry("hub", ALL_RIGHTS),
    entry("edge", ALL_RIGHTS),
    entry(TrusteeKind.EXCHANGE_SERVERS, ALL_RIGHTS),
    entry("externally", EXTERNALLY_SECURED_RIGHTS),
)
GRANTS: tuple[tuple[str, tuple[AccessEntry, ...]], ...] = (
    ("AnonymousUsers", (ANONYMOUS,)),
    ("AnonymousUsers, Custom", RELAY_ENTRIES),
    ("AnonymousUsers, ExchangeUsers", (ANONYMOUS, USERS)),
    ("AnonymousUsers, ExchangeServers", (ANONYMOUS, *SERVER_ENTRIES)),
    ("AnonymousUsers, ExchangeServers, Custom", (*RELAY_ENTRIES, *SERVER_ENTRIES)),
    ("ExchangeServers", SERVER_ENTRIES),
    ("ExchangeUsers", (USERS,)),
    ("Custom", (entry("anonymous", ALL_RIGHTS), USERS)),
    ("Custom", (ANY_RECIPIENT, USERS)),
    ("Custom", (entry("everyone", ALL_RIGHTS), USERS)),
    ("Custom", (*RELAY_ENTRIES, entry("anonymous", ALL_RIGHTS, deny=True))),
    ("None", ()),
)
"""Permission groups as Exchange would compute them, and the entries they were computed from."""
AUTHS = ("Tls", AUTH_15, AUTH_17, AUTH_31, "Tls, ExternalAuthoritative", "None")
DOMAINS = (
    (domain("contoso.com"),),
    (domain("contoso.com"), domain("*", "ExternalRelay")),
)
DEVICES = (
    appliance("LB01", "load-balancer", "10.0.1.250"),
    appliance("FW01", "firewall", "10.0.0.1"),
    appliance("SPAM01", "anti-spam", "10.0.0.9"),
)
CONNECTOR_FACTS = (
    "access_entries",
    "auth_mechanism",
    "bindings",
    "enabled",
    "permission_groups",
    "remote_ranges",
    "tls_domain_capabilities",
    "transport_role",
    "verbose_logging",
)
SERVER_FACTS = ("addresses", "gateways", "roles", "version")


@st.composite
def custom_connectors(draw: st.DrawFn, owner: str, number: int) -> Connector:
    groups, entries = draw(st.sampled_from(GRANTS))
    some: Any = st.lists(st.sampled_from(RANGES), min_size=1, max_size=3, unique=True)
    bound: Any = st.lists(st.sampled_from(BINDINGS), min_size=1, max_size=2, unique=True)
    return connector(
        owner,
        f"Custom {number}",
        ranges=", ".join(draw(some)),
        bindings=", ".join(draw(bound)),
        role=draw(st.sampled_from(ROLES.get(owner, BOTH_ROLES))),
        auth=draw(st.sampled_from(AUTHS)),
        groups=groups,
        entries=entries,
        enabled=draw(st.sampled_from((True, True, True, False))),
        verbose_logging=draw(st.booleans()),
        tls_domain_capabilities=draw(st.sampled_from(((), (), CLOUD))),
    )


@st.composite
def organisations(draw: st.DrawFn) -> Snapshot:
    """Some servers with default and custom connectors; everything is known."""
    servers = draw(st.lists(st.sampled_from(SERVERS), min_size=1, max_size=3, unique=True))
    connectors: list[Connector] = []
    for one in servers:
        if draw(st.booleans()):
            connectors += defaults(one.name, *VERSIONS[one.name])
        for number in range(draw(st.integers(0 if connectors else 1, 2))):
            connectors.append(draw(custom_connectors(one.name, number)))
    return Snapshot(
        servers=tuple(servers),
        connectors=tuple(connectors),
        accepted_domains=draw(st.sampled_from(DOMAINS)),
        appliances=tuple(draw(st.lists(st.sampled_from(DEVICES), unique=True))),
    )


@st.composite
def with_holes(draw: st.DrawFn, whole: Snapshot) -> Snapshot:
    """The same organisation, with some facts not collected."""
    connectors = list(whole.connectors)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(connectors) - 1))
        lost: dict[str, Any] = {draw(st.sampled_from(CONNECTOR_FACTS)): None}
        connectors[at] = replace(connectors[at], **lost)
    servers = list(whole.servers)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(servers) - 1))
        lost = {draw(st.sampled_from(SERVER_FACTS)): None}
        servers[at] = replace(servers[at], **lost)
    return replace(
        whole,
        connectors=tuple(connectors),
        servers=tuple(servers),
        accepted_domains=draw(st.sampled_from((whole.accepted_domains, None))),
        appliances=draw(st.sampled_from((whole.appliances, None))),
    )


def some_holes() -> SearchStrategy[Snapshot]:
    return organisations().flatmap(with_holes)


def audit(snapshot: Snapshot, **more: Any) -> AuditResult:
    return audit_snapshot(snapshot, today=TODAY, **more)


def is_open(result: AuditResult, rule: Rule) -> bool:
    """Whether the rule found something or could not look at everything."""
    (outcome,) = (one for one in result.outcomes if one.rule == rule.name)
    return outcome.kind in {OutcomeKind.FIRED, OutcomeKind.NOT_ASSESSED} or bool(outcome.missing)


@settings(deadline=None)
@given(some_holes(), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(snapshot: Snapshot, random: Any) -> None:
    def shuffled(items: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
        return None if items is None else tuple(random.sample(items, len(items)))

    other = replace(
        snapshot,
        servers=shuffled(snapshot.servers) or (),
        connectors=shuffled(snapshot.connectors) or (),
        accepted_domains=shuffled(snapshot.accepted_domains),
        appliances=shuffled(snapshot.appliances),
    )
    assert audit(other) == audit(snapshot)


@settings(deadline=None)
@given(some_holes())
def test_every_rule_has_exactly_one_outcome(snapshot: Snapshot) -> None:
    result = audit(snapshot)
    assert [one.rule for one in result.outcomes] == [one.name for one in CATALOGUE]
    found = {one.rule for one in result.findings}
    for outcome in result.outcomes:
        assert (outcome.kind is OutcomeKind.FIRED) == (outcome.rule in found)
        assert outcome.kind is not OutcomeKind.CRASHED
        if outcome.kind is OutcomeKind.NOT_ASSESSED:
            assert outcome.missing
        if outcome.kind in {OutcomeKind.CLEAN, OutcomeKind.NOT_APPLICABLE}:
            assert not outcome.missing


@settings(deadline=None)
@given(some_holes())
def test_findings_speak_of_what_is_there(snapshot: Snapshot) -> None:
    connectors = {one.identity: one for one in snapshot.connectors}
    severities = {rule.name: rule.severity for rule in CATALOGUE}
    for finding in audit(snapshot).findings:
        assert finding.severity.rank >= severities[finding.rule].rank, finding.rule
        assert finding.message.endswith(".")
        assert finding.fix.endswith(".")
        assert "  " not in finding.message + finding.fix
        assert "None" not in finding.message
        if finding.connector is not None:
            one = connectors[finding.connector]
            assert one.enabled is not False or finding.rule == "transport-role-conflict"
            assert finding.server == one.server
            assert finding.connector in finding.message
            if finding.rule != "ambiguous-selection":
                assert set(finding.ranges) <= {item.text for item in one.remote_ranges or ()}


@settings(deadline=None, max_examples=300)
@given(organisations().flatmap(lambda one: st.tuples(st.just(one), with_holes(one))))
def test_losing_facts_never_makes_an_offence_go_away_in_silence(
    pair: tuple[Snapshot, Snapshot],
) -> None:
    before, after = (audit(one) for one in pair)
    for rule in CATALOGUE:
        if is_open(before, rule):
            assert is_open(after, rule), rule.name


@settings(deadline=None, max_examples=300)
@given(some_holes().flatmap(lambda one: st.tuples(st.just(one), with_holes(one))))
def test_losing_more_facts_never_makes_a_gap_go_away(pair: tuple[Snapshot, Snapshot]) -> None:
    before, after = (audit(one) for one in pair)
    for rule in CATALOGUE:
        if is_open(before, rule):
            assert is_open(after, rule), rule.name


def _crash(view: View) -> Iterator[Finding]:
    raise ValueError(f"{len(view.connectors)} connectors are too many")


@settings(deadline=None)
@given(organisations(), st.sampled_from(CATALOGUE))
def test_a_crashing_rule_hides_no_other_result(snapshot: Snapshot, broken: Rule) -> None:
    rules = [replace(one, check=_crash) if one is broken else one for one in CATALOGUE]
    well, ill = audit(snapshot), audit(snapshot, rules=rules)
    crashed = [one.rule for one in ill.outcomes if one.kind is OutcomeKind.CRASHED]
    if [one.kind for one in well.outcomes if one.rule == broken.name] == [
        OutcomeKind.NOT_APPLICABLE
    ]:
        assert ill == well
        return
    assert crashed == [broken.name]
    assert [one for one in ill.outcomes if one.rule != broken.name] == [
        one for one in well.outcomes if one.rule != broken.name
    ]
    assert ill.findings == tuple(one for one in well.findings if one.rule != broken.name)
    (gap,) = ill.gaps
    assert gap.what == f"the rule {broken.name}"
    assert "ValueError" in gap.why


def test_a_rule_that_crashes_while_it_asks_whether_it_applies_is_reported_too() -> None:
    def applies(view: View) -> bool:
        raise LookupError(str(view.snapshot))

    broken = replace(CATALOGUE[0], applies=applies)
    result = audit(Snapshot(), rules=[broken, *CATALOGUE[1:]])
    assert result.outcomes[0].kind is OutcomeKind.CRASHED
    assert len(result.outcomes) == len(CATALOGUE)


def accepted(rule: str, connector: str | None, until: date | None) -> Acceptance:
    return Acceptance(
        rule=rule,
        connector=connector,
        reason="printers",
        owner="messaging team",
        until=until,
        origin=Origin(source="rctango.toml", locator="accept[0]"),
    )


@settings(deadline=None)
@given(organisations(), st.data())
def test_accepted_risks_are_marked_and_hide_nothing(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    plain = audit(snapshot)
    if not plain.findings:
        return
    chosen = data.draw(st.sampled_from(plain.findings))
    whole_rule = data.draw(st.booleans())
    where = None if whole_rule or chosen.connector is None else chosen.connector.swapcase()
    until = data.draw(st.sampled_from((None, TODAY, TODAY + timedelta(days=9))))
    risk = accepted(chosen.rule, where, until)
    result = audit(snapshot, acceptances=[risk])
    assert tuple(replace(one, acceptance=None) for one in result.findings) == plain.findings
    assert result.outcomes == plain.outcomes
    assert result.gaps == plain.gaps
    for finding in result.findings:
        meant = finding.rule == chosen.rule and (
            where is None or finding.connector == chosen.connector
        )
        assert (finding.acceptance is risk) == meant


@settings(deadline=None)
@given(organisations(), st.data())
def test_an_expired_acceptance_marks_nothing_and_is_reported(
    snapshot: Snapshot, data: st.DataObject
) -> None:
    plain = audit(snapshot)
    rule = data.draw(st.sampled_from(CATALOGUE))
    risk = accepted(rule.name, None, TODAY - timedelta(days=data.draw(st.integers(1, 999))))
    result = audit(snapshot, acceptances=[risk])
    assert result.findings == plain.findings
    (gap,) = result.gaps
    assert gap.what == f"the accepted risk {rule.name} of every connector"
    assert "its findings count again" in gap.why
    assert gap.origin == risk.origin


def test_an_acceptance_for_one_connector_leaves_the_others() -> None:
    facts: dict[str, Any] = {"groups": "AnonymousUsers, Custom", "entries": RELAY_ENTRIES}
    pair = [connector("EX01", name, ranges="10.0.7.9", **facts) for name in ("A", "B")]
    snapshot = Snapshot(connectors=tuple(pair))
    risk = accepted("anonymous-relay", "ex01\\a", None)
    result = audit(snapshot, acceptances=[risk])
    marked = {
        one.connector: one.acceptance for one in result.findings if one.rule == "anonymous-relay"
    }
    assert marked == {"EX01\\A": risk, "EX01\\B": None}
