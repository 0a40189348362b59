"""Command lines of other tools: each is told with the line to write instead."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.cli.usage import understood
from lighter.errors import UsageError

CONFIG = """
system:
  model: {_target_: torch.nn.Linear, in_features: 1, out_features: 1}
  optimizer: {_target_: torch.optim.SGD, lr: 0.1}
  dataloaders: {train: {batch_size: 2}, val: {batch_size: 2}}
trainer: {max_epochs: 1}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.yaml").write_text(CONFIG)


def told(line: str) -> str:
    with pytest.raises(UsageError) as caught:
        understood(line.split())
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("train c.yaml a=1", "lighter fit c.yaml a=1"),
        ("Train c.yaml", "lighter fit c.yaml"),
        ("eval c.yaml", "lighter test c.yaml"),
        ("val c.yaml", "lighter validate c.yaml"),
        ("infer c.yaml", "lighter predict c.yaml"),
        ("tune c.yaml", "lighter sweep c.yaml"),
        ("init my_project", "lighter new my_project"),
        ("resume runs/x", "lighter fit --resume runs/x"),
        ("c.yaml a=1", "lighter fit c.yaml a=1"),
    ],
)
def test_a_command_of_another_name(line: str, instead: str) -> None:
    assert told(line) == f"there is no command '{line.split(maxsplit=1)[0]}'; write '{instead}'"


@pytest.mark.parametrize(
    "line",
    ["fit --config c.yaml a=1", "fit --config=c.yaml a=1", "fit -c c.yaml a=1", "fit --config_file c.yaml a=1"],
)
def test_a_config_behind_a_flag(line: str) -> None:
    flag = line.split()[1].partition("=")[0]
    instead = "a config is named without a flag: write 'lighter fit c.yaml a=1'"
    assert told(line) == f"'lighter fit' has no flag '{flag}'; {instead}"


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("check c.yaml --lr 0.1", "write 'system::optimizer::lr=0.1'"),
        ("check --lr=0.1 c.yaml", "write 'system::optimizer::lr=0.1'"),
        ("check c.yaml --learning-rate 0.1", "write 'system::optimizer::lr=0.1'"),
        ("check c.yaml --trainer.max_epochs=3", "write 'trainer::max_epochs=3'"),
        ("check c.yaml --trainer#max_epochs 3", "write 'trainer::max_epochs=3'"),
        ("check c.yaml --trainer.accumulate_grad_batches 3", "write 'trainer::accumulate_grad_batches=3'"),
        ("check c.yaml --model.init_args.in_features 3", "write 'system::model::in_features=3'"),
        ("fit c.yaml --epochs 3", "write 'trainer::max_epochs=3'"),
        ("fit c.yaml --gpus", "write 'trainer::devices=...'"),
        (
            "fit c.yaml --batch-size 4",
            "write 'system::dataloaders::train::batch_size=4' or 'system::dataloaders::val::batch_size=4'",
        ),
        ("fit --a.b=3", "by its place: write 'system::optimizer::lr=0.01'"),
        ("fit nowhere.yaml --a.b=3", "by its place: write 'system::optimizer::lr=0.01'"),
        ("fit c.yaml -m lr=1,2", "'lighter sweep c.yaml lr=1,2' tries several values"),
        ("fit --multirun c.yaml", "'lighter sweep c.yaml' tries several values"),
        ("fit c.yaml --cfg job", "'lighter show c.yaml' prints the config, and its part at a place with --id"),
        ("fit c.yaml --print_config", "'lighter show c.yaml' prints the config, and its part at a place with --id"),
        ("fit --cfg c.yaml", "a config is named without a flag: write 'lighter fit c.yaml'"),
        ("fit --config=a.yaml,b.yaml", "a config is named without a flag: write 'lighter fit a.yaml b.yaml'"),
        ("fit --config-name=train", "a config is named without a flag: write 'lighter fit path/to/config.yaml'"),
        ("fit c.yaml --output_dir=x", "write '--run_dir=x'"),
        ("test c.yaml --ckpt=x", "write '--ckpt_path=x'"),
        # What is near a flag of the command is a slip of the hand.
        ("fit c.yaml --ckpt_pth=x", "did you mean '--ckpt_path'?"),
        ("fit c.yaml -x", "'lighter fit' takes --ckpt_path, --run_dir, --resume, --force, --launcher, --allow"),
        ("runs --lr 3", "'lighter runs' takes --metric, "),
        ("runs --config c.yaml", "'lighter runs' takes --metric, "),
        ("diff c.yaml c.yaml --lr 3", "write 'system::optimizer::lr=3'"),
    ],
)
def test_a_flag_of_another_tool(line: str, cure: str) -> None:
    assert cure in told(line)


def test_it_is_told_with_status_2(lighter: Callable[..., object]) -> None:
    done = lighter("check", "c.yaml", "--lr", "0.1")
    assert (done.returncode, done.stdout) == (2, "")  # type: ignore[attr-defined]  # a finished process
    what = "'lighter check' has no flag '--lr'; a value of the config is set without dashes"
    assert done.stderr == f"error: {what}: write 'system::optimizer::lr=0.1'\n"  # type: ignore[attr-defined]  # as above
