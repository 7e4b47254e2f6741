from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from rctango.addresses import Address
from rctango.demo.organisation import ACCEPTED
from rctango.demo.plan import Plan
from rctango.demo.write import write
from rctango.model.observation import (
    LoggedAnswer,
    LogPeriod,
    ProxiedUsage,
    SendFailure,
    SourceProfile,
    Usage,
)
from rctango.model.origin import Origin
from rctango.traffic import answers
from rctango.traffic.engines import DuckDBEngine
from rctango.traffic.logfiles import find
from rctango.traffic.queries import TEXTS, Asked, Question, own_domain_rows
from rctango.traffic.reading import read_logs
from rctango.traffic.schema import ProxiedClient, Recipients, Replies
from rctango.traffic.store import Store
from unit.traffic.facts import DEFAULT, RELAY, START, engine_of, fact, to

if TYPE_CHECKING:
    from pathlib import Path

    from rctango.traffic.schema import SessionFacts

ALL = Asked()
OWN = Asked(accepted_domains=("corp.example", "*.branch.example"))
DAY = 86400
HOSTILE = "x'; DROP TABLE all_sessions; -- \"\n\r\t\\,:session {}%s$session"


def usage_of(*facts: SessionFacts, asked: Asked = ALL) -> tuple[Usage, ...]:
    return answers.usage(engine_of(facts), asked)


def source_of(*facts: SessionFacts, asked: Asked = ALL) -> SourceProfile:
    (one,) = answers.sources(engine_of(facts), asked)
    return one


def test_usage_adds_up_the_sessions_of_one_client_on_one_connector() -> None:
    first = fact(
        RELAY,
        messages=2,
        tls="STARTTLS",
        ehlo_names=["b", "a"],
        sender_domains=["corp.example", "<>"],
        recipients=[Recipients("corp.example", 3, 1), Recipients("elsewhere.example", 2, 0)],
        auth_successes=1,
    )
    second = fact(
        RELAY,
        after=3 * DAY,
        messages=1,
        ehlo_names=["b"],
        sender_domains=["corp.example", "other.example", ""],
        recipients=[Recipients("elsewhere.example", 1, 4)],
        auth_failures=2,
        offers_exchange_auth=True,
    )
    (one,) = usage_of(second, first, asked=OWN)
    assert one == Usage(
        log="receive",
        role="frontend",
        server="EX1",
        connector=RELAY,
        client="10.1.9.20",
        address=Address.parse("10.1.9.20"),
        sessions=2,
        messages=3,
        recipients_own=3,
        recipients_foreign=3,
        recipients_accepted=6,
        recipients_refused=5,
        foreign_domains=("elsewhere.example",),
        auth_successes=1,
        auth_failures=2,
        tls_sessions=1,
        first_seen=START,
        last_seen=START + timedelta(days=3, seconds=1),
        days=2,
        ehlo_names=("a", "b"),
        ehlo_name_count=2,
        sender_domain_count=2,
        without_exchange_auth=1,
    )


def test_usage_of_a_client_that_said_nothing() -> None:
    (one,) = usage_of(fact(ehlo_names=[], commands=0), asked=OWN)
    assert (one.ehlo_names, one.ehlo_name_count, one.sender_domain_count) == ((), 0, 0)
    assert (one.recipients_own, one.recipients_foreign, one.recipients_accepted) == (0, 0, 0)
    assert one.foreign_domains == ()


def test_usage_keeps_clients_connectors_roles_and_logs_apart() -> None:
    found = usage_of(
        fact(RELAY),
        fact(DEFAULT),
        fact(DEFAULT, remote="10.1.9.21"),
        fact(DEFAULT, role=None),
        fact(DEFAULT, role="hub"),
        fact("To Internet", log="send"),
        fact(""),
    )
    assert [(one.log, one.role, one.server, one.connector, one.client) for one in found] == [
        ("receive", None, "EX1", DEFAULT, "10.1.9.20"),
        ("receive", "frontend", None, "", "10.1.9.20"),
        ("receive", "frontend", "EX1", DEFAULT, "10.1.9.20"),
        ("receive", "frontend", "EX1", DEFAULT, "10.1.9.21"),
        ("receive", "frontend", "EX1", RELAY, "10.1.9.20"),
        ("receive", "hub", "EX1", DEFAULT, "10.1.9.20"),
        ("send", "frontend", None, "To Internet", "10.1.9.20"),
    ]
    assert all(one.sessions == 1 and one.ehlo_name_count == 1 for one in found)


