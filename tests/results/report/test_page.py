import importlib.util
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from lighter.errors import RunError
from lighter.results.report.page import _logs as logs
from lighter.results.report.page import page, write_report, write_reports
from lighter.runs.folder import RunDirectory
from lighter.runs.runner import Runner

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
ROOT = Path(__file__).parents[3]


def without_plotly(made: bytes) -> str:
    """The page but for the library, which is most of it."""
    start, _, rest = made.partition(b"plotly.js v")
    return (start + rest.partition(b"</script>")[2]).decode()


def test_the_page_is_one_document_that_asks_for_nothing(make_record) -> None:
    text = without_plotly(page([make_record()]))
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert text.endswith("</html>\n")
    assert re.findall(r"""(?:src|href)="(?!#|data:)[^"]*\"""", text) == []
    assert "url(" not in text
    assert "@import" not in text


def test_each_section_has_an_anchor_that_the_head_leads_to(make_record) -> None:
    records = [make_record("a", **{"log.txt": "x\n"}), make_record("b")]
    text = without_plotly(page(records))
    anchors = re.findall(r'<a href="#(\w+)"', text)
    assert anchors == ["curves", "results", "differences", "config", "log"]
    assert re.findall(r'<section id="(\w+)"', text) == anchors


def test_no_text_of_a_run_becomes_markup(make_record) -> None:
    rows = [{"epoch": HOSTILE, "step": 1, f"val/{HOSTILE}/epoch": 1}]
    files = {
        "config.yaml": f"a: '{HOSTILE}'\n",
        "results.json": {"test": {HOSTILE: HOSTILE}, "checkpoints": {HOSTILE: HOSTILE}, "predict": [HOSTILE]},
        "environment.json": {HOSTILE: HOSTILE, "packages": {HOSTILE: HOSTILE}, "later": [{"stage": HOSTILE}]},
        "log.txt": HOSTILE,
        "project.diff": HOSTILE,
        "status.json": None,
    }
    one, two = make_record("one", rows, **files), make_record("two")
    for records in ([one], [one, two]):
        text = without_plotly(page(records))
        assert HOSTILE not in text
        assert "<img" not in text
        assert len(re.findall("<script", text)) == 3  # the data, plotly.js, report.js


def test_a_policy_keeps_all_other_scripts_and_requests_out(make_record) -> None:
    text = without_plotly(page([make_record()]))
    found = re.search(r"default-src &#x27;none&#x27;; script-src &#x27;nonce-(\w+)&#x27;", text)
    assert found is not None
    assert len(re.findall(f'nonce="{found[1]}"', text)) == 3
    assert found[1] not in page([make_record()]).decode()  # of each page its own


def test_without_plotly_it_is_told_what_to_install(make_record, monkeypatch: pytest.MonkeyPatch) -> None:
    record = make_record()
    for found in (None, ModuleSpec("plotly", None, is_package=True)):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name, found=found: found)
        with pytest.raises(RunError, match="write 'pip install plotly'"):
            page([record])


def test_a_page_without_charts_is_small(make_record) -> None:
    assert len(page([make_record(rows=[])])) < 100_000


def test_all_that_is_no_code_comes_with_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = project["tool"]["setuptools"]["package-data"]["lighter"]
    files = [path for path in (ROOT / "lighter").rglob("*.*") if path.is_file() and path.suffix not in {".py", ".pyc"}]
    kept = {path.relative_to(ROOT / "lighter").as_posix() for path in files}
    assert {"results/report/report.css", "cli/schema.json"} <= kept
    assert {name for name in kept if not any(fnmatch(name, one) for one in listed)} == set()


BEGUN = "2026-01-31 12:00:00,000 INFO lighter: begins with <b>\n"
FAILED = "2026-01-31 12:00:01,000 ERROR lighter: Traceback (most recent call last):\nKeyError: 1\n"


def test_a_log_is_folded_and_that_of_a_failure_open(make_record) -> None:
    made = logs([make_record("a", **{"log.txt": BEGUN}), make_record("b", **{"log.txt": BEGUN + FAILED})])
    assert "<details><summary>a: 1 line</summary>" in made
    assert "<details open><summary>b: 1 line and a traceback</summary>" in made
    assert "begins with &lt;b&gt;" in made
    assert '<span class="traceback">2026-01-31 12:00:01,000 ERROR' in made


def test_a_run_without_a_log_is_left_out(make_record) -> None:
    assert logs([make_record()]) == ""


def test_of_a_long_log_it_is_said_that_there_is_more(make_record) -> None:
    assert "<summary>The last 200 lines</summary>" in logs([make_record(**{"log.txt": BEGUN * 300})])


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
        "from lighter.results.report.page import write_report\nfrom lighter.runs.folder import RunDirectory\n"
        f"write_report(RunDirectory(Path({str(make_run())!r})))\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"plotly", "torch", "numpy", "pytorch_lightning", "pandas", "jinja2", "rich", "PIL"}
    assert heavy & set(done.stdout.split()) == set()
