from __future__ import annotations

import re

import pytest

from rctango.model.probing import (
    EhloOffer,
    ProbeResult,
    ProbeStepKind,
    RemoteErrorKind,
    RemoteFault,
    SmtpReply,
)
from rctango.probe import judge_mail
from rctango.probe.judge import (
    judge_ehlo,
    judge_fault,
    judge_greeting,
    judge_message,
    judge_starttls,
    needs_tls,
)
from rctango.probe.meaning import Meaning, meaning_of

Kind = ProbeStepKind
ALLOWED, DENIED, OPEN = ProbeResult.ALLOWED, ProbeResult.DENIED, ProbeResult.INCONCLUSIVE


def reply(text: str) -> SmtpReply:
    code, _, rest = text.partition(" ")
    enhanced = re.match(r"\d\.\d+\.\d+", rest)
    return SmtpReply(code=int(code), enhanced=enhanced and enhanced[0], lines=(rest,))


SENDER_OK = reply("250 2.1.0 Sender OK")
RCPT_OK = reply("250 2.1.5 Recipient OK")
RELAY_OLD = "550 5.7.1 Unable to relay"
RELAY_NEW = "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"
SEND_AS_OLD = "550 5.7.1 Client does not have permissions to send as this sender"
SEND_AS_NEW = "550 5.7.60 SMTP; Client does not have permissions to send as this sender"
ANONYMOUS_OLD = "530 5.7.1 Client was not authenticated"
ANONYMOUS_NEW = "530 5.7.57 Client not authenticated to send mail."
NO_SERVICE = "421 4.3.2 Service not available"
TOO_MANY = (
    "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing "
    "transmission channel"
)
PROXY = "451 4.7.0 Temporary server error. Please try again later. PRX5"
TLS_FIRST = "530 5.7.0 Must issue a STARTTLS command first"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("250 2.1.5 Recipient OK", Meaning.ACCEPTED),
        ("251 will forward", Meaning.ACCEPTED),
        (RELAY_OLD, Meaning.NO_RELAY),
        (RELAY_NEW, Meaning.NO_RELAY),
        ("554 5.7.1 <a@b.c>: Relay access denied", Meaning.NO_RELAY),
        ("454 4.7.1 <a@b.c>: Relay access denied", Meaning.TRY_LATER),
        ("550 relaying denied", Meaning.NO_RELAY),
        ("550 5.7.64 TenantAttribution; Relay Access Denied", Meaning.NO_RELAY),
        ("550 5.1.1 <a@relay.contoso.com>: unknown", Meaning.RECIPIENT_REFUSED),
        ("550 5.1.1 relay.contoso.com does not know it", Meaning.RECIPIENT_REFUSED),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", Meaning.RECIPIENT_REFUSED),
        ("550 5.4.1 Recipient address rejected: Access denied", Meaning.RECIPIENT_REFUSED),
        ("556 5.1.10 does not accept mail (nullMX)", Meaning.RECIPIENT_REFUSED),
        (SEND_AS_OLD, Meaning.SENDER_REFUSED),
        (SEND_AS_NEW, Meaning.SENDER_REFUSED),
        ("553 5.7.1 <a@b.c>: Sender address rejected: not logged in", Meaning.SENDER_REFUSED),
        ("550 5.7.27 domain does not accept mail", Meaning.SENDER_REFUSED),
        (ANONYMOUS_OLD, Meaning.AUTHENTICATE_FIRST),
        (ANONYMOUS_NEW, Meaning.AUTHENTICATE_FIRST),
        ("550 5.7.1 Client does not have permissions to submit to this server",
         Meaning.AUTHENTICATE_FIRST),
        ("550 authentication required", Meaning.AUTHENTICATE_FIRST),
        (NO_SERVICE, Meaning.NO_SERVICE),
        (TOO_MANY, Meaning.TRY_LATER),
        ("421 4.4.2 Message submission rate exceeded", Meaning.GOING_AWAY),
        (PROXY, Meaning.PROXY_FAILED),
        ("550 5.7.0 Proxy session setup failed on Frontend with '550 5.7.54 Unable to relay'",
         Meaning.PROXY_FAILED),
        (TLS_FIRST, Meaning.TLS_FIRST),
        ("451 5.7.3 STARTTLS is required to send mail", Meaning.TLS_FIRST),
        ("450 4.2.0 greylisted", Meaning.TRY_LATER),
        ("450 4.1.8 Sender address rejected: Domain not found", Meaning.TRY_LATER),
        ("452 4.5.3 Too many recipients", Meaning.TRY_LATER),
        ("501 5.1.3 Invalid address", Meaning.BAD_SYNTAX),
        ("503 5.5.2 Need mail command", Meaning.BAD_SYNTAX),
        ("554 5.7.1 Client host blocked using zen.example", Meaning.REFUSED),
        ("550", Meaning.REFUSED),
        ("354 go on", Meaning.ODD),
        ("220 ready", Meaning.ODD),
    ],
)  # fmt: skip
def test_what_replies_say(text: str, meaning: Meaning) -> None:
    assert meaning_of(reply(text)) is meaning