def test_unknown_domains_leave_own_and_foreign_open() -> None:
    (one,) = usage_of(fact(recipients=to(corp_example=2)))
    assert one.recipients_own is None
    assert one.recipients_foreign is None
    assert one.recipients_accepted == 2
    assert one.foreign_domains == ()


def test_no_accepted_domain_makes_every_recipient_foreign() -> None:
    (one,) = usage_of(fact(recipients=to(corp_example=2)), asked=Asked(accepted_domains=()))
    assert (one.recipients_own, one.recipients_foreign) == (0, 2)


@pytest.mark.parametrize(
    ("accepted", "domain", "is_own"),
    [
        ("corp.example", "corp.example", True),
        ("Corp.Example", "corp.example", True),
        ("corp.example", "sub.corp.example", False),
        ("corp.example", "notcorp.example", False),
        ("corp.example", "corp.example.test", False),
        ("*.corp.example", "sub.corp.example", True),
        ("*.corp.example", "deep.sub.corp.example", True),
        ("*.corp.example", "corp.example", False),
        ("*.corp.example", "notcorp.example", False),
        ("*", "anything.test", True),
        ("bücher.example", "xn--bcher-kva.example", True),
        ("xn--bcher-kva.example", "bücher.example", True),
        ("*.bücher.example", "a.xn--bcher-kva.example", True),
        ("corp_example", "corpxexample", False),
        ("corp%", "corp.example", False),
        ("corp.example", "[10.0.0.1]", False),
    ],
)
def test_accepted_domains_cover_what_exchange_lets_them_cover(
    accepted: str, domain: str, *, is_own: bool
) -> None:
    facts = fact(recipients=[Recipients(domain, 1, 0)])
    (one,) = usage_of(facts, asked=Asked(accepted_domains=(accepted,)))
    assert (one.recipients_own, one.recipients_foreign) == ((1, 0) if is_own else (0, 1))


@pytest.mark.parametrize("domain", ["", " ", "xn--\udcff", "a..b.ö", "*.", "xn--a"])
def test_odd_accepted_domains_do_no_harm(domain: str) -> None:
    assert all(name == name.strip() for name, _ in own_domain_rows((domain,)))


def test_recipients_without_a_domain_are_neither_own_nor_foreign() -> None:
    (one,) = usage_of(fact(recipients=[Recipients("", 3, 1)]), asked=OWN)
    assert (one.recipients_own, one.recipients_foreign, one.recipients_accepted) == (0, 0, 3)
    assert one.foreign_domains == ()


def test_foreign_domains_are_the_ten_most_used_ones() -> None:
    amounts = {f"d{number:02d}.test": number for number in range(1, 13)}
    many = [Recipients(name, number, 0) for name, number in amounts.items()]
    refused = Recipients("refused.test", 0, 99)
    own = Recipients("corp.example", 99, 0)
    (one,) = usage_of(fact(recipients=[own, refused, *many]), asked=OWN)
    assert one.foreign_domains == tuple(f"d{number:02d}.test" for number in range(12, 2, -1))
    assert one.recipients_foreign == sum(range(1, 13))


def test_equally_used_domains_stand_in_order() -> None:
    (one,) = usage_of(fact(recipients=to(b_test=1, c_test=2, a_test=1)), asked=OWN)
    assert one.foreign_domains == ("c.test", "a.test", "b.test")


def test_at_most_twenty_names_are_listed_and_all_are_counted() -> None:
    names = [f"host{number:02d}" for number in range(30)]
    (one,) = usage_of(*(fact(ehlo_names=[name, "ex1"]) for name in reversed(names)))
    assert one.ehlo_name_count == 31
    assert one.ehlo_names == ("ex1", *names[:19])


def test_days_are_those_on_which_sessions_began() -> None:
    late = datetime(2026, 3, 2, 23, 59, 59)  # noqa: DTZ001 - UTC without zone
    (one,) = usage_of(fact(began=late, last_seen=late + timedelta(seconds=5)))
    assert one.days == 1


@pytest.mark.parametrize(
    ("client", "address"),
    [
        ("fd00:20:7::9", "fd00:20:7::9"),
        ("::ffff:10.1.9.20", "10.1.9.20"),
        ("x.x.x.x", None),
        ("", None),
        ("::x", None),
        ("10.1.9.999", None),
    ],
)
def test_addresses_are_read_where_they_can_be(client: str, address: str | None) -> None:
    (one,) = usage_of(fact(remote=client))
    assert one.client == client
    assert one.address == (None if address is None else Address.parse(address))


