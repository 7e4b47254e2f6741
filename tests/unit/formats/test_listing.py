from __future__ import annotations

import pytest

from fakes.realdata import real_file
from rctango.formats._listing_values import CUT_SHORT
from rctango.formats.raw import Lost, RawObject, RawValue, Skipped
from unit.formats.samples import LISTING, broken, decoded, items, objects, only

EVERYONE = "NT AUTHORITY\\ANONYMOUS LOGON"


def contents(text: str) -> list[dict[str, RawValue]]:
    return [dict(raw.properties) for raw in objects(text)]


def value(text: str) -> RawValue:
    """What the value of the property P becomes."""
    raw = only(f"Name : Relay\nP    : {text}\nQ    : end")
    assert raw.get("Q") == "end"
    return raw.get("P")


def lost(found: RawValue) -> Lost:
    assert isinstance(found, Lost)
    return found


def test_a_small_paste() -> None:
    relay, default, rights = objects(LISTING)
    assert relay.get("Name") == "Relay für Geräte"
    assert relay.get("Bindings") == ("0.0.0.0:25", "[::]:25")
    assert relay.get("RemoteIPRanges") == ("10.0.0.1", "10.0.0.2", "10.0.0.3")
    assert relay.locator == "line 5"
    assert relay.where("RemoteIPRanges") == "line 7"
    assert relay.where("Fqdn") == "line 5, Fqdn"
    assert relay.command == "Get-ReceiveConnector | fl Name,Bindings,RemoteIPRanges"
    assert lost(default.get("RemoteIPRanges")).rest == ("0.0.0.0-255.255.255.255",)
    assert default.command == relay.command
    assert dict(rights.properties) == {"user": EVERYONE, "extendedrights": ("ms-Exch-SMTP-Submit",)}
    assert rights.command == 'Get-ADPermission "Relay" | ft User,ExtendedRights'
    assert decoded(LISTING).encoding == "Format-List"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("True", "True"),
        ("{}", ()),
        ("{ }", ()),
        ("{a}", ("a",)),
        ("{a, b}", ("a", "b")),
        ("{CN=a,DC=b, CN=c,DC=b}", ("CN=a,DC=b", "CN=c,DC=b")),
        ("Tls, BasicAuth", "Tls, BasicAuth"),
        ("a : b", "a : b"),
        ("36 MB (37,748,736 bytes)", "36 MB (37,748,736 bytes)"),
        ("220 Hello...", "220 Hello..."),
    ],
)
def test_values(text: str, expected: RawValue) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("{a, b...}", ("a", "b")),
        ("{a, b\N{HORIZONTAL ELLIPSIS}}", ("a", "b")),
        ("{a, b, ...}", ("a", "b")),
        ("{...}", ()),
        ("{a, b, c...", ("a", "b")),
        ("{a, b", ("a",)),
        ("{", ()),
    ],
)
def test_lists_that_were_cut(text: str, rest: tuple[str, ...]) -> None:
    assert lost(value(text)).rest == rest


def test_type_names_are_lost_values() -> None:
    assert "type name" in lost(value("System.Collections.ArrayList")).why
    found = value("{a, System.Object[]}")
    assert isinstance(found, tuple)
    assert "type name" in lost(found[1]).why


@pytest.mark.parametrize(
    "text",
    [
        "Name : A\nBindings : {x}\n\nName : B\nBindings : {y}\n",
        "\r\n\r\nName     : A\r\nBindings : {x}\r\n\r\nName     : B\r\nBindings : {y}\r\n\r\n\r\n",
        "Name : A\nBindings : {x}\nName : B\nBindings : {y}",
        "Name : A\n\nBindings : {x}\n\nName : B\n\nBindings : {y}",
        "Name : A \n\nBindings : {x}\n\n\n\nName : B\n\nBindings : {y}",
        "  Name : A\n  Bindings : {x}\n\n  Name : B\n  Bindings : {y}",
        "> Name : A\n> Bindings : {x}\n>\n> Name : B\n> Bindings : {y}",
        "Name\u00a0: A\nBindings\u00a0: {x}\n\nName : B\nBindings :\u00a0{y}",
        "PS C:\\> Get-X A\nName : A\nBindings : {x}\nPS C:\\> Get-X B\nName : B\nBindings : {y}",
        "Connector A:\n\nName : A\n\nBindings : {x}\n\nand the other\n\nName : B\n\nBindings : {y}",
    ],
)
def test_every_way_to_write_two_objects(text: str) -> None:
    assert contents(text) == [
        {"name": "A", "bindings": ("x",)},
        {"name": "B", "bindings": ("y",)},
    ]


