"""Finding and opening logs: whatever the form, everything is given or told."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import sys
import threading
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rctango.errors import EvidenceError
from rctango.traffic import inflate
from rctango.traffic.logfiles import BLOCK, LogFile, read_blocks
from unit.traffic.reads import Found, find_all

if TYPE_CHECKING:
    from collections.abc import Callable

needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")
TEXT = b"".join(b"%d line of some length\r\n" % number for number in range(5000))


def content(file: LogFile, offset: int = 0) -> bytes:
    return b"".join(data for data, _ in read_blocks(file, offset))


def readable(file: LogFile) -> tuple[bytes, str]:
    """What can be read, and why not more."""
    parts = []
    try:
        for data, _ in read_blocks(file):
            parts.append(data)
    except EvidenceError as error:
        return b"".join(parts), error.reason
    return b"".join(parts), ""


def names(found: Found, folder: Path) -> list[str]:
    return [os.path.relpath(file.name, folder).replace(os.sep, "/") for file in found.files]


def make(folder: Path, *paths: str) -> None:
    for path in paths:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.encode())


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members.items():
            opened.writestr(name.replace("__", "/").replace("_LOG", ".LOG"), data)
    return path


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.LOG"
    path.write_bytes(TEXT)
    (file,) = find_all(tmp_path, path).files
    assert (file.name, file.place, file.path) == (str(path), str(path), str(path))
    assert (file.size, file.packed, file.length) == (len(TEXT),) * 3
    assert file.modified == path.stat().st_mtime_ns
    assert not file.is_closed
    assert pickle.loads(pickle.dumps(file)) == file  # noqa: S301 - as workers get it
    assert content(file) == TEXT
    assert content(file, 1000) == TEXT[1000:]
    assert content(file, len(TEXT)) == b""


def test_a_name_stays_as_written_and_the_place_is_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "logs/a.LOG")
    monkeypatch.chdir(tmp_path)
    for text in ("logs", str(Path("logs", "a.LOG")), str(Path("lo*", "*.LOG"))):
        (file,) = find_all(tmp_path, text).files
        assert file.name == str(Path("logs", "a.LOG"))
        assert file.place == str(tmp_path / "logs" / "a.LOG")


def test_folders_are_searched_through_in_order(tmp_path: Path) -> None:
    make(tmp_path, "b/2.LOG", "b/1.LOG", "b/c/d/3.LOG", "a.LOG", ".hidden")
    found = find_all(tmp_path, tmp_path)
    assert sorted(names(found, tmp_path)) == [
        ".hidden",
        "a.LOG",
        "b/1.LOG",
        "b/2.LOG",
        "b/c/d/3.LOG",
    ]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.LOG", ["a.LOG"]),
        ("*/*.LOG", ["b/1.LOG", "b/2.LOG"]),
        ("**/*.LOG", ["a.LOG", "b/1.LOG", "b/2.LOG", "b/c/d/3.LOG"]),
        ("b/**/3.LOG", ["b/c/d/3.LOG"]),
        ("b/[13].LOG", ["b/1.LOG"]),
        ("b/?.LOG", ["b/1.LOG", "b/2.LOG"]),
        ("?", ["b/1.LOG", "b/2.LOG", "b/c/d/3.LOG", "b/e.txt"]),
        ("**/d", ["b/c/d/3.LOG"]),
        ("b/../b/1*", ["b/1.LOG"]),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    make(tmp_path, "b/2.LOG", "b/1.LOG", "b/c/d/3.LOG", "a.LOG", "b/e.txt")
    found = find_all(tmp_path, f"{tmp_path}{os.sep}{pattern}")
    assert sorted(names(found, tmp_path)) == expected
    assert not found.problems


def test_a_pattern_without_match_is_told(tmp_path: Path) -> None:
    pattern = str(tmp_path / "*.LOG")
    assert find_all(tmp_path, pattern).problems == [(pattern, "no file matches the pattern")]


def test_a_file_with_a_bracket_in_its_name_is_a_file(tmp_path: Path) -> None:
    make(tmp_path, "a[1].LOG")
    assert len(find_all(tmp_path, tmp_path / "a[1].LOG").files) == 1


def test_a_lacking_file_is_told(tmp_path: Path) -> None:
    path = str(tmp_path / "a.LOG")
    ((name, reason),) = find_all(tmp_path, path).problems
    assert name == path
    assert "o such file" in reason


def test_each_file_once(tmp_path: Path) -> None:
    make(tmp_path, "b/1.LOG")
    paths = (tmp_path, tmp_path / "b", tmp_path / "b" / "1.LOG", f"{tmp_path}/*/*.LOG")
    assert len(find_all(tmp_path, *paths).files) == 1


@needs_posix
def test_links_that_lead_back_are_not_followed_again(tmp_path: Path) -> None:
    make(tmp_path, "b/1.LOG")
    (tmp_path / "b" / "up").symlink_to(tmp_path)
    (tmp_path / "c").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "same.LOG").symlink_to(tmp_path / "b" / "1.LOG")
    assert len(find_all(tmp_path, tmp_path).files) == 1
    assert len(find_all(tmp_path, f"{tmp_path}/**/*.LOG").files) == 1


@needs_posix
def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "device").symlink_to("/dev/null")
    found = find_all(tmp_path, tmp_path / "gone", tmp_path / "device")
    assert [reason for _, reason in found.problems] == ["No such file or directory", "not a file"]


@needs_posix
def test_a_pipe_is_kept_in_the_spool(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(TEXT,))
    writer.start()
    spool = tmp_path / "spool"
    spool.mkdir()
    (file,) = find_all(spool, path).files
    writer.join()
    assert content(file) == content(file) == TEXT
    assert Path(file.path).parent == spool


def standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    standard_input(monkeypatch, pack(TEXT))
    (file,) = find_all(tmp_path, "-", "-").files
    assert (file.name, file.place, file.modified) == ("(standard input)", "-", 0)
    assert file.is_closed
    assert content(file) == content(file) == TEXT


def test_closed_standard_input_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert find_all(tmp_path, "-").problems == [("(standard input)", "closed")]


def test_gzip_is_told_by_content(tmp_path: Path) -> None:
    path = tmp_path / "a.LOG"
    path.write_bytes(gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:]) + bytes(1000))
    (file,) = find_all(tmp_path, path).files
    assert (file.compression, file.length, file.packed) == ("gzip", None, path.stat().st_size)
    assert file.is_closed
    assert content(file) == TEXT
    assert content(file, 998) == TEXT[998:]


def test_small_members_of_an_archive_come_together(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    members = [gzip.compress(b"line %d\r\n" % number) for number in range(3000)]
    path.write_bytes(b"".join(members))
    (file,) = find_all(tmp_path, path).files
    blocks = list(read_blocks(file))
    assert len(blocks) == 1
    assert blocks[0][0].count(b"\n") == 3000
    damaged = b"".join(members[:-1]) + members[-1][:-5]
    path.write_bytes(damaged)
    read: list[tuple[bytes, int]] = []
    with pytest.raises(EvidenceError):
        read.extend(read_blocks(find_all(tmp_path, path).files[0]))
    assert sum(data.count(b"\n") for data, _ in read) >= 2999


def test_blocks_are_bounded_and_all_bytes_on_disk_are_accounted_for(tmp_path: Path) -> None:
    text = os.urandom(3 << 20) + bytes(20 << 20)
    paths = [tmp_path / name for name in ("a.LOG", "b.gz", "c.zip")]
    paths[0].write_bytes(text)
    paths[1].write_bytes(gzip.compress(text))
    archive(paths[2], a_LOG=text)
    for file in find_all(tmp_path, *paths).files:
        blocks = list(read_blocks(file))
        assert b"".join(data for data, _ in blocks) == text
        assert max(len(data) for data, _ in blocks) <= BLOCK
        assert file.packed - 20 <= sum(used for _, used in blocks) <= file.packed


@pytest.mark.parametrize("lost", [1, 4, 8, 9, 100, 5000])
def test_of_a_gzip_file_cut_short_the_beginning_is_given(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "a.gz"
    packed = gzip.compress(TEXT)
    path.write_bytes(packed[:-lost])
    (file,) = find_all(tmp_path, path).files
    data, reason = readable(file)
    assert reason == inflate.CUT_SHORT
    assert TEXT.startswith(data)
    assert len(data) == len(TEXT) or lost > 8


def test_of_a_damaged_gzip_file_everything_before_the_damage_is_given(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1  # the checksum
    path.write_bytes(packed)
    (file,) = find_all(tmp_path, path).files
    data, reason = readable(file)
    assert data == TEXT
    assert "damaged" in reason


def test_something_after_a_gzip_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(TEXT) + b"something")
    (file,) = find_all(tmp_path, path).files
    data, reason = readable(file)
    assert data == TEXT
    assert "damaged" in reason


def test_the_members_of_an_archive(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", a_LOG=TEXT, b__c_LOG=b"", b__d_LOG=TEXT[::-1])
    with zipfile.ZipFile(path, "a") as opened:
        opened.mkdir("folder")
        opened.writestr(zipfile.ZipInfo("stored.LOG"), TEXT)
    files = find_all(tmp_path, path).files
    assert [file.member for file in files] == ["a.LOG", "b/c.LOG", "b/d.LOG", "stored.LOG"]
    assert files[0].name == f"{path}!a.LOG"
    assert {(file.place, file.size) for file in files} == {(str(path), path.stat().st_size)}
    assert [content(file) for file in files] == [TEXT, b"", TEXT[::-1], TEXT]
    assert all(file.is_closed for file in files)
    assert content(files[0], 77) == TEXT[77:]


def test_members_of_the_same_name(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("a.LOG", b"one")
        with pytest.warns(UserWarning, match="Duplicate"):
            opened.writestr("a.LOG", b"two")
    files = find_all(tmp_path, path).files
    assert [(file.member, content(file)) for file in files] == [
        ("a.LOG", b"one"),
        ("a.LOG (2)", b"two"),
    ]


def test_an_archive_without_members(tmp_path: Path) -> None:
    found = find_all(tmp_path, archive(tmp_path / "a.zip"))
    assert found == Found()


def test_a_member_packed_otherwise_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as opened:
        opened.writestr("a.LOG", TEXT)
    (file,) = find_all(tmp_path, path).files
    assert readable(file) == (b"", "compressed in a way other than the usual one (deflate)")


def test_an_encrypted_member_is_told(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", a_LOG=TEXT)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert find_all(tmp_path, path).problems == [(f"{path}!a.LOG", "encrypted")]


def test_a_wrong_checksum_is_told(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", a_LOG=TEXT)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 16] ^= 1
    path.write_bytes(data)
    (file,) = find_all(tmp_path, path).files
    given, reason = readable(file)
    assert given == TEXT
    assert "not what was packed" in reason


def test_members_that_overlap_are_refused(tmp_path: Path) -> None:
    """As in archives that unpack to thousands of times their size."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("a.LOG", bytes(9999))
        info = opened.getinfo("a.LOG")
        opened.filelist.extend([info] * 9)
    found = find_all(tmp_path, path)
    assert not found.files
    assert "overlap" in found.problems[0][1]


