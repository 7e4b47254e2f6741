"""A listener has address space that no connector answers.

A client whose address is in no connector's ranges gets "421 4.3.2 Service not available". That may
be wanted, on a server that only few machines are to reach; it is a fault where another Exchange
server is among the refused. The port is open even where no range of its address family exists at
all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.coverage import addresses_with
from rctango.analysis.flows import HUB_PORT, SMTP_PORT
from rctango.model.connection import FlowVerdict, Reason, Verdict
from rctango.model.finding import Severity, Subject, SubjectKind
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_CONNECTORS, LEARN_NDR, count, listed, server_subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.addresses import RangeSet
    from rctango.analysis.selection import Table
    from rctango.analysis.view import View
    from rctango.model.connection import Flow
    from rctango.model.finding import Finding

_MAIL_PORTS = (SMTP_PORT, HUB_PORT)
"""On other ports a connector for few machines is the rule, not the exception."""


def _check(view: View) -> Iterator[Finding]:
    for table in view.all_tables():
        refused = addresses_with(table, Verdict.REFUSED)
        if refused and not table.listener.local.address.is_loopback:
            flows = [flow for flow in _refused_flows(view, table) if flow.source is not None]
            flows.sort(key=lambda flow: (flow.sender, str(flow.source)))
            yield _finding(table, refused, flows)


def _refused_flows(view: View, table: Table) -> Iterator[Flow]:
    for flow in view.flows_into(table.listener.server):
        selection = flow.selection
        if (
            selection is not None
            and flow.verdict is FlowVerdict.BROKEN
            and selection.verdict is Verdict.REFUSED
            and selection.listener == table.listener
        ):
            yield flow


def _finding(table: Table, refused: RangeSet, flows: list[Flow]) -> Finding:
    servers = listed(f"{flow.sender} ({flow.source})" for flow in flows)
    among = f" Among them are the Exchange servers {servers}: their mail queues." if flows else ""
    texts = refused.texts()
    contested = any(one.reason is Reason.OTHER_ROLE for one in table.contest.others)
    perhaps = "If this service gets the port, which another claims as well: " if contested else ""
    least = Severity.LOW if table.listener.local.port in _MAIL_PORTS else Severity.INFO
    return RULE.finding(
        severity=Severity.HIGH if flows else least,
        server=table.listener.server,
        subjects=[
            *(Subject(kind=SubjectKind.RANGE, name="", address=text) for text in texts[:20]),
            *(server_subject(flow.sender, flow.source) for flow in flows),
        ],
        message=(
            f"{perhaps}Refused at {table.listener}: {count(refused)} ({listed(texts)}). No "
            "connector of the evidence has them in its ranges; these clients get 421 4.3.2 Service "
            f"not available.{among}"
        ),
        fix="Add the addresses that have to get in to the ranges of a connector bound there.",
        evidence=sorted(
            origin
            for bound in table.contest.bound
            for origin in bound.connector.origin("remote_ranges")
        ),
    )


RULE = Rule(
    name="uncovered-clients",
    title="Some clients are answered by no connector",
    severity=Severity.HIGH,
    needs=(Need.SELECTION,),
    explanation=__doc__ or "",
    sources=(LEARN_CONNECTORS, LEARN_NDR),
    check=_check,
)
