"""No logged client used some remote ranges of a relay connector.

An entry that nobody uses is a right that nobody misses: the machine is gone, and whoever gets its
address next may relay. The rule speaks only where the logs are known to show every session of the
connector for at least 14 days since its last change, without a day missing. Of several ranges that
hold a client the smallest counts as used, because it alone decides.

What is done once a month is not in two weeks of logs: ask before you remove an entry. Without
protocol logs the rule does not apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.analysis.entries import unused_entries
from rctango.analysis.log_window import log_window
from rctango.model.finding import Confidence, Severity, Subject, SubjectKind
from rctango.rules._logs import has_logs, is_covered, relays
from rctango.rules._rule import Need, Rule
from rctango.rules._words import LEARN_LOGGING, LEARN_RELAY, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding
    from rctango.model.observation import Traffic


def _check(view: View) -> Iterator[Finding]:
    traffic = view.snapshot.traffic
    if traffic is None:
        return
    for connector in relays(view):
        usage = view.logs(traffic).usage_on(connector)
        clients = [one.address for one in usage if one.address is not None]
        if len(clients) < len(usage) or not is_covered(view, traffic, connector):
            continue
        unused = unused_entries(connector, clients)
        texts = [one.text for one in unused if not one.range.is_whole]
        if texts:
            yield _finding(view, traffic, connector, texts)


def _finding(view: View, traffic: Traffic, connector: Connector, texts: list[str]) -> Finding:
    window = log_window(view, traffic, connector)
    every = len(connector.remote_ranges or ())
    what = f"{len(texts)} of the {every} remote ranges"
    if len(texts) == every:
        what = "any of its remote ranges" if every > 1 else "its remote range"
    return RULE.finding(
        confidence=Confidence.LOW if connector.when_changed is None else Confidence.MEDIUM,
        connector=connector,
        subjects=(Subject(kind=SubjectKind.RANGE, name="", address=text) for text in texts),
        ranges=texts,
        message=(
            f"From {window} no client of {connector.identity} needed {what}: {listed(texts)}. "
            "Whoever gets an address there may relay."
        ),
        fix=(
            f"Ask who owns {listed(texts)}, and take what nobody needs out of the remote ranges of "
            f"{connector.identity}."
        ),
        evidence=(traffic.origin, *connector.origin("remote_ranges", "verbose_logging")),
    )


RULE = Rule(
    name="stale-relay-range",
    title="Remote ranges of a relay connector that no logged client used",
    severity=Severity.LOW,
    needs=(Need.TRAFFIC, Need.LOG_PERIOD, Need.SELECTION, Need.RIGHTS, Need.ACCEPTED_DOMAINS),
    explanation=__doc__ or "",
    sources=(LEARN_RELAY, LEARN_LOGGING),
    check=_check,
    applies=has_logs,
)
