import math
from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.results.reading.metrics_file import Curve, History, read_curves

LOSS = "val/loss/epoch"


def test_the_best_is_the_least_or_the_greatest_of_all_that_was_logged(run: Callable[..., Path]) -> None:
    folder = run(metrics={"epoch": [0, 1, 2, 3], "step": [1, 2, 3, 4], LOSS: [3.0, None, 1.5, 2], "b": [1, 1, 1, 1]})
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


def test_the_first_loss_that_is_not_finite_is_told(run: Callable[..., Path]) -> None:
    steps, values = [1, 2, 3], [1, "nan", "nan"]
    folder = run(metrics={"step": steps, "train/loss/step": values, "a_loss": [1, "-inf", 2], "f1": ["nan", 1, 1]})
    assert History(folder).lost == "train/loss/step is nan, a_loss is -inf at step 2"
    assert History(run("finite", metrics={"dominance": ["nan", 1], "loss": [1, 2]})).lost == ""
    assert History(run("none")).lost == ""


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


@pytest.fixture
def read(tmp_path: Path):
    def read(text: str) -> dict[str, Curve]:
        path = tmp_path / "metrics.csv"
        path.write_text(text, encoding="utf-8")
        return {curve.logged: curve for curve in read_curves(path)}

    return read


def test_curves_have_the_rows_in_which_they_were_logged(read) -> None:
    found = read("epoch,step,a,b\n0,9,1.5,\n0,19,,2.5\n1,29,0.5,\n")
    assert list(found) == ["a", "b"]
    assert [list(column) for column in (found["a"].steps, found["a"].epochs, found["a"].values)] == [
        [9, 29],
        [0, 1],
        [1.5, 0.5],
    ]
    assert list(found["b"].values) == [2.5]


def test_no_file_is_no_curves(tmp_path: Path) -> None:
    assert read_curves(tmp_path / "metrics.csv") == []


@pytest.mark.parametrize("text", ["", "epoch,step,a\n", "epoch,step,a\n0,1,\n"])
def test_nothing_logged_is_no_curves(read, text: str) -> None:
    assert read(text) == {}


def test_half_a_line_is_passed_over_even_if_it_looks_whole(read) -> None:
    assert list(read("epoch,step,a\n0,1,0.25\n0,2,0.2")["a"].values) == [0.25]
    assert list(read("epoch,step,a,b\n0,1,0.25,1\n0,2\n0,3,0.5,1\n")["a"].values) == [0.25, 0.5]


def test_what_is_no_number_is_passed_over(read) -> None:
    assert list(read("epoch,step,a\n0,1,0.25\nepoch,step,a\n0,,3\n0,x,4\n0,3,what\n0,4,0.5\n")["a"].values) == [
        0.25,
        0.5,
    ]


def test_values_that_are_not_finite_stay(read) -> None:
    values = read("epoch,step,a\n0,1,nan\n0,2,-inf\n")["a"].values
    assert math.isnan(values[0])
    assert values[1] == -math.inf


def test_a_step_that_was_made_again_has_its_later_value(read) -> None:
    curve = read("epoch,step,a\n0,1,1\n0,2,2\n0,3,3\n0,2,20\n0,4,4\n")["a"]
    assert (list(curve.steps), list(curve.values)) == ([1, 2, 3, 4], [1, 20, 3, 4])


def test_without_a_column_of_steps_rows_are_counted(read) -> None:
    curve = read("a\n5\n6\n")["a"]
    assert (list(curve.steps), list(curve.values)) == ([0, 1], [5, 6])
    assert math.isnan(curve.epochs[0])


def test_a_file_that_is_no_text_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_bytes(b"epoch,step,a\n0,1,0.5\n\x00\xff\x00\n" + b'"' + b"x" * 200_000 + b"\n")
    assert [list(curve.values) for curve in read_curves(path)] == [[0.5]]
