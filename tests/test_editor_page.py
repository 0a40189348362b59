"""What docs/how-to/editor.md gives to an editor reads what `lighter check` prints."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "how-to" / "editor.md").read_text(encoding="utf-8")
CONFIG = "a: {_target_: collections.Counter, x: '@b::c'}\nb: {d: 1}\n"
Lighter = Callable[..., subprocess.CompletedProcess[str]]


def block(start: str) -> str:
    found = re.search(rf"^```{re.escape(start)}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_problem_matcher_finds_place_and_text(tmp_path: Path, warm: Lighter) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    lines = warm("-m", "lighter", "check", "config.yaml", folder=tmp_path, merged=True).stdout.splitlines()
    first, second = json.loads(block('json title=".vscode/tasks.json"'))["tasks"][0]["problemMatcher"]["pattern"]
    read = [
        (start[first["severity"]], place[second["file"]], int(place[second["line"]]), int(place[second["column"]]))
        for one, next_one in pairwise(lines)
        if (start := re.search(first["regexp"], one)) and (place := re.search(second["regexp"], next_one))
    ]
    assert read == [("error", "config.yaml", 1, 39)]


@pytest.mark.skipif(shutil.which("vim") is None, reason="no vim here")
def test_vim_finds_place_and_text(tmp_path: Path, warm: Lighter) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    done = warm("-m", "lighter", "check", "config.yaml", folder=tmp_path, merged=True)
    (tmp_path / "printed").write_text(done.stdout)
    what = "bufname(v:val.bufnr) . ':' . v:val.lnum . ':' . v:val.col . ' ' . v:val.text"
    script = f"{block('vim')}cgetfile printed\ncall writefile(map(getqflist(), \"{what}\"), 'read')\nqa!\n"
    (tmp_path / "read.vim").write_text(script)
    vim = ["vim", "-u", "NONE", "-N", "-es", "-S", "read.vim"]
    subprocess.run(vim, cwd=tmp_path, stdin=subprocess.DEVNULL, timeout=60, check=False)
    assert (tmp_path / "read").read_text() == "config.yaml:1:39 there is no 'b::c'\n"
