"""A file of a run that cannot be read is named with its reason, and everything else is read all the same."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lighter.results.listing.listed_run import read_runs
from lighter.results.listing.table import as_csv, as_json, plain_lines
from lighter.results.reading.unreadable import unreadable
from lighter.results.report.page import write_reports
from lighter.runs.folder import RunDirectory

STATUS: dict[str, Any] = {"stage": "fit", "state": "finished", "error": None, "host": "h", "pid": 1}
FILES = {
    "status.json": json.dumps({**STATUS, "started": "2026-01-01T00:00:00+00:00", "ended": "2026-01-01T00:01:00+00:00"}),
    "config.yaml": "vars: {a: 1}\n",
    "results.json": json.dumps({"fit": {"val/loss/epoch": 0.1}, "checkpoints": {"best": "checkpoints/best.ckpt"}}),
    "environment.json": json.dumps({"config": "x", "seed": 1, "sources": ["c.yaml"]}),
    "trackers.json": "{}",
    "metrics.csv": "epoch,step,val/loss/epoch\n0,1,0.5\n",
    "log.txt": "2026-01-01 00:00:00,000 INFO lighter: hello\n",
}
JSON = [name for name in FILES if name.endswith("json")]
CONTENTS = {
    "empty": b"",
    "cut": b'{"stage": "fi',
    "a list": b"[1, 2]",
    "deep": b'{"a":' * 200_000,
    "no text": b"\xff\xfe\x00\x80",
}
FOREIGN: dict[str, dict[str, Any]] = {
    "other shapes": {
        **{key: [1] for key in ["fit", "checkpoints", "earlier", "sources", "config", "packages", "later"]},
        "monitored": 5,
        "best": "x",
        "seed": "x",
        "stage": "fit",
        "state": "running",
        "started": "x",
    },
    "no zone": {**STATUS, "started": "2026-01-01T00:00:00", "ended": "2026-01-01T00:00:01", "pid": 10**30},
    "year 1": {**STATUS, "started": "0001-01-01T00:00:00", "ended": None},
    "no character": {"config": "\ud800", "fit": {"\ud800/loss": 1.0}},
}


def run_folder(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def put_special(path: Path, kind: str) -> None:
    path.unlink()
    make: dict[str, Callable[[], None]] = {
        "a folder": path.mkdir,
        "a pipe": lambda: os.mkfifo(path),
        "a link": lambda: path.symlink_to("/etc/hostname"),
        "a circle": lambda: path.symlink_to(path.name),
        "without end": lambda: path.symlink_to("/dev/zero"),
    }
    make[kind]()


def read_all(root: Path) -> str:
    """All readers, over all runs below a folder; gives the listing."""
    runs = read_runs(root)
    write_reports([RunDirectory(run.folder) for run in runs], root / "report.html")
    assert json.loads(as_json(runs))
    assert as_csv(runs)
    return plain_lines(runs)


def test_a_run_that_is_well_has_nothing_to_tell(tmp_path: Path) -> None:
    assert unreadable(run_folder(tmp_path / "a")) == []


def test_broken_records_are_named_with_the_reason(tmp_path: Path) -> None:
    for name in JSON:
        for kind, content in CONTENTS.items():
            folder = run_folder(tmp_path / f"{name}, {kind}")
            (folder / name).write_bytes(content)
            assert unreadable(folder)[0].startswith(f"{name} cannot be read: it ")
    listed = read_all(tmp_path)
    assert listed.count("cannot be read") == len(JSON) * len(CONTENTS) == listed.count("finished")


def test_what_is_no_file_is_named_and_neither_followed_nor_waited_for(tmp_path: Path) -> None:
    kinds = ["a folder", "a pipe", "a link", "a circle", "without end"]
    for name in FILES:
        for kind in kinds:
            put_special(run_folder(tmp_path / f"{name}, {kind}") / name, kind)
    listed = read_all(tmp_path)
    assert listed.count("cannot be read") == len(FILES) * len(kinds)
    assert Path("/etc/hostname").read_text().strip() not in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("name", JSON)
def test_foreign_records_stop_nothing(tmp_path: Path, name: str) -> None:
    for kind, content in FOREIGN.items():
        (run_folder(tmp_path / kind) / name).write_text(json.dumps(content))
    assert len(read_all(tmp_path).splitlines()) == 1 + len(FOREIGN)


@pytest.mark.parametrize("name", JSON)
def test_a_number_that_no_machine_reckons_with_stops_nothing(tmp_path: Path, name: str) -> None:
    (run_folder(tmp_path / "run") / name).write_bytes(b'{"seed": ' + b"9" * 6000 + b"}")
    assert len(read_all(tmp_path).splitlines()) == 2


def test_a_time_without_zone_is_of_this_machine(tmp_path: Path) -> None:
    (run_folder(tmp_path / "a") / "status.json").write_text(json.dumps({**FOREIGN["no zone"], "pid": 1}))
    run = read_runs(tmp_path)[0]
    assert run.started is not None
    assert f"{run.started:%H:%M:%S}" == "00:00:00"
    assert run.outcome.seconds == 1


def test_a_folder_whose_name_is_no_text_is_listed(tmp_path: Path) -> None:
    run_folder(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")))
    assert "finished" in read_all(tmp_path)
