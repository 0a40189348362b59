import subprocess
import sys
from pathlib import Path

from lighter.results.report.writing import write_report, write_reports
from lighter.runs.folder import RunDirectory
from lighter.runs.runner import Runner


def test_a_report_of_a_real_run(line: Path) -> None:
    runner = Runner("config.yaml", "system::optimizer::lr=0.05", run_dir="runs/one")
    run = runner.fit().run
    runner.test()
    path = write_report(run)
    assert path == Path("runs/one/report.html")
    text = path.read_text(encoding="utf-8")
    for told in ("Best while training", "command line", "finished", "train loss", "MeanAbsoluteError", "val error"):
        assert told in text
    assert [one.name for one in path.parent.glob(".*html*")] == []


def test_several_runs_in_one_file(make_run, tmp_path: Path) -> None:
    runs = [RunDirectory(make_run(name, **{"config.yaml": f"seed: 4{name}2\n"})) for name in ("a", "b")]
    text = write_reports(runs, tmp_path / "new" / "both.html").read_text(encoding="utf-8")
    assert all(told in text for told in ("2 runs compared", "4a2", "4b2", "runs/a", "runs/b"))


def test_a_report_takes_the_place_of_an_earlier_one(make_run) -> None:
    run = RunDirectory(make_run())
    (run.path / "report.html").write_text("old")
    assert write_report(run).read_text(encoding="utf-8") != "old"


def test_nothing_heavy_is_imported(make_run) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from lighter.results.report.writing import write_report\nfrom lighter.runs.folder import RunDirectory\n"
        f"write_report(RunDirectory(Path({str(make_run())!r})))\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"plotly", "torch", "numpy", "pytorch_lightning", "pandas", "jinja2", "rich", "PIL"}
    assert heavy & set(done.stdout.split()) == set()
