"""Postfix instances on the loopback, each with folders of its own; nothing is delivered anywhere.

``master`` is started directly, because ``postfix start`` checks a whole installation first. It
listens on an address that belongs to this test process alone, on ports that the system gives to
nobody, so that tests can run beside each other.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS: Final = Path("/usr/lib/postfix/sbin")
MASTER: Final = PROGRAMS / "master"
IS_ROOT: Final = hasattr(os, "geteuid") and os.geteuid() == 0

needs_postfix = pytest.mark.skipif(
    not (MASTER.is_file() and IS_ROOT),
    reason="no Postfix: install the Debian package postfix and run the tests as root",
)

COMMON: Final = f"""
compatibility_level = 3.6
daemon_directory = {PROGRAMS}
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = /tmp, /var
myhostname = mx.contoso.com
alias_maps =
local_recipient_maps =
inet_protocols = ipv4
smtpd_peername_lookup = no
disable_dns_lookups = yes
default_transport = discard:
local_transport = discard:
relay_transport = discard:
virtual_transport = discard:
"""

QUEUES: Final = {
    **dict.fromkeys(("active", "bounce", "corrupt", "defer", "deferred", "flush"), 0o700),
    **dict.fromkeys(("hold", "incoming", "private", "saved", "trace"), 0o700),
    "maildrop": 0o730,
    "public": 0o710,
}
SERVICES: Final = """
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
discard unix - - n - - discard
scache unix - - n - 1 scache
"""
"""Everything that smtpd asks; ``smtpd`` itself has the address and is added."""

OPEN: Final = """
mynetworks = 127.0.0.0/8
mydestination = contoso.com
smtpd_relay_restrictions = permit_mynetworks, reject
"""
CLOSED: Final = """
mynetworks =
mydestination = contoso.com
smtpd_client_restrictions = reject
"""
INTERNAL: Final = """
mynetworks =
mydestination = contoso.com
smtpd_relay_restrictions = reject_unauth_destination
"""
GUARDED: Final = f"""{INTERNAL}
smtpd_sender_restrictions = check_sender_access inline:{{contoso.com=reject}}
"""
TARPIT: Final = """
mynetworks =
mydestination = contoso.com
smtpd_relay_restrictions = permit_auth_destination, sleep 1, reject_unauth_destination
"""
DEFERRING: Final = f"""{INTERNAL}
soft_bounce = yes
smtpd_client_restrictions = reject
"""
CHECKING: Final = f"""{INTERNAL}
local_recipient_maps = inline:{{postmaster=yes}}
"""
SECONDARY: Final = """
mynetworks =
mydestination =
relay_domains = contoso.com
relay_recipient_maps = regexp:{{/^postmaster@|%/ known}}
allow_untrusted_routing = yes
smtpd_relay_restrictions = reject_unauth_destination
"""
"""Passes on what it knows, and what names a way on to elsewhere, to the first mail server."""
TLS_ONLY: Final = f"""{INTERNAL}
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = $config_directory/both.pem
"""


class Instance(NamedTuple):
    """Where an instance listens, and its log."""

    host: str
    port: int
    log: Path

    def logged(self, word: str) -> str:
        """The first line of the log with a word; it may take a moment to be there."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            for line in self.log.read_text().splitlines():
                if word in line:
                    return line
            time.sleep(0.01)
        raise AssertionError(f"{word!r} is not in the log")


@contextmanager
def postfix(settings: str, certificate: bytes = b"") -> Iterator[Instance]:
    """A running instance.

    Args:
        settings: lines of main.cf besides the common ones.
        certificate: what ``both.pem`` in the folder of the configuration holds.
    """
    folder = Path(tempfile.mkdtemp(prefix="rctango-postfix-", dir="/tmp"))
    folder.chmod(0o755)
    host, port = _own_address(), next(_ports)
    _write(folder, settings, f"{host}:{port}")
    (folder / "etc" / "both.pem").write_bytes(certificate)
    with (folder / "stderr").open("wb") as stderr:
        master = subprocess.Popen(  # noqa: S603 - our own words
            (MASTER, "-d", "-c", folder / "etc"), stderr=stderr, start_new_session=True
        )
    try:
        _wait_for(host, port, folder, master)
        yield Instance(host, port, folder / "log")
    finally:
        master.terminate()
        master.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _own_address() -> str:
    """An address of 127.128.0.0/9 that follows from the number of this process."""
    high, middle, low = (os.getpid() + (1 << 23)).to_bytes(3, "big")
    return f"127.{high}.{middle}.{low}"


_ports: Final = iter(range(10_025, 20_000))


def _write(folder: Path, settings: str, place: str) -> None:
    etc, queue, data = folder / "etc", folder / "queue", folder / "data"
    for path in (etc, queue, data, queue / "pid"):
        path.mkdir()
    for name, mode in QUEUES.items():
        (queue / name).mkdir()
        (queue / name).chmod(mode)
        shutil.chown(queue / name, "postfix", "postdrop")
    shutil.chown(data, "postfix")
    (etc / "main.cf").write_text(
        f"{COMMON}queue_directory = {queue}\ndata_directory = {data}\n"
        f"maillog_file = {folder}/log\n{settings}"
    )
    (etc / "master.cf").write_text(f"{place} inet n - n - - smtpd\n{SERVICES}")
    for name in ("main.cf", "master.cf"):  # Postfix waits until they are some seconds old
        os.utime(etc / name, (0, 0))


def _wait_for(host: str, port: int, folder: Path, master: subprocess.Popen[bytes]) -> None:
    """Wait until it listens and writes its log.

    Before somebody reads its log messages, only a few of them find room, and who waits for room may
    be ``master``, which has yet to start the reader.
    """
    until = time.monotonic() + 10
    is_up = False
    while time.monotonic() < until and master.poll() is None:
        if not is_up:
            with suppress(OSError), socket.create_connection((host, port), 1):
                is_up = True
        elif (folder / "log").exists():
            return
        time.sleep(0.01)
    said = "".join(one.read_text() for one in (folder / "stderr", folder / "log") if one.exists())
    what = "writes no log" if is_up else "does not listen"
    raise RuntimeError(f"Postfix {what} on {host}:{port}: {said[-2000:]}")
