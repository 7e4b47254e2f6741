"""What no linter checks: sizes, layers inside the rules, and words that stay out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
RULES = sorted((ROOT / "src/rctango/rules").glob("[a-z]*.py"))
LONGEST_MODULE = 500
LONGEST_FUNCTION = 60


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_modules_and_functions_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_MODULE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body:
                size = (body[-1].end_lineno or 0) - body[0].lineno + 1
                assert size <= LONGEST_FUNCTION, node.name


@pytest.mark.parametrize("path", RULES, ids=label)
def test_no_rule_imports_another_rule(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rctango.rules."):
            assert (node.module or "").rpartition(".")[2].startswith("_")


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_one_broad_except_in_the_core_and_one_at_the_edge(path: Path) -> None:
    allowed = {"src/rctango/audit.py", "src/rctango/cli/__init__.py"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            names = {one.id for one in ast.walk(node.type or node) if isinstance(one, ast.Name)}
            broad = node.type is None or names & {"Exception", "BaseException"}
            assert not broad or label(path) in allowed


@pytest.mark.parametrize("path", sorted((ROOT / "src/rctango/model").glob("*.py")), ids=label)
def test_the_model_is_frozen_slotted_and_keyword_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            decorators = [ast.unparse(one) for one in node.decorator_list]
            plain = any(ast.unparse(base).endswith(("Enum", "Flag")) for base in node.bases)
            options = {"frozen=True", "slots=True", "kw_only=True"}
            assert plain or any(
                one.startswith("dataclass") and all(option in one for option in options)
                for one in decorators
            ), node.name


def test_documents_link_to_files_that_exist() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith(("https://", "http://", "#")):
                assert (page.parent / target.partition("#")[0]).exists(), f"{page}: {target}"
