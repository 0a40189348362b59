"""The reference names all that there is: each promised name of Python, each command with what it takes.

With LIGHTER_REWRITE_DOCS=1 what a page says of a command is written again, from the command's own help.
"""

import importlib
import inspect
import os
import re
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
import yaml

import lighter
from lighter import callbacks, launchers, plugins
from lighter.cli.usage import NAMES, command_help
from lighter.config.schema import KEYS, RUN_KEYS

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
PROMISED = {
    *(f"lighter.{name}" for name in lighter.__all__),
    *(f"lighter.plugins.{name}" for name in plugins.__all__),
    *(f"lighter.launchers.{name}" for name in launchers.__all__),
    "lighter.utils.dynamic_imports.import_module_from_path",
}
ENTRY = re.compile(r"^::: (?P<name>\S+)\n(?P<options>(?:    .*\n)*)", re.MULTILINE)

SECTION = re.compile(r"^## lighter (?P<name>\w+)\n(?P<text>.*?)^<!-- end of the help -->$", re.MULTILINE | re.DOTALL)
HEAD = ("| argument | meaning |", "| --- | --- |")
SHARED = ("--allow", "--allow-files", "--json", "--traceback")  # told once for all
CODE = re.compile(
    r"\{[^}]*\}|--\w[\w-]*|\bbest(?= or)|(?<=or )last\b|\blast(?= for\b)|\bruns/"
    r"|[\w:.*/]*(?:_|::|=|\.(?:yaml|html|json|csv|pt2|onnx)\b)[\w:.,*]*"
)


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


def test_each_key_of_a_run_is_told_of() -> None:
    page = (REFERENCE / "keys.md").read_text(encoding="utf-8")
    named = {
        name for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE) for name in re.findall(r"`([\w:]+)`", row)
    }
    parameters = inspect.signature(lighter.System.__init__).parameters
    assert {*KEYS, *(f"run::{key}" for key in RUN_KEYS), *parameters} - named == {"self"}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_of_a_command_what_its_help_says(name: str) -> None:
    pages = [*sorted((REFERENCE / "commands").glob("*.md"))]
    found = [(page, one) for page in pages for one in SECTION.finditer(page.read_text("utf-8")) if one["name"] == name]
    assert len(found) == 1, f"one page is to have '## lighter {name}', and below it '<!-- end of the help -->'"
    (page, section), told = found[0], section_of(name)
    if "LIGHTER_REWRITE_DOCS" in os.environ:
        whole = section.string
        page.write_text(f"{whole[: section.start('text')]}{told}{whole[section.end('text') :]}", "utf-8")
    else:
        assert section["text"] == told


def section_of(name: str) -> str:
    """What the help of a command says, as Markdown: what it does, how it is written, a row for each thing it takes."""
    summary, _, usage, _, *lines = command_help(name).splitlines()
    rows = dict(zip((line.strip() for line in lines[::2]), (line.strip() for line in lines[1::2]), strict=True))
    shared = [f"`{flag}`" for flag in SHARED if rows.pop(flag, None)]
    valued = {flag: f"{flag}=..." if f"[{flag}=...]" in usage else flag for flag in rows}
    told = [f"| `{valued[flag]}` | {CODE.sub(as_code, text)} |" for flag, text in rows.items()]
    use = usage.removeprefix("usage: ").partition(" [--")[0] + (" [--flag ...]" if " [--" in usage else "")
    parts = [CODE.sub(as_code, summary), f"```text\n{use}\n```", "\n".join([*HEAD, *told])]
    return (
        "\n"
        + "\n\n".join([*parts, f"[Shared flags](index.md#flags-that-commands-share): {', '.join(shared)}."])
        + "\n\n"
    )


def as_code(found: re.Match[str]) -> str:
    """A word of a config or a command line as code, without the point or comma behind it."""
    word = found[0].rstrip(".,:;")
    return f"`{word}`{found[0][len(word) :]}"
