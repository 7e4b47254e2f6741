"""The questions, in SQL: one text for each, the same on DuckDB and on Spark.

The texts read two relations: ``all_sessions`` with the columns of ``SessionFacts`` and
``own_domains`` (see ``own_domain_rows``). Every value comes as a parameter (``:name``), never as
text. The names of functions are Spark's; ``engines`` defines those that DuckDB calls otherwise.
Every result has a total order, so that it is the same on every engine and in every run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from rctango.traffic.schema import SESSION_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Parameter = bool | str | list[str]


class Question(StrEnum):
    """What can be asked."""

    USAGE = "usage"
    SOURCES = "sources"
    ANSWERS = "answers"
    UNANSWERED = "unanswered"
    PERIODS = "periods"
    PROXIED = "proxied"
    SEND_FAILURES = "send-failures"
    SESSIONS = "sessions"
    TOTALS = "totals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a question is restricted to, and what it needs to know.

    Attributes:
        servers: the servers' names in any case; empty for all. Sessions whose log names no server
            belong to the one server that other sessions show at their local address.
        since: sessions that began at this time (UTC where it has no zone) or later.
        until: sessions that began before it.
        accepted_domains: the accepted domains, also ``*`` and ``*.example.com``; None when they
            are not known, so that nothing can be said about foreign ones.
        session: the session-id, for ``Question.SESSIONS``.
    """

    servers: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    accepted_domains: tuple[str, ...] | None = None
    session: str = ""

    def parameters(self) -> dict[str, Parameter]:
        """The parameters of the texts."""
        return {
            "any_server": not self.servers,
            "servers": sorted({name.lower() for name in self.servers}) or [""],
            "since": _time_text(self.since or datetime.min),  # noqa: DTZ901 - a bound, not a moment
            "until": _time_text(self.until or datetime.max),  # noqa: DTZ901 - same
            "domains_known": self.accepted_domains is not None,
            "session": self.session.strip().upper(),
        }


def own_domain_rows(domains: Iterable[str] | None) -> list[tuple[str, bool]]:
    """The rows (domain, is_suffix) of the relation ``own_domains``.

    ``*.example.com`` holds all subdomains but not ``example.com``, so it is the suffix
    ``.example.com``; ``*`` is the empty suffix. Names with other letters than ASCII also come in
    the form that DNS uses, and the other way round, because clients send either.
    """
    rows: set[tuple[str, bool]] = set()
    for domain in domains or ():
        name = domain.strip().lower()
        is_suffix = name == "*" or name.startswith("*.")
        bare = name.removeprefix("*")
        rows.update((form, is_suffix) for form in (bare, *_other_forms(bare)) if form or is_suffix)
    return sorted(rows)


def _other_forms(name: str) -> list[str]:
    dot = "." if name.startswith(".") else ""
    bare = name.removeprefix(".")
    try:
        if not bare.isascii():
            return [dot + bare.encode("idna").decode("ascii")]
        if "xn--" in bare:
            return [dot + bare.encode("ascii").decode("idna")]
    except UnicodeError:
        pass
    return []


def _time_text(moment: datetime) -> str:
    plain = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    return plain.isoformat(sep=" ", timespec="microseconds")


_ASKED = """
WITH at_servers AS (
    SELECT local
    FROM all_sessions
    WHERE server IS NOT NULL AND local <> ''
    GROUP BY local
    HAVING count(DISTINCT lower(server)) = 1 AND array_contains(:servers, min(lower(server)))
),
asked AS (
    SELECT *
    FROM all_sessions
    WHERE began >= CAST(:since AS TIMESTAMP) AND began < CAST(:until AS TIMESTAMP)
      AND (:any_server OR array_contains(:servers, lower(server))
           OR server IS NULL AND local IN (SELECT local FROM at_servers))
)"""

