"""Hand-made results: a small organisation, and one whose names are hostile."""

from __future__ import annotations

from datetime import date

from rctango.addresses import Address, AddressRange, Binding, RangeText, read_range
from rctango.model.connection import (
    Candidate,
    Coverage,
    Flow,
    FlowVerdict,
    Listener,
    Reason,
    Segment,
    Selection,
    Verdict,
)
from rctango.model.connector import Connector
from rctango.model.finding import (
    Acceptance,
    AuditResult,
    Confidence,
    Finding,
    Grade,
    Outcome,
    OutcomeKind,
    Severity,
    Subject,
    SubjectKind,
)
from rctango.model.origin import Origin
from rctango.model.rights import Answer, SessionRights, TransportRole
from rctango.model.snapshot import EvidenceItem, Gap
from rctango.report.rows import RuleRow, WhichRow

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
HOSTILE = "\x1b[2J[red]x[/red] :boom: \u202egpj.exe\u200b|`*_<b>&\\ \u9b5a\u05d0"
FORMULA = '=HYPERLINK("http://198.51.100.1";"x");=1+1'


def connector(name: str, server: str = "EX01") -> Connector:
    return Connector(server=server, name=name)


RELAY = connector("Printers")
FRONTEND = connector("Default Frontend EX01")
SCANNERS = connector("Scanners")
OLD = connector("Old relay")
HUB = connector("Default EX01")


def listener(local: str = "0.0.0.0:25", server: str = "EX01", *, role: bool = True) -> Listener:
    process = TransportRole.FRONTEND_TRANSPORT if role else None
    return Listener(server=server, role=process, local=Binding.parse(local))


def chosen(winner: Connector, text: str, *, remote: str = "10.1.1.1") -> Selection:
    return Selection(
        listener=listener(),
        address=Address.parse(remote),
        verdict=Verdict.ANSWERED,
        connector=winner,
        range=read_range(text),
        contenders=(),
        candidates=(),
    )


def lost(loser: Connector, reason: Reason, text: str | None = None) -> Candidate:
    entry = None if text is None else read_range(text)
    return Candidate(connector=loser, range=entry, reason=reason)


RELAY_RIGHTS = SessionRights(
    connect=YES,
    submit=YES,
    relay=YES,
    spoof_internal_sender=YES,
    bypass_anti_spam=NO,
    exchange_authentication=NO,
)
CLOUDY_RIGHTS = SessionRights(
    connect=YES,
    submit=YES,
    relay=UNKNOWN,
    spoof_internal_sender=UNKNOWN,
    bypass_anti_spam=NO,
    exchange_authentication=UNKNOWN,
)


def which_rows() -> tuple[WhichRow, ...]:
    address = Address.parse("10.1.1.1")
    answered = Selection(
        listener=listener(),
        address=address,
        verdict=Verdict.ANSWERED,
        connector=RELAY,
        range=read_range("10.1.1.0(255.255.255.0)"),
        contenders=(),
        candidates=(
            lost(FRONTEND, Reason.LESS_SPECIFIC, "0.0.0.0-255.255.255.255"),
            lost(SCANNERS, Reason.NO_MATCHING_RANGE),
            lost(OLD, Reason.DISABLED, "10.1.1.1"),
            lost(HUB, Reason.OTHER_ROLE),
        ),
    )
    ambiguous = Selection(
        listener=listener("10.1.1.5:25"),
        address=address,
        verdict=Verdict.AMBIGUOUS,
        connector=None,
        range=None,
        contenders=(RELAY, SCANNERS),
        candidates=(
            lost(RELAY, Reason.TIE_UNDEFINED_ORDER, "10.1.1.0/24"),
            lost(FRONTEND, Reason.TIE_SPECIFIC_BINDING, "10.1.1.0-10.1.1.255"),
        ),
    )
    undetermined = Selection(
        listener=listener("[::]:25", "EX02", role=False),
        address=address,
        verdict=Verdict.UNDETERMINED,
        connector=None,
        range=None,
        contenders=(connector("Default Frontend EX02", "EX02"),),
        candidates=(lost(connector("Fax", "EX02"), Reason.OTHER_FAMILY),),
    )
    refused = Selection(
        listener=listener("0.0.0.0:2525", "EX02"),
        address=address,
        verdict=Verdict.REFUSED,
        connector=None,
        range=None,
        contenders=(),
        candidates=(),
    )
    return (
        WhichRow(selection=answered, rights=RELAY_RIGHTS),
        WhichRow(selection=ambiguous, rights=CLOUDY_RIGHTS),
        WhichRow(selection=undetermined, rights=None, reason="EX02 lost its ranges in the export."),
        WhichRow(selection=refused, rights=None),
    )


def segment(
    text: str,
    verdict: Verdict = Verdict.ANSWERED,
    *connectors: Connector,
    won_by: tuple[RangeText, ...] = (),
) -> Segment:
    answered = verdict is Verdict.ANSWERED
    return Segment(
        range=AddressRange.parse(text),
        verdict=verdict,
        connector=connectors[0] if answered else None,
        contenders=() if answered else connectors,
        won_by=won_by,
    )


