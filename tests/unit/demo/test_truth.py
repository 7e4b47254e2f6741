"""What the generator says about its logs, against a reader that only sees the logs."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from rctango import app
from rctango.addresses import Address
from rctango.analysis.view import View
from rctango.model.connection import Verdict
from unit.demo.reader import Session, address, lines

if TYPE_CHECKING:
    from unit.demo.conftest import Demo

Key = tuple[str, str | None, str, str]


def by_key(demo: Demo) -> dict[Key, list[Session]]:
    found: dict[Key, list[Session]] = defaultdict(list)
    for one in demo.sessions:
        found[one.log, one.role, one.rows[0].connector, one.client].append(one)
    return found


def test_usage_is_what_the_rows_say(demo: Demo) -> None:
    found = by_key(demo)
    assert found.keys() == {
        (one.log, one.role, one.connector, one.client) for one in demo.truth.usage
    }
    for one in demo.truth.usage:
        seen = found[one.log, one.role, one.connector, one.client]
        assert one.sessions == len(seen)
        assert one.messages == sum(session.messages for session in seen)
        assert one.recipients_own == sum(session.own for session in seen)
        assert one.recipients_foreign == sum(session.foreign for session in seen)
        assert one.recipients_refused == sum(session.refused for session in seen)
        assert one.auth_failures == sum(session.failures for session in seen)
        assert one.tls_sessions == sum(session.tls for session in seen)
        assert one.first_seen == min(session.rows[0].time for session in seen)
        assert one.last_seen == max(row.time for session in seen for row in session.rows)
        assert one.days == len({session.rows[0].time[:10] for session in seen})
        assert one.ehlo_names == tuple(sorted({name for two in seen for name in two.ehlo}))


def test_every_count_occurs(demo: Demo) -> None:
    receive = [one for one in demo.truth.usage if one.log == "receive"]
    for name in ("messages", "recipients_own", "recipients_foreign", "recipients_refused"):
        assert sum(getattr(one, name) for one in receive) > 20, name
    assert sum(one.auth_failures for one in receive) > 3
    assert sum(one.tls_sessions for one in receive) > 20


def test_connectors_name_their_server(demo: Demo) -> None:
    for one in demo.truth.usage:
        expected = one.connector.partition("\\")[0] if one.log == "receive" else None
        assert one.server == expected


def test_files_are_as_long_as_they_are_said_to_be(demo: Demo) -> None:
    on_disk = {
        path.relative_to(demo.folder).as_posix(): path for path in demo.folder.rglob("*.LOG")
    }
    assert on_disk.keys() == {one.path for one in demo.truth.files}
    for one in demo.truth.files:
        path = on_disk[one.path]
        written = lines(path)
        assert one.bytes == path.stat().st_size
        assert one.lines == len(written) == one.rows + one.header_lines
        assert one.header_lines == sum(line.startswith("#") for line in written)


def test_open_sessions(demo: Demo) -> None:
    assert {(one.server, one.session) for one in demo.truth.open_at_end} == {
        (one.server, one.rows[0].session) for one in demo.sessions if not one.closed
    }
    assert len({one.server for one in demo.truth.open_at_end}) == 4


def test_sessions_without_a_connector(demo: Demo) -> None:
    empty = [one for one in demo.sessions if not one.rows[0].connector]
    assert demo.truth.empty_connector_sessions == len(empty) > 0
    for one in empty:
        assert [row.data for row in one.rows] == ["", "421 4.3.2 Service not available", ""]


def test_selection_agrees_with_the_exports(demo: Demo) -> None:
    view = View(app.load([str(demo.folder / "evidence")]).snapshot)
    cases = Counter(
        (one.server, one.client, one.rows[0].local.rpartition(":")[2], one.rows[0].connector)
        for one in demo.sessions
        if one.log == "receive"
    )
    explained = unexplained = 0
    for (server, client, port, connector), number in cases.items():
        answers = [
            one
            for one in view.connections(Address.parse(client), frozenset({server}))
            if one.listener.local.port == int(port)
        ]
        expected = next((one.connector.identity for one in answers if one.connector), "")
        assert all(one.verdict in {Verdict.ANSWERED, Verdict.REFUSED} for one in answers)
        explained += number * (expected == connector)
        unexplained += number * (expected != connector)
    assert demo.truth.selection.explained == explained
    assert dict(demo.truth.selection.unexplained) == {"configuration-changed": unexplained}
    assert unexplained > 5


def test_captured_servers(demo: Demo) -> None:
    (capture,) = demo.truth.captured_servers
    inside = [
        one
        for one in demo.sessions
        if (one.rows[0].connector, one.client) == (capture.connector, capture.peer)
    ]
    assert capture.server == "EX19B"
    assert capture.sessions == len(inside) > 3
    assert not any("X-ANONYMOUSTLS" in row.data for one in inside for row in one.rows)
    failed = [
        one
        for one in demo.sessions
        if one.log == "send" and any("451 5.7.3" in row.data + row.context for row in one.rows)
    ]
    ports = {row.local for one in failed for row in one.rows if row.local}
    assert ports == {row.remote for one in inside for row in one.rows}


def test_shared_sources_are_seen_under_several_names(demo: Demo) -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for one in demo.sessions:
        if one.log == "receive" and one.role == "frontend":
            names[address(one.rows[0].remote)] |= set(one.ehlo)
    shared = demo.truth.shared_sources
    assert [(one.address, one.kind) for one in shared] == [
        ("10.20.1.250", "load-balancer"),
        ("10.20.6.1", "nat"),
    ]
    assert all(len(names[one.address]) == one.clients >= 3 for one in shared)
    single = {one.kind: one for one in demo.truth.single_sources}
    assert all(one.clients == 1 for one in demo.truth.single_sources)
    assert {"scanner", "mail host", "gateway"} <= single.keys()
    assert len(names[single["scanner"].address]) == 1


def test_the_document_holds_all_of_it(demo: Demo) -> None:
    document = json.loads((demo.folder / "truth.json").read_bytes())
    assert document == json.loads(json.dumps(demo.truth.to_document()))
    assert document["selection"]["unexplained"]["configuration-changed"] > 0
