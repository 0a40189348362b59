"""Headless Chromium: pages as pictures, small enough to be kept in a repository."""

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
SHARP = 2  # dots of a picture for each pixel of the page
COLOURS = 256


@contextmanager
def opened(page: Path, width: int, height: int, scheme: str = "light") -> Iterator[Page]:
    """A page in a window of this size, in this scheme: `light` or `dark`."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise SystemExit(f"no browser is found: install chromium, or name one with CHROMIUM ({', '.join(PROGRAMS)})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            shown = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                device_scale_factor=SHARP,
            )
            shown.goto(page.as_uri())
            yield shown
        finally:
            browser.close()


def photograph(page: Page, path: Path) -> None:
    """What the window shows, as a PNG with a palette: a fifth of the size, and the eye sees no difference."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