_USAGE = """,
places AS (
    SELECT *, row_number() OVER (
        ORDER BY log, role NULLS FIRST, server NULLS FIRST, connector) AS place
    FROM (SELECT DISTINCT log, role, server, connector FROM asked)
),
placed AS (
    SELECT place, remote, began, last_seen, tls, offers_exchange_auth, auth_successes,
           auth_failures, messages, ehlo_names, sender_domains, recipients
    FROM asked JOIN places
      ON places.log = asked.log AND places.connector = asked.connector
     AND places.role IS NOT DISTINCT FROM asked.role
     AND places.server IS NOT DISTINCT FROM asked.server
),
daily AS (
    SELECT place, remote,
           count(*) AS sessions,
           sum(messages) AS messages,
           sum(auth_successes) AS auth_successes,
           sum(auth_failures) AS auth_failures,
           count(tls) AS tls_sessions,
           count(*) FILTER (WHERE NOT offers_exchange_auth) AS without_exchange_auth,
           min(began) AS first_seen,
           max(last_seen) AS last_seen
    FROM placed
    GROUP BY place, remote, CAST(began AS DATE)
),
clients AS (
    SELECT place, remote,
           sum(sessions) AS sessions,
           sum(messages) AS messages,
           sum(auth_successes) AS auth_successes,
           sum(auth_failures) AS auth_failures,
           sum(tls_sessions) AS tls_sessions,
           sum(without_exchange_auth) AS without_exchange_auth,
           min(first_seen) AS first_seen,
           max(last_seen) AS last_seen,
           count(*) AS days
    FROM daily
    GROUP BY place, remote
),
names AS (
    SELECT place, remote,
           count(*) AS amount,
           slice(array_sort(array_agg(name)), 1, 20) AS ehlo_names
    FROM (SELECT DISTINCT place, remote, name
          FROM (SELECT place, remote, explode(ehlo_names) AS name FROM placed))
    GROUP BY place, remote
),
senders AS (
    SELECT place, remote, count(*) AS amount
    FROM (SELECT DISTINCT place, remote, domain
          FROM (SELECT place, remote, explode(sender_domains) AS domain FROM placed)
          WHERE domain NOT IN ('', '<>'))
    GROUP BY place, remote
),
targets AS (
    SELECT place, remote, item.domain AS domain,
           sum(item.accepted) AS accepted, sum(item.refused) AS refused
    FROM (SELECT place, remote, explode(recipients) AS item FROM placed)
    GROUP BY place, remote, item.domain
),
owned AS (
    SELECT domain
    FROM (SELECT DISTINCT domain FROM targets) AS seen
    WHERE EXISTS (SELECT 1 FROM own_domains
                  WHERE NOT is_suffix AND own_domains.domain = seen.domain)
       OR EXISTS (SELECT 1 FROM own_domains
                  WHERE is_suffix
                    AND right(seen.domain, length(own_domains.domain)) = own_domains.domain)
),
judged AS (
    SELECT targets.*,
           owned.domain IS NOT NULL AS is_own,
           owned.domain IS NULL AND targets.domain <> '' AND accepted > 0 AS is_foreign
    FROM targets LEFT JOIN owned ON owned.domain = targets.domain
),
relayed AS (
    SELECT place, remote,
           sum(CASE WHEN is_own THEN accepted ELSE 0 END) AS own,
           sum(CASE WHEN is_foreign THEN accepted ELSE 0 END) AS other,
           sum(accepted) AS accepted,
           sum(refused) AS refused,
           slice(array_sort(array_agg(struct(-accepted, domain))
                            FILTER (WHERE is_foreign)), 1, 10) AS foreign_domains
    FROM judged
    GROUP BY place, remote
)
SELECT log, role, server, connector, clients.remote AS client,
       CAST(sessions AS BIGINT) AS sessions,
       CAST(messages AS BIGINT) AS messages,
       CASE WHEN :domains_known THEN CAST(coalesce(own, 0) AS BIGINT) END AS recipients_own,
       CASE WHEN :domains_known THEN CAST(coalesce(other, 0) AS BIGINT) END AS recipients_foreign,
       CAST(coalesce(accepted, 0) AS BIGINT) AS recipients_accepted,
       CAST(coalesce(refused, 0) AS BIGINT) AS recipients_refused,
       CASE WHEN :domains_known THEN foreign_domains END AS foreign_domains,
       CAST(auth_successes AS BIGINT) AS auth_successes,
       CAST(auth_failures AS BIGINT) AS auth_failures,
       CAST(tls_sessions AS BIGINT) AS tls_sessions,
       first_seen, last_seen, days,
       ehlo_names,
       coalesce(names.amount, 0) AS ehlo_name_count,
       coalesce(senders.amount, 0) AS sender_domain_count,
       CAST(without_exchange_auth AS BIGINT) AS without_exchange_auth
FROM clients
JOIN places ON places.place = clients.place
LEFT JOIN names ON names.place = clients.place AND names.remote = clients.remote
LEFT JOIN senders ON senders.place = clients.place AND senders.remote = clients.remote
LEFT JOIN relayed ON relayed.place = clients.place AND relayed.remote = clients.remote
ORDER BY clients.place, clients.remote
"""

