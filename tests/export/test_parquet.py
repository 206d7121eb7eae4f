"""Parquet, read by DuckDB, which has a reader of its own."""

from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from tests.export.golden import hold
from tracker.export import FORMATS
from tracker.export.results import Results


@pytest.fixture(scope="module")
def table(golden: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parquet") / "results.parquet"
    path.write_bytes(FORMATS["parquet"](golden))
    return path


def ask(question: str, table: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as database:
        return database.sql(question.replace("TABLE", f"'{table}'")).fetchall()


_IN_MS = """list_transform(splits, lambda split: {
    'checkpoint': split.checkpoint, 'name': split.name, 'km': split.km, 'in': epoch_ms(split."in"), 'out': epoch_ms(split."out")
})"""
"""As a moment is shown depends on where the reader stands; its milliseconds do not."""


def test_the_table_is_as_it_was(table: Path) -> None:
    types = {name: kind for name, kind, *_ in ask("describe select * from TABLE", table)}
    rows = [orjson.loads(row) for (row,) in ask(f"select to_json(t) from (select * replace ({_IN_MS} as splits) from TABLE) t", table)]
    hold("parquet.json", orjson.dumps({"types": types, "rows": rows}, option=orjson.OPT_INDENT_2))


def test_splits_are_moments_that_can_be_counted_with(table: Path) -> None:
    question = "select bib, split.checkpoint, epoch_ms(split.in) from (select bib, unnest(splits) as split from TABLE where bib = '1')"
    assert ask(question, table) == [
        ("1", "start", 1_656_129_610_000),
        ("1", "col", 1_656_135_000_000),
        ("1", "hut", 1_656_140_400_400),
        ("1", "finish", 1_656_145_815_700),
    ]


def test_there_is_a_row_for_every_starter_and_the_roster_s_own_columns_are_a_map(table: Path) -> None:
    assert ask("select count(*), count(rank), min(elapsed_ms) from TABLE where status = 'finished'", table) == [(5, 5, 16_215_700)]
    assert ask("select extra['city'] from TABLE where bib = '1'", table) == [("Chaumièreville",)]


def test_the_provenance_is_in_the_metadata(table: Path, golden: Results) -> None:
    said = {key.decode(): value.decode() for key, value in ask("select key, value from parquet_kv_metadata(TABLE)", table)}
    assert golden.made().items() <= said.items()
    assert said["event"] == "hill"
