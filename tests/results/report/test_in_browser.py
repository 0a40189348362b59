"""What is written is looked at in a real browser: nothing asked for, nothing complained of, everything drawn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page

from lighter.results.reading.sweep import read_sweep
from lighter.results.report.page import write_reports
from lighter.results.report.sweep_figures import sweep_figures
from lighter.results.report.sweep_page import write_sweep_report
from lighter.runs.folder import RunDirectory

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"

Open = Callable[..., "Opened"]


@dataclass
class Opened:
    """A page, what it has said and what it has asked for."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def evaluate(self, script: str) -> Any:
        return self.page.evaluate(script)

    def listen(self) -> None:
        """Notes what the page says and asks for; of a dialog too, which would stop it."""

        def dismissed(dialog: Dialog) -> None:
            self.said.append(dialog.message)
            dialog.dismiss()

        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", dismissed)

    @property
    def names(self) -> list[list[str]]:
        """The curves that are drawn, of each chart."""
        found: list[list[str]] = self.evaluate(
            "[...document.querySelectorAll('.chart')].map(one => one._fullData.filter((trace, at) => trace.visible && "
            "one.querySelectorAll('.scatterlayer .trace').length > 0).map(trace => trace.name))"
        )
        return found


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Writes a report of runs and opens it, once it is drawn."""
    contexts: list[BrowserContext] = []

    def open_(runs: Sequence[Path], viewport: Any = DESKTOP, scheme: Any = "light", **options: Any) -> Opened:
        path = write_reports([RunDirectory(run) for run in runs], tmp_path / "report.html")
        contexts.append(browser.new_context(viewport=viewport, color_scheme=scheme, **options))
        contexts[-1].set_default_timeout(20_000)
        opened = Opened(contexts[-1].new_page())
        opened.listen()
        opened.page.goto(path.as_uri())
        opened.page.wait_for_selector("html[data-drawn]")
        return opened

    yield open_
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("count", "viewport", "scheme"),
    [(1, DESKTOP, "light"), (1, PHONE, "dark"), (3, DESKTOP, "dark"), (3, PHONE, "light")],
)
def test_all_is_drawn_and_nothing_said_or_asked_for(
    make_run, open_report: Open, count: int, viewport: dict[str, int], scheme: str
) -> None:
    environment = {"command": ["lighter", "fit", "x" * 300], "packages": {f"package-{at}": "1.0" for at in range(50)}}
    config = f"a_long_line: {'long ' * 100}\nand_a_word: {'x' * 500}\n"
    files = {
        "environment.json": environment,
        "log.txt": f"{'y' * 500}\n",
        "project.diff": "+z" * 300,
        "config.yaml": config,
    }
    opened = open_report([make_run(f"run-{at}", **files) for at in range(count)], viewport, scheme)
    curves = [["train step"] * count, ["train", "val"] * count, ["val"] * count, ["train"] * count]
    assert [len(names) for names in opened.names] == [len(curves[0] + curves[1]), len(curves[2]), len(curves[3])]
    assert (
        opened.evaluate("document.querySelectorAll('.chart svg .scatterlayer .trace path.js-line').length") == 5 * count
    )
    for details in opened.page.locator("summary").all():
        details.click()  # what is folded must fit as well
    assert opened.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    assert opened.said == []
    assert {url.partition(":")[0] for url in opened.asked} == {"file"}


def test_without_plotly_beside_the_runs_it_is_said(make_run, open_report: Open, tmp_path: Path) -> None:
    opened = open_report([make_run()])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    (script,) = (tmp_path / "runs").rglob("plotly-*.min.js")
    assert len(page) < 100_000 < script.stat().st_size
    script.unlink()
    opened.page.reload()
    assert "--single_file" in opened.page.locator("#curves .note").last.inner_text()
    write_reports([RunDirectory(tmp_path / "runs" / "digits" / "run")], tmp_path / "report.html", single_file=True)
    opened.page.reload()
    opened.page.wait_for_selector("html[data-drawn='3']")
    assert len(opened.names) == 3


def test_charts_stand_in_a_grid_where_there_is_room(make_run, open_report: Open) -> None:
    places = "[...document.querySelectorAll('.charts figure')].map(one => one.getBoundingClientRect().left)"
    assert len(set(open_report([make_run()], DESKTOP).evaluate(places))) > 1
    assert len(set(open_report([make_run()], PHONE).evaluate(places))) == 1


def test_pointing_at_a_chart_tells_values_and_epoch(make_run, open_report: Open) -> None:
    opened = open_report([make_run()])
    point_at_the_right(opened, 0)
    told = hover_text(opened)
    assert "step 39" in told
    assert all(value in told for value in ("0.55", "0.6", "epoch 2", "train", "val"))


def test_of_many_curves_the_nearest_tells_its_value(make_run, open_report: Open) -> None:
    opened = open_report([make_run(f"run-{at}") for at in range(9)])
    point_at_the_right(opened, 1, down=0.12)
    assert "step 39: 0.75  · epoch 2" in hover_text(opened)


def test_a_finger_that_taps_a_chart_is_told_values(make_run, open_report: Open) -> None:
    opened = open_report([make_run()], PHONE, has_touch=True, is_mobile=True)
    chart = opened.page.locator(".chart").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    opened.page.touchscreen.tap(box["x"] + box["width"] - 20, box["y"] + box["height"] / 2)
    assert "step 39" in hover_text(opened)


def test_the_legend_takes_curves_out_and_puts_them_back(make_run, open_report: Open) -> None:
    opened = open_report([make_run("a"), make_run("b")])
    chip = opened.page.get_by_role("button", name="b", exact=True)
    chip.click()
    assert opened.names == [["a train step", "a train", "a val"], ["a val"], ["a train"]]
    assert chip.get_attribute("aria-pressed") == "false"
    opened.page.get_by_role("button", name="steps").click()
    assert opened.names[0] == ["a train", "a val"]
    chip.click()
    assert opened.names[0] == ["a train", "a val", "b train", "b val"]
    opened.page.get_by_role("button", name="log scale").click()
    assert opened.evaluate("document.querySelector('.chart')._fullLayout.yaxis.type") == "log"
    assert opened.said == []


def test_a_value_that_never_changes_can_be_read_off(make_run, open_report: Open) -> None:
    opened = open_report([make_run(rows=[{"epoch": 0, "step": at, "train/lr": 0.003} for at in range(3)])])
    shown = "document.querySelector('.chart')._fullLayout.yaxis.range"
    assert opened.evaluate(shown) == [0, 0.006]


def test_the_scheme_may_change_while_one_looks(make_run, open_report: Open) -> None:
    opened = open_report([make_run()])
    colour = "getComputedStyle(document.querySelector('.chart .js-line')).stroke"
    grid = "getComputedStyle(document.querySelector('.chart .ygrid')).stroke"
    before = [opened.evaluate(colour), opened.evaluate(grid)]
    opened.page.emulate_media(color_scheme="dark")
    opened.page.wait_for_timeout(200)
    after = [opened.evaluate(colour), opened.evaluate(grid)]
    assert all(one != other for one, other in zip(before, after, strict=True))


def test_no_text_of_a_run_is_run(make_run, open_report: Open) -> None:
    rows = [{"epoch": 0, "step": at, f"val/{HOSTILE}/epoch": at} for at in range(3)]
    files = {"config.yaml": f"a: '{HOSTILE}'\n", "log.txt": HOSTILE, "results.json": {"test": {HOSTILE: HOSTILE}}}
    opened = open_report([make_run(f"{at}<script>alert(3)<script>", rows, **files) for at in range(2)])
    assert HOSTILE in (opened.page.locator(".charts h3").first.text_content() or "")
    point_at_the_right(opened, 0)
    assert "<script>alert(3)<script>" in hover_text(opened)
    assert (opened.said, {url.partition(":")[0] for url in opened.asked}) == ([], {"file"})


def test_what_is_missing_or_broken_leaves_a_page(make_run, open_report: Open) -> None:
    files: dict[str, Any] = dict.fromkeys(("results.json", "status.json"))
    broken = make_run(
        "broken", **{**files, "config.yaml": "a: [", "metrics.csv": "epoch,step,a\n0,1,nan\n0,2,inf\n0,3,"}
    )
    bare = make_run("bare", **{**files, "config.yaml": None, "metrics.csv": None, "log.txt": "x\n"})
    for runs in ([broken], [bare], [broken, bare]):
        opened = open_report(runs)
        assert opened.said == []
        assert "cannot be read" in opened.page.content() or runs == [bare]


def test_a_hundred_thousand_rows_can_be_looked_at(make_run, open_report: Open) -> None:
    rows = [{"epoch": at // 1000, "step": at, "train/loss/step": 1 / (at + 1)} for at in range(100_000)]
    opened = open_report([make_run("long", rows)])
    assert "of 100,000 values are drawn, with every peak" in opened.page.content()
    assert opened.evaluate("document.querySelector('.chart').data[0].x.length") <= 2000
    assert opened.said == []


def test_paper_is_light_and_has_no_buttons(make_run, open_report: Open) -> None:
    opened = open_report([make_run()], scheme="dark")
    colour = "getComputedStyle(document.querySelector('.chart .js-line')).stroke"
    before = opened.evaluate(colour)
    opened.page.emulate_media(media="print")
    opened.page.wait_for_timeout(200)
    assert opened.evaluate(colour) != before
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert opened.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert opened.page.pdf()[:5] == b"%PDF-"
    assert opened.said == []


def point_at_the_right(opened: Opened, at: int, down: float = 0.5) -> None:
    """Moves the mouse over a chart's right end, at this part of its height."""
    chart = opened.page.locator(".chart").nth(at)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    opened.page.mouse.move(box["x"] + box["width"] - 30, box["y"] + box["height"] * down)
    opened.page.mouse.move(box["x"] + box["width"] - 24, box["y"] + box["height"] * down)


