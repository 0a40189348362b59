"""Hooks that are there only when they have something to do."""

from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.utilities.model_helpers import is_overridden

from lighter.training.hooks import hook_if


class Module(pl.LightningModule):
    def __init__(self, data: Any = None) -> None:
        super().__init__()
        self.data = data

    def _has_data(self) -> bool:
        return self.data is not None

    @hook_if(_has_data)
    def train_dataloader(self) -> Any:
        """Gives the data."""
        return self.data


def test_a_hook_is_overridden_only_while_it_is_wanted() -> None:
    module = Module()
    assert not is_overridden("train_dataloader", module)
    module.data = [1]
    assert is_overridden("train_dataloader", module)
    assert module.train_dataloader() == [1]


def test_an_attribute_of_the_instance_stands_over_it() -> None:
    module = Module([1])
    module.train_dataloader = lambda: [2]  # type: ignore[method-assign]  # as torch.compile and Lightning do
    assert module.train_dataloader() == [2]


def test_a_subclass_overrides_it_as_any_method() -> None:
    class Other(Module):
        def train_dataloader(self) -> Any:
            return [3]

    assert is_overridden("train_dataloader", Other())


def test_the_class_shows_the_function() -> None:
    assert Module.train_dataloader.__doc__ == "Gives the data."
