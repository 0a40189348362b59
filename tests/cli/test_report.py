from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.cli import main
from lighter.runs.whole_files import write_whole

METRICS = "epoch,step,val/loss/epoch\n0,9,0.5\n"


@pytest.fixture(autouse=True)
def _runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("digits/2026-01-31_12-00-00", "digits/2026-02-01_12-00-00", "series/one", "series/two"):
        write_whole(Path("runs", name, "config.yaml"), "seed: 1\n")
        write_whole(Path("runs", name, "metrics.csv"), METRICS)
    write_whole(Path("runs/series/summary.json"), "[]")
    Path("runs/empty").mkdir()


def report(*words: str) -> None:
    main(["report", *words])


@pytest.mark.parametrize("run", ["runs/series/one", "runs/series/one/", "runs/series/one/config.yaml"])
def test_the_report_of_a_run_lies_in_its_folder(capsys: pytest.CaptureFixture[str], run: str) -> None:
    report(run)
    assert capsys.readouterr().out == "report: runs/series/one/report.html\n"
    assert "<title>one - Lighter report</title>" in Path("runs/series/one/report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("runs", "title"),
    [
        (["runs/series/one", "runs/digits/2026-01-31_12-00-00"], "2 runs compared"),
        (["runs/series", "runs/series/one", "./runs/series/two"], "2 runs compared"),
    ],
)
def test_that_of_several_lies_here(capsys: pytest.CaptureFixture[str], runs: list[str], title: str) -> None:
    report(*runs)
    assert capsys.readouterr().out == "report: report.html\n"
    assert f"<title>{title} - Lighter report</title>" in Path("report.html").read_text(encoding="utf-8")


def test_that_of_a_series_lies_in_its_folder(capsys: pytest.CaptureFixture[str]) -> None:
    report("runs/series")
    assert capsys.readouterr().out == "report: runs/series/report.html\n"
    assert "<title>2 runs compared" in Path("runs/series/report.html").read_text(encoding="utf-8")


def test_it_is_written_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    report("runs/series/one", "--out=new/folder/look.html")
    assert capsys.readouterr().out == "report: new/folder/look.html\n"
    assert Path("new/folder/look.html").stat().st_size > 1000
    assert not Path("runs/series/one/report.html").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "'lighter report' needs the folder of a run: lighter report runs/config/..."),
        (["runs/seris/one"], "there is no run 'runs/seris/one'"),
        (["runs/series/onee"], "there is no run 'runs/series/onee': 'runs/series' has no 'onee'; did you mean 'one'?"),
        (["runs/digits"], "'runs/digits' is not the folder of a run; did you mean 'runs/digits/2026-02-01_12-00-00'?"),
        (["runs/empty"], "'runs/empty' is not the folder of a run; it has no 'config.yaml'; 'lighter fit' makes one"),
        (["runs/series/one", "--out=runs"], "'runs' is a folder; write a file, such as --out=runs/report.html"),
        (["runs/series/one", "--output=a.html"], "'lighter report' has no flag '--output'; did you mean '--out'?"),
    ],
)
def test_a_mistake_is_told_and_nothing_written(capsys: pytest.CaptureFixture[str], words: list[str], told: str) -> None:
    with pytest.raises(SystemExit) as ended:
        report(*words)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
    assert list(Path().rglob("*.html")) == []


def test_nothing_heavy_is_loaded(loaded: Callable[..., tuple[int, set[str]]]) -> None:
    assert loaded("report", "runs/series/one") == (0, set())