def test_hostile_text_is_data() -> None:
    hostile = fact(
        f"{HOSTILE}\\{HOSTILE}",
        server=HOSTILE,
        session=HOSTILE,
        remote=HOSTILE,
        local=HOSTILE,
        role="hub",
        ehlo_names=[HOSTILE, "\x00", "\U0001f600"],
        sender_domains=[HOSTILE],
        recipients=[Recipients(HOSTILE.lower(), 1, 0), Recipients("quo\"te'.test", 2, 0)],
        replies=[Replies(HOSTILE, 1)],
        proxied=[ProxiedClient(HOSTILE, HOSTILE, HOSTILE, 1073)],
    )
    engine = engine_of([hostile, hostile._replace(log="send")])
    asked = Asked(servers=(HOSTILE,), accepted_domains=(HOSTILE, HOSTILE.lower()))
    received = answers.usage(engine, asked)[0]
    assert received.connector == f"{HOSTILE}\\{HOSTILE}"
    assert received.ehlo_names == ("\x00", HOSTILE, "\U0001f600")
    assert (received.recipients_own, received.recipients_foreign) == (1, 2)
    assert received.foreign_domains == ("quo\"te'.test",)
    assert answers.sources(engine, asked)[0].client == HOSTILE
    assert answers.proxied(engine, asked)[0].client == HOSTILE
    assert answers.send_failures(engine, asked)[0].reply == HOSTILE
    assert answers.find_sessions(engine, Asked(session=HOSTILE)) == ()
    assert len(answers.usage(engine, ALL)) == 2


def test_servers_restrict_in_any_case() -> None:
    facts = [fact(), fact(r"EX2\Default", local="10.1.1.6"), fact(r"ex2\Relay", local="10.1.1.6")]
    found = answers.usage(engine_of(facts), Asked(servers=("eX2",)))
    assert [one.connector for one in found] == [r"EX2\Default", r"ex2\Relay"]
    assert len(answers.usage(engine_of(facts), Asked(servers=("EX2", "EX1")))) == 3
    assert answers.usage(engine_of(facts), Asked(servers=("EX3",))) == ()


def test_sessions_that_name_no_server_go_by_their_local_address() -> None:
    facts = [
        fact(local="10.1.1.5"),
        fact(r"EX2\Default", local="10.1.1.6"),
        fact("", local="10.1.1.5"),
        fact("To Internet", log="send", local="10.1.1.5"),
        fact("To Internet", log="send", local="10.1.1.6"),
        fact("To Internet", log="send", local=""),
    ]
    found = answers.usage(engine_of(facts), Asked(servers=("EX1",)))
    assert [(one.connector, one.sessions) for one in found] == [
        ("", 1),
        (DEFAULT, 1),
        ("To Internet", 1),
    ]


def test_a_local_address_of_two_servers_tells_nothing() -> None:
    facts = [fact(local="::1"), fact(r"EX2\Default", local="::1"), fact("", local="::1")]
    found = answers.usage(engine_of(facts), Asked(servers=("EX1",)))
    assert [one.connector for one in found] == [DEFAULT]


def test_times_restrict_by_the_beginning() -> None:
    facts = [fact(after=hours * 3600, last_seen=START + timedelta(days=9)) for hours in range(5)]
    since, until = START + timedelta(hours=1), START + timedelta(hours=3)
    (one,) = answers.usage(engine_of(facts), Asked(since=since, until=until))
    assert (one.sessions, one.first_seen) == (2, since)


def test_times_with_a_zone_are_converted() -> None:
    zone = timezone(timedelta(hours=2))
    since = (START + timedelta(hours=1)).replace(tzinfo=UTC).astimezone(zone)
    (one,) = answers.usage(engine_of([fact(), fact(after=3600)]), Asked(since=since))
    assert one.sessions == 1


@pytest.mark.parametrize("question", list(Question))
def test_every_question_can_be_restricted_to_nothing(question: Question) -> None:
    facts = [fact(proxied=[ProxiedClient("A" * 16, "10.2.2.2", "h", 1)], session="A" * 16)]
    engine = engine_of([*facts, *(one._replace(log="send", connector="") for one in facts)])
    assert engine.rows(question, Asked(session="A" * 16)) or question in {
        Question.UNANSWERED,
        Question.SEND_FAILURES,
    }
    for asked in (
        Asked(servers=("NONE",), session="A" * 16),
        Asked(since=START + timedelta(days=1), session="A" * 16),
        Asked(until=START, session="A" * 16),
    ):
        assert engine.rows(question, asked) == []


