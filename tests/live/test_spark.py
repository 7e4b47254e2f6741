"""The Spark engine on two local cores, against the embedded engine on the same files."""

from __future__ import annotations

import gzip
import os
import shutil
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from rctango.demo.organisation import ACCEPTED
from rctango.demo.plan import Plan
from rctango.demo.write import write
from rctango.errors import RctangoError
from rctango.traffic import answers
from rctango.traffic.engines import DuckDBEngine, connect_spark
from rctango.traffic.ledger import Ledger
from rctango.traffic.logfiles import find
from rctango.traffic.planning import make_plan
from rctango.traffic.queries import Asked, Question
from rctango.traffic.reading import read_logs
from rctango.traffic.schema import SESSION_COLUMNS
from rctango.traffic.spread import assign
from rctango.traffic.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rctango.demo.truth import Truth
    from rctango.traffic.spark import SparkEngine

JAVA = shutil.which("java", path=str(Path(os.environ.get("JAVA_HOME", "")) / "bin")) or (
    None if "JAVA_HOME" in os.environ else shutil.which("java")
)
pytestmark = pytest.mark.skipif(
    JAVA is None, reason="no Java: install openjdk-17-jre-headless to test the Spark engine"
)
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
PLAN = Plan(seed=7, size=1_500_000, days=2, roll=40_000)
DOMAINS = tuple(domain for domain, _ in ACCEPTED)


class Both:
    """The same logs on both engines."""

    def __init__(self, truth: Truth, store: Store, spark: SparkEngine, folder: Path) -> None:
        self.truth = truth
        self.store = store
        self.embedded = DuckDBEngine(store.connection)
        self.spark = spark
        self.folder = folder


def damage(logs: Path) -> None:
    """Some files compressed, one cut short, one without its beginning, one that is no log."""
    files = sorted(logs.rglob("*.LOG"))
    for path in files[::5]:
        path.with_suffix(".LOG.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    packed = files[1]
    with zipfile.ZipFile(packed.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(packed.name, packed.read_bytes())
    packed.unlink()
    files[2].write_bytes(files[2].read_bytes()[:-700])
    files[3].write_bytes(files[3].read_bytes()[5000:])
    files[4].write_bytes(files[4].read_bytes() + b"rubbish\r\n\r\n")
    (logs / "notes.txt").write_bytes(b"no log\r\n")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("spark")
    truth = write(folder / "demo", PLAN)
    damage(folder / "demo")
    paths, spool = [str(folder / "demo")], str(folder)
    tasks = make_plan(find(paths, spool, lambda *_: None), Ledger((), ())).tasks
    with connect_spark("local[2]", str(folder / "facts"), SETTINGS) as engine:
        engine.read(assign(tasks))
        with Store.open(None) as store:
            read_logs(find(paths, spool, lambda *_: None), store, workers=1)
            yield Both(truth, store, engine, folder)


def test_the_facts_are_equal_to_the_row(both: Both) -> None:
    both.store.export_parquet(both.folder / "embedded")
    connection = duckdb.connect()
    for name, source in (("ours", "embedded/sessions"), ("theirs", "facts/sessions/*")):
        path = (both.folder / f"{source}.parquet").as_posix()
        connection.execute(f"CREATE TABLE {name} AS FROM read_parquet('{path}')")
    assert connection.execute("DESCRIBE ours").fetchall() == (
        connection.execute("DESCRIBE theirs").fetchall()
    )
    names = [row[0] for row in connection.execute("DESCRIBE theirs").fetchall()]
    assert tuple(names) == SESSION_COLUMNS
    assert connection.execute("FROM ours EXCEPT ALL FROM theirs").fetchall() == []
    assert connection.execute("FROM theirs EXCEPT ALL FROM ours").fetchall() == []
    (joined,) = connection.execute(
        "SELECT count(*) FROM ours WHERE first_file <> last_file"
    ).fetchall()
    assert joined[0] > 20
    connection.close()


def test_every_line_is_counted_as_there(both: Both) -> None:
    entries = both.store.ledger().entries.values()
    ours = {
        (entry.path, entry.member, entry.number): (entry.counts, entry.problem)
        for entry in entries
        if entry.refusal is None
    }
    theirs = both.spark.files()
    assert len(theirs) == len(ours)
    for file in theirs:
        counts, problem = ours[file["path"], file["member"], file["number"]]
        noise = tuple((one["reason"], one["count"]) for one in file["noise"])
        assert noise == counts.noise
        for name in ("lines", "parsed", "header", "rejected", "unfinished"):
            assert file[name] == getattr(counts, name)
        assert file["problem"] == problem
    assert sum(file["rejected"] for file in theirs) > 0


EVERYTHING = Asked(accepted_domains=DOMAINS)
A_PART = Asked(
    servers=("ex19a", "EX13"),
    since=PLAN.start + timedelta(hours=5),
    until=PLAN.start + timedelta(hours=40),
)


CASES = [
    *((one, EVERYTHING) for one in Question if one is not Question.SESSIONS),
    (Question.SOURCES, A_PART),
    (Question.ANSWERS, A_PART),
    (Question.SEND_FAILURES, A_PART),
    (Question.TOTALS, A_PART),
]


@pytest.mark.parametrize(("question", "asked"), CASES)
def test_every_question_is_answered_alike(both: Both, question: Question, asked: Asked) -> None:
    ours, theirs = both.embedded.rows(question, asked), both.spark.rows(question, asked)
    assert [plain(row) for row in theirs] == [plain(row) for row in ours]
    assert ours


def plain(row: tuple[Any, ...]) -> list[Any]:
    """No list and an empty one mean the same; the engines choose differently."""
    return [
        [list(one.values()) if isinstance(one, dict) else one for one in value or ()]
        if isinstance(value, list) or value is None
        else value
        for value in row
    ]


def test_observations_are_alike(both: Both) -> None:
    asked = replace(A_PART, accepted_domains=DOMAINS)
    found = answers.usage(both.spark, asked)
    assert found == answers.usage(both.embedded, asked)
    assert any(one.foreign_domains for one in found)
    assert answers.periods(both.spark, asked) == answers.periods(both.embedded, asked)


def test_a_session_is_found_in_both(both: Both) -> None:
    example = answers.answers(both.embedded, Asked())[0].example
    asked = Asked(session=example)
    found = answers.find_sessions(both.embedded, asked)
    assert found
    assert answers.find_sessions(both.spark, asked) == found


def test_a_folder_with_facts_is_not_written_again(both: Both) -> None:
    with pytest.raises(RctangoError, match="holds session facts already"):
        both.spark.read([])


def test_a_folder_without_facts_says_so(both: Both) -> None:
    empty = connect_spark("local[2]", str(both.folder / "nothing"), SETTINGS)
    with pytest.raises(RctangoError, match="holds no session facts"):
        empty.rows(Question.TOTALS, Asked())
    with pytest.raises(RctangoError, match="holds no session facts"):
        empty.files()
