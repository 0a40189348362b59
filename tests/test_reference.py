"""The reference names all that there is: each promised name of Python, each command with what it takes."""

import importlib
import inspect
import re
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
import yaml

import lighter
from lighter import callbacks, launchers, plugins

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
PROMISED = {
    *(f"lighter.{name}" for name in lighter.__all__),
    *(f"lighter.plugins.{name}" for name in plugins.__all__),
    *(f"lighter.launchers.{name}" for name in launchers.__all__),
    "lighter.utils.dynamic_imports.import_module_from_path",
}
ENTRY = re.compile(r"^::: (?P<name>\S+)\n(?P<options>(?:    .*\n)*)", re.MULTILINE)


def entries() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each name of the API's pages, with how it is shown."""
    for page in sorted((REFERENCE / "api").glob("*.md")):
        for entry in ENTRY.finditer(page.read_text(encoding="utf-8")):
            yield entry["name"], (yaml.safe_load(entry["options"]) or {}).get("options", {})


def test_the_api_has_an_entry_for_each_promised_name_and_no_other() -> None:
    assert sorted(name for name, _ in entries()) == sorted(PROMISED)
    assert set(callbacks.__all__) <= set(lighter.__all__)  # which are shown by that name


@pytest.mark.parametrize(("name", "options"), [*entries()])
def test_an_entry_is_told_of_and_so_is_each_method_that_it_shows(name: str, options: dict[str, Any]) -> None:
    module, _, own = name.rpartition(".")
    shown = getattr(importlib.import_module(module), own)
    if isinstance(shown, type) or inspect.isroutine(shown):
        told = [shown, *(attrgetter(member)(shown) for member in options.get("members", []))]
        assert [one for one in told if not one.__doc__] == []