@pytest.mark.parametrize("question", list(Question))
def test_every_question_can_be_asked_of_nothing(question: Question) -> None:
    assert engine_of([]).rows(question, OWN) == []


@pytest.mark.parametrize("question", list(Question))
def test_texts_hold_no_value_and_a_total_order(question: Question) -> None:
    text = TEXTS[question]
    assert "ORDER BY" in text
    assert "{" not in text
    assert "%" not in text


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (Question.USAGE, Usage),
        (Question.SOURCES, SourceProfile),
        (Question.ANSWERS, LoggedAnswer),
        (Question.PERIODS, LogPeriod),
        (Question.PROXIED, ProxiedUsage),
        (Question.SEND_FAILURES, SendFailure),
        (Question.TOTALS, answers.LogTotals),
    ],
)
def test_columns_are_the_fields(question: Question, kind: type[Any]) -> None:
    columns = TEXTS[question].rpartition("\nSELECT ")[2]
    names = [one.name for one in fields(kind) if not one.name.endswith("address")]
    places = [columns.find(name) for name in names]
    assert -1 not in places


def test_results_do_not_depend_on_the_order_of_the_facts() -> None:
    facts = [
        fact(
            connector,
            after=number * 100,
            remote=f"10.1.9.{number % 3}",
            ehlo_names=[f"h{number % 4}"],
            recipients=to(a_test=number, b_test=number),
            replies=[Replies("421 4.3.2", 1)],
        )
        for number in range(12)
        for connector in (DEFAULT, RELAY, "")
    ]
    one, other = engine_of(facts), engine_of(reversed(facts))
    for question in Question:
        assert one.rows(question, OWN) == other.rows(question, OWN)


def test_a_source_is_compared_with_its_listener() -> None:
    facts = [
        fact(remote="10.1.9.20", messages=2),
        fact(RELAY, remote="10.1.9.20"),
        fact(remote="10.1.9.21"),
        fact(remote="10.1.9.20", local_port=587),
        fact(remote="10.1.9.20", local_port=None),
        fact(r"EX2\Default", remote="10.1.9.20"),
        fact("To Internet", log="send"),
    ]
    found = answers.sources(engine_of(facts), ALL)
    assert [
        (one.server, one.port, one.client, one.sessions, one.listener_sessions) for one in found
    ] == [
        ("EX1", None, "10.1.9.20", 1, 1),
        ("EX1", 25, "10.1.9.20", 2, 3),
        ("EX1", 25, "10.1.9.21", 1, 3),
        ("EX1", 587, "10.1.9.20", 1, 1),
        ("EX2", 25, "10.1.9.20", 1, 1),
    ]
    assert [one.listener_clients for one in found] == [1, 2, 2, 1, 1]
    assert found[1].messages == 2
    assert found[1].address == Address.parse("10.1.9.20")


def idle(after: float, **changes: Any) -> SessionFacts:
    return fact(after=after, commands=0, ehlo_names=[], **changes)


def test_health_checks_show_by_their_cadence() -> None:
    times = [0, 10, 20.5, 30.5, 40.5, 90.5]
    one = source_of(fact(after=15), *(idle(after) for after in reversed(times)))
    assert one.idle_sessions == 6
    assert one.idle_interval == 10.0
    assert one.idle_regularity == 0.8


def test_the_median_of_an_even_number_lies_between() -> None:
    one = source_of(idle(0), idle(1), idle(4))
    assert one.idle_interval == 2.0
    assert one.idle_regularity == 0.0


def test_two_idle_sessions_are_no_cadence() -> None:
    one = source_of(idle(0), idle(10))
    assert (one.idle_sessions, one.idle_interval, one.idle_regularity) == (2, None, None)


def test_simultaneous_idle_sessions_have_no_interval() -> None:
    one = source_of(idle(0), idle(0), idle(0))
    assert (one.idle_interval, one.idle_regularity) == (0.0, 1.0)


def test_a_session_whose_beginning_is_lost_is_not_idle() -> None:
    one = source_of(idle(0, started=False), idle(10))
    assert one.idle_sessions == 1


def test_refusals_by_a_limit_are_counted_and_others_are_not() -> None:
    replies = [
        Replies("421 4.3.2", 2),
        Replies("421", 1),
        Replies("421 4.4.1", 5),
        Replies("550 5.7.1", 7),
    ]
    one = source_of(fact(replies=replies), fact(replies=replies[:1]))
    assert one.limit_refusals == 5


