"""The program as a shell sees it: streams, terminals, code pages, start-up."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from rctango._version import __version__
from unit.cli.runs import CONFIG, CONTOSO, ROOT, command, environment, program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from unit.cli.runs import Ran

    Here = Callable[..., Ran]

needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX terminal or shell")
COLOUR = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:3[0-7]|9[0-7])m")


def test_the_example_organisation_from_end_to_end() -> None:
    ran = program("audit", CONTOSO, "--config", CONFIG, "--format", "json")
    assert ran.code == 1
    assert json.loads(ran.out)["summary"]["servers"] == 7
    assert ran.err == ""


def test_standard_input() -> None:
    data = (ROOT / CONTOSO / "ex16a-connectors.xml").read_bytes()
    ran = program("which", "10.20.5.30", "-", "--format", "json", "--config", CONFIG, stdin=data)
    assert ran.code == 0
    assert "EX16A\\\\Relay ERP" in ran.out


def test_the_version_needs_next_to_nothing() -> None:
    script = (
        "import sys\nsys.argv = ['rctango', '--version']\nfrom rctango.cli import run\n"
        "try:\n    run()\nexcept SystemExit:\n    print(*sorted(sys.modules), sep='\\n')"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    version, *modules = done.stdout.splitlines()
    assert version == f"rctango {__version__}"
    heavy = re.compile(
        r"rich\.console|rich\.table|lxml.*|tomllib|json|csv|hypothesis"
        r"|rctango\.(?:app|config|audit|rules|analysis|intake|formats|report|sources|addresses).*"
    )
    assert [name for name in modules if heavy.fullmatch(name)] == []


def test_importing_the_library_loads_nothing() -> None:
    script = "import sys, rctango; print(*[name for name in sys.modules if 'rctango.' in name])"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["rctango._version"]


@pytest.mark.parametrize("page", ["cp1252", "cp437", "ascii"])
@pytest.mark.parametrize("words", [("audit",), ("which", "10.0.0.9"), ("map",), ("matrix",)])
def test_code_pages(folder: Path, page: str, words: tuple[str, ...]) -> None:
    names = {"Name": "Büro 中文 😀 Ж", "Server": "EX中", "RemoteIPRanges": ["10.0.0.0/24"]}
    thing = names | {"Bindings": ["0.0.0.0:25"], "Enabled": True, "TransportRole": 16384}
    folder.joinpath("exports", "Б中.json").write_text(json.dumps(thing), encoding="utf-8")
    ran = program(*words, "exports", "missing 中", cwd=folder, PYTHONIOENCODING=page)
    assert ran.code == (1 if words == ("audit",) else 5)
    assert "\\u4e2d" in ran.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_scripts(shell: str) -> None:
    script = "import sys; sys.argv[0] = 'rctango'; from rctango.cli import run; run()"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", script, "--show-completion", shell],
        capture_output=True,
        check=False,
        text=True,
        env=environment(),
    )
    assert done.returncode == 0
    assert "_RCTANGO_COMPLETE" in done.stdout
    assert done.stderr == ""


def test_completion_completes() -> None:
    script = "import sys; sys.argv[0] = 'rctango'; from rctango.cli import run; run()"
    variables = {"_RCTANGO_COMPLETE": "complete_bash", "COMP_WORDS": "rctango a", "COMP_CWORD": "1"}
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", script],
        capture_output=True,
        check=False,
        text=True,
        env=environment(**variables),
    )
    assert done.stdout.split() == ["audit"]


def piped(words: tuple[str, ...], *, read: int) -> tuple[int, bytes]:
    """The exit code and the complaints of a run whose reader leaves after some bytes."""
    child = subprocess.Popen(  # noqa: S603 - our own program
        command(*words),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert child.stdout is not None
    assert child.stderr is not None
    with child.stdout, child.stderr:
        child.stdout.read(read)
        child.stdout.close()
        complaints = child.stderr.read()
    return child.wait(), complaints


@needs_posix
@pytest.mark.parametrize("form", ["console", "json"])
def test_a_reader_that_leaves_changes_nothing(form: str) -> None:
    words = ("audit", CONTOSO, "--config", CONFIG, "--format", form)
    assert piped(words, read=0) == (1, b"")
    assert piped((*words, "--fail-on", "critical"), read=10) == (1, b"")
    assert piped(("rules", "--format", form), read=0) == (0, b"")


def shell(line: str) -> tuple[int, str, str]:
    done = subprocess.run(  # noqa: S603 - our own program
        ["/bin/sh", "-c", line],
        capture_output=True,
        check=False,
        text=True,
        cwd=ROOT,
        env=environment(R=f"{sys.executable} -m rctango"),
    )
    return done.returncode, done.stdout, done.stderr


@needs_posix
def test_closed_streams() -> None:
    assert shell(f"$R audit {CONTOSO} --config {CONFIG} >&-") == (1, "", "")
    assert shell("$R map missing 2>&-") == (3, "", "")
    assert shell("$R rules no-such-rule 2>&-")[:2] == (2, "")
    assert shell("$R --version >&-") == (0, "", "")
    code, out, err = shell("$R audit - <&-")
    assert (code, err) == (3, "rctango: no usable evidence: nothing could be read\n")
    assert "closed" in out


@needs_posix
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_disk() -> None:
    code, _, err = shell(f"$R audit {CONTOSO} --config {CONFIG} >/dev/full")
    assert code == 2
    assert err == "rctango: cannot write standard output: No space left on device\n"


def on_terminal(*words: str, **variables: str) -> tuple[int, bytes]:
    """The exit code and everything that a terminal of 60 columns shows."""
    import pty  # noqa: PLC0415 - only POSIX has it

    master, slave = pty.openpty()
    child = subprocess.Popen(  # noqa: S603 - our own program
        command(*words),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
        env=environment(TERM="xterm-256color", COLUMNS="60", LINES="40", **variables),
    )
    os.close(slave)
    shown = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], 1)
        try:
            part = os.read(master, 1 << 16) if ready else b""
        except OSError:
            break  # Linux: the other side is closed
        if not part and child.poll() is not None:
            break
        shown += part
    os.close(master)
    return child.wait(), shown


@needs_posix
def test_a_terminal_gets_colours_and_its_own_width() -> None:
    code, shown = on_terminal("which", "192.168.1.10", CONTOSO, "--config", CONFIG)
    assert code == 0
    assert COLOUR.search(shown)
    plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", shown).decode()
    assert max(len(line.rstrip()) for line in plain.splitlines()) <= 60


@needs_posix
@pytest.mark.parametrize(
    ("words", "variables", "coloured"),
    [
        (("--color", "never"), {}, False),
        ((), {"NO_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--quiet",), {}, True),
    ],
)
def test_colours_on_a_terminal(
    words: tuple[str, ...], variables: dict[str, str], coloured: bool
) -> None:
    question = ("which", "192.168.1.10", CONTOSO, "--config", CONFIG)
    _, shown = on_terminal(*question, *words, **variables)
    assert (COLOUR.search(shown) is not None) is coloured


@needs_posix
def test_progress_is_shown_on_a_terminal_only() -> None:
    words = ("map", CONTOSO, "--config", CONFIG, "--format", "csv")
    _, shown = on_terminal(*words)
    assert b"starting" in shown
    _, quiet = on_terminal(*words, "--quiet")
    assert b"reading" not in quiet
    assert b"\x1b" not in quiet
    assert program(*words).err == ""
