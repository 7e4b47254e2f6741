from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from rctango import rules
from rctango.rules import CATALOGUE, Need, Rule

FOLDER = Path(rules.__file__).parent
TESTS = Path(__file__).parents[1] / "rules"
NAMES = [one.name for one in CATALOGUE]
SIDES = ("test_fires_", "test_near_miss_", "test_not_assessed_")
OTHER_TESTS = {"test_article_script.py", "test_incidents.py"}

each_rule = pytest.mark.parametrize("rule", CATALOGUE, ids=NAMES)
each_file = pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.py")), ids=lambda path: str(path.name)
)


def file_of(name: str) -> Path:
    return FOLDER / f"{name.replace('-', '_')}.py"


def test_the_catalogue_is_sorted_and_has_every_file_of_the_folder() -> None:
    assert sorted(set(NAMES)) == NAMES
    files = {path.name for path in FOLDER.glob("[!_]*.py")}
    assert {file_of(name).name for name in NAMES} == files


def test_every_test_file_belongs_to_a_rule() -> None:
    files = {path.name for path in TESTS.glob("test_*.py")}
    assert {f"test_{file_of(name).name}" for name in NAMES} == files - OTHER_TESTS


@each_rule
def test_names_are_in_kebab_case(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)


@each_rule
def test_every_rule_has_tests_of_all_three_sides(rule: Rule) -> None:
    text = (TESTS / f"test_{file_of(rule.name).name}").read_text(encoding="utf-8")
    tree = ast.parse(text)
    tests = [one.name for one in tree.body if isinstance(one, ast.FunctionDef)]
    for side in SIDES:
        assert any(name.startswith(side) for name in tests), side
    assert not [name for name in tests if name.startswith("test_") and not name.startswith(SIDES)]
    assert f'NAME = "{rule.name}"' in text


@each_rule
def test_every_rule_explains_itself_and_cites_public_pages(rule: Rule) -> None:
    assert rule.sources
    assert all(re.fullmatch(r"https://[a-z.]+/\S+", source) for source in rule.sources)
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.explanation.strip().count("\n") >= 2
    assert rule.needs
    assert len(set(rule.needs)) == len(rule.needs)


def test_every_kind_of_facts_is_needed_by_some_rule() -> None:
    assert {need for rule in CATALOGUE for need in rule.needs} == set(Need)


@each_file
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 150


@each_file
def test_no_rule_knows_another_rule(path: Path) -> None:
    if path.name != "__init__.py":
        text = path.read_text(encoding="utf-8")
        modules = re.findall(r"^\s*from rctango\.rules(\S*) import (\w+)", text, re.MULTILINE)
        assert all(f"{module}.{name}".lstrip(".").startswith("_") for module, name in modules)
