"""Access control entries: on which connector, for whom, and which rights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fakes import exchange
from fakes.powershell import clixml
from fakes.ps_exchange_values import dn_of
from rctango.intake.principals import trustee_kind
from rctango.intake.rights import rights_of
from rctango.model.rights import ALL_RIGHTS, NO_RIGHTS, AccessEntry, Right, TrusteeKind
from unit.intake.samples import gap_about, only_connector, read, whys

if TYPE_CHECKING:
    from rctango.model.snapshot import Gap, Snapshot

RELAY = clixml((exchange.receive_connector("EX01", "Relay"),))
ANONYMOUS = r"NT AUTHORITY\ANONYMOUS LOGON"
SUBMIT = "ms-Exch-SMTP-Submit"
BASIS: dict[str, Any] = {
    "Identity": "EX01\\Relay",
    "User": ANONYMOUS,
    "ExtendedRights": [SUBMIT],
    "AccessRights": ["ExtendedRight"],
    "Deny": False,
    "IsInherited": False,
    "InheritanceType": "All",
}
AUTHORITY = "S-1-9-1419165041-1139599005-3936102811-1022490595"


FILTERED = "inherited access control entries"


def surprises(snapshot: Snapshot) -> list[Gap]:
    return [gap for gap in snapshot.gaps if gap.what != FILTERED]


def test_a_list_without_inherited_entries_was_filtered() -> None:
    snapshot = with_entries({}, {"User": "S-1-5-11"})
    assert "not seen" in gap_about(snapshot, FILTERED).why
    assert not gap_about(snapshot, FILTERED).unreadable
    whole = with_entries({}, {"User": "S-1-5-11", "IsInherited": True})
    assert not whole.gaps


def with_entries(*many: dict[str, Any]) -> Snapshot:
    return read(RELAY, json.dumps([BASIS | one for one in many]))


def entry(**properties: Any) -> AccessEntry:
    (found,) = only_connector(with_entries(properties)).access_entries or ()
    return found


@pytest.mark.parametrize(
    "identity",
    [
        "EX01\\Relay",
        "ex01\\relay",
        dn_of("EX01", "Relay", "SMTP Receive Connectors", "Protocols"),
        (
            "contoso.com/Configuration/Services/Microsoft Exchange/Contoso/Administrative Groups/"
            "Group/Servers/EX01/Protocols/SMTP Receive Connectors/Relay"
        ),
        "Relay",
    ],
)
def test_identities(identity: str) -> None:
    snapshot = with_entries({"Identity": identity})
    assert len(only_connector(snapshot).access_entries or ()) == 1
    assert not surprises(snapshot)


def test_entries_of_an_unknown_connector_are_reported() -> None:
    snapshot = with_entries({"Identity": "EX09\\Other"})
    assert only_connector(snapshot).access_entries is None
    assert "no Get-ReceiveConnector output" in gap_about(snapshot, "the connector EX09\\Other").why


def test_an_entry_without_an_identity_is_reported() -> None:
    snapshot = with_entries({"Identity": None})
    assert any("which connector" in line for line in whys(snapshot, unreadable=True))


def test_the_command_line_stands_in_for_the_identity() -> None:
    text = (
        '[PS] C:\\>Get-ReceiveConnector "EX01\\Relay" | Get-ADPermission | fl User,ExtendedRights\n'
        f"\nUser           : {ANONYMOUS}\nExtendedRights : {{{SUBMIT}}}\n"
    )
    (found,) = only_connector(read(RELAY, text)).access_entries or ()
    assert (found.trustee, found.rights) == (TrusteeKind.ANONYMOUS, Right.SUBMIT)
    assert found.inherited is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (ANONYMOUS, TrusteeKind.ANONYMOUS),
        ("S-1-5-7", TrusteeKind.ANONYMOUS),
        ("s-1-5-7", TrusteeKind.ANONYMOUS),
        ("NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG", TrusteeKind.ANONYMOUS),
        ("NT-AUTORIT?T\\ANONYMOUS-ANMELDUNG", TrusteeKind.ANONYMOUS),
        ("AUTORITE NT\\Ouverture de session anonyme", TrusteeKind.ANONYMOUS),
        ("NT AUTHORITY\\INICIO DE SESIÓN ANÓNIMO", TrusteeKind.ANONYMOUS),
        ("NT AUTHORITY\\Accesso anonimo", TrusteeKind.ANONYMOUS),
        ("NT AUTHORITY\\АНОНИМНЫЙ ВХОД", TrusteeKind.ANONYMOUS),
        ("NT AUTHORITY\\ANONİM OTURUM AÇMA", TrusteeKind.ANONYMOUS),
        ("S-1-5-11", TrusteeKind.AUTHENTICATED_USERS),
        ("NT-AUTORITÄT\\Authentifizierte Benutzer", TrusteeKind.AUTHENTICATED_USERS),
        ("AUTORITE NT\\Utilisateurs authentifiés", TrusteeKind.AUTHENTICATED_USERS),
        ("NT AUTHORITY\\Прошедшие проверку", TrusteeKind.AUTHENTICATED_USERS),
        ("Everyone", TrusteeKind.EVERYONE),
        ("Jeder", TrusteeKind.EVERYONE),
        ("Każdy", TrusteeKind.EVERYONE),
        ("S-1-1-0", TrusteeKind.EVERYONE),
        (f"{AUTHORITY}-21", TrusteeKind.HUB_TRANSPORT_SERVERS),
        (f"{AUTHORITY}-22", TrusteeKind.EDGE_TRANSPORT_SERVERS),
        (f"{AUTHORITY}-23", TrusteeKind.EXTERNALLY_SECURED_SERVERS),
        (f"{AUTHORITY}-24", TrusteeKind.LEGACY_SERVERS),
        (f"{AUTHORITY}-10", TrusteeKind.PARTNER_SERVERS),
        ("MS Exchange\\Externally Secured Servers", TrusteeKind.EXTERNALLY_SECURED_SERVERS),
        ("CONTOSO\\Exchange Servers", TrusteeKind.EXCHANGE_SERVERS),
        (
            "contoso.com/Microsoft Exchange Security Groups/Exchange Servers",
            TrusteeKind.EXCHANGE_SERVERS,
        ),
        ("CONTOSO\\ExchangeLegacyInterop", TrusteeKind.LEGACY_SERVERS),
        ("S-1-5-21-1004336348-1177238915-682003330-1119", TrusteeKind.OTHER),
        ("S-1-5-70", TrusteeKind.OTHER),
        ("CONTOSO\\Not Everyone", TrusteeKind.OTHER),
        ("NT AUTHORITY\\SYSTEM", TrusteeKind.OTHER),
        ("AUTORIDADE NT\\INÍCIO DE SESSÃO ANÓNIMO", TrusteeKind.ANONYMOUS),
        ("NT AUTHORITY\\INICIO DE SESI?N AN?NIMO", TrusteeKind.ANONYMOUS),
        ("AUTORIDADE NT\\LOGON AN?NIMO", TrusteeKind.ANONYMOUS),
        ("NT AUTHORITY\\匿名ログオン", TrusteeKind.UNRECOGNISED),
        ("NT AUTHORITY\\??????", TrusteeKind.UNRECOGNISED),
        ("", TrusteeKind.OTHER),
    ],
)
def test_principals(name: str, kind: TrusteeKind) -> None:
    assert trustee_kind(name) is kind


def test_the_sid_outweighs_the_name() -> None:
    assert entry(User="Dienst", SecurityIdentifier="S-1-5-7").trustee is TrusteeKind.ANONYMOUS


@pytest.mark.parametrize(
    ("names", "rights"),
    [
        ((SUBMIT,), Right.SUBMIT),
        ((SUBMIT.upper(), " ms-exch-smtp-accept-any-recipient "), Right(5)),
        (("5C82F031-4E4C-4326-88E1-8C4F0CAD9DE5",), Right.ACCEPT_ANY_RECIPIENT),
        (("{a18293f1-0685-4540-aa63-e32df421b3a2}",), Right.SUBMIT),
        (("00000000-0000-0000-0000-000000000000",), ALL_RIGHTS),
        (
            ("ms-Exch-SMTP-Send-XMessageContext-FastIndex",),
            Right.ACCEPT_XMESSAGECONTEXT_FASTINDEX,
        ),
        (
            ("ms-Exch-SMTP-Accept-XMessageContext-FastIndex",),
            Right.ACCEPT_XMESSAGECONTEXT_FASTINDEX,
        ),
        (("Receive-As", "ms-Exch-Store-Admin"), NO_RIGHTS),
        ((), NO_RIGHTS),
    ],
)
def test_rights(names: tuple[str, ...], rights: Right) -> None:
    assert rights_of(names) == rights


@pytest.mark.parametrize(
    ("properties", "rights"),
    [
        ({"ExtendedRights": None}, ALL_RIGHTS),
        ({"ExtendedRights": []}, ALL_RIGHTS),
        ({"ExtendedRights": "", "AccessRights": "GenericAll"}, ALL_RIGHTS),
        ({"ExtendedRights": None, "AccessRights": [256]}, ALL_RIGHTS),
        ({"ExtendedRights": None, "AccessRights": [983551]}, ALL_RIGHTS),
        ({"ExtendedRights": None, "AccessRights": ["ReadProperty", "WriteProperty"]}, NO_RIGHTS),
        ({"ExtendedRights": None, "AccessRights": 131220}, NO_RIGHTS),
        ({"ExtendedRights": None, "AccessRights": None}, ALL_RIGHTS),
        ({"ExtendedRights": None, "AccessRights": None, "User": "CONTOSO\\Admins"}, NO_RIGHTS),
        ({"InheritanceType": "Descendents"}, NO_RIGHTS),
        ({"InheritanceType": 4}, NO_RIGHTS),
        ({"InheritanceType": "SelfAndChildren"}, Right.SUBMIT),
        ({"ExtendedRights": f"{{{SUBMIT}, Send-As}}"}, Right.SUBMIT | Right.SEND_AS),
    ],
)
def test_what_an_entry_speaks_of(properties: dict[str, Any], rights: Right) -> None:
    assert entry(**properties).rights == rights


@pytest.mark.parametrize(
    ("deny", "inherited", "allow"),
    [(False, False, True), (True, False, False), ("True", "True", False), (None, None, True)],
)
def test_deny_and_inherited(deny: object, inherited: object, allow: object) -> None:
    found = entry(Deny=deny, IsInherited=inherited)
    assert found.allow is allow
    assert found.inherited is {"True": True, None: None, False: False}[inherited]  # type: ignore[index]


def test_an_unreadable_deny_is_not_an_allow() -> None:
    snapshot = with_entries({}, {"Deny": "maybe"})
    assert only_connector(snapshot).access_entries is None
    assert "Deny of" in "\n".join(whys(snapshot, unreadable=True))


def test_an_entry_without_a_principal_spoils_the_list() -> None:
    snapshot = with_entries({}, {"User": None})
    assert "whom the entry concerns" in "\n".join(whys(snapshot, unreadable=True))
    assert only_connector(snapshot).access_entries is None


def test_entries_of_several_files_add_up() -> None:
    first = exchange.allow_each("EX01\\Relay", ANONYMOUS, (SUBMIT,))
    second = exchange.allow_each("EX01\\Relay", r"MS Exchange\Hub Transport Servers", (SUBMIT,))
    for order in ((first, second), (second, first)):
        snapshot = read(RELAY, *map(clixml, order))
        assert len(only_connector(snapshot).access_entries or ()) == 2
        assert not surprises(snapshot)


def test_the_same_entries_by_name_and_by_sid_are_no_contradiction() -> None:
    named = exchange.default_aces("EX01\\Relay", "AnonymousUsers, Partners")
    sids = exchange.default_aces("EX01\\Relay", "AnonymousUsers, Partners", language="sid")
    snapshot = read(RELAY, clixml(named), clixml(sids))
    assert len(only_connector(snapshot).access_entries or ()) == len(named)
    assert not surprises(snapshot)


def test_two_files_that_disagree_about_a_principal() -> None:
    old = exchange.anonymous_relay_aces("EX01\\Relay")
    new = exchange.default_aces("EX01\\Relay", "AnonymousUsers", language="de")
    snapshot = read(RELAY, clixml(old), clixml(new))
    rights = [one.rights for one in only_connector(snapshot).access_entries or ()]
    assert Right.ACCEPT_ANY_RECIPIENT in rights  # no entry has a date: none is forgotten
    assert "two exports disagree" in gap_about(snapshot, "access control entries").why
    back = read(RELAY, clixml(new), clixml(old))
    rights = [one.rights for one in only_connector(back).access_entries or ()]
    assert Right.ACCEPT_ANY_RECIPIENT in rights
