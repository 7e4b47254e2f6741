from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pytest

from rctango.demo.plan import Plan
from rctango.demo.write import write
from unit.demo.reader import Session, sessions

if TYPE_CHECKING:
    from pathlib import Path

    from rctango.demo.truth import Truth


@dataclass
class Demo:
    folder: Path
    plan: Plan
    truth: Truth

    @cached_property
    def sessions(self) -> list[Session]:
        return sessions(self.folder / "logs")


SMALL = Plan(size=1, roll=60_000)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The smallest logs there are, whose files roll early."""
    folder = tmp_path_factory.mktemp("demo")
    return Demo(folder=folder, plan=SMALL, truth=write(folder, SMALL))
