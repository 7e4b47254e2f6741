"""Artifacts from files, folders and standard input: what is left out or unreadable is told."""

from __future__ import annotations

import inspect
import io
import os
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rctango.errors import EvidenceError
from rctango.sources.files import fetch

if TYPE_CHECKING:
    from rctango.model.origin import Artifact

needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")


def fetched(*paths: Path | str) -> tuple[list[Artifact], list[str]]:
    left_out: list[str] = []
    return list(fetch(map(str, paths), left_out.append)), left_out


def content(artifact: Artifact) -> bytes:
    with artifact.open() as stream:
        return stream.read()


def reason(artifact: Artifact) -> str:
    with pytest.raises(EvidenceError) as caught:
        artifact.open()
    assert caught.value.source == artifact.name
    return caught.value.reason


def names(folder: Path, *paths: Path | str) -> list[str]:
    found, _ = fetched(*paths)
    return [Path(one.name).relative_to(folder).as_posix() for one in found]


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(b"content")
    (artifact,), left_out = fetched(path)
    assert (artifact.name, artifact.size) == (str(path), 7)
    assert content(artifact) == content(artifact) == b"content"
    assert not left_out


def test_names_stay_as_the_user_wrote_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "exports" / "deep").mkdir(parents=True)
    (tmp_path / "exports" / "deep" / "a.txt").touch()
    monkeypatch.chdir(tmp_path)
    found, _ = fetched("exports")
    assert [Path(one.name).as_posix() for one in found] == ["exports/deep/a.txt"]


def test_folders_are_searched_in_a_fixed_order(tmp_path: Path) -> None:
    for name in ("b/2", "b/1", "a/x/y/deep", "c", "B"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    expected = ["B", "a/x/y/deep", "b/1", "b/2", "c"]
    assert names(tmp_path, tmp_path) == expected
    assert names(tmp_path, tmp_path / "c", tmp_path / "a") == ["c", "a/x/y/deep"]


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert fetched(tmp_path) == ([], [])


def test_what_is_left_out_of_folders_is_told(tmp_path: Path) -> None:
    for name in (
        ".hidden",
        "README.md",
        "readme.MD",
        "rctango.toml",
        "Thumbs.db",
        "Desktop.ini",
        "a",
    ):
        (tmp_path / name).touch()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").touch()
    found, left_out = fetched(tmp_path)
    assert [Path(one.name).name for one in found] == ["a"]
    assert {Path(name).name for name in left_out} == {
        ".git",
        ".hidden",
        "README.md",
        "readme.MD",
        "rctango.toml",
        "Thumbs.db",
        "Desktop.ini",
    }


def test_a_file_named_by_itself_is_never_left_out(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("x", encoding="utf-8")
    (artifact,), left_out = fetched(path)
    assert content(artifact) == b"x"
    assert not left_out


def test_a_folder_named_by_itself_is_never_left_out(tmp_path: Path) -> None:
    (tmp_path / ".exports").mkdir()
    (tmp_path / ".exports" / "a").touch()
    assert names(tmp_path, tmp_path / ".exports") == [".exports/a"]


def test_a_missing_path(tmp_path: Path) -> None:
    (artifact,), _ = fetched(tmp_path / "none")
    assert reason(artifact) == "No such file or directory"


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_impossible_paths(name: str) -> None:
    (artifact,), _ = fetched(name)
    assert reason(artifact)


def test_a_file_that_vanishes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch()
    (artifact,), _ = fetched(path)
    path.unlink()
    assert reason(artifact) == "No such file or directory"


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "z").touch()
    listed = Path.iterdir

    def refuse(path: Path) -> object:
        if path.name == "locked":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    found, _ = fetched(tmp_path)
    assert [Path(one.name).name for one in found] == ["locked", "z"]
    assert reason(found[0]) == "Permission denied"


def test_a_path_that_cannot_be_examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    (artifact,), _ = fetched(tmp_path / "a")
    assert reason(artifact) == "Permission denied"


@needs_posix
def test_links_to_files_are_followed_and_links_to_folders_are_not(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_bytes(b"a")
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "file").symlink_to(tmp_path / "real" / "a")
    (tmp_path / "top" / "folder").symlink_to(tmp_path / "real")
    (tmp_path / "top" / "loop").symlink_to(tmp_path / "top")
    (tmp_path / "top" / "gone").symlink_to(tmp_path / "nothing")
    (tmp_path / "top" / "itself").symlink_to(tmp_path / "top" / "itself")
    found, left_out = fetched(tmp_path / "top")
    by_name = {Path(one.name).name: one for one in found}
    assert by_name.keys() == {"file", "gone", "itself"}
    assert content(by_name["file"]) == b"a"
    assert reason(by_name["gone"]) == "No such file or directory"
    assert reason(by_name["itself"])
    assert sorted(Path(name).name for name in left_out) == ["folder", "loop"]


@needs_posix
def test_a_linked_folder_named_by_itself_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert names(tmp_path, tmp_path / "link") == ["link/a"]


@needs_posix
def test_very_deep_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    deep = "/".join("d" * 250)
    os.makedirs(deep)  # noqa: PTH103 - Path.mkdir recurses
    (Path(deep) / "a").touch()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    try:
        found, _ = fetched("d")
    finally:
        sys.setrecursionlimit(limit)
    assert [one.name for one in found] == [f"{deep}/a"]


@needs_posix
def test_a_pipe_is_read_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"through a pipe",))
    writer.start()
    (artifact,), _ = fetched(path)
    writer.join()
    assert content(artifact) == content(artifact) == b"through a pipe"
    assert artifact.size == 14


@needs_posix
def test_devices_and_sockets_are_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        found, _ = fetched("socket", "/dev/zero")
    assert [reason(one) for one in found] == ["not a file", "not a file"]


@needs_posix
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS wants names in UTF-8")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/b\xfcro\xff.xml"
    Path(os.fsdecode(raw)).write_bytes(b"x")
    (artifact,), _ = fetched(tmp_path)
    assert content(artifact) == b"x"
    assert os.fsencode(artifact.name) == raw


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"piped")))
    (artifact,), _ = fetched("-")
    assert artifact.name == "(standard input)"
    assert content(artifact) == content(artifact) == b"piped"


def test_standard_input_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    (artifact,), _ = fetched("-")
    assert reason(artifact) == "closed"


def test_standard_input_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.RawIOBase):
        def readall(self) -> bytes:
            raise OSError(5, "Input/output error")

    class Stdin:
        buffer = Broken()

    monkeypatch.setattr(sys, "stdin", Stdin())
    (artifact,), _ = fetched("-")
    assert reason(artifact) == "Input/output error"


def test_a_file_called_dash_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "-").write_bytes(b"dash")
    monkeypatch.chdir(tmp_path)
    (artifact,), _ = fetched("./-")
    assert content(artifact) == b"dash"
