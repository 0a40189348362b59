from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.listing.history import History

LOSS = "val/loss/epoch"


def test_the_best_is_the_least_or_the_greatest_of_all_that_was_logged(run: Callable[..., Path]) -> None:
    folder = run(metrics={"epoch": [0, 1, 2, 3], "step": [1, 2, 3, 4], LOSS: [3.0, None, 1.5, 2], "a,b": [1, 1, 1, 1]})
    history = History(folder)
    assert history.best(LOSS, less=True) == 1.5
    assert history.best(LOSS, less=False) == 3
    assert history.best("absent", less=True) is None
    assert history.names[0] == LOSS


def test_a_name_with_a_comma_is_one_column(run: Callable[..., Path]) -> None:
    history = History(run(metrics={'"a,b"': [1, 2], LOSS: [3, 4]}))
    assert history.names == ("a,b", LOSS)
    assert history.best(LOSS, less=True) == 3


def test_what_is_no_finite_number_is_none_of_the_values(run: Callable[..., Path]) -> None:
    history = History(run(metrics={LOSS: ["nan", "x", "0.5", "-inf"], "other": ["nan", "", "", ""]}))
    assert history.best(LOSS, less=True) == 0.5
    assert history.best("other", less=True) is None


def test_a_line_that_was_cut_off_is_passed_over(run: Callable[..., Path]) -> None:
    folder = run(metrics={"epoch": [0, 1], LOSS: [3, 4]})
    with (folder / "metrics.csv").open("a") as file:
        file.write("2,0.")
    assert History(folder).best(LOSS, less=True) == 3


def test_results_tell_what_was_not_logged(run: Callable[..., Path]) -> None:
    results = {"fit": {LOSS: 9.0}, "test": {"test/f1": 0.5, "is": True}, "checkpoints": {"best": "x"}, "predict": ["y"]}
    history = History(run(metrics={LOSS: [1, 2]}, results=results))
    assert history.names == (LOSS, "test/f1")
    assert history.best("test/f1", less=False) == 0.5
    assert history.best(LOSS, less=False) == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\x00", b'{"fit": 3}'])
def test_broken_files_tell_nothing(run: Callable[..., Path], content: bytes) -> None:
    folder = run()
    (folder / "results.json").write_bytes(content)
    (folder / "metrics.csv").write_bytes(content)
    assert History(folder).best(LOSS, less=True) is None
    assert LOSS not in History(folder).names


def test_a_file_without_lines_is_no_table(run: Callable[..., Path]) -> None:
    folder = run()
    (folder / "metrics.csv").write_bytes(b'"' + b"x" * 200_000)
    assert History(folder).names == ()
