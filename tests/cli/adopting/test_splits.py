import ast

import pytest

from lighter.cli.adopting.parameters import Parameter
from lighter.cli.adopting.splits import has_split, split_of, split_of_name, values_for


@pytest.mark.parametrize(
    ("split", "names"),
    [
        ("train", "train train_set trainset TrainDataset trainLoader train_dataloader_1 trainval_set training_data"),
        ("val", "val valset ValDataset valid_loader validation dev_data DevSet eval_dataset valDs"),
        ("test", "test testset TestData test_loader testing TESTSet"),
        (
            "",
            "data loader values value trainer evaluator train_test_split contest latest device retrain tr_val_train x",
        ),
    ],
)
def test_the_data_that_a_name_speaks_of(split, names):
    assert {name: split_of_name(name) for name in names.split()} == dict.fromkeys(names.split(), split)


@pytest.mark.parametrize(
    ("values", "named", "split"),
    [
        ({}, "", ""),
        ({}, "train", "train"),
        ({"train": True}, "", "train"),
        ({"train": True}, "test", "train"),
        ({"train": False}, "", "val"),
        ({"train": False}, "train", "val"),
        ({"is_train": False}, "test", "test"),
        ({"train": 1, "other": True, "test": False}, "", ""),
        ({"test": True}, "train", "test"),
        ({"split": "validation"}, "train", "val"),
        ({"split": "all"}, "train", "train"),
        ({"name": "test"}, "", ""),
    ],
)
def test_the_data_that_arguments_ask_for(values, named, split):
    assert split_of(values, named) == split


def parameters(**defaults):
    return [
        Parameter(name, default=default and ast.parse(default, mode="eval").body) for name, default in defaults.items()
    ]


@pytest.mark.parametrize(
    ("given", "text", "values"),
    [
        (parameters(train="True"), "", ({"train": True}, {"train": False}, {})),
        (parameters(train="False", test="False"), "", ({"train": True}, {"train": False}, {"test": True})),
        (parameters(is_train=None), "", ({"is_train": True}, {"is_train": False}, {})),
        ([Parameter("train", "bool")], "", ({"train": True}, {"train": False}, {})),
        (parameters(train=None), "", ({}, {}, {})),  # of what kind, nobody says
        (parameters(mode="'bilinear'"), "'train' 'val'", ({}, {}, {})),
        (parameters(train="'a/b'"), "", ({}, {}, {})),  # a path
        (parameters(split="'train'"), "", ({}, {}, {})),
        (
            parameters(split=None),
            "'training' 'train' \"valid\" 'tests'",
            ({"split": "train"}, {"split": "valid"}, {}),
        ),
        (parameters(name="'train'"), "'train'", ({}, {}, {})),
    ],
)
def test_the_arguments_that_give_a_part_of_the_data(given, text, values):
    assert tuple(values_for(split, given, text) for split in ("train", "val", "test")) == values
    assert has_split(given) == (given[0].name != "name")
