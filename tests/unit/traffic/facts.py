"""Session facts made by hand, and an engine that holds them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import duckdb

from rctango.traffic.columns import to_batch, to_table
from rctango.traffic.engines import DuckDBEngine
from rctango.traffic.schema import Recipients, SessionFacts

if TYPE_CHECKING:
    from collections.abc import Iterable

START = datetime(2026, 3, 2, 8, 0)  # noqa: DTZ001 - session facts are UTC without zone
DEFAULT = r"EX1\Default Frontend EX1"
RELAY = r"EX1\Relay Apps"

_numbers = count(1)


def fact(connector: str = DEFAULT, *, after: float = 0, **changes: Any) -> SessionFacts:
    """A session of a receive log, with what is given.

    Args:
        connector: the connector-id.
        after: how many seconds after ``START`` it began.
    """
    number = next(_numbers)
    server, backslash, _ = connector.partition("\\")
    began = START + timedelta(seconds=after)
    values: dict[str, Any] = {
        "log": "receive",
        "role": "frontend",
        "server": server if backslash else None,
        "connector": connector,
        "session": f"{number:016X}",
        "local": "10.1.1.5",
        "local_port": 25,
        "remote": "10.1.9.20",
        "remote_port": 50111,
        "began": began,
        "last_seen": began + timedelta(seconds=1),
        "started": True,
        "ended": "Local",
        "rows": 12,
        "commands": 4,
        "ehlo_names": ["app20"],
        "tls": None,
        "tls_protocol": None,
        "auth_mechanism": None,
        "auth_successes": 0,
        "auth_failures": 0,
        "offers_exchange_auth": False,
        "permissions": None,
        "messages": 0,
        "sender_domains": [],
        "recipients": [],
        "replies": [],
        "proxied": [],
        "first_file": 1,
        "first_offset": number * 1000,
        "last_file": 1,
        "last_offset": number * 1000 + 900,
    }
    assert changes.keys() <= values.keys()
    return SessionFacts(**{**values, **changes})


def to(**domains: int) -> list[Recipients]:
    """Accepted recipients: ``to(corp_example=2)`` are two in ``corp.example``."""
    return [Recipients(name.replace("_", "."), number, 0) for name, number in domains.items()]


def engine_of(facts: Iterable[SessionFacts]) -> DuckDBEngine:
    """An engine that holds these facts."""
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.register("facts", to_table([to_batch(list(facts))]))
    connection.execute("CREATE TABLE all_sessions AS SELECT * FROM facts")
    return DuckDBEngine(connection)