@pytest.mark.parametrize(
    ("kind", "text", "result"),
    [
        (Kind.RELAY, "250 2.1.5 Recipient OK", ALLOWED),
        (Kind.RELAY, RELAY_OLD, DENIED),
        (Kind.RELAY, RELAY_NEW, DENIED),
        (Kind.RELAY, ANONYMOUS_NEW, DENIED),
        (Kind.RELAY, NO_SERVICE, OPEN),
        (Kind.RELAY, PROXY, OPEN),
        (Kind.RELAY, "454 4.7.1 <a@b.c>: Relay access denied", OPEN),
        (Kind.RELAY, "450 4.2.0 greylisted", OPEN),
        (Kind.RELAY, TLS_FIRST, OPEN),
        (Kind.RELAY, "556 5.1.10 nullMX", OPEN),
        (Kind.RELAY, "550 5.7.27 Sender address rejected: nullMX", OPEN),
        (Kind.RELAY, "550 5.7.23 The message was rejected because of SPF fail", OPEN),
        (Kind.RELAY, "550 5.7.1 SPF check failed", OPEN),
        (Kind.RELAY, "550 Sender verify failed", OPEN),
        (Kind.RELAY, "550 5.7.1 Sender rejected", OPEN),
        (Kind.RELAY, "550 no", DENIED),
        (Kind.RELAY, "354 go on", OPEN),
        (Kind.RELAY, "501 5.1.3 Invalid address", OPEN),
        (Kind.SPOOF_TO_INTERNAL, "250 2.1.5 Recipient OK", ALLOWED),
        (Kind.SPOOF_TO_INTERNAL, SEND_AS_NEW, DENIED),
        (Kind.SPOOF_TO_INTERNAL, "550 5.1.1 user unknown", OPEN),
        (Kind.SPOOF_TO_INTERNAL, RELAY_NEW, OPEN),
        (Kind.SPOOF_TO_FOREIGN, RELAY_NEW, DENIED),
        (Kind.SPOOF_TO_FOREIGN, SEND_AS_OLD, DENIED),
        (Kind.ACCEPTED_DOMAIN, "250 2.1.5 Recipient OK", ALLOWED),
        (Kind.ACCEPTED_DOMAIN, RELAY_NEW, DENIED),
        (Kind.ACCEPTED_DOMAIN, "550 5.1.10 RecipientNotFound", OPEN),
        (Kind.SOURCE_ROUTE, "250 2.1.5 Recipient OK", ALLOWED),
        (Kind.SOURCE_ROUTE, RELAY_NEW, DENIED),
        (Kind.PERCENT_HACK, "250 2.1.5 Recipient OK", OPEN),
        (Kind.PERCENT_HACK, "550 5.1.10 RecipientNotFound", DENIED),
        (Kind.BANG_PATH, "501 5.1.3 Invalid address", DENIED),
        (Kind.QUOTED_LOCAL_PART, "450 4.2.0 later", OPEN),
    ],
)
def test_what_a_reply_to_rcpt_proves(kind: ProbeStepKind, text: str, result: ProbeResult) -> None:
    verdict = judge_mail(kind, SENDER_OK, reply(text))
    assert verdict.result is result
    assert verdict.reply == reply(text)
    assert verdict.why.endswith(".")


@pytest.mark.parametrize("kind", [Kind.PERCENT_HACK, Kind.BANG_PATH, Kind.QUOTED_LOCAL_PART])
def test_an_accepted_trick_counts_only_where_made_up_recipients_are_refused(
    kind: ProbeStepKind,
) -> None:
    assert judge_mail(kind, SENDER_OK, RCPT_OK).result is OPEN
    assert judge_mail(kind, SENDER_OK, RCPT_OK, refuses_made_up=True).result is ALLOWED


