"""Who used which connector, as sheets.

The console shows what matters most; CSV and JSON hold everything.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rctango.report.log_words import NOBODY, day, number, plain, when
from rctango.report.records import time_text
from rctango.report.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.model.observation import Usage
    from rctango.report.log_documents import UsageReport


def usage_sheets(report: UsageReport) -> Iterator[Sheet]:
    """A sheet for each connector, and one for true clients behind Front Ends."""
    names = {one.client: one.name for one in report.host_names}
    notes = (
        ()
        if report.accepted_domains_known
        else ("The accepted domains are not known, so relayed mail cannot be told from own mail.",)
    )
    for key, members in groupby(report.usage, key=_connector_title):
        rows = sorted(members, key=_most_relayed)
        yield Sheet(
            title=key,
            columns=(
                "Client",
                "Sessions",
                "Mails",
                "Own",
                "Relayed",
                "Refused",
                "Last seen",
                "EHLO names",
            ),
            rows=tuple(_usage_row(one, names) for one in rows),
            notes=(*notes, *_failed(rows)),
        )
    if report.proxied:
        yield Sheet(
            title="True clients behind Front Ends (Hub logs)",
            columns=("Server", "Client", "Permissions", "Sessions", "First seen", "Last seen"),
            rows=tuple(
                (
                    one.server or "",
                    one.client,
                    number(one.permissions),
                    number(one.sessions),
                    when(one.first_seen),
                    when(one.last_seen),
                )
                for one in report.proxied
            ),
        )


def _connector_title(one: Usage) -> str:
    role = f", {one.role}" if one.role else ""
    return f"{one.connector or NOBODY} ({one.log}{role})"


def _most_relayed(one: Usage) -> tuple[int, int, str]:
    return -(one.recipients_foreign or 0), -one.sessions, one.client


def _failed(rows: list[Usage]) -> Iterator[str]:
    """A sentence about failed authentication, if there was any."""
    failing = sorted((one for one in rows if one.auth_failures), key=_most_failures)
    if failing:
        shown = ", ".join(f"{one.client} {number(one.auth_failures)} times" for one in failing[:5])
        more = f" and {len(failing) - 5} more clients" if len(failing) > 5 else ""
        yield f"AUTH failed: {shown}{more}."


def _most_failures(one: Usage) -> tuple[int, str]:
    return -one.auth_failures, one.client


def _usage_row(one: Usage, names: dict[str, str]) -> tuple[str, ...]:
    name = names.get(str(one.address))
    return (
        f"{one.client} {name}" if name else one.client,
        number(one.sessions),
        number(one.messages),
        number(one.recipients_own),
        number(one.recipients_foreign),
        number(one.recipients_refused),
        day(one.last_seen),
        _shortened(one.ehlo_names, one.ehlo_name_count),
    )


def _shortened(names: tuple[str, ...], count: int, most: int = 3) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {count - most} more" if count > most else shown


def usage_table(report: UsageReport) -> Sheet:
    """One row for each log, server, connector and client."""
    names = {one.client: one.name for one in report.host_names}
    columns = (
        "log", "role", "server", "connector", "client", "host_name", "sessions", "messages",
        "recipients_own", "recipients_foreign", "recipients_accepted", "recipients_refused",
        "foreign_domains", "auth_successes", "auth_failures", "tls_sessions", "first_seen",
        "last_seen", "days", "ehlo_names", "ehlo_name_count", "sender_domain_count",
    )  # fmt: skip
    rows = tuple(
        (
            one.log, one.role or "", one.server or "", one.connector, one.client,
            names.get(str(one.address), ""), plain(one.sessions), plain(one.messages),
            plain(one.recipients_own), plain(one.recipients_foreign),
            plain(one.recipients_accepted), plain(one.recipients_refused),
            "; ".join(one.foreign_domains), plain(one.auth_successes), plain(one.auth_failures),
            plain(one.tls_sessions), time_text(one.first_seen), time_text(one.last_seen),
            plain(one.days), "; ".join(one.ehlo_names), plain(one.ehlo_name_count),
            plain(one.sender_domain_count),
        )
        for one in report.usage
    )  # fmt: skip
    return Sheet(title="usage", columns=columns, rows=rows)
