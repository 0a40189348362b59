"""Which part of a criterion's result is the loss."""

import pickle
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from lighter.errors import RunError
from lighter.training.adapters.calls import CriterionAdapter
from lighter.training.adapters.loss import loss_picker

ONE, TWO = torch.tensor(1.0), torch.tensor(2.0)
PARTS = {"ce": ONE, "dice": TWO, "classes": ["a"]}


@pytest.mark.parametrize(
    ("spec", "result", "loss"),
    [
        (0, (ONE, {"any": "thing"}), ONE),
        ("value", SimpleNamespace(value=TWO), TWO),
        ("losses::0", {"losses": [TWO], "ce": ONE}, {"total": TWO, "ce": ONE}),
        ("ce", PARTS, {"total": ONE, "dice": TWO}),
        (["ce", "dice"], PARTS, {"total": ONE + TWO, **PARTS}),
        ({"ce": 3, "dice": 0.5}, PARTS, {"total": 3 * ONE + TWO / 2, **PARTS}),
    ],
)
def test_the_loss_and_what_is_logged_beside_it(spec: Any, result: Any, loss: Any) -> None:
    assert loss_picker(spec)(result) == loss
    assert pickle.loads(pickle.dumps(loss_picker(spec)))(result) == loss


@pytest.mark.parametrize(
    ("spec", "result", "told"),
    [
        ("c", PARTS, r"CriterionAdapter\(loss\): the criterion's result has no key 'c'; .* did you mean 'ce'\?"),
        ({"dise": 1}, PARTS, r"CriterionAdapter\(loss\): the criterion gave no 'dise'; did you mean 'dice'\?"),
        (["ce"], (ONE, TWO), r"the criterion gave a tuple of length 2, without names; write an index: loss: 0"),
    ],
)
def test_a_part_that_is_not_there(spec: Any, result: Any, told: str) -> None:
    with pytest.raises(RunError, match=told):
        loss_picker(spec)(result)


def test_no_loss_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no loss is named; write weights such as \{dice: 1.0, ce: 0.5\}"):
        loss_picker({})


def test_the_adapter_picks_from_what_it_has_called() -> None:
    def criterion(pred: Any, target: Any) -> Any:
        return pred, target

    assert CriterionAdapter(loss=1)(criterion, None, TWO, ONE) is TWO
    assert CriterionAdapter()(criterion, None, TWO, ONE) == (ONE, TWO)