def hover_text(opened: Opened) -> str:
    """What is told of the place that is pointed at."""
    opened.page.wait_for_selector(".hoverlayer text")
    return " ".join(filter(None, opened.page.locator(".hoverlayer").all_text_contents()))


def test_the_charts_of_a_sweep_are_drawn_and_its_links_lead_to_trials(make_sweep, browser: Browser) -> None:
    monitors = {"val/loss/epoch": "min", "val/metrics/accuracy/epoch": "max"}
    folder = make_sweep(6, **monitors)
    path = write_sweep_report(folder, folder / "report.html")
    viewport: Any = PHONE
    context = browser.new_context(viewport=viewport, color_scheme="dark")
    context.set_default_timeout(20_000)
    opened = Opened(context.new_page())
    opened.listen()
    opened.page.goto(path.as_uri())
    opened.page.wait_for_selector("html[data-drawn]")
    drawn = "[...document.querySelectorAll('#search .chart')].map(one => one.querySelectorAll('.trace').length)"
    assert [count > 0 for count in opened.evaluate(drawn)] == [True] * len(sweep_figures(read_sweep(folder)))
    assert opened.evaluate("document.querySelectorAll('#search .barlayer .trace').length") == 2
    assert opened.evaluate("document.querySelector('#search .chart')._fullLayout.xaxis.title.text") == "val/loss"
    assert opened.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert (opened.said, {url.partition(":")[0] for url in opened.asked}) == ([], {"file"})
    opened.page.get_by_role("link", name="0003", exact=True).click()
    opened.page.wait_for_selector("html[data-drawn]")
    assert "0003" in opened.page.title()
    context.close()
