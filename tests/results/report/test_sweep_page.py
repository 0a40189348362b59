from collections.abc import Callable
from pathlib import Path

from lighter.results.report.sweep_page import write_sweep_report


def test_the_page_has_the_trials_in_order_with_the_way_to_their_reports(make_sweep: Callable[..., Path]) -> None:
    folder = make_sweep()
    text = write_sweep_report(folder, folder / "report.html").read_text(encoding="utf-8")
    assert "<title>tune - Lighter report</title>" in text
    links = [f'href="trials/{number:04}/report.html"' for number in range(6)]
    assert sorted(links, key=text.index) == links
    assert all((folder / "trials" / f"{number:04}" / "report.html").exists() for number in range(6))
    assert "KeyError: 1" in text
    assert "<b>big</b>" not in text


def test_from_elsewhere_the_links_lead_there_too(make_sweep: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_sweep(2)
    page = tmp_path / "else where" / "look.html"
    text = write_sweep_report(folder, page, single_file=True).read_text(encoding="utf-8")
    assert f'href="../{folder.relative_to(tmp_path)}/trials/0001/report.html"' in text


def test_in_a_folder_without_a_time_it_is_called_by_that(make_sweep: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_sweep(2).rename(tmp_path / "rates")
    assert "<title>rates - Lighter report</title>" in write_sweep_report(folder, folder / "report.html").read_text()


def test_a_folder_that_is_damaged_leaves_a_page(make_sweep: Callable[..., Path]) -> None:
    folder = make_sweep(2)
    (folder / "summary.json").write_text("[{")
    (folder / "sweep.json").unlink()
    assert write_sweep_report(folder, folder / "report.html").stat().st_size > 1000
