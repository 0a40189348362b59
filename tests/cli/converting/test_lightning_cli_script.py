"""What a script that calls LightningCLI says of its config."""

import pytest

from lighter.cli.converting.lightning_cli_script import Link, read_script
from lighter.errors import UsageError


@pytest.fixture
def script(tmp_path):
    def read(text: str):
        (tmp_path / "main.py").write_text(text)
        return read_script(tmp_path / "main.py")

    return read


def test_the_classes_of_a_call(script):
    found = script("""
import shapes.data as data
from pytorch_lightning.cli import LightningCLI

class Net: ...

def main():
    LightningCLI(Net, datamodule_class=data.Points, seed_everything_default=7, run=False)
""")
    assert found.classes == {"model": "main.Net", "data": "shapes.data.Points"}
    assert found.defaults.plain == {"seed_everything": 7}


@pytest.mark.parametrize(
    "call",
    [
        "LightningCLI(Base, subclass_mode_model=True)",
        "LightningCLI(pl.LightningModule)",
        "LightningCLI()",
        "LightningCLI(made())",
    ],
)
def test_a_base_is_no_class_of_the_config(script, call):
    imports = "import pytorch_lightning as pl\nfrom nets import Base\n"
    found = script(f"{imports}from pytorch_lightning.cli import LightningCLI\n{call}\n")
    assert found.classes == {}


def test_what_a_subclass_adds(script):
    found = script("""
import torch
from nets import Net, Freezing

class CLI(LightningCLI):
    def add_arguments_to_parser(self, parser):
        parser.add_optimizer_args(torch.optim.Adam)
        parser.add_lr_scheduler_args(torch.optim.lr_scheduler.StepLR)
        parser.add_lightning_class_args(Freezing, "freezing")
        parser.link_arguments("data.size", "model.size")
        parser.link_arguments("data.classes", "model.classes", apply_on="instantiate")
        parser.link_arguments("data.size", "model.double", compute_fn=lambda size: 2 * size)
        parser.link_arguments(("a", "b"), "model.sum", compute_fn=sum)
        parser.set_defaults({"trainer.max_epochs": 15})

CLI(Net)
""")
    optimizers = {"optimizer": "torch.optim.Adam", "lr_scheduler": "torch.optim.lr_scheduler.StepLR"}
    assert found.classes == {"model": "nets.Net", **optimizers, "freezing": "nets.Freezing"}
    assert found.callbacks == ["freezing"]
    assert found.links == [
        Link("data.size", "model.size"),
        Link("data.classes", "model.classes", is_built=True),
        Link("data.size", "model.double", reason="it is computed from 'data.size' by lambda size: 2 * size"),
    ]
    assert found.left == ["'('a', 'b')' is linked by the script to several, or by code"]
    assert found.defaults.plain == {"trainer": {"max_epochs": 15}}


def test_what_a_subclass_does_in_code_is_told(script):
    found = script("""
from nets import Net

class Base(LightningCLI):
    def add_arguments_to_parser(self, parser):
        parser.set_defaults({"trainer.max_epochs": 15, "trainer.min_epochs": 2})

    def before_fit(self): ...
    def after_validate(self): ...

class OurCLI(Base):
    def add_arguments_to_parser(self, parser):
        super().add_arguments_to_parser(parser)
        parser.set_defaults({"trainer.max_epochs": 3})

    def before_instantiate_classes(self): ...

    @staticmethod
    def configure_optimizers(module, optimizer, lr_scheduler=None): ...

OurCLI(Net)
""")
    lost = "is code of the script: what it does is not carried over"
    assert found.left == [
        "'before_fit' of Base is code of the script: write a callback with 'on_fit_start'",
        "'after_validate' of Base is code of the script: write a callback with 'on_validation_end'",
        f"'before_instantiate_classes' of OurCLI {lost}",
        f"'configure_optimizers' of OurCLI {lost}",
    ]
    assert found.defaults.plain == {"trainer": {"max_epochs": 3, "min_epochs": 2}}


def test_defaults_of_the_trainer(script):
    found = script("""
from nets import Show
LightningCLI(trainer_defaults={"callbacks": Show(every=2), "max_epochs": 3, "logger": made()})
""")
    call = {"class_path": "nets.Show", "init_args": {"every": 2}}
    assert found.defaults.plain == {"trainer": {"callbacks": [call], "max_epochs": 3}}
    assert found.left == ["'trainer_defaults' of the script has 'logger: made()', which is not carried over"]


@pytest.mark.parametrize(
    ("text", "said"), [("import torch\n", "calls no LightningCLI: give"), ("def\n", "is no Python file: ")]
)
def test_what_is_no_such_script(script, text, said):
    with pytest.raises(UsageError, match=said):
        script(text)
