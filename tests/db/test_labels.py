"""`wirewatch labels`: a sample is drawn by chance and weighed, and what people say of it judges recall."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import database
from pipeline.cli import app
from pipeline.settings import Settings
from tests.support import labelled_rows
from tests.support.recorded import TOPIC


@pytest.fixture
def told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> labelled_rows.World:
    monkeypatch.setenv("WIREWATCH_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("WIREWATCH_HOME", str(settings.home))
    return labelled_rows.fill(settings)


def call(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["labels", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def drawn(*options: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(call("sample", TOPIC, "2024-06-18", "2024-06-20", *options))))


def test_half_of_a_sample_was_found_and_it_stands_for_all(told: labelled_rows.World) -> None:
    rows = drawn("--size", "40")
    found = [row for row in rows if row["url"] in told.found]
    assert (len(rows), len(found)) == (40, 20)
    with database.connect(told.settings) as connection:
        total = connection.execute(
            "SELECT count(*) AS n FROM wirewatch.entries_of_days(%s, '2024-06-18', '2024-06-20')", (TOPIC,)
        ).fetchone()
    assert total is not None
    assert sum(float(row["weight"]) for row in rows) == pytest.approx(total["n"], abs=0.01)
    assert drawn("--size", "40") == rows
    assert drawn("--size", "40", "--seed", "2") != rows


def test_a_filled_sample_estimates_the_recall_of_all(told: labelled_rows.World, tmp_path: Path) -> None:
    rows = drawn("--size", "120")
    for row in rows:
        row["on_topic"] = "yes" if told.labels[row["url"]].on_topic else "no"
    rows[0]["on_topic"] = ""  # nobody has said anything of it yet
    file = tmp_path / "sample.csv"
    with file.open("w", newline="") as handle:
        written = csv.DictWriter(handle, rows[0])
        written.writeheader()
        written.writerows(rows)
    call("load", TOPIC, str(file), "--as", "Vera")
    with database.connect(told.settings) as connection:
        found = connection.execute("SELECT * FROM wirewatch.recall(%s)", (TOPIC,)).fetchall()
        kept = connection.execute("SELECT count(*) AS n, min(labelled_by) AS by FROM labels").fetchone()
    assert kept == {"n": 119, "by": "Vera"}
    days = [label for label in told.labels.values() if label.on_topic and label.url in told.found | told.missed]
    truth = sum(label.url in told.found for label in days) / len(days)
    (row,) = (row for row in found if row["measure"] == "recall: in a story")
    assert float(row["low"]) <= truth <= float(row["high"])
    assert float(row["share"]) == pytest.approx(truth, abs=0.05)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "url,verdict\nx,yes\n", "no column on_topic"),
        ("a.csv", "url,on_topic\nhttps://a.example/,perhaps\n", "a.csv:2: needs an address"),
        ("a.csv", "url,on_topic,weight\nhttps://a.example/,yes,0\n", "a.csv:2: weight must be above 0"),
        ("a.jsonl", "{}\n[]\n", "a.jsonl:2: no object"),
        ("a.jsonl", "{\n", "a.jsonl:1: no JSON"),
    ],
)
def test_a_file_that_says_nothing_clear_is_one_line(
    newsroom: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, text: str, said: str
) -> None:
    monkeypatch.setenv("WIREWATCH_DATABASE_URL", newsroom.database_url)
    file = tmp_path / name
    file.write_text(text)
    done = CliRunner().invoke(app, ["labels", "load", TOPIC, str(file)])
    assert said in str(done.exception)
    with database.connect(newsroom) as connection:
        assert connection.execute("SELECT 1 FROM labels").fetchall() == []
