"""Where questions are asked: the embedded engine, and what any engine must do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from rctango.errors import RctangoError
from rctango.traffic.queries import TEXTS, own_domain_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from rctango.traffic.queries import Asked, Question
    from rctango.traffic.spark import SparkEngine

Row = tuple[Any, ...]
"""The columns of a text, in order: plain values, lists, and dictionaries for structures."""

PARAMETER = re.compile(r":([a-z_]+)")
"""A parameter in a text."""
_FUNCTIONS = (
    "explode(items) AS unnest(items)",
    "size(items) AS len(items)",
    "slice(items, first, amount) AS list_slice(items, first, first + amount - 1)",
    "struct(place, domain) AS struct_pack(place := place, domain := domain)",
    "try_element_at(items, place) AS list_extract(items, place)",
    "unix_micros(moment) AS epoch_us(moment)",
)


class Engine(Protocol):
    """Something that holds session facts and answers questions about them."""

    def rows(self, question: Question, asked: Asked) -> list[Row]:
        """The rows of the question's text, in its order."""


class DuckDBEngine:
    """Asks a DuckDB connection that has a relation ``all_sessions``.

    Only temporary things are made on the connection, so a database opened for reading will do.
    """

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        for function in _FUNCTIONS:
            connection.execute(f"CREATE OR REPLACE TEMP MACRO {function}")

    def rows(self, question: Question, asked: Asked) -> list[Row]:
        """The rows of the question's text, in its order."""
        text = TEXTS[question]
        if "own_domains" in text:
            self._register(own_domain_rows(asked.accepted_domains))
        values = asked.parameters()
        used = {name: values[name] for name in PARAMETER.findall(text)}
        found: list[Row] = self._connection.execute(PARAMETER.sub(r"$\1", text), used).fetchall()
        return found

    def _register(self, domains: list[tuple[str, bool]]) -> None:
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE own_domains AS "
            "SELECT unnest(CAST($domains AS VARCHAR[])) AS domain, "
            "unnest(CAST($suffixes AS BOOLEAN[])) AS is_suffix",
            {"domains": [one[0] for one in domains], "suffixes": [one[1] for one in domains]},
        )


def connect_spark(
    master: str, folder: str, settings: Mapping[str, str] | None = None
) -> SparkEngine:
    """The engine for more logs than one machine can hold; see ``SparkEngine``.

    Raises:
        RctangoError: PySpark or Java is missing, or Spark does not start.
    """
    try:
        from rctango.traffic.spark import SparkEngine  # noqa: PLC0415 - heavy, and an extra
    except ImportError as error:
        raise RctangoError(
            "the Spark engine needs PySpark 4 and pyarrow: pip install rctango[spark]"
        ) from error
    return SparkEngine(master, folder, settings)
