"""What of a config may be another when a run goes on."""

from pathlib import Path

import pytest
import yaml

from lighter.config import Config
from lighter.errors import UsageError
from lighter.runs.folder import RunDirectory
from lighter.runs.resume.start import check_changes, forbidden_changes

WAS = """
vars: {rate: 0.1, unused: 1}
trainer: {max_epochs: 2, precision: 32, callbacks: [{_target_: a.B}]}
system:
  model: {_target_: torch.nn.Linear, in_features: 4, out_features: 1}
  optimizer: {_target_: torch.optim.SGD, lr: "%vars::rate"}
  criterion: {_target_: torch.nn.MSELoss}
  dataloaders:
    train: {_target_: torch.utils.data.DataLoader, batch_size: 4}
    val: {_target_: torch.utils.data.DataLoader, batch_size: 4}
"""


def changed(*overrides: str) -> Config:
    return Config.load(yaml.safe_load(WAS), *overrides)


@pytest.mark.parametrize(
    "override",
    [
        "trainer::max_epochs=9",
        "trainer::max_steps=100",
        "trainer::callbacks=[]",
        "trainer::limit_val_batches=2",
        "trainer::val_check_interval=0.5",
        "system::dataloaders::val::batch_size=8",
        "system::dataloaders::test={_target_: torch.utils.data.DataLoader}",
        "system::metrics={val: {_target_: torchmetrics.MeanSquaredError}}",
        "run={every_n_train_steps: 5}",
        "args={fit: {}}",
        "vars::unused=2",
        "vars::rate=1e-1",
        "system::optimizer::lr=0.10",
    ],
)
def test_what_changes_no_training_is_free(override: str) -> None:
    assert forbidden_changes(changed(), changed(override)) == []


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("vars::rate=0.2", ["changed  system::optimizer::lr: 0.1 -> 0.2"]),
        ("system::dataloaders::train::batch_size=8", ["changed  system::dataloaders::train::batch_size: 4 -> 8"]),
        ("trainer::precision=16", ["changed  trainer::precision: 32 -> 16"]),
        ("trainer::gradient_clip_val=1", ["added    trainer::gradient_clip_val: 1"]),
        ("trainer::precision=null", ["changed  trainer::precision: 32 -> null"]),
        ("seed=3", ["added    seed: 3"]),
    ],
)
def test_what_changes_training_is_found(override: str, told: list[str]) -> None:
    assert [str(one) for one in forbidden_changes(changed(), changed(override))] == told


def test_a_value_that_is_referred_to_is_found() -> None:
    before = changed("system::optimizer::lr=$@vars::rate * 2")
    after = changed("system::optimizer::lr=$@vars::rate * 2", "vars::rate=0.5")
    assert [str(one) for one in forbidden_changes(before, after)] == ["changed  vars::rate: 0.1 -> 0.5"]


def test_the_seed_that_a_run_was_given_is_no_difference() -> None:
    assert forbidden_changes(changed("seed=3"), changed()) == []


def test_a_refusal_tells_all_differences_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(WAS, encoding="utf-8")
    check_changes(RunDirectory(tmp_path), changed("trainer::max_epochs=9"), force=False)
    with pytest.raises(UsageError) as told:
        check_changes(RunDirectory(tmp_path), changed("vars::rate=0.2", "system::model::in_features=5"), force=False)
    assert str(told.value) == (
        f"the run '{tmp_path}' cannot be resumed as it began, for the config has changed:\n"
        "  changed  system::model::in_features: 4 -> 5\n"
        "  changed  system::optimizer::lr: 0.1 -> 0.2\n"
        "leave these changes out, or give '--force' to resume with them"
    )


def test_what_is_forced_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "config.yaml").write_text(WAS, encoding="utf-8")
    check_changes(RunDirectory(tmp_path), changed("trainer::max_epochs=9"), force=True)
    assert not caplog.records
    check_changes(RunDirectory(tmp_path), changed("vars::rate=0.2"), force=True)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "optimizer was set to stays:\n  changed  system::optimizer::lr: 0.1 -> 0.2" in caplog.text
