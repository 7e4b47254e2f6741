"""Least-privilege remote ranges, as sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rctango.report.log_words import number, plain, when
from rctango.report.records import time_text
from rctango.report.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.model.proposal import Proposal, RelayingClient
    from rctango.report.log_documents import ProposalReport


def proposal_sheets(one: Proposal) -> Iterator[Sheet]:
    """The proposed entries, and what they would leave out."""
    proved = (
        () if one.relay_proved else
        ("The accepted domains are not known: every client with an accepted recipient counts.",)
    )  # fmt: skip
    yield Sheet(
        title=f"{one.connector}: proposed RemoteIPRanges",
        columns=("Entry", "Client", "Sessions", "Messages", "Recipients relayed", "Last seen"),
        rows=tuple((entry, *_client(client)) for entry, client in _entries(one)),
        notes=(
            *proved,
            *one.caveats,
            *one.warnings,
            *(
                (f"The same in CIDR blocks: {', '.join(one.aggregated)}.",)
                if one.aggregated
                else ()
            ),
        ),
        empty="Nothing is proposed.",
    )
    for title, clients in (
        ("Somebody must decide about these; they are in no proposed entry", one.needs_decision),
        ("These relayed and are in no proposed entry", one.left_out),
    ):
        yield Sheet(
            title=f"{one.connector}: {title}",
            columns=("Client", "Sessions", "Messages", "Recipients relayed", "Last seen", "Why"),
            rows=tuple((*_client(client), client.why) for client in clients),
            empty="None.",
        )
    yield Sheet(
        title=f"{one.connector}: present entries that no logged client needed",
        columns=("Entry",),
        rows=tuple((entry,) for entry in one.unused),
    )
    yield Sheet(
        title=f"{one.connector}: clients that did not relay, and who would answer them",
        columns=("Client", "Sessions", "Last seen", "Answered by"),
        rows=tuple(
            (
                client.client,
                number(client.sessions),
                when(client.last_seen),
                "; ".join(client.answered_by),
            )
            for client in one.lost
        ),
    )


def _entries(one: Proposal) -> Iterator[tuple[str, RelayingClient]]:
    yield from zip(one.entries, one.keep, strict=True)


def _client(one: RelayingClient) -> tuple[str, ...]:
    return (
        one.client,
        number(one.sessions),
        number(one.messages),
        number(one.recipients),
        when(one.last_seen),
    )


def proposal_table(report: ProposalReport) -> Sheet:
    """One row for each client that relayed."""
    groups = (("keep", "keep"), ("needs-decision", "needs_decision"), ("left-out", "left_out"))
    return Sheet(
        title="proposal",
        columns=(
            "connector", "verdict", "client", "sessions", "messages", "recipients", "first_seen",
            "last_seen", "why",
        ),
        rows=tuple(
            (
                one.connector, verdict, client.client, plain(client.sessions),
                plain(client.messages), plain(client.recipients), time_text(client.first_seen),
                time_text(client.last_seen), client.why,
            )
            for one in report.proposals
            for verdict, name in groups
            for client in getattr(one, name)
        ),
    )  # fmt: skip
