"""Saved probes: what is written is read again, and no file does harm."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.probes import seen
from rctango.errors import EvidenceError
from rctango.model.probing import (
    CertificateFacts,
    EhloOffer,
    ProbeLine,
    ProbeObservation,
    ProbeResult,
    ProbeStep,
    ProbeStepKind,
    RemoteErrorKind,
    RemoteFault,
    SmtpReply,
)
from rctango.probe.saved import SCHEMA, is_saved, read_saved
from rctango.report.document import to_json
from rctango.report.probe_documents import ProbeReport, Tool, probe_document

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = st.text(max_size=20)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
MAYBE_TEXT = st.none() | TEXT
NUMBER = st.integers(min_value=0, max_value=10_000)
SECONDS = NUMBER.map(lambda value: value / 1000)
MOMENT = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - the zone comes with timezones
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - same
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
REPLY = st.builds(SmtpReply, code=NUMBER, enhanced=MAYBE_TEXT, lines=TEXTS)
OFFER = st.builds(EhloOffer, greeting=TEXT, keywords=TEXTS)
STEP = st.builds(
    ProbeStep,
    kind=st.sampled_from(ProbeStepKind),
    result=st.sampled_from(ProbeResult),
    reply=st.none() | REPLY,
    commands=TEXTS,
    sender=MAYBE_TEXT,
    recipient=MAYBE_TEXT,
    why=TEXT,
)
CERTIFICATE = st.builds(
    CertificateFacts,
    subject=MAYBE_TEXT,
    issuer=MAYBE_TEXT,
    names=st.none() | TEXTS,
    not_before=st.none() | MOMENT,
    not_after=st.none() | MOMENT,
    is_self_signed=st.none() | st.booleans(),
    sha256=TEXT,
    protocol=TEXT,
    cipher=TEXT,
)
OBSERVATION = st.builds(
    ProbeObservation,
    target=TEXT,
    server=MAYBE_TEXT,
    via=MAYBE_TEXT,
    address=MAYBE_TEXT,
    port=NUMBER,
    source=MAYBE_TEXT,
    began=MOMENT,
    seconds=SECONDS,
    steps=st.lists(STEP, max_size=2).map(tuple),
    banner=st.none() | REPLY,
    offer=st.none() | OFFER,
    offer_after_tls=st.none() | OFFER,
    certificate=st.none() | CERTIFICATE,
    fault=st.none() | st.builds(RemoteFault, kind=st.sampled_from(RemoteErrorKind), detail=TEXT),
    transcript=st.lists(
        st.builds(ProbeLine, seconds=SECONDS, direction=TEXT, text=TEXT), max_size=2
    ).map(tuple),
)


def written(*observations: ProbeObservation) -> bytes:
    """What ``rctango probe --save`` writes."""
    report = ProbeReport(
        tool=Tool(name="rctango", version="1"),
        complete=True,
        observations=observations,
        checks=(),
        via=(),
    )
    return to_json(probe_document(report)).encode()


@settings(max_examples=60)
@given(st.lists(OBSERVATION, max_size=2).map(tuple))
def test_what_is_written_is_read_again(observations: tuple[ProbeObservation, ...]) -> None:
    data = written(*observations)
    assert is_saved(data)
    assert read_saved("f", data) == observations


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_files_that_a_shell_has_written_anew(encoding: str) -> None:
    assert read_saved("f", written(seen()).decode().encode(encoding)) == (seen(),)


def test_more_keys_are_no_harm() -> None:
    """New fields may be added without a new number."""
    document = json.loads(written(seen()))
    document["later"] = document["observations"][0]["later"] = 1
    assert read_saved("f", json.dumps(document).encode()) == (seen(),)


def changed(path: tuple[str | int, ...], value: Any) -> bytes:
    """A file with one value changed."""
    document = json.loads(written(seen()))
    place: Any = document["observations"][0]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("path", "value", "locator", "reason"),
    [
        (("target",), 7, "observations[0].target", "no str"),
        (("target",), None, "observations[0].target", "no str"),
        (("port",), True, "observations[0].port", "no int"),
        (("port",), 25.0, "observations[0].port", "no int"),
        (("seconds",), "1", "observations[0].seconds", "no float"),
        (("seconds",), True, "observations[0].seconds", "no float"),
        (("began",), 1, "observations[0].began", "no text"),
        (("began",), "soon", "observations[0].began", "not known: 'soon'"),
        (("seconds",), 10**400, "observations[0].seconds", "too large"),
        (("seconds",), float("nan"), "observations[0].seconds", "no number"),
        (("seconds",), float("-inf"), "observations[0].seconds", "no number"),
        (("began",), "9999-12-31T23:59:59+00:00", "observations[0].began", "not known"),
        (("began",), "1969-12-31T23:59:59+00:00", "observations[0].began", "not known"),
        (("began",), "0001-01-01T00:00:00+23:59", "observations[0].began", "not known"),
        (("steps",), {}, "observations[0].steps", "no list"),
        (("steps",), None, "observations[0].steps", "no list"),
        (("steps", 0), [], "observations[0].steps[0]", "no object"),
        (("steps", 0, "result"), "perhaps", "observations[0].steps[0].result", "not known"),
        (("steps", 0, "kind"), "\x1b[2J", "observations[0].steps[0].kind", r"'\x1b[2J'"),
        (("steps", 0, "reply", "code"), "250", "observations[0].steps[0].reply.code", "no int"),
        (("offer", "keywords"), [[]], "observations[0].offer.keywords[0]", "no str"),
        (("fault",), {"kind": "closed"}, "observations[0].fault", "detail is missing"),
        (("fault",), "closed", "observations[0].fault", "no object"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(
    path: tuple[str | int, ...], value: Any, locator: str, reason: str
) -> None:
    with pytest.raises(EvidenceError) as error:
        read_saved("f.json", changed(path, value))
    assert (error.value.source, error.value.locator) == ("f.json", locator)
    assert reason in error.value.reason


def _without_target(document: dict[str, Any]) -> None:
    del document["observations"][0]["target"]


@pytest.mark.parametrize(
    ("change", "locator"),
    [
        (lambda document: document.update(schema="rctango.probe/2"), "schema"),
        (lambda document: document.update(schema=["rctango.probe/1"]), "schema"),
        (lambda document: document.pop("observations"), "observations"),
        (lambda document: document.update(observations={}), "observations"),
        (lambda document: document.update(observations=[1]), "observations[0]"),
        (_without_target, "observations[0]"),
    ],
)
def test_a_wrong_document_is_refused(
    change: Callable[[dict[str, Any]], object], locator: str
) -> None:
    document = json.loads(written(seen()))
    change(document)
    with pytest.raises(EvidenceError) as error:
        read_saved("f", json.dumps(document).encode())
    assert error.value.locator == locator


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"\x80",
        b"[]",
        b"null",
        b'"rctango.probe/1"',
        written(seen())[:-9],
        f'{{"schema": "{SCHEMA}", "observations": '.encode() + b"[" * 200_000,
        f'{{"schema": "{SCHEMA}", "observations": {"9" * 10_000}}}'.encode(),
        f'{{"schema": "{SCHEMA}", "observations": [{{"port": {"9" * 10_000}}}]}}'.encode(),
    ],
    ids=range(10),
)
def test_no_bytes_do_harm(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        read_saved("f", data)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    with suppress(EvidenceError):
        read_saved("f", data)


def test_only_the_beginning_tells_a_saved_probe() -> None:
    assert is_saved(b'{\n  "schema": "rctango.probe/1"')
    assert not is_saved(b'{\n  "schema": "rctango.report/1"')
    assert not is_saved(b'{"text": "rctango.probe/1')
    assert not is_saved(b" " * 300 + b'{"schema": "rctango.probe/1"')
