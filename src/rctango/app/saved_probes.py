"""Saved probes among the evidence: told by their content, read, and never dropped in silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rctango.errors import EvidenceError
from rctango.model.origin import Origin
from rctango.model.probing import SavedProbe
from rctango.model.snapshot import EvidenceItem, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rctango.model.origin import Artifact

_MARK = b'"rctango.probe/1"'
_HEAD = 512
_WHAT = "the saved probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedProbes:
    """What the saved probes of the evidence hold.

    Attributes:
        probes: the observations, each once; None when there is no readable file.
        evidence: the files.
        gaps: files that could not be read.
    """

    probes: tuple[SavedProbe, ...] | None
    evidence: tuple[EvidenceItem, ...] = ()
    gaps: tuple[Gap, ...] = ()


def sorted_out(artifacts: Iterable[Artifact]) -> tuple[list[Artifact], list[Artifact]]:
    """The artifacts that are no saved probes, and those that are."""
    others: list[Artifact] = []
    probes: list[Artifact] = []
    for one in artifacts:
        (probes if _is_probe(one) else others).append(one)
    return others, probes


def _is_probe(artifact: Artifact) -> bool:
    """Whether it begins like a saved probe, also as Windows PowerShell redirects it (UTF-16)."""
    try:
        with artifact.open() as stream:
            head = stream.read(_HEAD)
    except (EvidenceError, OSError):
        return False  # reading it as evidence will tell why
    head = head.replace(b"\0", b"")
    if _MARK not in head:
        return False
    from rctango.probe.saved import is_saved  # noqa: PLC0415 - loads asyncio and TLS

    return is_saved(head)


def read_probes(artifacts: Iterable[Artifact]) -> SavedProbes:
    """The observations of saved probes; what cannot be read becomes a gap.

    The order in which the files were given plays no part.
    """
    found: dict[object, SavedProbe] = {}
    items: list[EvidenceItem] = []
    gaps: list[Gap] = []
    for artifact in sorted(artifacts, key=lambda one: one.name):
        try:
            probes = _read(artifact)
        except EvidenceError as error:
            gaps.append(_gap(artifact.name, error.locator, error.reason))
            items.append(EvidenceItem(path=artifact.name, kind="nothing usable", objects=0))
            continue
        for one in probes:
            found.setdefault(one.seen, one)
        kind = "rctango probe (JSON)"
        items.append(EvidenceItem(path=artifact.name, kind=kind, objects=len(probes)))
    readable = len(items) > len(gaps)
    return SavedProbes(
        probes=tuple(found.values()) if readable else None,
        evidence=tuple(items),
        gaps=tuple(gaps),
    )


def _read(artifact: Artifact) -> list[SavedProbe]:
    from rctango.probe.saved import LARGEST, read_saved  # noqa: PLC0415 - loads asyncio and TLS

    try:
        with artifact.open() as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise EvidenceError(artifact.name, "", error.strerror or type(error).__name__) from error
    if len(data) > LARGEST:
        raise EvidenceError(artifact.name, "", f"larger than {LARGEST >> 20} MiB")
    return [
        SavedProbe(seen=one, origin=Origin(source=artifact.name, locator=f"observations[{at}]"))
        for at, one in enumerate(read_saved(artifact.name, data))
    ]


def _gap(source: str, locator: str, why: str) -> Gap:
    origin = Origin(source=source, locator=locator)
    return Gap(what=_WHAT, server=None, why=why, origin=origin, unreadable=True)
