from collections.abc import Callable

import pytest

from lighter.config.tree import Mapping
from lighter.errors import Position, Source
from lighter.runs.sweeps.reading import Sweep
from lighter.runs.sweeps.space import Range, written

HERE = Position(Source("here"))


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        (Range(2, 5, HERE), [2, 3, 4, 5]),
        (Range(2, 8, HERE, step=3), [2, 5, 8]),
        (Range(0.1, 0.3, HERE, step=0.1), [0.1, 0.2, 0.3]),
        (Range(1, 2, HERE, step=0.5), [1.0, 1.5, 2.0]),
    ],
)
def test_a_range_has_its_numbers_in_their_order(chosen: Range, numbers: list[float]) -> None:
    assert chosen.count is not None
    found = [chosen.number(at) for at in range(chosen.count)]
    assert found == numbers
    assert {type(one) for one in found} == {type(one) for one in numbers}


def test_a_range_of_fractions_has_no_count() -> None:
    assert Range(0.1, 1, HERE).count is None


def test_the_grid_has_every_point_once_the_last_parameter_first(sweep: Callable[..., Sweep]) -> None:
    text = "config: config.yaml\nparameters: {seed: [1, 2], vars::b: {low: 1, high: 3}}\n"
    space = sweep(text).space
    assert space.size == 6
    points = [tuple(space.point(at).values()) for at in range(6)]
    assert points == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]


def test_a_grid_too_large_to_be_written_out_is_counted(sweep: Callable[..., Sweep]) -> None:
    space = sweep("config: config.yaml\nparameters: {vars::a: {low: 0, high: 999999999}, vars::b: [1, 2]}\n").space
    assert space.size == 2 * 10**9
    assert tuple(space.point(10**9 + 1).values()) == (5 * 10**8, 2)


def test_what_is_inside_of_another_place_lies_over_it(sweep: Callable[..., Sweep]) -> None:
    text = "config: config.yaml\nparameters: {system::optimizer::lr: [1], system::optimizer: [{_target_: a.B}]}\n"
    space = sweep(text).space
    over = space.over(space.first)
    assert isinstance(over, Mapping)
    assert list(over.entries) == ["system::optimizer", "system::optimizer::lr"]


@pytest.mark.parametrize(
    ("label", "text"), [(None, "null"), (True, "true"), (1, "1"), (0.1 + 0.2, "0.3"), (1e-05, "1e-05"), ("a", "a")]
)
def test_a_value_is_written_as_a_person_reads_it(label: object, text: str) -> None:
    assert written(label) == text  # type: ignore[arg-type]