def coverages() -> tuple[Coverage, ...]:
    ipv4 = (
        segment("0.0.0.0-10.1.0.255", Verdict.ANSWERED, FRONTEND),
        segment(
            "10.1.1.0/24",
            Verdict.ANSWERED,
            RELAY,
            won_by=(read_range("10.1.1.0/25"), read_range("10.1.1.128(255.255.255.128)")),
        ),
        segment("10.1.2.0", Verdict.AMBIGUOUS, RELAY, SCANNERS),
        segment("10.1.2.1-10.1.2.3", Verdict.UNDETERMINED, FRONTEND),
        segment("10.1.2.4-255.255.255.255", Verdict.REFUSED),
    )
    ipv6 = (segment("::/0", Verdict.ANSWERED, FRONTEND, won_by=(read_range("::/0"),)),)
    return (
        Coverage(listener=listener(), segments=ipv4),
        Coverage(listener=listener("[::]:25", role=False), segments=ipv6),
    )


def flow(sender: str, target: str, verdict: FlowVerdict, **facts: object) -> Flow:
    selection = facts.get("selection")
    source = facts.get("source")
    port = facts.get("port")
    return Flow(
        sender=sender,
        target=target,
        port=port if isinstance(port, int) else None,
        source=Address.parse(source) if isinstance(source, str) else None,
        selection=selection if isinstance(selection, Selection) else None,
        verdict=verdict,
        reason=str(facts.get("reason", "")),
    )


def flows() -> tuple[Flow, ...]:
    captured = chosen(RELAY, "10.1.1.0/24", remote="10.1.1.6")
    return (
        flow(
            "EX02",
            "EX01",
            FlowVerdict.BROKEN,
            port=25,
            source="10.1.1.6",
            selection=captured,
            reason="Printers answers, and offers no Exchange Server authentication.",
        ),
        flow(
            "EX02",
            "EX01",
            FlowVerdict.OK,
            port=2525,
            source="10.1.1.6",
            selection=chosen(HUB, "::/0"),
            reason="Default EX01 answers and offers Exchange Server authentication.",
        ),
        flow("EX01", "EX02", FlowVerdict.OK, port=2525, source="10.1.1.5", reason="It works."),
        flow("LB-A", "EX02", FlowVerdict.UNKNOWN, reason="The addresses of LB-A are unknown."),
    )


def finding(severity: Severity, **facts: object) -> Finding:
    """A finding with the given differences from a plain one."""
    plain: dict[str, object] = {
        "rule": "relay-for-gateway",
        "title": "The default gateway may relay",
        "severity": severity,
        "confidence": Confidence.HIGH,
        "server": "EX01",
        "connector": RELAY.identity,
        "message": (
            "Connections from the default gateway 10.1.1.1 are answered by a connector that lets "
            "anyone send to any recipient, so the Internet relays where the firewall hides the "
            "address of the client."
        ),
        "fix": "Take 10.1.1.1 out of 10.1.1.0/24.",
        "subjects": (Subject(kind=SubjectKind.GATEWAY, name="", address="10.1.1.1"),),
        "ranges": ("10.1.1.0/24",),
        "evidence": (
            Origin(source="ex01.xml", locator="EX01\\Printers RemoteIPRanges"),
            Origin(source="ex01.xml", locator="EX01\\Printers PermissionGroups"),
            Origin(source="net.csv", locator="line 4"),
        ),
    }
    return Finding(**(plain | facts))  # type: ignore[arg-type]


ACCEPTANCE = Acceptance(
    rule="overbroad-relay-range",
    connector=RELAY.identity,
    reason="printers, ticket 4711",
    owner="messaging team",
    until=date(2027, 6, 30),
    origin=Origin(source="rctango.toml", locator="accept[0]"),
)


def findings() -> tuple[Finding, ...]:
    return (
        finding(Severity.CRITICAL),
        finding(
            Severity.HIGH,
            rule="captured-exchange-server",
            title="A relay connector answers another Exchange server",
            grade=Grade.USED,
            message="Mail from EX02 waits with 451 5.7.3.",
            subjects=(
                Subject(kind=SubjectKind.SERVER, name="EX02", address="10.1.1.6"),
                Subject(kind=SubjectKind.SERVER, name="EX03", address=""),
            ),
            ranges=(),
        ),
        finding(
            Severity.LOW,
            rule="no-protocol-logging",
            title="Nothing is logged",
            confidence=Confidence.MEDIUM,
            connector=None,
            server=None,
            message="No connector logs its sessions.",
            fix="Set ProtocolLoggingLevel to Verbose.",
            subjects=(),
            ranges=(),
            evidence=(Origin(source="ex01.xml", locator=""),),
        ),
        finding(
            Severity.MEDIUM,
            rule="overbroad-relay-range",
            title="A relay range is wider than needed",
            message="256 addresses may relay.",
            subjects=(),
            acceptance=ACCEPTANCE,
        ),
    )