def test_what_unpacks_beyond_measure_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inflate, "_LARGE", 2 << 20)
    (tmp_path / "a.gz").write_bytes(gzip.compress(bytes(9 << 20)))
    archive(tmp_path / "b.zip", a_LOG=bytes(9 << 20))
    (tmp_path / "c.gz").write_bytes(gzip.compress(os.urandom(1 << 20) * 9))
    for file in find_all(tmp_path, tmp_path / "a.gz", tmp_path / "b.zip").files:
        data, reason = readable(file)
        assert reason == inflate.NO_LOG
        assert len(data) <= 3 << 20
    (file,) = find_all(tmp_path, tmp_path / "c.gz").files
    assert readable(file)[1] == ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(0, 1 << 20), byte=st.integers(0, 255), cut=st.integers(0, 1 << 20))
def test_damaged_archives_raise_nothing_unforeseen(
    tmp_path: Path, place: int, byte: int, cut: int
) -> None:
    for path in (tmp_path / "a.gz", tmp_path / "b.zip"):
        if path.suffix == ".gz":
            path.write_bytes(gzip.compress(TEXT[:3000]))
        else:
            archive(path, a_LOG=TEXT[:3000], b_LOG=TEXT)
        data = bytearray(path.read_bytes())
        data[place % len(data)] = byte
        path.write_bytes(data[: len(data) - cut % 50])
        for file in find_all(tmp_path, path).files:
            readable(file)


def test_damage_in_the_middle_loses_nothing_before_it(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[len(packed) // 2 :] = b"\xff" * (len(packed) - len(packed) // 2)
    path = tmp_path / "a.gz"
    path.write_bytes(packed)
    (file,) = find_all(tmp_path, path).files
    data, reason = readable(file)
    assert reason
    sound = zlib.decompressobj(31).decompress(bytes(packed[: len(packed) // 2]))
    assert data.startswith(sound)


def test_a_plain_file_is_read_up_to_the_length_it_had(tmp_path: Path) -> None:
    path = tmp_path / "a.LOG"
    path.write_bytes(TEXT)
    (file,) = find_all(tmp_path, path).files
    with path.open("ab") as stream:
        stream.write(b"more")
    assert content(file) == TEXT
    path.write_bytes(TEXT[:10])
    assert content(file) == TEXT[:10]


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.LOG"
    path.write_bytes(TEXT)
    (file,) = find_all(tmp_path, path).files
    path.unlink()
    assert readable(file) == (b"", "No such file or directory")
