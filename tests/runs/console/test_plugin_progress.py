"""What plugins tell is shown: a bar on a terminal, lines elsewhere, and in the log."""

import io
import logging

import numpy as np
import pytest
from rich.console import Console

from lighter.runs.console.plugin_progress import ShownProgress


def shown(states, terminal=False):
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=100, color_system=None, soft_wrap=True)
    with ShownProgress(console) as progress:
        for state in states:
            progress("fit/one", state)
    return text.getvalue()


def test_a_line_for_each_tenth_of_the_way():
    lines = shown([{"progress": part / 100, "loss": 1 / 3} for part in range(101)]).splitlines()
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
def test_whatever_is_told_is_a_line(state, line):
    assert shown([state, state]) == f"{line}\n"


def test_on_a_terminal_there_is_a_bar():
    text = shown([{"progress": 0.25, "loss": 0.5}, {"note": "[done]"}], terminal=True)
    assert "fit/one" in text
    assert "━" in text
    assert "[done]" in text


def test_the_log_has_the_lines(caplog):
    with caplog.at_level(logging.INFO, "lighter"):
        shown([{"progress": 0.5}], terminal=True)
    assert caplog.messages == ["fit/one: 50%"]