def test_unanswered_sessions_are_not_refused_by_a_limit() -> None:
    one = source_of(fact("", replies=[Replies("421 4.3.2", 1)]))
    assert one.limit_refusals == 0


def test_diversity_of_names_and_senders() -> None:
    one = source_of(
        fact(ehlo_names=["a"], sender_domains=["x.test"]),
        fact(ehlo_names=["a", "b"], sender_domains=["x.test", "y.test", "<>"]),
        fact(ehlo_names=["c"], sender_domains=["<>", ""]),
        fact(ehlo_names=[], sender_domains=[]),
    )
    assert one.ehlo_names == 3
    assert one.common_ehlo_share == pytest.approx(2 / 3)
    assert one.sender_domains == 2
    assert one.common_sender_share == 1.0


def test_no_names_have_no_share() -> None:
    one = source_of(idle(0))
    assert (one.ehlo_names, one.common_ehlo_share) == (0, 0.0)
    assert (one.sender_domains, one.common_sender_share) == (0, 0.0)


def test_answers_name_the_connector_the_times_and_an_example() -> None:
    facts = [
        fact(session="08D0000000000001"),
        fact(after=60, session="08D0000000000002"),
        fact("", after=90, session="08D0000000000003"),
        fact("To Internet", log="send"),
    ]
    found = answers.answers(engine_of(facts), ALL)
    assert found == (
        LoggedAnswer(
            server=None,
            role="frontend",
            local="10.1.1.5",
            port=25,
            client="10.1.9.20",
            address=Address.parse("10.1.9.20"),
            connector="",
            sessions=1,
            first_seen=START + timedelta(seconds=90),
            last_seen=START + timedelta(seconds=91),
            example="08D0000000000003",
        ),
        LoggedAnswer(
            server="EX1",
            role="frontend",
            local="10.1.1.5",
            port=25,
            client="10.1.9.20",
            address=Address.parse("10.1.9.20"),
            connector=DEFAULT,
            sessions=2,
            first_seen=START,
            last_seen=START + timedelta(seconds=61),
            example="08D0000000000002",
        ),
    )
    assert answers.unanswered(engine_of(facts), ALL) == found[:1]


def test_periods_list_days_and_ports() -> None:
    proxied = [ProxiedClient("A" * 16, "10.2.2.2", "h", 1073)]
    facts = [
        fact(after=2 * DAY, local_port=587),
        fact(),
        fact(after=60, local_port=None, proxied=proxied),
    ]
    (one,) = answers.periods(engine_of(facts), ALL)
    assert one == LogPeriod(
        log="receive",
        role="frontend",
        server="EX1",
        connector=DEFAULT,
        sessions=3,
        first_seen=START,
        last_seen=START + timedelta(days=2, seconds=1),
        days=(date(2026, 3, 2), date(2026, 3, 4)),
        proxied=1,
        ports=(25, 587),
    )


def test_a_period_without_ports() -> None:
    (one,) = answers.periods(engine_of([fact(local_port=None)]), ALL)
    assert one.ports == ()


def test_proxied_clients_are_counted_by_their_front_end_session() -> None:
    hub = r"EX1\Default EX1"
    same = ProxiedClient("A" * 16, "10.2.2.2", "h", 1077)
    facts = [
        fact(hub, role="hub", proxied=[same, ProxiedClient("B" * 16, "x.x.x.x", "h", None)]),
        fact(hub, role="hub", after=60, proxied=[same, same._replace(session="C" * 16)]),
    ]
    found = answers.proxied(engine_of(facts), ALL)
    assert [(one.client, one.address, one.permissions, one.sessions) for one in found] == [
        ("10.2.2.2", Address.parse("10.2.2.2"), 1077, 2),
        ("x.x.x.x", None, None, 1),
    ]
    assert found[0].last_seen == START + timedelta(seconds=61)


