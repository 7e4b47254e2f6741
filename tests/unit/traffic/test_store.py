"""The session store: one file that others cannot spoil."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import date, timedelta
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given, settings

from rctango.errors import EvidenceError
from rctango.traffic import columns
from rctango.traffic.carry import Carry
from rctango.traffic.engines import DuckDBEngine
from rctango.traffic.ledger import NO_LINES, Entry, Fingerprint, Place
from rctango.traffic.queries import Asked, Question
from rctango.traffic.scanner import OpenSession
from rctango.traffic.schema import SESSION_COLUMNS, LineCounts, RejectedLine
from rctango.traffic.store import Store
from unit.traffic.facts import START, fact
from unit.traffic.reads import all_facts, log, read, session
from unit.traffic.test_columns import facts

if TYPE_CHECKING:
    from pathlib import Path

    from rctango.traffic.schema import SessionFacts

ENTRY = Entry(
    number=1,
    path="a.LOG",
    member="",
    log="receive",
    role=None,
    refusal=None,
    chain="receive",
    began="2026-03-01T00:00:00.000Z",
    fingerprint=Fingerprint(head_length=9, head="a", offset=9, tail="b", at_line_end=True),
    counts=LineCounts(
        lines=5, parsed=1, header=1, noise=(("blank line", 1),), rejected=1, unfinished=1
    ),
    first_seen=START,
    last_seen=START,
    problem="damaged",
)


def fill(store: Store, *rows: SessionFacts) -> None:
    with store.transaction():
        store.add("sessions", [columns.to_batch(rows)])


def fill_and_fail(store: Store) -> None:
    with store.transaction():
        store.add("sessions", [columns.to_batch([fact()])])
        raise KeyError


def test_a_temporary_store_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Store.open(None) as store:
        fill(store, fact())
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


def test_a_store_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a store's.duckdb"
    with Store.open(path) as store:
        fill(store, fact())
    assert list(tmp_path.iterdir()) == [path]
    with Store.open(path) as store:
        assert len(all_facts(store)) == 1
        meta = store.meta()
    assert (meta["application"], meta["schema"]) == ("rctango", "1")


@settings(max_examples=20, deadline=None)
@given(facts, facts)
def test_facts_come_back_as_they_were(first: SessionFacts, second: SessionFacts) -> None:
    with Store.open(None) as store:
        fill(store, first)
        with store.transaction():
            one = OpenSession(key="k", state="s", facts=second)
            store.put_open([("receive", "k")], [("receive", one)])
        found = [row for rows in store.sessions() for row in rows]
        assert sorted(found, key=repr) == sorted([first, second], key=repr)
        assert store.carry().of("receive") == (one,)


def test_the_ledger_comes_back_as_it_was() -> None:
    places = [Place(path="a", member=name, size=1, modified=2, number=1) for name in ("", "m")]
    with Store.open(None) as store:
        for _ in range(2):
            with store.transaction():
                store.put_entries([ENTRY])
                store.put_places(places)
        ledger = store.ledger()
        assert ledger.entries == {1: ENTRY}
        assert ledger.places(1) == places
        assert ledger.next_number == 2
        assert store.line_totals() == ENTRY.counts


def test_what_was_not_committed_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with Store.open(path) as store:
        with pytest.raises(KeyError):
            fill_and_fail(store)
        assert not all_facts(store)


def test_removing_a_content_keeps_the_sessions_it_shares() -> None:
    own = fact(first_file=1, last_file=1)
    shared = fact(first_file=1, last_file=2)
    other = fact(first_file=2, last_file=2)
    with Store.open(None) as store:
        fill(store, own, shared, other)
        with store.transaction():
            store.put_entries([ENTRY])
            store.put_rejected(1, [RejectedLine(line=3, reason="x")])
            assert store.shared_sessions(1) == [shared]
            store.remove(1)
        assert sorted(row.session for row in all_facts(store)) == sorted(
            row.session for row in (shared, other)
        )
        assert not store.rejected()
        assert not store.ledger().entries


def test_rejected_lines_are_bounded() -> None:
    with Store.open(None) as store:
        for start in (1, 501, 1001):
            lines = [RejectedLine(line=start + at, reason="x") for at in range(700)]
            store.put_rejected(7, lines)
        assert len(store.rejected()) == 1000


def test_no_store(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"something else" * 1000)
    with pytest.raises(EvidenceError, match="not a DuckDB database") as caught:
        Store.open(path)
    assert caught.value.source == str(path)
    assert path.read_bytes() == b"something else" * 1000


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    for at, statement in enumerate(("TABLE a (b INT)", "TABLE meta (b INT)", "SCHEMA own")):
        path = tmp_path / f"{at}.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"CREATE {statement}")
            if statement.startswith("SCHEMA"):
                connection.execute("CREATE TABLE own.a (b INT)")
        with pytest.raises(EvidenceError, match="no session store"):
            Store.open(path)
        with duckdb.connect(str(path)) as connection:
            assert len(connection.execute("FROM duckdb_tables()").fetchall()) == 1


def test_a_newer_version_is_told(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with Store.open(path) as store:
        store.connection.execute("UPDATE meta SET text = '2' WHERE name = 'schema'")
    with pytest.raises(EvidenceError, match="version 2; this program reads 1"):
        Store.open(path)


@pytest.mark.parametrize("place", [100, 5000, 13_000])
def test_a_damaged_store_is_told(tmp_path: Path, place: int) -> None:
    path = tmp_path / "store"
    with Store.open(path) as store:
        fill(store, *(fact() for _ in range(5000)))
    data = bytearray(path.read_bytes())
    data[place : place + 400] = b"\xaa" * 400
    path.write_bytes(data)
    try:
        with Store.open(path) as store:
            all_facts(store)
            store.ledger()
    except EvidenceError as error:
        assert "\n" not in error.reason  # noqa: PT017 - a part that is not read may be damaged


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError):
        Store.open(tmp_path)


def test_a_store_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError):
        Store.open(tmp_path / "nowhere" / "store")


def test_a_store_in_use_is_told(tmp_path: Path) -> None:
    path = tmp_path / "store"
    program = (
        "import sys\nfrom rctango.traffic.store import Store\n"
        "from rctango.errors import EvidenceError\n"
        "try:\n    Store.open(sys.argv[1])\nexcept EvidenceError as error:\n    print(error.reason)"
    )
    with Store.open(path):
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "in use by another process"
        with pytest.raises(EvidenceError, match="in use"):
            Store.open(path)


def test_forgetting(tmp_path: Path) -> None:
    path = tmp_path / "store"
    logs = tmp_path / "a.LOG"
    logs.write_bytes(log("2026-03-02T00:00:00.000Z", session(1), session(2)[:-1]))
    names = [f"08DE7{number:011X}" for number in (1, 2)]
    with Store.open(path) as store:
        read(store, logs)
        assert store.forget(date(2026, 3, 2)) == 0
        assert len(all_facts(store)) == 2
        assert store.forget(date(2026, 3, 3)) == 2
        assert not all_facts(store)
        assert read(store, logs).unchanged == (str(logs),)
        totals = store.line_totals()
        assert totals.lines == logs.read_bytes().count(b"\n")
    assert not [name for name in names if name.encode() in path.read_bytes()]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.LOG", "store"]


def test_a_session_that_ends_at_midnight_belongs_to_the_day_that_begins() -> None:
    midnight = START.replace(hour=0)
    with Store.open(None) as store:
        fill(
            store,
            fact(last_seen=midnight),
            fact(last_seen=midnight - timedelta(milliseconds=1)),
        )
        assert store.forget(midnight.date()) == 1
        assert [row.last_seen for row in all_facts(store)] == [midnight]


def test_parquet(tmp_path: Path) -> None:
    target = tmp_path / "it's out"
    rows = [fact() for _ in range(10)]
    with Store.open(None) as store:
        fill(store, *rows)
        store.put_entries([ENTRY])
        one = OpenSession(key="k", state="secret", facts=fact())
        store.put_open([("receive", "k")], [("receive", one)])
        for _ in range(2):
            store.export_parquet(target)
    connection = duckdb.connect()
    folder = str(target).replace("'", "''")
    found = connection.execute(f"FROM '{folder}/sessions.parquet'")
    assert tuple(column[0] for column in found.description or ()) == SESSION_COLUMNS
    assert sorted(map(columns.facts_of, found.fetchall())) == sorted([*rows, one.facts])
    files = connection.execute(f"FROM '{folder}/files.parquet'").fetchall()
    assert [row[columns.FILES.names.index("lines")] for row in files] == [5]


def test_parquet_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Store.open(None) as store, pytest.raises(EvidenceError):
        store.export_parquet(tmp_path / "file")


def test_questions_can_be_asked(tmp_path: Path) -> None:
    (tmp_path / "a.LOG").write_bytes(log("2026-03-02T00:00:00.000Z", session(1), session(2)[:3]))
    with Store.open(None) as store:
        read(store, tmp_path)
        rows = DuckDBEngine(store.connection).rows(Question.USAGE, Asked())
        assert len(rows) == 2
        read(store, tmp_path)


def test_the_carry_stores_changes_only() -> None:
    def opened(key: str) -> OpenSession:
        return OpenSession(key=key, state="s", facts=fact())

    with Store.open(None) as store:
        carry = Carry()
        carry._put("c", opened("a|b|c"))
        carry._put("c", opened("d|e|f"))
        carry._put("d", opened("a|b|c"))
        store.put_open(*carry.changes())
        assert len(store.carry()) == 3
        carry = store.carry()
        assert carry.changes() == ([], [])
        carry._drop("c", "a|b|c")
        carry._put("c", changed := opened("d|e|f"))
        store.put_open(*carry.changes())
        assert store.carry().of("c") == (changed,)
        assert len(store.carry()) == 2


def test_an_empty_store_has_no_lines() -> None:
    with Store.open(None) as store:
        assert store.line_totals() == NO_LINES