_SOURCES = """,
received AS (
    SELECT * FROM asked WHERE log = 'receive'
),
places AS (
    SELECT *, row_number() OVER (
        ORDER BY server NULLS FIRST, local, local_port NULLS FIRST) AS place
    FROM (SELECT DISTINCT server, local, local_port FROM received)
),
placed AS (
    SELECT place, remote, connector, began, started, commands, messages, ehlo_names,
           sender_domains, replies
    FROM received JOIN places
      ON places.local = received.local
     AND places.server IS NOT DISTINCT FROM received.server
     AND places.local_port IS NOT DISTINCT FROM received.local_port
),
daily AS (
    SELECT place, remote,
           count(*) AS sessions,
           sum(messages) AS messages,
           count(*) FILTER (WHERE size(ehlo_names) > 0) AS with_name,
           count(*) FILTER (WHERE size(sender_domains)
               > CASE WHEN array_contains(sender_domains, '<>') THEN 1 ELSE 0 END
               + CASE WHEN array_contains(sender_domains, '') THEN 1 ELSE 0 END) AS with_sender
    FROM placed
    GROUP BY place, remote, CAST(began AS DATE)
),
profiles AS (
    SELECT place, remote,
           sum(sessions) AS sessions,
           sum(messages) AS messages,
           sum(with_name) AS with_name,
           sum(with_sender) AS with_sender,
           count(*) AS days
    FROM daily
    GROUP BY place, remote
),
listeners AS (
    SELECT place, sum(sessions) AS sessions, count(*) AS clients FROM profiles GROUP BY place
),
idle AS (
    SELECT place, remote,
           unix_micros(began) - lag(unix_micros(began)) OVER (
               PARTITION BY place, remote ORDER BY began) AS gap
    FROM placed
    WHERE commands = 0 AND started
),
paced AS (
    SELECT place, remote, count(*) AS amount, median(gap) AS middle
    FROM idle
    GROUP BY place, remote
),
steady AS (
    SELECT idle.place, idle.remote, count(*) AS amount
    FROM idle JOIN paced ON paced.place = idle.place AND paced.remote = idle.remote
    WHERE abs(gap - middle) * 10 <= middle
    GROUP BY idle.place, idle.remote
),
limits AS (
    SELECT place, remote, sum(item.count) AS amount
    FROM (SELECT place, remote, explode(replies) AS item FROM placed WHERE connector <> '')
    WHERE item.code IN ('421', '421 4.3.2')
    GROUP BY place, remote
),
names AS (
    SELECT place, remote, count(*) AS amount, max(uses) AS common
    FROM (SELECT place, remote, name, count(*) AS uses
          FROM (SELECT place, remote, explode(ehlo_names) AS name FROM placed)
          GROUP BY place, remote, name)
    GROUP BY place, remote
),
senders AS (
    SELECT place, remote, count(*) AS amount, max(uses) AS common
    FROM (SELECT place, remote, domain, count(*) AS uses
          FROM (SELECT place, remote, explode(sender_domains) AS domain FROM placed)
          WHERE domain NOT IN ('', '<>')
          GROUP BY place, remote, domain)
    GROUP BY place, remote
)
SELECT server, local, local_port AS port, profiles.remote AS client,
       CAST(profiles.sessions AS BIGINT) AS sessions,
       CAST(listeners.sessions AS BIGINT) AS listener_sessions,
       listeners.clients AS listener_clients,
       coalesce(paced.amount, 0) AS idle_sessions,
       CASE WHEN paced.amount >= 3 THEN CAST(middle AS DOUBLE) / 1000000 END AS idle_interval,
       CASE WHEN paced.amount >= 3
           THEN CAST(coalesce(steady.amount, 0) AS DOUBLE) / (paced.amount - 1)
           END AS idle_regularity,
       CAST(coalesce(limits.amount, 0) AS BIGINT) AS limit_refusals,
       CAST(messages AS BIGINT) AS messages,
       coalesce(names.amount, 0) AS ehlo_names,
       coalesce(CAST(names.common AS DOUBLE) / nullif(with_name, 0), 0) AS common_ehlo_share,
       coalesce(senders.amount, 0) AS sender_domains,
       coalesce(CAST(senders.common AS DOUBLE) / nullif(with_sender, 0), 0)
           AS common_sender_share,
       days
FROM profiles
JOIN places ON places.place = profiles.place
JOIN listeners ON listeners.place = profiles.place
LEFT JOIN paced ON paced.place = profiles.place AND paced.remote = profiles.remote
LEFT JOIN steady ON steady.place = profiles.place AND steady.remote = profiles.remote
LEFT JOIN limits ON limits.place = profiles.place AND limits.remote = profiles.remote
LEFT JOIN names ON names.place = profiles.place AND names.remote = profiles.remote
LEFT JOIN senders ON senders.place = profiles.place AND senders.remote = profiles.remote
ORDER BY profiles.place, profiles.remote
"""

