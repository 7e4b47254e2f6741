from __future__ import annotations

import csv
import io

from rctango.report.tables import map_csv, map_markdown, matrix_csv, matrix_markdown
from unit.report import samples
from unit.report.golden import compare


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_map_golden() -> None:
    compare("map.csv", map_csv(samples.coverages()))
    compare("map.md", map_markdown(samples.coverages()))


def test_matrix_golden() -> None:
    compare("matrix.csv", matrix_csv(samples.flows()))
    compare("matrix.md", matrix_markdown(samples.flows()))


def test_hostile_golden() -> None:
    compare("hostile-map.csv", map_csv(samples.hostile_coverages()))
    compare("hostile-map.md", map_markdown(samples.hostile_coverages()))
    compare("hostile-matrix.csv", matrix_csv(samples.hostile_flows()))
    compare("hostile-matrix.md", matrix_markdown(samples.hostile_flows()))


def test_every_row_has_every_column() -> None:
    for text in (map_csv(samples.hostile_coverages()), matrix_csv(samples.hostile_flows())):
        rows = cells(text)
        assert "\r" not in text
        assert {len(row) for row in rows} == {len(rows[0])}


def test_no_cell_is_a_formula() -> None:
    for text in (map_csv(samples.hostile_coverages()), matrix_csv(samples.hostile_flows())):
        for row in cells(text):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_sizes_are_exact() -> None:
    assert cells(map_csv(samples.coverages()))[-1][6] == str(2**128)


def test_nothing_to_show() -> None:
    assert map_csv(()).startswith("server,role,")
    assert map_markdown(()) == ""
    assert matrix_markdown(()).count("\n") == 2
