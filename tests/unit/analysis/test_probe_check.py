from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from fakes.models import (
    WHOLE_IPV4,
    WHOLE_IPV6,
    connector,
    default_connectors,
    domain,
    entry,
    server,
    snapshot,
)
from fakes.probes import BOTH_AUTH, seen, step
from rctango.analysis.foretelling import EXCHANGE_AUTH, STARTTLS
from rctango.analysis.probe_check import check_probe, check_via, server_of
from rctango.analysis.view import View
from rctango.model.probe_check import Agreement
from rctango.model.probing import ProbeResult, ProbeStepKind

if TYPE_CHECKING:
    from rctango.model.probe_check import ProbeCheck

Step = ProbeStepKind
RELAYING = (entry(right="ms-Exch-SMTP-Accept-Any-Recipient"),)
RELAY = connector(name="Relay", ranges="10.0.7.0/24", entries=RELAYING)


def view(*items: Any, **facts: Any) -> View:
    return View(snapshot(*(items or (server(), default_connectors(), RELAY)), **facts))


def agreements(found: ProbeCheck) -> dict[str, Agreement]:
    return {
        **{one.kind.value: one.agreement for one in found.steps},
        **{one.feature: one.agreement for one in found.features},
    }


def test_what_agrees_and_what_was_not_tried() -> None:
    found = check_probe(view(), seen(keywords=("SIZE",)))
    assert (found.server, found.connector, found.range) == ("EX01", "EX01\\Relay", "10.0.7.0/24")
    assert found.listener == "EX01 0.0.0.0:25 (FrontendTransport)"
    assert agreements(found) == {
        "connect": Agreement.NOT_OBSERVED,
        "ehlo": Agreement.NOT_OBSERVED,
        "relay": Agreement.AGREES,
        "spoof-to-internal": Agreement.NOT_OBSERVED,
        "spoof-to-foreign": Agreement.NOT_OBSERVED,
        "accepted-domain": Agreement.NOT_OBSERVED,
        EXCHANGE_AUTH: Agreement.AGREES,
        STARTTLS: Agreement.NOT_PREDICTED,
    }
    assert (found.contradictions, found.causes, found.note) == (0, (), "")


def test_what_contradicts() -> None:
    found = check_probe(view(), seen(relay="denied", keywords=BOTH_AUTH))
    assert agreements(found)["relay"] is Agreement.CONTRADICTS
    assert agreements(found)[EXCHANGE_AUTH] is Agreement.CONTRADICTS
    assert found.contradictions == 2
    assert found.causes


def test_an_inconclusive_step_is_not_observed() -> None:
    found = check_probe(view(), seen(relay="inconclusive"))
    assert agreements(found)["relay"] is Agreement.NOT_OBSERVED
    assert found.steps[2].observed is ProbeResult.INCONCLUSIVE


def test_a_step_of_which_nothing_is_foretold_is_shown() -> None:
    probed = seen(steps=(step(Step.PERCENT_HACK, "denied"),))
    assert agreements(check_probe(view(), probed))["percent-hack"] is Agreement.NOT_PREDICTED


def test_a_session_that_broke_off_before_ehlo_says_nothing_of_offers() -> None:
    found = check_probe(view(), seen(offer=None))
    assert agreements(found)[EXCHANGE_AUTH] is Agreement.NOT_OBSERVED


def test_a_recipient_of_an_accepted_domain_does_not_test_relaying() -> None:
    own = replace(step(Step.RELAY, "allowed"), recipient="b@contoso.com")
    probed = seen("10.0.9.9", steps=(own,), keywords=BOTH_AUTH)
    plain = check_probe(view(), probed)
    assert agreements(plain)["relay"] is Agreement.CONTRADICTS
    informed = check_probe(view(accepted_domains=None), probed)
    assert agreements(informed)["relay"] is Agreement.CONTRADICTS
    informed = check_probe(view(accepted_domains=(domain("contoso.com"),)), probed)
    assert agreements(informed)["relay"] is Agreement.NOT_PREDICTED
    assert informed.contradictions == 0


def test_a_misnamed_accepted_domain_does_not_hide_the_cause() -> None:
    wrong = replace(step(Step.ACCEPTED_DOMAIN, "denied"), recipient="b@example.org")
    probed = seen(
        "10.0.9.9", steps=(step(Step.RELAY, "allowed"), wrong), keywords=("SIZE", "STARTTLS")
    )
    found = check_probe(view(accepted_domains=(domain("contoso.com"),)), probed)
    assert "EX01\\Relay" in found.causes[0].why


# --- which server and listener