_ANSWERS = """
SELECT server, role, local, local_port AS port, remote AS client, connector,
       count(*) AS sessions,
       min(began) AS first_seen,
       max(last_seen) AS last_seen,
       max(session) AS example
FROM asked
WHERE log = 'receive'
GROUP BY server, role, local, local_port, remote, connector
ORDER BY server NULLS FIRST, role NULLS FIRST, local NULLS FIRST, local_port NULLS FIRST,
         remote NULLS FIRST, connector NULLS FIRST
"""

_UNANSWERED = _ANSWERS.replace("log = 'receive'", "log = 'receive' AND connector = ''")

_PERIODS = """
SELECT log, role, server, connector,
       count(*) AS sessions,
       min(began) AS first_seen,
       max(last_seen) AS last_seen,
       array_sort(array_agg(DISTINCT CAST(began AS DATE))) AS days,
       count(*) FILTER (WHERE size(proxied) > 0) AS proxied,
       array_sort(array_agg(DISTINCT local_port) FILTER (WHERE local_port IS NOT NULL)) AS ports
FROM asked
GROUP BY log, role, server, connector
ORDER BY log NULLS FIRST, role NULLS FIRST, server NULLS FIRST, connector NULLS FIRST
"""

_PROXIED = """
SELECT server, item.address AS client, item.permissions AS permissions,
       count(DISTINCT remote || ' ' || item.session) AS sessions,
       min(began) AS first_seen,
       max(last_seen) AS last_seen
FROM (SELECT server, remote, began, last_seen, explode(proxied) AS item
      FROM asked WHERE log = 'receive')
GROUP BY server, item.address, item.permissions
ORDER BY server NULLS FIRST, client NULLS FIRST, permissions NULLS FIRST
"""

_SEND_FAILURES = """
SELECT connector, ehlo_name, local, remote, reply,
       count(*) AS sessions,
       offers_exchange_auth,
       min(began) AS first_seen,
       max(last_seen) AS last_seen
FROM (SELECT connector, ehlo_name, local, remote, item.code AS reply, offers_exchange_auth,
             began, last_seen
      FROM (SELECT connector, coalesce(try_element_at(ehlo_names, 1), '') AS ehlo_name, local,
                   remote, offers_exchange_auth, began, last_seen, explode(replies) AS item
            FROM asked WHERE log = 'send'))
GROUP BY connector, ehlo_name, local, remote, reply, offers_exchange_auth
ORDER BY connector NULLS FIRST, ehlo_name NULLS FIRST, local NULLS FIRST, remote NULLS FIRST,
         reply NULLS FIRST, offers_exchange_auth NULLS FIRST
"""

_SESSIONS = f"""
SELECT {", ".join(SESSION_COLUMNS)}
FROM asked
WHERE session = :session
ORDER BY log, server NULLS FIRST, role NULLS FIRST, began, first_file, first_offset
"""  # noqa: S608 - the names of our own columns

_TOTALS = """
SELECT log, role, server,
       count(*) AS sessions,
       CAST(sum(rows) AS BIGINT) AS rows,
       CAST(sum(messages) AS BIGINT) AS messages,
       count(*) FILTER (WHERE NOT started) AS without_start,
       count(*) FILTER (WHERE ended IS NULL) AS without_end,
       count(*) FILTER (WHERE connector = '') AS without_connector,
       min(began) AS first_seen,
       max(last_seen) AS last_seen
FROM asked
GROUP BY log, role, server
ORDER BY log NULLS FIRST, role NULLS FIRST, server NULLS FIRST
"""

TEXTS: Mapping[Question, str] = {
    Question.USAGE: _ASKED + _USAGE,
    Question.SOURCES: _ASKED + _SOURCES,
    Question.ANSWERS: _ASKED + _ANSWERS,
    Question.UNANSWERED: _ASKED + _UNANSWERED,
    Question.PERIODS: _ASKED + _PERIODS,
    Question.PROXIED: _ASKED + _PROXIED,
    Question.SEND_FAILURES: _ASKED + _SEND_FAILURES,
    Question.SESSIONS: _ASKED + _SESSIONS,
    Question.TOTALS: _ASKED + _TOTALS,
}
"""The text of each question."""
