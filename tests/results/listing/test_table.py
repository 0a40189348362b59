import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from lighter.results.listing.listed_run import ListedRun, read_runs
from lighter.results.listing.table import as_csv, as_json, plain_lines, rich_table
from lighter.results.reading.monitored import Monitored

F1 = {"monitored": {"name": "val/f1", "mode": "max"}}


@pytest.fixture
def runs(run: Callable[..., Path]) -> list[ListedRun]:
    run("runs/digits/2026-01-01_12-00-00", metrics={"val/loss/epoch": [0.123456789]}, minutes=1)
    run(
        "runs/mine",
        results=F1,
        state="failed",
        metrics={"val/f1": [0.5], "val/loss/epoch": [2]},
        ended="2026-01-02T13:00:00Z",
    )
    return read_runs(Path("runs"))


def test_lines_stand_in_columns_and_tell_what_the_value_is_of(runs: list[ListedRun]) -> None:
    titles, *lines = (line.split() for line in plain_lines(runs).splitlines())
    assert titles == ["config", "status", "start", "duration", "best", "of", "folder"]
    assert lines[0][:2] + lines[0][4:] == [
        *("digits", "finished", "1:00", "0.12346", "val/loss/epoch", "runs/digits/2026-01-01_12-00-00"),
    ]
    assert lines[1][:2] + lines[1][4:] == ["mine", "failed", "25:00:00", "0.5", "val/f1", "runs/mine"]
    written = plain_lines(runs)
    assert "\t" not in written
    assert {
        line.index(word) for line, word in zip(written.splitlines(), ("folder", "runs/", "runs/"), strict=True)
    } == {written.splitlines()[0].index("folder")}


def test_one_metric_for_all_is_the_title(runs: list[ListedRun]) -> None:
    lines = plain_lines(runs, Monitored()).splitlines()
    assert lines[0].split()[4:] == ["best", "val/loss/epoch", "folder"]
    assert lines[2].split()[-2:] == ["2", "runs/mine"]


def test_what_is_not_known_is_left_blank(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "status.json").write_text("{}")
    runs = read_runs(tmp_path)
    assert plain_lines(runs).splitlines()[1].split()[:2] == ["old", "unknown"]
    assert json.loads(as_json(runs)) == [
        {
            "config": "old",
            "status": "unknown",
            "later": "",
            "lost": "",
            "unreadable": "status.json cannot be read: no run has written it",
            "start": None,
            "seconds": None,
            "metric": "val/loss/epoch",
            "value": None,
            "folder": str(tmp_path / "old"),
        }
    ]


def test_other_programs_get_the_same(runs: list[ListedRun]) -> None:
    told = json.loads(as_json(runs))
    assert [(one["config"], one["seconds"], one["value"]) for one in told] == [
        ("digits", 60.0, 0.123456789),
        ("mine", 90_000.0, 0.5),
    ]
    assert told[0]["start"] == "2026-01-01T12:00:00+00:00"
    rows = list(csv.DictReader(io.StringIO(as_csv(runs, Monitored()))))
    assert [(one["metric"], one["value"]) for one in rows] == [
        ("val/loss/epoch", "0.123456789"),
        ("val/loss/epoch", "2.0"),
    ]
    assert json.loads(as_json([])) == []
    assert as_csv([]).splitlines() == ["config,status,later,lost,unreadable,start,seconds,metric,value,folder"]


def printed(runs: list[ListedRun], width: int) -> str:
    text = io.StringIO()
    console = Console(file=text, width=width, force_terminal=True, color_system="standard")
    console.print(rich_table(runs, width=width))
    return text.getvalue()


def test_a_terminal_gets_a_table(runs: list[ListedRun]) -> None:
    assert "\x1b[31mfailed" in printed(runs, 150)
    assert "runs/digits/2026-01-01_12-00-00" in printed(runs, 150)


def test_on_a_narrow_terminal_a_note_takes_lines_and_a_folder_stays_whole(run: Callable[..., Path]) -> None:
    run("runs/digits/2026-01-01_12-00-00", state="failed", metrics={"val/loss/epoch": [0.5, float("nan")]})
    note = "failed (val/loss/epoch is nan at step"
    assert note in printed(read_runs(Path("runs")), 150)
    narrow = printed(read_runs(Path("runs")), 100)
    assert note not in narrow
    assert "runs/digits/2026-01-01_12-00-00" in narrow


def test_on_one_that_is_too_narrow_nothing_is_cut(runs: list[ListedRun]) -> None:
    lines = re.sub(r"\x1b\[\d+m", "", printed(runs, 60)).splitlines()
    assert max(map(len, lines)) <= 60
    assert "2026-01-01_12-00-00" in "".join(line[49:].strip() for line in lines)


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_text_is_a_formula_to_a_spreadsheet(run: Callable[..., Path], name: str) -> None:
    run("runs/a", results={"monitored": {"name": name, "mode": "min"}}, metrics={"val/loss/epoch": [-0.5]})
    runs = read_runs(Path("runs"))
    row = next(csv.DictReader(io.StringIO(as_csv(runs, Monitored("val/loss/epoch")), newline="")))
    assert row["value"] == "-0.5"  # a number is one
    row = next(csv.DictReader(io.StringIO(as_csv(runs), newline="")))
    assert row["metric"] == f"'{name}"
    assert json.loads(as_json(runs))[0]["metric"] == name


def test_a_name_cannot_move_the_cursor(run: Callable[..., Path]) -> None:
    run("runs/a\x1b]0;title\x07b", results=F1, metrics={"val/f1": [0.5]})
    assert plain_lines(read_runs(Path("runs"))).splitlines()[1].endswith(r"runs/a\x1b]0;title\x07b")
