from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rctango.traffic import columns
from rctango.traffic.schema import (
    SESSION_COLUMNS,
    ProxiedClient,
    Recipients,
    Replies,
    SessionFacts,
)
from unit.traffic.facts import fact

if TYPE_CHECKING:
    from pathlib import Path

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.integers(0, 2**62)
maybe = st.none() | texts
ports = st.none() | st.integers(0, 99999)
times = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))  # noqa: DTZ001 - UTC without zone
some_texts = st.lists(texts, max_size=3)

facts = st.builds(
    SessionFacts,
    log=texts,
    role=maybe,
    server=maybe,
    connector=texts,
    session=texts,
    local=texts,
    local_port=ports,
    remote=texts,
    remote_port=ports,
    began=times,
    last_seen=times,
    started=st.booleans(),
    ended=maybe,
    rows=numbers,
    commands=numbers,
    ehlo_names=some_texts,
    tls=maybe,
    tls_protocol=maybe,
    auth_mechanism=maybe,
    auth_successes=numbers,
    auth_failures=numbers,
    offers_exchange_auth=st.none() | st.booleans(),
    permissions=maybe,
    messages=numbers,
    sender_domains=some_texts,
    recipients=st.lists(st.builds(Recipients, texts, numbers, numbers), max_size=3),
    replies=st.lists(st.builds(Replies, texts, numbers), max_size=3),
    proxied=st.lists(
        st.builds(ProxiedClient, texts, texts, texts, st.none() | numbers), max_size=3
    ),
    first_file=numbers,
    first_offset=numbers,
    last_file=numbers,
    last_offset=numbers,
)


@settings(deadline=None)
@given(st.lists(facts, max_size=5))
def test_rows_come_back_as_they_were(rows: list[SessionFacts]) -> None:
    assert columns.from_batch(columns.to_batch(rows)) == rows


def test_the_columns_are_those_of_the_facts() -> None:
    batch = columns.to_batch([fact(), fact()])
    assert tuple(batch.schema.names) == SESSION_COLUMNS
    assert batch.num_rows == 2
    batch.validate(full=True)


def test_times_have_no_zone() -> None:
    assert columns.SESSIONS.field("began").type == pa.timestamp("us")


def test_no_rows() -> None:
    batch = columns.to_batch([])
    assert batch.num_rows == 0
    assert batch.schema == columns.SESSIONS
    assert columns.from_batch(batch) == []


def test_a_row_of_another_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        columns.to_batch([fact(), tuple(fact())[:-1]])


def test_streams_in_memory_and_in_files(tmp_path: Path) -> None:
    rows = [fact() for _ in range(10)]
    batches = [columns.to_batch(rows[:4]), columns.to_batch(rows[4:])]
    path = str(tmp_path / "facts")
    writer = columns.FileWriter(path)
    for batch in batches:
        writer.write(batch)
    writer.close()
    for stream in (columns.from_bytes(columns.to_bytes(batches)), columns.from_file(path)):
        assert [row for batch in stream for row in columns.from_batch(batch)] == rows


def test_session_ids() -> None:
    rows = [fact(), fact()]
    assert columns.session_ids(columns.to_batch(rows)) == [row.session for row in rows]
