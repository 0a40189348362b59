"""What plugins tell is shown: a bar on a terminal, lines elsewhere, and in the log."""

import io

import numpy as np
import pytest
from rich.console import Console

from lighter.runs.console.log import logged_to
from lighter.runs.console.plugin_progress import ShownProgress


def shown(states, terminal=False):
    """What stands on a terminal; else lines are said on the console, as those of any stage."""
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=100, color_system=None)
    with ShownProgress(console) as progress:
        for state in states:
            progress("fit/one", state)
    return text.getvalue()


def test_a_line_for_each_tenth_of_the_way(capsys):
    shown([{"progress": part / 100, "loss": 1 / 3} for part in range(101)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 11
    assert lines[0] == "fit/one: 0% loss 0.3333"
    assert lines[5] == "fit/one: 50% loss 0.3333"
    assert lines[-1] == "fit/one: 100% loss 0.3333"


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ({"step": 1, "of": "many"}, "fit/one: step 1, of many"),
        ({"progress": np.float32(0.5)}, "fit/one: 50%"),
        ({"progress": "half"}, "fit/one: progress half"),
        ({"progress": 7}, "fit/one: progress 7"),
        ({"progress": float("nan")}, "fit/one: progress nan"),
        ("loading [data]", "fit/one: loading [data]"),
    ],
)
def test_whatever_is_told_is_a_line(state, line, capsys):
    shown([state, state])
    assert capsys.readouterr().out == f"{line}\n"


def test_on_a_terminal_there_is_a_bar():
    text = shown([{"progress": 0.25, "loss": 0.5}, {"note": "[done]"}], terminal=True)
    assert "fit/one" in text
    assert "━" in text
    assert "[done]" in text


@pytest.mark.parametrize("terminal", [True, False])
def test_the_log_has_each_line_once(tmp_path, terminal):
    with logged_to(tmp_path / "log.txt"):
        shown([{"progress": 0.5}], terminal)
    assert (tmp_path / "log.txt").read_text().count("fit/one: 50%") == 1
