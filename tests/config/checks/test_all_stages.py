"""The checks of a config as a whole."""

import pytest

from lighter import Config
from lighter.config.checks.all_stages import survey
from lighter.errors import UsageError

SYSTEM = {
    "model": {"_target_": "torch.nn.Linear", "in_features": 1, "out_features": 1},
    "criterion": {"_target_": "torch.nn.MSELoss"},
    "optimizer": {"_target_": "torch.optim.SGD", "lr": 0.1},
}
LOADER = {"_target_": "torch.utils.data.DataLoader", "dataset": [1]}


def loaders(*modes):
    return {"dataloaders": dict.fromkeys(modes, LOADER)}


def stages(mapping):
    return list(survey(Config(mapping)).stages)


def what(mapping, stage=None):
    return [problem.what for problem in survey(Config(mapping), stage).problems]


@pytest.mark.parametrize(
    ("modes", "expected"),
    [
        (("train",), ["fit"]),
        (("train", "val"), ["fit", "validate"]),
        (("test", "predict"), ["test", "predict"]),
        (("train", "val", "test", "predict"), ["fit", "validate", "test", "predict"]),
    ],
)
def test_every_stage_that_has_a_loader(modes, expected):
    assert stages({"system": {**SYSTEM, **loaders(*modes)}}) == expected


def test_a_null_is_no_loader():
    assert stages({"system": {**SYSTEM, "dataloaders": {"test": LOADER, "train": None}}}) == ["test"]


@pytest.mark.parametrize(
    "data",
    [
        {"data": {"_target_": "pytorch_lightning.LightningDataModule"}},
        {"system": {"dataloaders": "@vars::loaders"}, "vars": {"loaders": {"test": LOADER}}},
    ],
)
def test_where_nobody_can_see_the_data_all_stages_are_meant(data):
    whole = {**data, "system": {**SYSTEM, **data.get("system", {})}}
    assert stages(whole) == ["fit", "validate", "test", "predict"]
    del whole["system"]["optimizer"]
    assert stages(whole) == ["validate", "test", "predict"]


def test_another_module_may_do_anything():
    assert stages({"system": {"_target_": "pytorch_lightning.LightningModule"}}) == [
        "fit",
        "validate",
        "test",
        "predict",
    ]


def test_without_any_data_that_is_what_is_told():
    assert what({"system": SYSTEM}) == ["'fit' needs 'system::dataloaders::train'"]


def test_a_mistake_of_one_stage_is_told_while_another_is_meant():
    whole = {"system": {**SYSTEM, "dataloaders": {"train": LOADER, "test": {**LOADER, "batchsize": 1}}}}
    assert what(whole) == ["torch.utils.data.DataLoader takes no argument 'batchsize'"]
    assert what(whole, "fit") == []
    assert what(whole, "test") == what(whole)


def test_what_is_wrong_for_several_stages_is_told_once():
    whole = {"system": {**SYSTEM, **loaders("train", "val", "test")}, "sytem": 1}
    assert what(whole) == ["'sytem' is no top-level key"]
    del whole["system"]["model"], whole["sytem"]
    assert what(whole) == ["'fit' needs 'system::model'"]
    whole["system"]["model"] = {"_target_": "torch.nn.Liner"}
    assert len(what(whole)) == 1


def test_one_look_tells_all():
    whole = {"system": {**SYSTEM, **loaders("train", "test"), "model": {"_target_": "torch.nn.Liner"}}, "other": 1}
    assert what(whole) == ["'other' is no top-level key", "'torch.nn' has no 'Liner'"]


def test_a_mapping_without_system_is_checked_as_it_is():
    found = survey(Config({"a": {"_target_": "collections.Counter"}, "b": "@a", "trainer": {"x": 1}}))
    assert (found.problems, found.stages, found.targets) == ((), (), 1)
    assert what({"a": {"_target_": "collections.Conter"}}) == ["'collections' has no 'Conter'"]


def test_a_misspelt_system_makes_no_plain_mapping():
    assert what({"sytem": {}, "trainer": {}}) == ["'sytem' is no top-level key", "the config has no 'system'"]
    assert what({"stem": {}, "leaf": {}}) == []


def test_each_target_is_counted_once():
    found = survey(Config({"system": {**SYSTEM, **loaders("train", "val")}}))
    # The three of SYSTEM, two loaders, the System and the Trainer.
    assert (found.problems, found.targets) == ((), 7)


def test_an_unknown_stage_is_told_with_the_nearest():
    with pytest.raises(UsageError, match="there is no stage 'fti'; did you mean 'fit'"):
        survey(Config({}), "fti")
    with pytest.raises(UsageError, match="there is no stage 'xyz'; there are fit, validate, test, predict"):
        Config({}).check("xyz")