@pytest.mark.parametrize(
    ("named", "address", "expected"),
    [
        ("EX02", "10.0.0.5", "EX02"),
        (None, "10.0.0.5", "EX01"),
        (None, "10.0.0.99", None),
        (None, "10.0.0.66", None),
        (None, None, None),
        (None, "rubbish", None),
    ],
    ids=["named", "one", "none", "two", "unresolved", "no-address"],
)
def test_the_server_is_the_named_one_or_the_one_with_the_address(
    named: str | None, address: str | None, expected: str | None
) -> None:
    shared = view(
        server("EX01", addresses="10.0.0.5, 10.0.0.66"),
        server("EX02", addresses="10.0.0.6, 10.0.0.66"),
        server("EX03", addresses=None),
    )
    assert server_of(shared, seen(server=named, address=address)) == expected


def test_an_unknown_server_is_not_compared() -> None:
    found = check_probe(view(), seen(address="192.0.2.1"))
    assert found.note == "no server of the evidence has this address"
    assert (found.server, found.listener, found.connector) == (None, "", None)
    assert agreements(found) == {"relay": Agreement.NOT_PREDICTED}


def test_a_port_without_a_listener_is_not_compared() -> None:
    found = check_probe(view(), seen(port=2626))
    assert "no listener, or several, on port 2626 of EX01" in found.note


def test_a_port_that_two_processes_claim_is_not_compared() -> None:
    hub = connector(name="Hub", role="HubTransport", ranges=WHOLE_IPV4)
    found = check_probe(view(server(), default_connectors(), hub), seen())
    assert "several" in found.note


def test_a_probe_that_connected_to_nothing_is_not_compared() -> None:
    found = check_probe(view(), seen(None))
    assert found.note == "nothing was connected, so no source address is known"
    assert found.listener


def test_a_listener_on_the_very_address_goes_before_the_wildcard() -> None:
    exact = connector(name="Exact", bindings="10.0.0.5:25", ranges=WHOLE_IPV4, entries=RELAYING)
    both = view(server(), default_connectors(), exact)
    assert check_probe(both, seen()).connector == "EX01\\Exact"
    elsewhere = seen(server="EX01", address="10.0.0.77")
    assert check_probe(both, elsewhere).connector == "EX01\\Default Frontend EX01"


def test_the_family_of_the_address_decides_on_the_listener() -> None:
    four = connector(name="Four", bindings="0.0.0.0:25", ranges=WHOLE_IPV4)
    six = connector(name="Six", bindings="[::]:25", ranges=WHOLE_IPV6)
    dual = view(server(addresses="10.0.0.5, 2001:db8::5"), four, six)
    assert check_probe(dual, seen()).connector == "EX01\\Four"
    probed = seen("2001:db8::9", address="2001:db8::5")
    assert check_probe(dual, probed).connector == "EX01\\Six"


def test_what_two_connectors_have_in_common_is_foretold() -> None:
    twins = (RELAY, connector(name="Twin", ranges="10.0.7.0/24"))
    found = check_probe(view(server(), twins), seen(relay="denied", spoof="allowed"))
    assert found.note.startswith("the evidence leaves open which of these answers: ")
    assert found.connector is None
    assert agreements(found)["relay"] is Agreement.NOT_PREDICTED
    assert agreements(found)["spoof-to-internal"] is Agreement.AGREES
    assert found.contradictions == 0


def test_a_missing_fact_leaves_everything_open() -> None:
    unknown = connector(name="Unknown", ranges=None)
    found = check_probe(view(server(), default_connectors(), unknown), seen())
    assert found.note == "a fact is missing, so it is not known which connector answers"
    assert agreements(found) == {"relay": Agreement.NOT_PREDICTED}


# --- a load balancer


def test_a_balancer_that_changes_nothing() -> None:
    (found,) = check_via(seen(via="LB01"), [seen(server="EX01")])
    assert (found.via, found.server, found.differences) == ("LB01", "EX01", ())


def test_a_balancer_that_changes_what_a_client_may_do() -> None:
    balanced = seen(via="LB01", target="mail", relay="allowed", spoof="allowed")
    (one, other) = check_via(
        balanced,
        [
            seen(server="EX01", relay="denied", spoof="inconclusive", keywords=BOTH_AUTH),
            seen(target="10.0.0.6", offer=None, relay=None),
        ],
    )
    assert one.differences == (
        "relay: allowed there, denied directly",
        f"{EXCHANGE_AUTH}: not offered there, offered directly",
    )
    assert (other.server, other.target, other.differences) == ("10.0.0.6", "mail", ())


def test_a_balancer_that_changes_what_is_offered() -> None:
    balanced = seen(via="LB01", keywords=("SIZE 10", "AUTH LOGIN", "XA-MASKED"))
    direct = seen(server="EX01", keywords=("SIZE 20", "AUTH NTLM LOGIN", "CHUNKING"))
    (found,) = check_via(balanced, [direct])
    assert found.differences == (
        "offered only there: XA-MASKED",
        "offered only directly: AUTH NTLM, CHUNKING",
    )