def test_send_failures_name_target_reply_and_what_was_offered() -> None:
    def send(**changes: Any) -> SessionFacts:
        values: dict[str, Any] = {
            "log": "send",
            "remote": "10.1.1.6",
            "ehlo_names": ["ex1.corp.example"],
            "replies": [Replies("451 5.7.3", 3)],
        }
        return fact("To EX2", **{**values, **changes})

    facts = [
        send(),
        send(after=60),
        send(offers_exchange_auth=None),
        send(local="", remote="", ehlo_names=[], replies=[Replies("451 4.4.0", 1)]),
        send(replies=[]),
        fact(replies=[Replies("550 5.7.1", 1)]),
    ]
    found = answers.send_failures(engine_of(facts), ALL)
    assert [
        (one.ehlo_name, one.local, one.remote, one.reply, one.sessions, one.offers_exchange_auth)
        for one in found
    ] == [
        ("", "", "", "451 4.4.0", 1, False),
        ("ex1.corp.example", "10.1.1.5", "10.1.1.6", "451 5.7.3", 1, None),
        ("ex1.corp.example", "10.1.1.5", "10.1.1.6", "451 5.7.3", 2, False),
    ]
    assert found[0].remote_address is None
    assert found[1].remote_address == Address.parse("10.1.1.6")
    assert found[1].local_address == Address.parse("10.1.1.5")


def test_a_session_is_found_on_every_server_that_used_its_id() -> None:
    whole = fact(
        session="08D68A00000000FF",
        tls="STARTTLS",
        ehlo_names=["a", "b"],
        recipients=[Recipients("corp.example", 1, 2)],
        replies=[Replies("550 5.7.1", 1)],
        proxied=[ProxiedClient("A" * 16, "10.2.2.2", "h", None)],
    )
    other = fact(r"EX2\Default", session=whole.session, local="10.1.1.6")
    engine = engine_of([other, fact(), whole])
    asked = Asked(session=" 08d68a00000000ff ")
    assert answers.find_sessions(engine, asked) == (whole, other)
    only = Asked(session=whole.session, servers=("EX2",))
    assert answers.find_sessions(engine, only) == (other,)
    assert answers.find_sessions(engine, ALL) == ()


def test_totals_count_what_is_incomplete() -> None:
    facts = [
        fact(messages=2),
        fact(started=False, after=60),
        fact(ended=None),
        fact(""),
        fact("To Internet", log="send", role="hub"),
    ]
    found = answers.totals(engine_of(facts), ALL)
    assert [(one.log, one.role, one.server, one.sessions) for one in found] == [
        ("receive", "frontend", None, 1),
        ("receive", "frontend", "EX1", 3),
        ("send", "hub", None, 1),
    ]
    middle = found[1]
    assert (middle.rows, middle.messages) == (36, 2)
    assert (middle.without_start, middle.without_end, middle.without_connector) == (1, 1, 0)
    assert (middle.first_seen, middle.last_seen) == (START, START + timedelta(seconds=61))
    assert found[0].without_connector == 1


def test_traffic_holds_every_answer() -> None:
    proxied = [ProxiedClient("A" * 16, "10.2.2.2", "h", 1)]
    engine = engine_of(
        [
            fact(proxied=proxied),
            fact("To Internet", log="send", replies=[Replies("550", 1)]),
        ]
    )
    origin = Origin(source="logs", locator="")
    found = answers.traffic(engine, OWN, incomplete=("a file",), origin=origin)
    assert len(found.usage) == 2
    assert len(found.sources) == len(found.answers) == 1
    assert len(found.periods) == 2
    assert len(found.proxied) == len(found.send_failures) == 1
    assert (found.incomplete, found.origin) == (("a file",), origin)


def test_usage_is_what_the_maker_of_the_logs_counted(tmp_path: Path) -> None:
    truth = write(tmp_path / "demo", Plan(seed=5, size=400_000, days=2, roll=30_000))
    asked = Asked(accepted_domains=tuple(domain for domain, _ in ACCEPTED))
    with Store.open(None) as store:
        read_logs(find([str(tmp_path)], str(tmp_path), lambda *_: None), store, workers=1)
        found = answers.usage(DuckDBEngine(store.connection), asked)
    expected = {(one.log, one.role, one.connector, one.client): one for one in truth.usage}
    assert len(found) == len(expected) > 100
    for one in found:
        true = expected[one.log, one.role, one.connector, one.client]
        assert one.server == (true.server or None)
        assert one.ehlo_names == true.ehlo_names[:20]
        assert one.ehlo_name_count == len(true.ehlo_names)
        assert log_time(one.first_seen) == true.first_seen
        assert log_time(one.last_seen) == true.last_seen
        assert one.recipients_own is not None
        assert one.recipients_foreign is not None
        assert one.recipients_accepted == one.recipients_own + one.recipients_foreign
        for name in (
            "sessions",
            "messages",
            "recipients_own",
            "recipients_foreign",
            "recipients_refused",
            "auth_failures",
            "tls_sessions",
            "days",
        ):
            assert getattr(one, name) == getattr(true, name), name


def log_time(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='milliseconds')}Z"