def outcomes() -> tuple[Outcome, ...]:
    adapters = "Export Win32_NetworkAdapterConfiguration of EX02"
    return (
        Outcome(rule="captured-exchange-server", kind=OutcomeKind.FIRED, missing=(adapters,)),
        Outcome(rule="no-protocol-logging", kind=OutcomeKind.FIRED),
        Outcome(rule="overbroad-relay-range", kind=OutcomeKind.FIRED),
        Outcome(rule="relay-for-appliance", kind=OutcomeKind.NOT_ASSESSED),
        Outcome(rule="relay-for-edge", kind=OutcomeKind.NOT_APPLICABLE),
        Outcome(rule="relay-for-gateway", kind=OutcomeKind.FIRED),
        Outcome(rule="relay-for-server", kind=OutcomeKind.NOT_ASSESSED, missing=(adapters,)),
        Outcome(rule="spoofed-sender", kind=OutcomeKind.CRASHED, missing=("ValueError: 7",)),
        Outcome(rule="tied-ranges", kind=OutcomeKind.CLEAN),
    )


def gaps() -> tuple[Gap, ...]:
    lost_cell = "the cell holds the name of a type"
    return (
        Gap(what="accepted domains", server=None, why="Get-AcceptedDomain was not exported"),
        Gap(
            what="RemoteIPRanges",
            server="EX02",
            why=lost_cell,
            origin=Origin(source="ex02.csv", locator="line 2"),
            unreadable=True,
        ),
        Gap(
            what="RemoteIPRanges",
            server="EX02",
            why=lost_cell,
            origin=Origin(source="ex02.csv", locator="line 3"),
            unreadable=True,
        ),
        Gap(what="default gateways", server="EX02", why="no export holds them"),
    )


def result(**facts: object) -> AuditResult:
    """An audit with something of everything, but for the given differences."""
    full: dict[str, object] = {
        "version": "1.0.0",
        "evidence": (
            EvidenceItem(path="ex01.xml", kind="Get-ReceiveConnector, CLIXML", objects=5),
            EvidenceItem(path="net.csv", kind="Win32_NetworkAdapterConfiguration, CSV", objects=2),
        ),
        "findings": findings(),
        "outcomes": outcomes(),
        "gaps": gaps(),
        "servers": 2,
        "connectors": 7,
    }
    return AuditResult(**(full | facts))  # type: ignore[arg-type]


def clean_result(**facts: object) -> AuditResult:
    passed = (Outcome(rule="tied-ranges", kind=OutcomeKind.CLEAN),)
    return result(**({"findings": (), "outcomes": passed, "gaps": ()} | facts))


def hostile_result() -> AuditResult:
    """Every text that evidence may supply is hostile."""
    place = Origin(source=f"{HOSTILE}.xml", locator=HOSTILE)
    bad = finding(
        Severity.HIGH,
        server=HOSTILE,
        connector=f"{HOSTILE}\\{HOSTILE}",
        message=f"{HOSTILE} relays.\nCRITICAL forged",
        fix=f"Remove {HOSTILE}.",
        subjects=(Subject(kind=SubjectKind.CLIENT, name=HOSTILE, address=""),),
        ranges=(f"10.0.0.1{HOSTILE}",),
        evidence=(place,),
    )
    return result(
        evidence=(EvidenceItem(path=HOSTILE, kind="CSV", objects=1),),
        findings=(bad,),
        outcomes=(
            Outcome(rule="relay-for-gateway", kind=OutcomeKind.FIRED, missing=(HOSTILE,)),
            Outcome(rule="tied-ranges", kind=OutcomeKind.CRASHED, missing=(HOSTILE,)),
        ),
        gaps=(Gap(what="Bindings", server=HOSTILE, why=HOSTILE, origin=place, unreadable=True),),
    )


def hostile_coverages() -> tuple[Coverage, ...]:
    bad = (connector(HOSTILE, HOSTILE), connector(FORMULA, "+EX"))
    return (
        Coverage(
            listener=listener(server=HOSTILE),
            segments=(
                segment("0.0.0.0/1", Verdict.AMBIGUOUS, *bad),
                segment("128.0.0.0/1", Verdict.ANSWERED, connector("[bold]all[/bold]", "@EX")),
            ),
        ),
    )


def hostile_flows() -> tuple[Flow, ...]:
    return (
        flow(
            FORMULA,
            HOSTILE,
            FlowVerdict.BROKEN,
            port=25,
            source="fd00::9",
            selection=chosen(connector("\tcmd", "-EX"), "fd00::/64"),
            reason=f"{HOSTILE}\r\nok",
        ),
    )


def rules() -> tuple[RuleRow, ...]:
    return (
        RuleRow(
            name="relay-for-gateway",
            title="The default gateway may relay",
            severity=Severity.CRITICAL,
            needs=("default gateways", "permission groups or access entries"),
            explanation="A firewall may hide clients behind its own address.\nThen all relay.",
            sources=("https://learn.microsoft.com/exchange/mail-flow/connectors/x",),
        ),
        RuleRow(
            name="tied-ranges",
            title="Two connectors claim the same addresses with ranges of the same size",
            severity=Severity.MEDIUM,
            needs=(),
            explanation="The order in which Exchange reads them then decides.",
            sources=(),
        ),
    )
