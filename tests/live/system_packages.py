"""Install the servers that the live tests talk to, where that is possible.

As root on Debian or Ubuntu the missing ones are installed; anywhere else nothing is done, and the
tests that need them skip with the name of the package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = {
    "default-jre-headless": ("java",),
    "libnet-ssleay-perl": ("/usr/share/doc/libnet-ssleay-perl/copyright",),
    "postfix": ("/usr/lib/postfix/sbin/master",),
    "swaks": ("swaks",),
}
"""Debian packages, and the programs or files by which it is known whether they are there."""

ANSWERS = {"postfix": "postfix postfix/main_mailer_type select No configuration\n"}
"""What packages ask when they are installed: Postfix shall not become this machine's mail server.

Without a configuration its service does not start; the tests start their own instances.
"""


def missing() -> list[str]:
    """The packages whose programs are not there."""
    return [package for package, programs in NEEDED.items() if not any(map(_is_there, programs))]


def _is_there(program: str) -> bool:
    return shutil.which(program) is not None or Path(program).is_file()


def _answer_beforehand(wanted: list[str]) -> None:
    answers = "".join(ANSWERS.get(package, "") for package in wanted)
    program = shutil.which("debconf-set-selections")
    if answers and program is not None:
        subprocess.run((program,), input=answers, text=True, check=False)  # noqa: S603 - our words


def main() -> int:
    """Install what is missing; say so where that cannot be done."""
    wanted = missing()
    if not wanted:
        return 0
    apt = shutil.which("apt-get")
    if apt is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        sys.stderr.write(f"not installed: {', '.join(wanted)}; their tests will be skipped\n")
        return 0
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _answer_beforehand(wanted)
    for arguments in (
        ("update", "-qq"),
        ("install", "-qq", "--yes", "--no-install-recommends", *wanted),
    ):
        done = subprocess.run(  # noqa: S603 - apt-get with our own words
            (apt, *arguments), env=environment, stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            sys.stderr.write(f"apt-get {arguments[0]} failed; tests that need it will be skipped\n")
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