def test_a_gap_parts_objects_without_a_common_property() -> None:
    assert contents("A : 1\nB : 2\n\nC : 3\nD : 4") == [{"a": "1", "b": "2"}, {"c": "3", "d": "4"}]
    collapsed = "A : 1\n\nB : 2\n\nC : 3\n\n\nD : 4\n\nE : 5"
    assert contents(collapsed) == [{"a": "1", "b": "2", "c": "3"}, {"d": "4", "e": "5"}]


def test_objects_of_one_property() -> None:
    assert contents("Name : A\n\nName : B\n\nName : C") == [{"name": x} for x in "ABC"]


def test_the_usual_gap_is_found_for_each_command() -> None:
    text = "Get-X\n\nA : 1\n\nB : 2\n\nC : 3\n\nGet-Y\n\nA : 1\nB : 2\n\nC : 3\nD : 4\n"
    assert contents(text) == [
        {"a": "1", "b": "2", "c": "3"},
        {"a": "1", "b": "2"},
        {"c": "3", "d": "4"},
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["P : {a, ", "     b}"], ("a", "b")),
        (["P : {a,", "     b}"], ("a", "b")),
        (["P : {a,", "b}"], ("a", "b")),
        (["P : {a, b", "}"], ("a", "b")),
        (["P : {a,", "", "b,", "", "c}"], ("a", "b", "c")),
        (
            ["P : {2001:db8:aaaa:bbbb:cccc:", "     dddd:eeee:ffff}"],
            ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",),
        ),
        (
            ["P : {NT AUTHORITY\\ANONYMOUS", "     LOGON, b, and some more words}"],
            (EVERYONE, "b", "and some more words"),
        ),
        (["P : some longer text for", "    printers"], "some longer text for printers"),
        (["P : a", "    Name : b"], "a Name : b"),
        (["P : Tls, BasicAuth,", "ExchangeServer"], "Tls, BasicAuth, ExchangeServer"),
        (
            ["P : {a, b,", "    c...}"],
            Lost(why=CUT_SHORT, rest=("a", "b", "c")),
        ),
        (["P : x", "prose that follows"], "x"),
    ],
)
def test_wrapped_values(lines: list[str], expected: RawValue) -> None:
    raw = only("\n".join([*lines, "Q : end"]))
    assert raw.get("P") == expected
    assert raw.get("Q") == "end"


def test_a_list_that_never_ends_swallows_nothing() -> None:
    raw = only("P : {a, b,\n    c,\nsome prose\nQ : {x}\nR : y")
    assert lost(raw.get("P")).rest == ("a", "b", "c")
    assert raw.get("Q") == ("x",)
    assert raw.get("R") == "y"


def test_a_list_that_never_ends_stops_at_a_table_row() -> None:
    first, second = objects(f"P : {{a, b\n\n{EVERYONE} {{ms-Exch-SMTP-Submit}}")
    assert lost(first.get("P")).rest == ("a",)
    assert second.get("User") == EVERYONE


