"""The tests that the pages docs/how-to/coming-from*.md and docs/reference/counterparts-*.md name are there."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"
PAGES = sorted([*(DOCS / "how-to").glob("coming-from*.md"), *(DOCS / "reference").glob("counterparts-*.md")])
NAMED = re.compile(r"`((?:[\w-]+/)*test_\w+\.py)(?:::(test_\w+))?`")


@pytest.mark.parametrize(
    ("file", "test"), sorted({pair for page in PAGES for pair in NAMED.findall(page.read_text(encoding="utf-8"))})
)
def test_what_the_page_names_is_there(file: str, test: str) -> None:
    text = (TESTS / file).read_text(encoding="utf-8")
    assert re.search(rf"^(?:async )?def {test}\(", text, re.MULTILINE) if test else "def test_" in text
