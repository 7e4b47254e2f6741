"""Every published log there is, as mangled as people pass them on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakes.protocol_logs import everything, scan
from fakes.realdata import real_file
from rctango.traffic.kinds import recognise

if TYPE_CHECKING:
    from rctango.traffic.schema import LineCounts, SessionFacts

BLANK = "blank line"


def read(name: str) -> tuple[list[SessionFacts], LineCounts]:
    path = real_file(name)
    data = path.read_bytes()
    kind = recognise(data[:65536], str(path))
    assert kind.log is not None
    found, rest = scan(data, log=kind.log, final=True)
    return everything(found, rest), rest.counts


@pytest.mark.parametrize(
    ("name", "parsed", "header", "noise", "sessions"),
    [
        ("elastic-microsoft-exchange-server/SmtpRecive.log", 1, 0, (), 1),
        ("elastic-microsoft-exchange-server/smtp_SmtpSend.log", 1, 0, (), 1),
        (
            "elastic-microsoft-exchange-server/test-smtp.json",
            7,
            0,
            (("JSON around the rows", 53),),
            4,
        ),
        ("graylog-smtpban-blog/recv-2010-ehlo-lines.txt", 5, 0, ((BLANK, 4),), 5),
        ("graylog-smtpban-blog/recv-2010-session.txt", 18, 0, ((BLANK, 17),), 1),
        ("modernworkplacediaries-veeam/recv-frontend-session.txt", 14, 0, (), 1),
        ("msqa-1054876/send-log-pasted.txt", 16, 5, ((BLANK, 20),), 1),
        ("rmilne-smtp-usage/recv-2010-commented-sample.txt", 2, 5, (), 1),
    ],
)
def test_every_line_of_every_sample(
    name: str, parsed: int, header: int, noise: tuple[tuple[str, int], ...], sessions: int
) -> None:
    found, counts = read(name)
    assert (counts.parsed, counts.header, counts.noise, counts.rejected) == (
        parsed,
        header,
        noise,
        0,
    )
    assert len(found) == sessions


def test_a_session_of_2010() -> None:
    (facts,), _ = read("graylog-smtpban-blog/recv-2010-session.txt")
    assert facts.connector == "EX\\Default "
    assert facts.permissions is not None
    assert "SMTPAcceptAnyRecipient" not in facts.permissions
    assert facts.offers_exchange_auth is False
    assert (facts.auth_mechanism, facts.auth_failures) == ("LOGIN", 1)
    assert facts.ended == "Remote"


def test_a_session_of_2019() -> None:
    (facts,), _ = read("modernworkplacediaries-veeam/recv-frontend-session.txt")
    assert facts.connector == "EXCHANGE\\Default Frontend EXCHANGE"
    assert facts.offers_exchange_auth is True
    assert facts.messages == 1
    assert [tuple(one) for one in facts.recipients] == [("contoso.com", 1, 0)]
    assert facts.ended == "Remote(ConnectionReset)"


def test_a_doubled_backslash_is_one() -> None:
    (facts,), _ = read("elastic-microsoft-exchange-server/SmtpRecive.log")
    assert facts.connector == "NETBIOS\\Default Frontend NETBIOS"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("elastic-microsoft-exchange-server/test-messagetracking.log", "message tracking"),
        ("ehlo-transcripts/ms-kb2866822-mailbox-connectivity-log.txt", "connectivity"),
        ("modernworkplacediaries-veeam/logparser-remote-endpoint-hits.txt", "no SMTP protocol log"),
        ("css-exchange-healthchecker/E19_GetReceiveConnector.xml", "no SMTP protocol log"),
    ],
)
def test_other_logs_are_refused_with_the_reason(name: str, reason: str) -> None:
    path = real_file(name)
    kind = recognise(path.read_bytes()[:65536], str(path))
    assert kind.log is None
    assert kind.refusal is not None
    assert reason in kind.refusal
