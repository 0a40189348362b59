"""The documentation as a site: built, opened from the disk in a real browser, on a desk and on a phone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Page, ViewportSize

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS) for path in DOCS.rglob("*.md"))
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SAMPLE = ("index", "how-to/report", "how-to/sweeps", "explanation/system")
LOCAL = ("file:", "data:", "blob:")
WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"
# Lines of code of up to 120 signs that do not fit their block.
CUT = """[...document.querySelectorAll('.md-typeset pre > code')].filter(code =>
  code.scrollWidth > code.clientWidth + 1 && code.innerText.split('\\n').every(line => line.length <= 120)
).map(code => code.innerText)"""
# What is wider than the window and lies in nothing that scrolls.
LOST = """[...document.querySelectorAll('.md-content *')].filter(one => {
  if (one.getBoundingClientRect().right <= innerWidth + 1) return false;
  for (let above = one; above; above = above.parentElement)
    if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(above).overflowX)) return false;
  return true;
}).map(one => one.outerHTML.slice(0, 200))"""
# Texts that stand out too little from their ground, as WCAG counts it.
FAINT = """[...document.querySelectorAll(
  '.md-content :is(h2, p, code, code span, td, a:not(.headerlink))'
)].filter(one => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const linear = part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const light = ([red, green, blue]) =>
    0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255);
  const over = (under, [red, green, blue, share = 1]) =>
    [red, green, blue].map((part, at) => part * share + under[at] * (1 - share));
  const grounds = [];
  for (let above = one; above; above = above.parentElement)
    grounds.unshift(parts(getComputedStyle(above).backgroundColor));
  const ground = grounds.reduce(over, [255, 255, 255]);
  const both = [light(ground), light(over(ground, parts(getComputedStyle(one).color)))];
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05) < 4.5;
}).map(one => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def asked() -> list[str]:
    """What a page has asked other machines for, or complained of."""
    return []


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest, asked: list[str]) -> Iterator[Page]:
    context = browser.new_context(**getattr(request, "param", {"viewport": DESKTOP}))
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on(
        "request", lambda one: asked.append(one.url) if not one.url.startswith(("file:", "data:", "blob:")) else None
    )
    page.on("pageerror", lambda error: asked.append(str(error)))
    yield page
    context.close()


def test_each_page_is_in_the_navigation_once() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    assert sorted(leaves(nav)) == [page.as_posix() for page in PAGES]


def leaves(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    return [leaf for one in (nav.values() if isinstance(nav, dict) else nav) for leaf in leaves(one)]


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_no_page_is_wider_than_a_phone_and_no_code_than_a_desktop(site: Path, page: Page, asked: list[str]) -> None:
    for one in PAGES:
        page.goto((site / one.with_suffix(".html")).as_uri())
        page.set_viewport_size(PHONE)
        assert page.evaluate(LOST) == [], one
        width, window = page.evaluate(WIDTHS)
        assert width <= window, one
        page.set_viewport_size(DESKTOP)
        assert page.evaluate(CUT) == [], one
    assert asked == []


@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.parametrize(
    ("page", "scheme", "hidden"),
    [({"color_scheme": "light"}, "default", "dark"), ({"color_scheme": "dark"}, "slate", "light")],
    indirect=["page"],
)
def test_it_is_legible_by_day_and_by_night(  # noqa: PLR0917  # what pytest gives it
    site: Path, page: Page, asked: list[str], name: str, scheme: str, hidden: str
) -> None:
    page.goto((site / f"{name}.html").as_uri())
    assert page.get_attribute("body", "data-md-color-scheme") == scheme
    assert page.evaluate(FAINT) == []
    assert not any(picture.is_visible() for picture in page.query_selector_all(f"img[src$='#only-{hidden}']"))
    assert asked == []


@pytest.mark.parametrize(
    ("page", "opener"),
    [({"viewport": DESKTOP}, "input.md-search__input"), ({"viewport": PHONE}, "label.md-header__button[for=__search]")],
    indirect=["page"],
)
def test_search_finds_a_word_in_a_site_on_the_disk(site: Path, page: Page, asked: list[str], opener: str) -> None:
    page.goto((site / "how-to" / "report.html").as_uri())
    page.click(opener)
    page.locator("input.md-search__input").press_sequentially("sweep")
    page.click(".md-search-result__link")
    page.wait_for_url(lambda url: "report" not in url)
    assert "sweep" in page.inner_text(".md-content").lower()
    assert asked == []


def test_a_page_leads_to_its_neighbours_and_to_the_repository(site: Path, page: Page, asked: list[str]) -> None:
    page.goto((site / "how-to" / "report.html").as_uri())
    assert page.is_visible(".md-footer__link--prev")
    assert page.get_attribute(".md-header .md-source", "href") == "https://github.com/project-lighter/lighter"
    page.click(".md-footer__link--next")
    page.wait_for_url(lambda url: "report" not in url)
    assert page.is_visible(".md-content h1")
    assert asked == []


def test_the_copy_button_takes_the_commands_alone(site: Path, page: Page) -> None:
    page.add_init_script("document.addEventListener('copy', () => { window.copied = document.activeElement.value })")
    page.goto((site / "tutorials" / "compare-runs.html").as_uri())
    page.locator("[data-md-type='copy']").first.click()
    first, second = filter(None, page.evaluate("window.copied").splitlines())
    assert first == "lighter fit config.yaml --run_dir=runs/wide"
    assert second.startswith("lighter fit config.yaml system::model::width=32 ")
