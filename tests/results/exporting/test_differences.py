import math

import pytest
import torch
from torch import Tensor

from lighter.errors import RunError
from lighter.results.exporting.differences import Difference, difference


@pytest.mark.parametrize(
    ("own", "other", "absolute", "relative"),
    [
        ([1.0, -4.0], [1.0, -4.0], 0, 0),
        ([1.0, -4.0], [1.5, -4.0], 0.5, 0.125),
        ([0.0], [0.1], 0.1, math.inf),
        ([], [], 0, 0),
        ([math.inf, math.nan, 1.0], [math.inf, math.nan, 1.0], 0, 0),
        ([math.inf, 2.0], [math.inf, 1.0], 1, 0.5),
        ([math.nan], [1.0], math.inf, math.inf),
        ([math.inf], [1.0], math.inf, math.inf),
        ([1], [3], 2, 2),
        ([True, False], [True, True], 1, 1),
        ([1 + 1j], [1 + 2j], 1, 1 / math.sqrt(2)),
    ],
)
def test_the_largest_of_an_output(own: list[float], other: list[float], absolute: float, relative: float) -> None:
    found = difference([torch.tensor(own)], [torch.tensor(other)])
    assert found.absolute == pytest.approx(absolute)
    assert found.relative == pytest.approx(relative)


def test_the_largest_over_all_outputs() -> None:
    pairs = [torch.tensor([100.0]), torch.tensor([1.0])], [torch.tensor([101.0]), torch.tensor([1.5])]
    assert difference(*pairs) == Difference(1.0, 0.5)


@pytest.mark.parametrize("other", [[], [torch.ones(3)], [torch.ones(2), torch.ones(2)]])
def test_other_shapes_are_told(other: list[Tensor]) -> None:
    with pytest.raises(RunError, match=r"gives outputs of shapes .*, and the model \[\(2,\)\]"):
        difference([torch.ones(2)], other)