@pytest.mark.parametrize(
    ("kind", "text", "result"),
    [
        (Kind.RELAY, ANONYMOUS_OLD, DENIED),
        (Kind.SPOOF_TO_INTERNAL, ANONYMOUS_NEW, DENIED),
        (Kind.RELAY, SEND_AS_NEW, OPEN),
        (Kind.SPOOF_TO_INTERNAL, SEND_AS_NEW, DENIED),
        (Kind.SPOOF_TO_FOREIGN, SEND_AS_OLD, DENIED),
        (Kind.SPOOF_TO_FOREIGN, "550 5.1.8 no", DENIED),
        (Kind.SPOOF_TO_FOREIGN, "450 4.1.8 later", OPEN),
        (Kind.SPOOF_TO_INTERNAL, NO_SERVICE, OPEN),
        (Kind.ACCEPTED_DOMAIN, "550 5.1.8 no", OPEN),
        (Kind.RELAY, "503 5.5.2 Sender already specified", OPEN),
        (Kind.HEADER_FROM, SEND_AS_NEW, OPEN),
    ],
)
def test_what_a_refused_sender_proves(kind: ProbeStepKind, text: str, result: ProbeResult) -> None:
    verdict = judge_mail(kind, reply(text), None)
    assert verdict.result is result
    assert verdict.reply == reply(text)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("250 2.6.0 <x> Queued mail for delivery", ALLOWED),
        (SEND_AS_NEW, DENIED),
        (ANONYMOUS_NEW, DENIED),
        (PROXY, OPEN),
        ("503 5.5.2 no", OPEN),
    ],
)
def test_what_a_reply_to_a_message_proves(text: str, result: ProbeResult) -> None:
    assert judge_message(reply(text)).result is result


@pytest.mark.parametrize(
    ("text", "result", "word"),
    [
        ("220 ex01 ready", ALLOWED, "talks"),
        (NO_SERVICE, DENIED, "connector"),
        (TOO_MANY, OPEN, "for now"),
        ("421 4.7.0 too many connections from you", OPEN, "ended"),
        ("450 4.7.0 later", OPEN, "for now"),
        ("554 5.7.1 go away", DENIED, "refuses"),
        ("250 odd", OPEN, "refuses"),
    ],
)
def test_what_a_greeting_proves(text: str, result: ProbeResult, word: str) -> None:
    verdict = judge_greeting(reply(text))
    assert verdict.result is result
    assert word in verdict.why


@pytest.mark.parametrize(
    ("keywords", "word"),
    [
        (("X-ANONYMOUSTLS",), "is offered"),
        (("X-EXPS GSSAPI NTLM",), "is offered"),
        (("SIZE", "STARTTLS"), "is not offered"),
        (("SIZE", "XXXXXXXA"), "masked"),
    ],
)
def test_what_an_offer_tells_of_exchange_authentication(
    keywords: tuple[str, ...], word: str
) -> None:
    offer = EhloOffer(greeting="ex01", keywords=keywords)
    verdict = judge_ehlo(reply("250 ex01"), offer)
    assert verdict.result is ALLOWED
    assert word in verdict.why


def test_a_refused_ehlo() -> None:
    assert judge_ehlo(reply("502 5.5.1 unknown"), None).result is DENIED
    assert judge_ehlo(reply("450 4.7.0 later"), None).result is OPEN


def test_what_a_reply_to_starttls_proves() -> None:
    assert judge_starttls(reply("220 go")).result is ALLOWED
    assert judge_starttls(reply("454 4.7.0 not now")).result is OPEN
    assert judge_starttls(reply("502 5.5.1 unknown")).result is DENIED


def test_a_fault_proves_nothing() -> None:
    verdict = judge_fault(RemoteFault(kind=RemoteErrorKind.CLOSED, detail="x" * 9000))
    assert verdict.result is OPEN
    assert len(verdict.why) < 300


def test_only_a_demand_for_tls_needs_tls() -> None:
    assert needs_tls(reply(TLS_FIRST))
    assert not needs_tls(reply(ANONYMOUS_NEW))


def test_a_hostile_text_is_judged_quickly() -> None:
    long = SmtpReply(code=550, enhanced=None, lines=("x" * 2000,) * 100)
    assert meaning_of(long) is Meaning.REFUSED