@pytest.mark.parametrize(
    ("prompt", "command"),
    [
        ("[PS] C:\\>Get-X a | fl", "Get-X a | fl"),
        ("[PS] C:\\Windows\\system32>Get-X", "Get-X"),
        ("[PS]>Get-X", "Get-X"),
        ("PS C:\\Users\\Some One> Get-X", "Get-X"),
        ("PS>Get-X", "Get-X"),
        ("PS /root> Get-X", "Get-X"),
        ("[ex1.contoso.com]: PS C:\\> Get-X", "Get-X"),
        ("C:\\>Get-X", "Get-X"),
        ("Get-ReceiveConnector", "Get-ReceiveConnector"),
        ("$c = Get-ReceiveConnector", "$c = Get-ReceiveConnector"),
        ("[PS] C:\\>Get-X |\n>> fl\n>>", "Get-X | fl "),
        ("Get-X `\n  -A b |\n  Format-List", "Get-X -A b | Format-List"),
        ("[PS] C:\\>", None),
    ],
)
def test_commands_are_remembered(prompt: str, command: str | None) -> None:
    before, after = objects(f"A : 1\n{prompt}\n\nB : 2\n")
    assert before.command is None
    assert after.command == command


@pytest.mark.parametrize(
    "noise",
    [
        "WARNING: some text",
        "VERBOSE: Connecting to EX1.",
        "--",
        "+ more",
        "Anti-Spam is not a cmdlet",
        "{a line in braces}",
        "prose {with, braces}",
    ],
)
def test_noise_parts_nothing(noise: str) -> None:
    assert contents(f"{noise}\nA : 1\n{noise}\nB : 2\n{noise}") == [{"a": "1", "b": "2"}]


def test_errors_of_powershell_are_reported_once() -> None:
    text = (
        'Get-ReceiveConnector "Relay"\n'
        "Get-ReceiveConnector : The object 'Relay' couldn't be found.\n"
        "At line:1 char:1\n"
        "    + CategoryInfo          : NotSpecified: (:) [Get-ReceiveConnector]\n"
        "    + FullyQualifiedErrorId : 1\n"
        "\nName : Other\n"
    )
    skipped, raw = items(text)
    assert isinstance(skipped, Skipped)
    assert skipped.locator == "line 2"
    assert "couldn't be found" in skipped.why
    assert isinstance(raw, RawObject)
    assert dict(raw.properties) == {"name": "Other"}


def test_nested_lists_become_objects() -> None:
    text = "Name : A\nSize :\n    Unit : MB\n    Count : 36\nLast : x\n\nName : B\nSize : 1"
    first, second = objects(text)
    nested = first.get("Size")
    assert isinstance(nested, RawObject)
    assert dict(nested.properties) == {"unit": "MB", "count": "36"}
    assert nested.locator == "line 3"
    assert first.get("Last") == "x"
    assert second.get("Size") == "1"


def test_properties_indented_a_little_are_not_nested() -> None:
    assert contents("Name : A\n Banner :\n  Fqdn : x") == [{"name": "A", "banner": "", "fqdn": "x"}]


def test_nesting_is_bounded() -> None:
    text = "\n".join(" " * 4 * depth + f"P{depth} :" for depth in range(300))
    assert len(objects(text)) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "User ExtendedRights\n\nX Y {ms-Exch-SMTP-Submit}\n\nZ {a, b}",
        "User  ExtendedRights\n----  --------------\nX Y   {ms-Exch-SMTP-Submit}\nZ     {a, b}",
        "User  ExtendedRights\n----  -----\nX Y   {ms-Exch-SMTP-Submit}\nZ     {a,\n       b}",
    ],
)
def test_tables_of_rights(text: str) -> None:
    assert contents(text + "\nName : A") == [
        {"user": "X Y", "extendedrights": ("ms-Exch-SMTP-Submit",)},
        {"user": "Z", "extendedrights": ("a", "b")},
        {"name": "A"},
    ]


def test_rights_without_a_header() -> None:
    text = f"Some prose.\n\n{EVERYONE} {{ms-Exch-SMTP-Submit}}\nprose {{other}}\n"
    assert contents(text) == [{"user": EVERYONE, "extendedrights": ("ms-Exch-SMTP-Submit",)}]


