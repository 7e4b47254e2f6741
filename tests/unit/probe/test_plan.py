from __future__ import annotations

from typing import Any

import pytest

from rctango.errors import RctangoError
from rctango.model.probing import EhloOffer, ProbeStepKind
from rctango.probe import (
    ProbeLimits,
    ProbeSettings,
    SettingsError,
    StepPlan,
    commands_of,
    steps_for,
)
from rctango.probe.plan import message_lines
from rctango.smtp import message

Kind = ProbeStepKind
TLS = EhloOffer(greeting="ex01", keywords=("SIZE", "STARTTLS"))
PLAIN = EhloOffer(greeting="ex01", keywords=("SIZE",))


def settings(**more: object) -> ProbeSettings:
    values = {"ehlo_name": "probe.contoso.com", "domains": ("contoso.com",), **more}
    return ProbeSettings(**values)  # type: ignore[arg-type]


def paths(wanted: ProbeSettings) -> dict[ProbeStepKind, tuple[str | None, str | None]]:
    return {one.kind: (one.sender, one.recipient) for one in steps_for(wanted, PLAIN)}


def by_kind(wanted: ProbeSettings) -> dict[ProbeStepKind, StepPlan]:
    return {one.kind: one for one in steps_for(wanted, TLS)}


def test_the_usual_steps() -> None:
    foreign, outside = "rctango-probe@example.com", "rctango-probe@example.net"
    own = "rctango-probe@contoso.com"
    assert paths(settings()) == {
        Kind.RELAY: (foreign, outside),
        Kind.SPOOF_TO_INTERNAL: (own, own),
        Kind.SPOOF_TO_FOREIGN: (own, outside),
        Kind.ACCEPTED_DOMAIN: (foreign, own),
        Kind.STARTTLS: (None, None),
    }


def test_tls_comes_last_and_only_if_it_is_offered() -> None:
    kinds = [one.kind for one in steps_for(settings(), TLS)]
    assert kinds[-2:] == [Kind.STARTTLS, Kind.EHLO_AFTER_STARTTLS]
    for offer in (PLAIN, None):
        last = steps_for(settings(), offer)[-1]
        assert last.kind is Kind.STARTTLS
        assert last.commands == ()
        assert last.lacking is not None


def test_without_a_domain_only_relay_can_be_tested() -> None:
    lacking = {kind: one.lacking for kind, one in by_kind(settings(domains=())).items()}
    assert lacking[Kind.RELAY] is None
    for kind in (Kind.SPOOF_TO_INTERNAL, Kind.SPOOF_TO_FOREIGN, Kind.ACCEPTED_DOMAIN):
        assert "--domain" in (lacking[kind] or "")


def test_given_addresses_are_sorted_by_the_domains() -> None:
    wanted = settings(
        senders=("boss@CONTOSO.com", "x@fabrikam.com", "y@fabrikam.com"),
        recipients=("a@adatum.com", "real@sub.contoso.com"),
        domains=("*.contoso.com", "contoso.com"),
    )
    assert paths(wanted)[Kind.SPOOF_TO_INTERNAL] == ("boss@CONTOSO.com", "real@sub.contoso.com")
    assert paths(wanted)[Kind.RELAY] == ("x@fabrikam.com", "a@adatum.com")
    assert not by_kind(wanted)[Kind.ACCEPTED_DOMAIN].is_made_up
    assert by_kind(settings())[Kind.ACCEPTED_DOMAIN].is_made_up


def test_test_domains_that_are_own_domains_are_not_foreign() -> None:
    assert paths(settings(domains=("example.com",)))[Kind.RELAY] == (
        "rctango-probe@example.net",
        "rctango-probe@example.org",
    )
    every = settings(domains=("example.com", "example.net", "example.org"))
    assert paths(every)[Kind.RELAY] == ("rctango-probe@invalid", "rctango-probe@invalid")


def test_a_domain_for_everything_names_no_domain() -> None:
    wanted = settings(domains=("*", "*.contoso.com"))
    assert wanted.own_domain is None
    assert not wanted.is_own("a@contoso.com")
    assert wanted.is_own("a@b.contoso.com")


