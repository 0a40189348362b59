"""A LightningModule with the optimizer of a config."""

import pickle
from functools import partial

import pytest
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

import lighter


class Line(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def training_step(self, batch, index):
        return self.layer(batch).square().mean()


@pytest.mark.filterwarnings("ignore:The 'train_dataloader' does not have many workers")
def test_it_trains_by_what_it_is_given():
    torch.manual_seed(0)
    module, scheduler = Line(), partial(torch.optim.lr_scheduler.StepLR, step_size=1, gamma=0.5)
    by_hand = torch.nn.Linear(2, 1)
    by_hand.load_state_dict(module.layer.state_dict())
    given = lighter.with_optimizer(module, partial(torch.optim.SGD, lr=0.1), scheduler)
    assert given is module
    batch = torch.rand(4, 2)
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "accelerator": "cpu"}
    pl.Trainer(max_epochs=2, **quiet).fit(module, DataLoader(batch, batch_size=4))
    for rate in (0.1, 0.05):
        by_hand.zero_grad()
        by_hand(batch).square().mean().backward()
        with torch.no_grad():
            for parameter in by_hand.parameters():
                parameter.sub_(rate * parameter.grad)
    torch.testing.assert_close(module.layer.weight, by_hand.weight)


def test_a_copy_has_the_optimizer_of_its_own_parameters():
    module = lighter.with_optimizer(Line(), partial(torch.optim.SGD, lr=0.1))
    copied = pickle.loads(pickle.dumps(module))
    (group,) = copied.configure_optimizers().param_groups
    assert group["params"][0] is copied.layer.weight
