"""The ranges of a relay connector hold a default gateway of its server.

Many firewalls translate the source address of inbound Internet mail to their own inside address,
which is the server's default gateway. When that address lies in the ranges of a relay connector,
the connector answers the whole Internet: everybody may relay, and anti-spam that works by the
client's address sees only the gateway.

Every default gateway of the server counts, of every adapter and of both address families. Whether
the gateway really translates addresses is not in any export; protocol logs show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.model.finding import Confidence, Severity, Subject, SubjectKind
from rctango.rules._rule import Need, Rule
from rctango.rules._words import (
    LEARN_RELAY,
    LEARN_SET,
    by_relay,
    listed,
    ranges_holding,
    relay_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.addresses import Address
    from rctango.analysis.view import View
    from rctango.model.connector import Connector
    from rctango.model.finding import Finding
    from rctango.model.server import Server


def _check(view: View) -> Iterator[Finding]:
    for connector in view.suspects:
        server = view.servers.get(connector.server)
        if server is None:
            continue
        inside = [one for one in server.gateways or () if one in view.specific_ranges(connector)]
        answered = [one for one in inside if one in view.reach(connector).possible]
        if answered:
            yield _answers(view, connector, server, answered)
        elif inside:
            yield _protected(connector, server, inside)


def _answers(view: View, connector: Connector, server: Server, gateways: list[Address]) -> Finding:
    relay = view.rights(connector).relay
    ranges = [text for one in gateways for text in ranges_holding(connector, one)]
    agents = " and the anti-spam agents there do not see who it is" * bool(server.anti_spam_agents)
    sure = all(one in view.reach(connector).sure for one in gateways)
    answers = "answers" if sure else "may answer"
    message = (
        f"{connector.identity} {answers} the default gateway {listed(map(str, gateways))} of "
        f"{server.name} (range {listed(ranges)}). Where the firewall translates the source of "
        f"inbound mail to that address, the whole Internet {relay_words(relay)}{agents}."
    )
    return RULE.finding(
        severity=by_relay(relay, Severity.CRITICAL, Severity.HIGH, Severity.INFO),
        confidence=Confidence.MEDIUM,
        connector=connector,
        subjects=(_subject(server, one) for one in gateways),
        ranges=ranges,
        message=message,
        fix=f"Take {listed(map(str, gateways))} out of the remote ranges of {connector.identity}.",
        evidence=[*connector.origin("remote_ranges"), *server.origin("gateways")],
    )


def _protected(connector: Connector, server: Server, gateways: list[Address]) -> Finding:
    return RULE.finding(
        severity=Severity.LOW,
        connector=connector,
        subjects=(_subject(server, one) for one in gateways),
        ranges=[text for one in gateways for text in ranges_holding(connector, one)],
        message=(
            f"The ranges of {connector.identity} hold the default gateway "
            f"{listed(map(str, gateways))} of {server.name}, but a narrower range of another "
            "connector answers it today."
        ),
        fix=f"Take {listed(map(str, gateways))} out of the remote ranges of {connector.identity}.",
        evidence=[*connector.origin("remote_ranges"), *server.origin("gateways")],
    )


def _subject(server: Server, gateway: Address) -> Subject:
    return Subject(
        kind=SubjectKind.GATEWAY, name=f"default gateway of {server.name}", address=str(gateway)
    )


RULE = Rule(
    name="default-gateway-in-relay-range",
    title="A relay connector's ranges hold the server's default gateway",
    severity=Severity.CRITICAL,
    needs=(Need.SELECTION, Need.RIGHTS, Need.NETWORK, Need.ACCEPTED_DOMAINS),
    explanation=__doc__ or "",
    sources=(LEARN_RELAY, LEARN_SET),
    check=_check,
)
