from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest

from rctango.errors import RctangoError
from rctango.traffic import answers
from rctango.traffic.engines import DuckDBEngine, connect_spark
from rctango.traffic.queries import Asked, Question
from rctango.traffic.schema import ProxiedClient, Replies
from unit.traffic.facts import engine_of, fact, to

if TYPE_CHECKING:
    from pathlib import Path


def test_domains_hold_for_one_question_only() -> None:
    engine = engine_of([fact(recipients=to(a_test=1, b_test=2))])
    for accepted, own in ((("a.test",), 1), (("b.test",), 2), ((), 0), (("*",), 3)):
        (one,) = answers.usage(engine, Asked(accepted_domains=accepted))
        assert one.recipients_own == own
    (one,) = answers.usage(engine, Asked())
    assert one.recipients_own is None


def test_thousands_of_accepted_domains() -> None:
    domains = tuple(f"d{number}.test" for number in range(5000))
    engine = engine_of([fact(recipients=to(d4999_test=1, e_test=1))])
    (one,) = answers.usage(engine, Asked(accepted_domains=(*domains, "*.e.test")))
    assert (one.recipients_own, one.recipients_foreign) == (1, 1)


def test_a_database_opened_for_reading_will_do(tmp_path: Path) -> None:
    file = str(tmp_path / "store.duckdb")
    with duckdb.connect(file) as connection:
        connection.execute("CREATE TABLE all_sessions AS SELECT 1 AS a")
    with duckdb.connect(file, read_only=True) as connection:
        DuckDBEngine(connection)
        DuckDBEngine(connection)
        names = connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
        assert names == [("all_sessions",)]


def test_rows_are_plain_values() -> None:
    engine = engine_of(
        [fact(replies=[Replies("550", 2)], proxied=[ProxiedClient("A", "1.2.3.4", "h", None)])]
    )
    (row,) = engine.rows(Question.SESSIONS, Asked(session=example_session(engine)))
    assert [{"code": "550", "count": 2}] in row
    assert [{"session": "A", "address": "1.2.3.4", "helo": "h", "permissions": None}] in row


def example_session(engine: DuckDBEngine) -> str:
    (one,) = answers.answers(engine, Asked())
    return one.example


@pytest.mark.parametrize("module", ["engines", "queries", "answers"])
def test_no_driver_is_loaded_before_it_is_needed(module: str) -> None:
    code = f"""
import sys
import rctango.traffic.{module}
assert not {{"duckdb", "pyspark", "pyarrow"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own text


def test_what_spark_needs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "rctango.traffic.spark", raising=False)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(RctangoError, match=r"pip install rctango\[spark\]"):
        connect_spark("local", "facts")


def test_java_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(RctangoError, match="needs Java: install Java 17"):
        connect_spark("local[2]", "facts")
    monkeypatch.undo()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(RctangoError, match="or set JAVA_HOME"):
        connect_spark("local[2]", "facts")


@pytest.mark.parametrize("master", ["", "lokal", "sc://host", "local[", "spark://", "http://host"])
def test_a_wrong_master_is_refused(master: str) -> None:
    with pytest.raises(RctangoError, match="is no master URL"):
        connect_spark(master, "facts")
