"""Which part of a criterion's result is the loss, and what it gives, as losses by name."""

import pickle
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from lighter.errors import RunError
from lighter.training.adapters.calls import CriterionAdapter
from lighter.training.adapters.loss import loss_picker, named_losses, with_total

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


@pytest.mark.parametrize(
    ("result", "named"),
    [
        (ONE, {"loss": ONE}),
        ({"total": ONE, "dice": TWO}, {"loss": ONE, "loss/dice": TWO}),
        (
            {"total": ONE, "weight": 2.0, "counts": torch.tensor([1, 2])},
            {"loss": ONE, "loss/weight": TWO, "loss/counts": torch.tensor([1.0, 2.0])},
        ),
        (
            {"total": ONE, "found": True, "hits": torch.tensor([True, False])},
            {"loss": ONE, "loss/found": ONE, "loss/hits": torch.tensor([1.0, 0.0])},
        ),
        ({"total": ONE, "parts": {"a": {"b": TWO}, "c": 1}}, {"loss": ONE, "loss/parts/a/b": TWO, "loss/parts/c": ONE}),
        ({"total": ONE, "unused": None, "boxes": torch.zeros(0)}, {"loss": ONE}),
    ],
)
def test_losses_by_name(result: Any, named: Any) -> None:
    torch.testing.assert_close(named_losses(result), named)


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({"dice": ONE}, "the criterion gave a dict with the keys dice, and the loss to minimise is not known"),
        (
            (ONE, TWO),
            r"a tuple of length 2, .*; say which part is the loss, as in adapters: \{criterion: \{loss: 0\}\}",
        ),
        ({"a": ONE, "b": TWO}, r"return a 'total' as well, or say how to sum: .*\{loss: \{a: 1.0, b: 1.0\}\}"),
        ({"loss": ONE, "norm": TWO}, r"; say that it is 'loss': adapters: \{criterion: \{loss: loss\}\}$"),
        ({"total": None}, "a dict with the keys total, and the loss to minimise is not known"),
        ({"total": ONE, "kind": "dice"}, "the criterion gave a str as 'kind', which is no loss; leave it out"),
        ({"total": ONE, "a": {"pair": (TWO, ONE.repeat(2))}}, "the criterion gave a tuple of length 2 as 'a/pair'"),
        ({"total": ONE, "phase": torch.tensor(1j)}, "gave a complex 'phase', which is no loss; give its abs"),
        (1.5, "return a tensor, or a mapping with the key 'total'"),
    ],
)
def test_a_loss_that_is_not_known(result: Any, told: str) -> None:
    with pytest.raises(RunError, match=told):
        named_losses(result)


def test_a_total_of_losses_that_have_none() -> None:
    assert with_total({"a": ONE, "b": 2.0}) == {"total": torch.tensor(3.0), "a": ONE, "b": 2.0}
    for result in (ONE, (ONE, TWO), {}, {"total": ONE, "a": TWO}):
        assert with_total(result) is result
