"""Laws of the SMTP client: how bytes are cut does not matter, and no bytes do harm."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rctango.model.probing import RemoteFault, SmtpReply
from rctango.smtp import (
    DATA,
    LONGEST_LINE,
    LONGEST_REPLY,
    QUIT,
    RSET,
    STARTTLS,
    Command,
    CommandError,
    Event,
    SmtpClient,
    ehlo,
    helo,
    mail,
    message,
    noop,
    rcpt,
)

PIECES = st.sampled_from(
    [
        b"220 ready\r\n",
        b"220-a\r\n",
        b"250 ok\r\n",
        b"250-SIZE\r\n",
        b"250-STARTTLS\r\n",
        b"250\r\n",
        b"354 go\r\n",
        b"421 4.3.2 gone\r\n",
        b"421-gone\r\n",
        b"550 5.7.54 SMTP; no\r\n",
        b"4",
        b"42",
        b"2",
        b"250 bare\n",
        b"250 \0\r\n",
        b"250 a\rb\r\n",
        b"\r",
        b"\n",
        b"\r\n",
        b"x",
        b"\xff\xfe",
        b"250 " + b"y" * 9000,
        b"250-" + b"z" * 8150 + b"\r\n",
        b"999 x\r\n",
    ]
)
STREAMS = st.lists(PIECES | st.binary(max_size=8), max_size=12).map(b"".join)
COMMANDS = st.sampled_from([None, ehlo("probe"), STARTTLS, RSET, DATA, QUIT])
TEXTS = st.text(max_size=300) | st.text(st.sampled_from('ab@%!:"<> \r\n\0[].-é'), max_size=40)


def client_after(command: Command | None) -> SmtpClient:
    client = SmtpClient()
    if command is not None:
        client.receive(b"220 ready\r\n")
        client.send(command)
    return client


@given(command=COMMANDS, stream=STREAMS, cuts=st.lists(st.integers(0, 20_000), max_size=8))
@example(command=None, stream=b"220 a\r\n42" + b"1" * 9000, cuts=[9])
@example(command=STARTTLS, stream=b"220 go\r\n250 injected\r\n", cuts=[8])
def test_any_split_gives_the_same_events(
    command: Command | None, stream: bytes, cuts: list[int]
) -> None:
    whole = client_after(command)
    expected = whole.receive(stream) if stream else []
    fewer = sorted({0, len(stream), *(one for one in cuts if one < len(stream))})
    for places in (fewer, range(len(stream) + 1)):
        client, events = client_after(command), list[Event]()
        for begin, end in pairwise(places):
            events += client.receive(stream[begin:end])
        assert events == expected
        assert (client.may_send, client.is_waiting) == (whole.may_send, whole.is_waiting)


@given(command=COMMANDS, chunks=st.lists(STREAMS | st.binary(max_size=40_000), max_size=6))
def test_no_bytes_raise_or_are_held_beyond_the_bound(
    command: Command | None, chunks: list[bytes]
) -> None:
    client = client_after(command)
    for chunk in chunks:
        events = client.receive(chunk)
        assert client.held <= LONGEST_LINE + LONGEST_REPLY
        faults = [one for one in events if isinstance(one, RemoteFault)]
        assert len(faults) <= 1
        assert faults == events[len(events) - len(faults) :]
        assert client.has_failed or not faults
        for one in events:
            if isinstance(one, SmtpReply):
                assert 200 <= one.code <= 599
                assert sum(map(len, one.lines)) <= LONGEST_REPLY


@given(text=TEXTS)
def test_a_command_is_always_one_line(text: str) -> None:
    for compose in (ehlo, helo, mail, rcpt, noop):
        try:
            wire = compose(text).wire
        except CommandError:
            continue
        assert wire.endswith(b"\r\n")
        assert len(wire) <= 512
        assert all(0x20 <= byte < 0x7F for byte in wire[:-2])


@given(text=TEXTS)
def test_a_path_is_always_one_word(text: str) -> None:
    for compose in (mail, rcpt):
        try:
            line = compose(text).line
        except CommandError:
            continue
        assert line.count(">") == 1
        assert line.endswith(">")
        assert " " not in line.partition(":")[2]


@given(lines=st.lists(TEXTS, max_size=5))
def test_a_message_ends_only_at_its_end(lines: list[str]) -> None:
    try:
        data = message(lines)
    except CommandError:
        return
    assert data.endswith(b".\r\n")
    assert (b"\r\n" + data).count(b"\r\n.\r\n") == 1
    assert data.count(b"\n") == data.count(b"\r\n") == len(lines) + 1


def test_the_bound_is_reached_and_kept() -> None:
    client = client_after(RSET)
    for _ in range(100_000):
        client.receive(b"250-" + b"x" * 100)
    assert client.has_failed
    assert client.held <= LONGEST_LINE + LONGEST_REPLY
    with pytest.raises(Exception, match="cannot be sent"):
        client.send(RSET)