def test_rights_with_a_flag_between() -> None:
    text = f"User Deny ExtendedRights\n---- ---- --------------\n{EVERYONE} False {{ms-Exch-A}}\n"
    assert contents(text) == [{"user": EVERYONE, "deny": "False", "extendedrights": ("ms-Exch-A",)}]


def test_cells_that_were_cut() -> None:
    text = (
        "User               ExtendedRights\n"
        "----               --------------\n"
        "NT AUTHORITY\\AN... {ms-Exch-SMTP-Submit, ms-Exch-SM...\n"
    )
    row = only(text)
    assert "width" in lost(row.get("User")).why
    assert lost(row.get("ExtendedRights")).rest == ("ms-Exch-SMTP-Submit",)


def test_tables_of_other_kinds() -> None:
    text = (
        "Name : A\n\n"
        "Identity     Bindings                Enabled\n"
        "--------     --------                -------\n"
        "EX1\\Default  {0.0.0.0:25, [::]:25}   True\n"
        "EX1\\Long name {0.0.0.0:25, [::]:25} True\n"
        "\n"
        "Identity     User       Deny\n"
        "--------     ----       ----\n"
        "EX1\\Default  NT A...    False\n"
    )
    first, row, unclear, table = items(text)
    assert isinstance(first, RawObject)
    assert isinstance(row, RawObject)
    assert dict(row.properties) == {
        "identity": "EX1\\Default",
        "bindings": ("0.0.0.0:25", "[::]:25"),
        "enabled": "True",
    }
    assert isinstance(unclear, Skipped)
    assert unclear.locator == "line 6"
    assert isinstance(table, Skipped)
    assert "Format-Table" in table.why


@pytest.mark.parametrize("text", ["Name: A", "Name = A", "just prose", "1 : 2", ": x", "A B : c"])
def test_what_is_no_listing(text: str) -> None:
    assert "no export" in broken(text)[1]


@pytest.mark.parametrize(
    "text",
    [
        "A : {" + "x, " * 400_000,
        "A : x\n" + "    y\n" * 100_000,
        "A : x\n" + " " * 400_000 + "{",
        "A : x\n" + "-" * 400_000 + "x",
        "A : x\n" + ">" * 400_000 + "x",
        "A : {\n" * 50_000,
        "A : {x\n" + "    B : y\n" * 50_000,
        "\n" * 300_000 + "A : x",
        "A : x\n" + "prose\n" * 100_000,
        "A : x\n" + "prose\n\n" * 50_000,
        "A : x\n" + "Get-X\n" * 100_000,
        "A : x\n" + "User Rights\n----\n" * 30_000,
        "A : x\n" + "B : {\n\n" * 50_000,
        "a " * 200_000 + "\nA : x\nB {c}",
    ],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    assert items(text)


def test_a_real_paste_from_a_web_page() -> None:
    name = "msqa-1193037/get-receiveconnector-fl-and-adpermission.txt"
    connector, *rights = objects(real_file(name).read_bytes())
    assert connector.get("Bindings") == ("0.0.0.0:25",)
    assert connector.get("RemoteIPRanges") == ("127.0.0.1", "192.168.4.17")
    assert connector.get("TransportRole") == "FrontendTransport"
    assert connector.where("RemoteIPRanges") == "line 9"
    assert connector.command is not None
    assert connector.command.startswith("Get-ReceiveConnector")
    assert len(rights) == 5
    assert {row.get("User") for row in rights} == {EVERYONE}


def test_real_notes_with_prose_between() -> None:
    found = objects(real_file("1ask2-pop3-notes/get-receiveconnector-notes.txt").read_bytes())
    settings = [raw for raw in found if raw.get("user") is None]
    assert [sorted(raw.properties) for raw in settings] == [
        ["permissiongroups"],
        ["authmechanism", "bindings"],
        ["authmechanism", "bindings", "permissiongroups"],
    ]
    assert len(found) - len(settings) == 13
