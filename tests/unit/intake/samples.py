"""One organisation in every encoding, and what rctango reads of it."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fakes.powershell import clixml, csv_text, encoded, format_list, json_text
from rctango.errors import EvidenceError
from rctango.intake.snapshot import read_snapshot
from rctango.model.origin import Artifact, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fakes.powershell import PSObject
    from rctango.model.connector import Connector
    from rctango.model.server import Server
    from rctango.model.snapshot import Gap, Snapshot

    Writer = Callable[[Sequence[PSObject]], bytes]

NOWHERE = Origin(source="", locator="")


def artifact(name: str, data: bytes | str) -> Artifact:
    """Saved evidence that never was a file."""
    content = data.encode() if isinstance(data, str) else data
    return Artifact(name=name, size=len(content), open=lambda: io.BytesIO(content))


def broken_artifact(name: str, reason: str = "Permission denied") -> Artifact:
    """Evidence that cannot be opened."""

    def refuse() -> io.BytesIO:
        raise EvidenceError(name, "", reason)

    return Artifact(name=name, size=0, open=refuse)


def read(*contents: bytes | str, **named: bytes | str) -> Snapshot:
    """The snapshot of artifacts called ``0``, ``1`` and so on, or by the names given."""
    artifacts = [artifact(str(number), data) for number, data in enumerate(contents)]
    artifacts += [artifact(name, data) for name, data in named.items()]
    return read_snapshot(artifacts)


def columns_of(objects: Sequence[PSObject]) -> list[str]:
    """Every property that some object has, in the order of the first."""
    names = {
        name: None
        for thing in objects
        for members in (thing.properties, thing.extra)
        for name, member in members.items()
        if not isinstance(member, bytes)
    }
    return list(names)


def as_csv(objects: Sequence[PSObject], **options: Any) -> str:
    """A CSV file with all properties."""
    return csv_text(objects, columns_of(objects), **options)


def as_list(objects: Sequence[PSObject], **options: Any) -> str:
    """A listing of all properties."""
    return format_list(objects, columns_of(objects), **options)


FAITHFUL: dict[str, Writer] = {
    "clixml": clixml,
    "clixml-deserialized": lambda some: clixml(some, deserialized=True),
    "clixml-depth-1": lambda some: clixml(some, depth=1),
    "clixml-utf-8-mark": lambda some: clixml(some, encoding="utf-8-sig"),
    "clixml-utf-8-declaration": lambda some: clixml(some, encoding="utf-8", declaration=True),
    "clixml-utf-16-be": lambda some: clixml(some, encoding="utf-16-be"),
    "json-5.1": lambda some: encoded(json_text(some), "utf-16"),
    "json-5.1-wrapper": lambda some: encoded(json_text(some, wrapper=True), "utf-16"),
    "json-5.1-depth-1": lambda some: encoded(json_text(some, depth=1), "utf-16"),
    "json-7": lambda some: encoded(json_text(some, flavour="7"), "utf-8"),
    "json-7-enums": lambda some: encoded(
        json_text(some, flavour="7", enums_as_strings=True), "utf-8-sig"
    ),
    "json-7-depth-5": lambda some: encoded(json_text(some, flavour="7", depth=5), "utf-8"),
    "csv-comma": lambda some: encoded(as_csv(some), "utf-8-sig"),
    "csv-semicolon": lambda some: encoded(as_csv(some, delimiter=";", joined=";"), "utf-8"),
    "csv-tab-pipe": lambda some: encoded(
        as_csv(some, delimiter="\t", joined="|", type_line=False), "utf-16"
    ),
    "csv-blank": lambda some: encoded(as_csv(some, joined=" "), "cp1252"),
    "csv-lines": lambda some: encoded(as_csv(some, joined="\r\n"), "utf-8"),
    "list": lambda some: encoded(as_list(some, enumeration_limit=-1), "utf-16"),
    "list-80": lambda some: encoded(as_list(some, enumeration_limit=-1, width=80), "utf-16-be"),
    "list-prompt": lambda some: encoded(
        as_list(some, enumeration_limit=-1, prompt=r"[PS] C:\>$things | fl *"), "utf-8"
    ),
    "list-blank-lines": lambda some: encoded(
        as_list(some, enumeration_limit=-1, blank_after_each=True, width=300), "utf-8"
    ),
}
"""Encodings that lose nothing of what rctango reads, with the ways people save them."""

LOSSY: dict[str, Writer] = {
    "csv-type-names": lambda some: encoded(as_csv(some, joined=None), "utf-8"),
    "list-cut": lambda some: encoded(as_list(some, enumeration_limit=1), "utf-16"),
}
"""Encodings that lose the elements of lists, or all but the first of them."""


def bare(snapshot: Snapshot) -> Snapshot:
    """The facts alone: without evidence, gaps and the places where something was read."""
    return replace(
        snapshot,
        connectors=tuple(map(_bare_connector, snapshot.connectors)),
        servers=tuple(map(_bare_server, snapshot.servers)),
        accepted_domains=_without_origins(snapshot.accepted_domains),
        send_connectors=_without_origins(snapshot.send_connectors),
        transport_agents=_without_origins(snapshot.transport_agents),
        gaps=(),
        evidence=(),
    )


def _bare_connector(connector: Connector) -> Connector:
    entries = connector.access_entries
    if entries is not None:
        entries = tuple(replace(entry, locator="") for entry in entries)
    return replace(connector, facts=(), when_changed=None, access_entries=entries)


def _bare_server(server: Server) -> Server:
    return replace(server, facts=())


def _without_origins(items: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    return None if items is None else tuple(replace(item, origin=NOWHERE) for item in items)


def whys(snapshot: Snapshot, *, unreadable: bool | None = None) -> list[str]:
    """The gaps as one line each."""
    return [
        f"{gap.what}: {gap.why}"
        for gap in snapshot.gaps
        if unreadable is None or gap.unreadable is unreadable
    ]


def gap_about(snapshot: Snapshot, what: str) -> Gap:
    """The only gap about something."""
    (gap,) = [gap for gap in snapshot.gaps if what in gap.what]
    return gap


def only_connector(snapshot: Snapshot) -> Connector:
    """The only connector."""
    (connector,) = snapshot.connectors
    return connector
