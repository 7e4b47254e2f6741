"""What no linter checks: sizes, layers inside the rules, and words that stay out."""

from __future__ import annotations

import ast
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