def test_tricks_hide_the_foreign_recipient_behind_an_own_domain() -> None:
    found = {kind: path[1] for kind, path in paths(settings(tricks=True)).items()}
    assert found[Kind.PERCENT_HACK] == "rctango-probe%example.net@contoso.com"
    assert found[Kind.BANG_PATH] == "example.net!rctango-probe@contoso.com"
    assert found[Kind.SOURCE_ROUTE] == "@contoso.com:rctango-probe@example.net"
    assert found[Kind.QUOTED_LOCAL_PART] == '"rctango-probe@example.net"@contoso.com'
    assert Kind.PERCENT_HACK not in paths(settings())


def test_a_trick_that_cannot_be_written_is_said() -> None:
    wanted = settings(tricks=True, recipients=(f"{'u' * 60}@{'d' * 180}.example",))
    trick = by_kind(settings(tricks=True, recipients=wanted.recipients, domains=("c" * 200,)))
    assert "longer than" in (trick[Kind.PERCENT_HACK].lacking or "")


def test_every_step_ends_with_rset_and_none_with_data() -> None:
    for wanted in (settings(), settings(tricks=True)):
        for one in steps_for(wanted, TLS):
            verbs = [command.verb for command in one.commands]
            if one.recipient is not None:
                assert verbs == ["MAIL", "RCPT", "RSET"]
        assert "DATA" not in {one.line for one in commands_of(wanted)}


def test_a_message_needs_send_and_a_recipient() -> None:
    with pytest.raises(SettingsError, match="--recipient") as caught:
        settings(send=True)
    assert isinstance(caught.value, RctangoError)
    sending = settings(send=True, recipients=("postmaster@contoso.com",), contact="a@contoso.com")
    step = by_kind(sending)[Kind.HEADER_FROM]
    assert [one.line for one in step.commands] == [
        "MAIL FROM:<rctango-probe@example.com>",
        "RCPT TO:<postmaster@contoso.com>",
        "DATA",
    ]
    text = message(message_lines(sending, "Mon, 02 Mar 2026 08:00:00 +0000")).decode()
    assert "\r\nFrom: <rctango-probe@contoso.com>\r\n" in text
    assert "\r\nSubject: rctango test" in text
    assert "Contact: a@contoso.com" in text


@pytest.mark.parametrize("named", [{"recipients": ("a@b.example",)}, {"senders": ("a@b.example",)}])
def test_named_addresses_need_a_domain_to_be_told_apart(named: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="--domain: name an accepted domain"):
        settings(domains=(), **named)


def test_a_dry_run_shows_every_command_in_order() -> None:
    shown = [(one.line, one.condition) for one in commands_of(settings(contact="admin"))]
    assert shown[:5] == [
        ("EHLO probe.contoso.com", None),
        ("HELO probe.contoso.com", "if EHLO is unknown"),
        ("NOOP rctango probe, contact admin", None),
        ("MAIL FROM:<rctango-probe@example.com>", None),
        ("RCPT TO:<rctango-probe@example.net>", "if the sender is accepted"),
    ]
    assert [line for line, _ in shown][-3:] == ["STARTTLS", "EHLO probe.contoso.com", "QUIT"]
    sending = settings(send=True, recipients=("a@contoso.com",))
    lines = [one.line for one in commands_of(sending)]
    assert lines[lines.index("DATA") + 1].startswith("From: ")
    assert "." in lines


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("--ehlo", {"ehlo_name": "a b"}),
        ("--ehlo", {"ehlo_name": "x\r\nRSET"}),
        ("--contact", {"contact": "a\nQUIT"}),
        ("--sender", {"senders": ("a",)}),
        ("--sender", {"senders": ("",)}),
        ("--sender", {"senders": ("a@b>\r\nDATA",)}),
        ("--recipient", {"recipients": ("a b@c.example",)}),
        ("--recipient", {"recipients": ("a@bücher.example",)}),
        ("--domain", {"domains": ("contoso.com\r\nDATA",)}),
        ("--domain", {"domains": ("a..b",)}),
        ("--domain", {"domains": ("",)}),
        ("--domain", {"domains": ("a.*",)}),
        ("--domain", {"domains": ("a" * 300,)}),
    ],
)
def test_settings_that_cannot_be_sent(name: str, more: dict[str, object]) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(**more)
    assert caught.value.name == name
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_limits_are_positive(value: float) -> None:
    with pytest.raises(SettingsError, match="more than 0"):
        ProbeLimits(rate=value)
    with pytest.raises(SettingsError, match="more than 0"):
        ProbeLimits(run=value)
