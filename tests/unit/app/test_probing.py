"""Probes composed: targets, sources, domains, interruptions, exit codes; and saved ones read."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from fakes.models import WHOLE_IPV4, connector, domain, server, snapshot
from fakes.probes import seen, served
from fakes.rule_cases import ex, relay
from live.peers import OFFER, Polite
from rctango import app
from rctango.app import probing
from rctango.app.probing import ProbePlan, ProbeRequest, ProbeRequestError
from rctango.app.saved_probes import read_probes, sorted_out
from rctango.config import Settings
from rctango.errors import EvidenceError
from rctango.model.origin import Artifact
from rctango.model.probing import ProbeResult, ProbeStepKind, RemoteErrorKind, RemoteFault
from rctango.model.snapshot import Gap
from rctango.probe import ProbeLimits, SettingsError, TargetError
from rctango.report.document import to_json
from rctango.report.probe_documents import ProbeReport, Tool, probe_document

if TYPE_CHECKING:
    from typing import BinaryIO

    from rctango.app import Evidence
    from rctango.model.probing import ProbeObservation

UNKNOWN = (
    "the addresses of the server are not known; export its network adapters, or declare it in "
    "rctango.toml"
)
FAST = ProbeLimits(rate=10_000, greeting=10, reply=10)


def evidence(*items: Any, **more: Any) -> Evidence:
    return app.Evidence(snapshot=snapshot(*items, **more), settings=Settings())


def plan(*targets: str, read: Evidence | None = None, **more: Any) -> ProbePlan:
    values: dict[str, Any] = {"targets": targets, "ehlo": "probe.contoso.com", "limits": FAST}
    return probing.plan_probe(ProbeRequest(**{**values, **more}), read)


def places(planned: ProbePlan) -> list[tuple[str, int, str | None]]:
    return [(one.host, one.port, one.server) for one in planned.targets]


def left_out(planned: ProbePlan) -> list[tuple[str, str, bool]]:
    return [(one.target, one.why, one.is_gap) for one in planned.not_probed]


def test_every_binding_of_every_server_is_a_target() -> None:
    read = evidence(
        *ex(addresses="10.0.0.5, 10.0.1.5, fd00::5"),
        *ex("EX02", version="14.3", roles="HubTransport", addresses="10.0.0.6"),
    )
    planned = plan(read=read)
    ports = (25, 465, 587, 717, 2525)
    first = {(host, port, "EX01") for host in ("10.0.0.5", "10.0.1.5", "fd00::5") for port in ports}
    second = {("10.0.0.6", port, "EX02") for port in (25, 587)}
    assert set(places(planned)) == first | second
    assert len(planned.targets) == len(first | second)
    assert ("EX02 [::]:25 (HubTransport)", "the server has no IPv6 address", False) in left_out(
        planned
    )
    assert {one.text for one in planned.targets} >= {"10.0.0.5:25", "[fd00::5]:2525"}


def test_a_specific_binding_needs_no_address_of_the_server() -> None:
    read = evidence(
        server(addresses=None),
        connector(bindings="10.0.9.9:25, 127.0.0.1:25, [fe80::5]:25"),
        connector(name="Off", bindings="10.0.9.8:25", enabled=False),
    )
    planned = plan(read=read)
    assert places(planned) == [("10.0.9.9", 25, "EX01")]
    assert [(name, is_gap) for name, _, is_gap in left_out(planned)] == [
        ("127.0.0.1:25", False),
        ("[fe80::5]:25", False),
    ]


def test_what_cannot_be_reached_is_told_with_its_reason() -> None:
    read = evidence(
        server(addresses=None),
        connector(bindings="0.0.0.0:25"),
        connector("EX02", bindings=None),
        connector("EX02", "Other", bindings="10.0.0.7:25", bindings_complete=False),
        server("EX02", addresses="10.0.0.7"),
        server("EX03"),
        server("EX04", addresses="10.0.0.4", network_complete=False),
        connector("EX04", bindings="0.0.0.0:25"),
    )
    planned = plan(read=read)
    assert set(places(planned)) == {("10.0.0.7", 25, "EX02"), ("10.0.0.4", 25, "EX04")}
    assert [(name, why) for name, why, is_gap in left_out(planned) if is_gap] == [
        (
            "EX01 0.0.0.0:25 (FrontendTransport)",
            UNKNOWN,
        ),
        ("EX02\\Relay", "the export lost its bindings"),
        ("EX02\\Other", "the export lost some of its bindings"),
        ("EX03", "no receive connector of it was collected"),
        (
            "EX04 0.0.0.0:25 (FrontendTransport)",
            "the export lost some addresses of the server",
        ),
    ]
    assert probing.plan_code(planned, read) == 5


def test_addresses_that_mean_this_machine_are_left_out_unless_they_are_declared() -> None:
    bound = connector(bindings="127.0.0.1:25")
    assert plan(read=evidence(server(), bound)).targets == ()
    local = plan(read=evidence(server(), bound), sources=("127.0.0.1",))
    assert places(local) == [("127.0.0.1", 25, "EX01")]
    declared = evidence(server(addresses="127.0.0.1"), connector(bindings="0.0.0.0:25"))
    assert places(plan(read=declared)) == [("127.0.0.1", 25, "EX01")]
    unspecified = evidence(server(addresses="0.0.0.0"), connector(bindings="0.0.0.0:25"))
    assert plan(read=unspecified).targets == ()


def test_servers_and_ports_choose_among_the_evidence() -> None:
    read = evidence(*ex(), *ex("EX02", addresses="10.0.0.6"))
    assert places(plan(read=read, servers=("ex02",), ports=(25, 587))) == [
        ("10.0.0.6", 25, "EX02"),
        ("10.0.0.6", 587, "EX02"),
    ]
    with pytest.raises(app.UnknownServerError):
        plan(read=read, servers=("EX09",))
    with pytest.raises(ProbeRequestError):
        plan("10.0.0.5", read=read, ports=(25,))


def test_named_targets_go_before_those_of_the_evidence() -> None:
    named = server(fqdn="EX01.contoso.com")
    read = evidence(named, connector())
    planned = plan("ex01.contoso.com.", "EX01:587", "10.0.0.5", "mail.contoso.com", read=read)
    assert places(planned) == [
        ("ex01.contoso.com.", 25, "EX01"),
        ("EX01", 587, "EX01"),
        ("10.0.0.5", 25, None),
        ("mail.contoso.com", 25, None),
    ]
    assert places(plan("a", "A", "a:25", "a.", "a:26")) == [("a", 25, None), ("a", 26, None)]


def test_each_source_meets_each_target_of_its_family() -> None:
    planned = plan("10.0.0.5", "ex01", "[fd00::5]:25", sources=("127.0.0.1", "127.0.0.2"))
    assert [(one.host, one.source) for one in planned.targets] == [
        ("10.0.0.5", "127.0.0.1"),
        ("10.0.0.5", "127.0.0.2"),
        ("ex01", "127.0.0.1"),
        ("ex01", "127.0.0.2"),
    ]
    assert left_out(planned) == [
        ("[fd00::5]:25", "no source address given is of the family of fd00::5", True)
    ]
    for source in ("10.255.255.254", "ex01"):
        with pytest.raises(TargetError):
            plan("10.0.0.5", sources=(source,))


def test_a_balancer_needs_something_to_be_compared_with() -> None:
    planned = plan("10.0.0.5", via=("LB 1=10.0.1.100", "LB2=mail.contoso.com:25"))
    assert [(one.host, one.via) for one in planned.targets] == [
        ("10.0.0.5", None),
        ("10.0.1.100", "LB 1"),
        ("mail.contoso.com", "LB2"),
    ]
    for via in ("LB=10.0.1.100:587", "LB", "=10.0.1.100", "LB="):
        with pytest.raises((ProbeRequestError, TargetError)):
            plan("10.0.0.5", via=(via,))
    with pytest.raises(ProbeRequestError):
        plan(via=("LB=10.0.1.100",))


def test_nothing_named_is_refused() -> None:
    with pytest.raises(ProbeRequestError):
        plan()


def test_domains_come_from_the_evidence_the_authoritative_ones_first() -> None:
    read = evidence(
        *ex(),
        accepted_domains=(
            domain("*"),
            domain("partner.example", "ExternalRelay"),
            domain("*.contoso.com"),
            domain("b\u00fccher.example", "InternalRelay"),
            domain("contoso.com"),
            domain("bad domain\r\nRCPT"),
            domain("\u2028"),
        ),
    )
    planned = plan("10.0.0.5", read=read)
    assert planned.settings.domains == (
        "*",
        "*.contoso.com",
        "contoso.com",
        "xn--bcher-kva.example",
        "partner.example",
    )
    assert planned.settings.own_domain == "contoso.com"
    assert planned.unusable_domains == ("bad domain\r\nRCPT", "\u2028")
    given = plan("10.0.0.5", read=read, domains=("example.org",))
    assert given.settings.domains == ("example.org",)
    assert plan("10.0.0.5").settings.domains == ()
    with pytest.raises(SettingsError):
        plan("10.0.0.5", domains=("a b",))


def test_this_host_names_itself_without_a_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    monkeypatch.setattr("socket.getfqdn", refuse)
    monkeypatch.setattr("socket.gethostname", lambda: "host.contoso.com")
    assert plan("ex01.contoso.com", ehlo=None).settings.ehlo_name == "host.contoso.com"
    monkeypatch.setattr("socket.gethostname", lambda: "M\u00dcLLERS PC")
    assert plan("ex01.contoso.com", ehlo=None).settings.ehlo_name == "localhost"


def test_a_probe_is_compared_with_the_evidence() -> None:
    with served(Polite(OFFER)) as port:
        read = evidence(
            server(addresses="127.0.0.1"),
            relay(ranges=WHOLE_IPV4, bindings=f"0.0.0.0:{port}", auth="Tls, ExchangeServer"),
            accepted_domains=(domain("contoso.com"),),
        )
        planned = plan(read=read)
        steps: list[tuple[str, int, int]] = []
        report = probing.run_probe(planned, read, lambda *step: steps.append(step))
    assert steps == [(f"127.0.0.1:{port}", 1, 1)]
    assert report.complete
    (check,) = report.checks
    assert check.connector == "EX01\\Relay"
    assert check.contradictions == 2
    assert check.causes
    assert probing.probe_code(planned, report, read) == 5
    assert probing.run_probe(plan("127.0.0.1:1"), None).checks == ()


def test_the_exit_code_of_a_clean_probe_is_0() -> None:
    with served(Polite(OFFER)) as port:
        planned = plan(f"127.0.0.1:{port}", domains=("contoso.com",))
        report = probing.run_probe(planned, None)
        assert probing.probe_code(planned, report, None) == 0
        without_domain = plan(f"127.0.0.1:{port}")
        report = probing.run_probe(without_domain, None)
        assert probing.probe_code(without_domain, report, None) == 5
    lost = Gap(what="f", server=None, why="w", unreadable=True)
    read = evidence(*ex(), gaps=(lost,))
    assert probing.plan_code(plan("10.0.0.5", read=read), read) == 5


def test_a_server_that_refuses_to_talk_has_answered() -> None:
    peer = Polite(GREETING=b"421 4.3.2 Service not available\r\n")
    with served(peer) as port:
        planned = plan(f"127.0.0.1:{port}", domains=("contoso.com",))
        report = probing.run_probe(planned, None)
    assert report.observations[0].steps[0].result is ProbeResult.DENIED
    assert probing.probe_code(planned, report, None) == 0


def test_nothing_listens() -> None:
    planned = plan("127.0.0.1:1", domains=("contoso.com",))
    report = probing.run_probe(planned, None)
    assert report.complete
    assert report.observations[0].steps[0].kind is ProbeStepKind.CONNECT
    assert probing.probe_code(planned, report, None) == 5


def test_the_time_for_the_whole_run_ends_it_with_what_was_found() -> None:
    with served(Polite(OFFER)) as quick, served(Polite(EHLO=b"")) as slow:
        targets = (f"127.0.0.1:{quick}", f"127.0.0.1:{slow}", f"127.0.0.2:{slow}")
        limits = ProbeLimits(rate=10_000, at_once=1, farewell=0.2)
        planned = plan(*targets, domains=("contoso.com",), limits=limits, seconds=1.5)
        began = time.monotonic()
        report = probing.run_probe(planned, None)
    assert time.monotonic() - began < 5
    assert not report.complete
    assert [one.target for one in report.observations] == list(targets[:2])
    assert report.observations[0].fault is None
    fault = report.observations[1].fault
    assert fault is not None
    assert fault.kind is RemoteErrorKind.INTERRUPTED
    assert [(one.target, one.is_gap) for one in report.not_probed] == [(targets[2], True)]
    assert probing.probe_code(planned, report, None) == 5


def test_a_second_interruption_keeps_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupted(*_: object, on_done: Any, **__: object) -> list[ProbeObservation]:
        on_done(seen(target="a", port=25, source=None))
        await asyncio.sleep(0)
        raise KeyboardInterrupt

    monkeypatch.setattr(probing, "probe_all", interrupted)
    report = probing.run_probe(plan("a", "b"), None)
    assert [one.target for one in report.observations] == ["a"]
    assert [one.target for one in report.not_probed] == ["b"]
    assert not report.complete


def test_rate_bounds_the_sessions_in_a_second() -> None:
    peer = Polite(OFFER)
    with served(peer) as port:
        targets = [f"127.0.0.{last}:{port}" for last in range(1, 4)]
        limits = ProbeLimits(rate=4, at_once=10, connect=2)
        began = time.monotonic()
        report = probing.run_probe(plan(*targets, limits=limits), None)
    assert len(report.observations) == 3
    assert time.monotonic() - began >= 0.5


def test_a_balancer_is_compared_with_the_server_it_led_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def probed(*_: object, **__: object) -> list[ProbeObservation]:
        await asyncio.sleep(0)
        return [
            seen(target="a", relay="denied"),
            seen(target="b", relay="denied", greeting="ex02.contoso.com ready"),
            seen(target="v", via="LB01"),
            seen(target="w", via="LB02", greeting="mail.contoso.com ready"),
            seen(target="x", via="LB03", source="10.9.9.9"),
        ]

    monkeypatch.setattr(probing, "probe_all", probed)
    report = probing.run_probe(plan("a", "b", via=("LB01=v", "LB02=w", "LB03=x")), None)
    assert [(one.via, one.server, len(one.differences)) for one in report.via] == [
        ("LB01", "a", 1),
        ("LB02", "a", 1),
        ("LB02", "b", 1),
    ]
    (alone,) = report.not_probed
    assert (alone.target, alone.is_gap) == ("x", True)
    assert "LB03 was not compared: no target on port 25 was reached from 10.9.9.9" in alone.why


@pytest.mark.parametrize("stop", ["SIGINT", "time"])
def test_a_session_being_held_is_kept_although_others_wait_for_their_turn(stop: str) -> None:
    peer = Polite(MAIL=b"")
    with served(peer) as slow:
        targets = tuple(f"127.0.0.{at}:{slow}" for at in (1, 2, 3))
        limits = ProbeLimits(rate=0.2, at_once=3, farewell=0.2)
        seconds = 1.0 if stop == "time" else 60.0
        planned = plan(*targets, domains=("contoso.com",), limits=limits, seconds=seconds)
        if stop == "SIGINT":
            threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
        report = probing.run_probe(planned, None)
    assert [one.target for one in report.observations] == [targets[0]]
    (seen,) = report.observations
    assert seen.fault is not None
    assert seen.fault.kind is RemoteErrorKind.INTERRUPTED
    assert seen.offer is not None
    assert [one.target for one in report.not_probed] == list(targets[1:])


def test_a_server_has_one_session_at_a_time_by_whatever_name() -> None:
    peer = Polite(OFFER)
    with served(peer) as port:
        targets = (f"127.0.0.1:{port}", f"localhost:{port}")
        limits = ProbeLimits(rate=10_000, run=5)
        report = probing.run_probe(plan(*targets, domains=("contoso.com",), limits=limits), None)
    assert [one.fault for one in report.observations] == [None, None]
    assert peer.most_at_once == 1


def test_the_plan_holds_every_line() -> None:
    planned = plan("ex01:26", domains=("contoso.com",), tricks=True, contact="a@contoso.com")
    report = probing.plan_report(planned)
    assert [(one.host, one.port) for one in report.targets] == [("ex01", 26)]
    lines = [one.line for one in report.commands]
    assert lines[0] == "EHLO probe.contoso.com"
    assert lines[-1] == "QUIT"
    assert "NOOP rctango probe, contact a@contoso.com" in lines
    assert not [one for one in lines if one.startswith("DATA")]
    assert probing.plan_code(planned, None) == 0


def artifact(name: str, data: bytes) -> Artifact:
    def reopen() -> BinaryIO:
        return io.BytesIO(data)

    return Artifact(name=name, size=len(data), open=reopen)


def document(*observations: ProbeObservation) -> bytes:
    report = ProbeReport(
        tool=Tool(name="rctango", version="1"), complete=True, observations=observations,
        checks=(), via=(),
    )  # fmt: skip
    return to_json(probe_document(report)).encode()


def test_saved_probes_are_told_by_content() -> None:
    data = document(seen())
    files = [
        artifact("a.xml", data),
        artifact("b", data.decode().encode("utf-16")),
        artifact("c", data.decode().encode("utf-8-sig")),
        artifact("d.json", b'[{"Name": "x"}]'),
        artifact("e", b""),
    ]
    others, probes = sorted_out(files)
    assert [one.name for one in others] == ["d.json", "e"]
    assert [one.name for one in probes] == ["a.xml", "b", "c"]
    saved = read_probes(probes)
    assert saved.probes is not None
    assert [(one.seen, str(one.origin)) for one in saved.probes] == [
        (seen(), "a.xml: observations[0]")
    ]
    assert [(one.path, one.objects) for one in saved.evidence] == [("a.xml", 1), ("b", 1), ("c", 1)]
    assert read_probes([]).probes is None
    assert read_probes([artifact("none", document())]).probes == ()


def test_the_order_of_saved_probes_plays_no_part() -> None:
    files = [artifact("b", document(seen())), artifact("a", document(seen(), seen(relay=None)))]
    forwards, backwards = read_probes(files), read_probes(files[::-1])
    assert forwards == backwards
    assert [str(one.origin) for one in forwards.probes or ()] == [
        "a: observations[0]",
        "a: observations[1]",
    ]


def test_a_saved_probe_that_cannot_be_read_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = document(seen()).replace(b'"port": 25', b'"port": "25"')
    saved = read_probes([artifact("broken", broken), artifact("whole", document(seen()))])
    (gap,) = saved.gaps
    assert gap.unreadable
    assert str(gap.origin) == "broken: observations[0].port"
    assert saved.probes is not None
    assert read_probes([artifact("broken", broken)]).probes is None
    monkeypatch.setattr("rctango.probe.saved.LARGEST", 1 << 20)
    (gap,) = read_probes([artifact("huge", document(seen()) + b" " * (1 << 20))]).gaps
    assert gap.why == "larger than 1 MiB"


def test_a_file_that_cannot_be_opened_is_left_to_the_readers_of_evidence() -> None:
    def refuse() -> BinaryIO:
        raise EvidenceError("gone", "", "no such file")

    def vanish() -> BinaryIO:
        raise FileNotFoundError(2, "No such file or directory")

    gone = Artifact(name="gone", size=0, open=refuse)
    others, probes = sorted_out([gone])
    assert (others, probes) == ([gone], [])
    (gap,) = read_probes([Artifact(name="gone", size=0, open=vanish)]).gaps
    assert gap.why == "No such file or directory"


def test_an_interrupted_observation_is_not_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = RemoteFault(kind=RemoteErrorKind.INTERRUPTED, detail="it was interrupted here")

    async def probed(*_: object, **__: object) -> list[ProbeObservation]:
        await asyncio.sleep(0)
        return [seen(target="a", fault=fault)]

    monkeypatch.setattr(probing, "probe_all", probed)
    assert not probing.run_probe(plan("a"), None).complete
