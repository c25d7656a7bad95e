"""Every question to the lake: its header is its schema, and the text is sound SQL."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from data import queries
from tests import lakes

FILES = sorted(queries.FOLDER.glob("*.sql"))
# A value of each kind of parameter that a question may take.
PARAMETERS = {
    "event_time": lakes.NOW,
    "known_time": lakes.NOW,
    "since": lakes.NOW - timedelta(days=2),
    "until": lakes.NOW,
    "alarm_id": "gate_level:manggarai",
    "area": "31",
    "category": None,
    "channel": None,
    "coordinate_h": None,
    "cut": lakes.NOW.date(),
    "excluded": [],
    "flood_days": [],
    "level": "kelurahan",
    "agency": None,
    "bucket": "month",
    "measure": "received",
    "place": "31",
    "places": ["31"],
    "camera_id": "cam-1",
    "camera_ids": ["cam-1"],
    "closed": None,
    "complaint_id": "JK2603110001",
    "complaint_ids": ["JK2603110001"],
    "due_before": None,
    "edge": None,
    "edge_id": None,
    "late": False,
    "offices": None,
    "oldest_first": False,
    "reopened": False,
    "state": None,
    "corridor": "K001",
    "corridors": ["K001"],
    "feed": "dsda_levels",
    "reason": "above",
    "resolve_h": None,
    "field": "level",
    "kind": None,
    "layer": "halte",
    "officer_id": "1",
    "moments": [lakes.NOW],
    "troubled": False,
    "within_m": 2000.0,
    "text": "manggarai",
    "words": ["manggarai"],
    "most": 10,
    "skip": 0,
    "lat": -6.18,
    "lon": 106.82,
    "step_s": 60,
    "within_days": 14.0,
    "near_m": 50.0,
    "near_km": 2.0,
    "least_mm": 5.0,
    "bound": 25.0,
    "simulated": True,
    "station": "31",
    "after_min": 30.0,
    "silent_min": 180.0,
    "floor_s": 600.0,
    "last_minutes": 20.0,
    "least_share": 0.05,
    "station_id": "manggarai",
    "unit": "31.71.01.1001",
}
COLUMN = re.compile(r"-- (\w+) {2,}([a-z][\w ()\[\]]*?)(?: {2,}.*)?\Z")
SHORT = {"timestamptz": "timestamp with time zone", "text": "varchar", "int": "integer"}


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    lake = lakes.empty_lake(tmp_path_factory.mktemp("empty"))
    yield lake
    lake.close()


def header(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return lines[: next(i for i, line in enumerate(lines) if not line.startswith("--"))]


def columns(path: Path) -> list[tuple[str, str]]:
    """Return name and type of each column that the header tells of, in order."""
    lines = header(path)
    start = next(i for i, line in enumerate(lines) if line.startswith("-- reads"))
    found = [COLUMN.match(line) for line in lines[start + 1 :]]
    return [(match[1], SHORT.get(match[2], match[2])) for match in found if match]


def parameters(path: Path) -> set[str]:
    return set(re.findall(r"\$(\w+)", queries.sql(path.stem)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_header_names_the_question_its_grain_and_the_tables_that_it_reads(path):
    first, *rest = header(path)
    assert re.match(rf"-- {path.stem}: \S.+", first)
    assert any(line.startswith("-- grain  ") for line in rest)
    told = next(line for line in rest if line.startswith("-- reads"))
    tree = sqlglot.parse_one(queries.sql(path.stem), dialect="duckdb")
    defined = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    read = {table.name for table in tree.find_all(exp.Table) if not table.db and table.name}
    listed = set(re.findall(r"[a-z]\w+", told.removeprefix("-- reads")))
    assert read - defined == (set() if told.startswith("-- reads  nothing") else listed)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_header_lists_the_columns_that_come_back(path, lake):
    wanted = parameters(path)
    assert wanted <= PARAMETERS.keys(), f"give PARAMETERS a value of {wanted - PARAMETERS.keys()}"
    sql = queries.sql(path.stem)
    described = lake.rows(f"describe {sql}", **{name: PARAMETERS[name] for name in wanted})
    actual = [(row["column_name"], row["column_type"].lower()) for row in described]
    assert columns(path) == actual


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_empty_lake_is_an_answer(path, lake):
    wanted = {name: PARAMETERS[name] for name in parameters(path)}
    assert isinstance(queries.run(lake, path.stem, **wanted), list)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_question_is_reached_through_a_function(path):
    source = Path(queries.__file__).read_text(encoding="utf-8")
    assert f'"{path.stem}"' in source
