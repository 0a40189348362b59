"""Formats and parts of a step that Lighter's own writers do not know."""

import sys

import pytest

from lighter.config import Config

FILES, TABLE = "lighter.callbacks.FileWriter", "lighter.callbacks.TableWriter"


def told(target, **arguments):
    config = {
        "vars": {"format": "tensor", "form": "npy"},
        "trainer": {"callbacks": [{"_target_": target, **arguments}]},
        "system": {
            "model": {"_target_": "torch.nn.Identity"},
            "dataloaders": {"predict": {"_target_": "torch.utils.data.DataLoader", "dataset": [1]}},
        },
    }
    place = "trainer::callbacks::0::"
    return [(p.place.removeprefix(place), p.what, p.help) for p in Config.load(config).check("predict")]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"format": "png", "values": ["pred", "input::image"]},
        {"format": {"pred": "png", "input_image": "nifti"}, "values": ["pred", "input::image"]},
        {"format": "$print", "suffix": ".txt", "values": {"of": {"of": "pred", "part": "logits"}}},
        {"values": {"a": "pred", "b": "$'target'"}, "suffix": {"a": ".pt"}, "stages": ["test", "predict"]},
        {"format": {"a": "@vars::form"}, "values": {"a": {"of": "pred", "transforms": "$print"}}},
    ],
)
def test_what_can_be_written(arguments):
    assert told(FILES, **arguments) == []
    assert told(TABLE, columns=["pred", "target"], format="csv") == []


@pytest.mark.parametrize(
    ("arguments", "place", "what", "help"),
    [
        ({"format": "tensor"}, "format", "there is no format 'tensor'", "write one of pt, npy, npz, png, nifti"),
        ({"format": "pgn"}, "format", "there is no format 'pgn'", "did you mean 'png'?"),
        ({"format": "@vars::format"}, "format", "there is no format 'tensor'", "write one of pt, npy, npz, png, nifti"),
        ({"values": ["prd"]}, "values::0", "a step has no 'prd'", "did you mean 'pred'?"),
        ({"values": {"a": "prd::x"}}, "values::a", "a step has no 'prd'", "did you mean 'pred'?"),
        ({"values": {"a": {"of": "imput"}}}, "values::a::of", "a step has no 'imput'", "did you mean 'input'?"),
        (
            {"values": ["pred"], "format": {"prd": "png"}},
            "format::prd",
            "no value is called 'prd'",
            "did you mean 'pred'?",
        ),
        (
            {"values": {"a": "pred"}, "suffix": {"x": ".pt"}},
            "suffix::x",
            "no value is called 'x'",
            "there are a",
        ),
        ({"stages": ["fit"]}, "stages::0", "nothing is written in a stage 'fit'", "write one of predict, test"),
    ],
)
def test_what_cannot_be_written_is_told(arguments, place, what, help):
    assert told(FILES, **arguments) == [(place, what, help)]


def test_a_table_has_formats_and_columns_of_its_own():
    assert told(TABLE, columns=["target", "prd"], format="xls") == [
        ("columns::1", "a step has no 'prd'", "did you mean 'pred'?"),
        ("format", "there is no format 'xls'", "write one of csv, parquet"),
    ]


def test_an_ending_that_is_of_no_table_or_of_another_format_is_told():
    help = "write .csv or .parquet"
    for path in ("config.yaml", "table", "a.csv.gz"):
        assert told(TABLE, path=path) == [("path", f"the suffix of '{path}' is of no known format", help)]
        assert told(TABLE, path=path, format="csv") == []
    for path in ("a.CSV", "b/c.pq", "$'a' + '.csv'"):
        assert told(TABLE, path=path) == []
    told_of_files = [("suffix", "a file of this format does not end with '.npy'", "write .nii.gz or .nii")]
    assert told(FILES, format="nifti", suffix=".npy") == told_of_files
    assert told(FILES, suffix=".png") == [("suffix", "a file of this format does not end with '.png'", "write .pt")]
    assert told(FILES, format="nifti", suffix="nii") == []


@pytest.mark.parametrize(
    ("target", "arguments", "package", "place", "extra"),
    [
        (FILES, {"format": "png"}, "PIL", "format", "images"),
        (FILES, {"values": ["pred"], "format": {"pred": "nifti"}}, "nibabel", "format::pred", "nifti"),
        (TABLE, {"columns": ["pred"], "format": "parquet"}, "pyarrow", "format", "parquet"),
        (TABLE, {"columns": ["pred"], "path": "out.pq"}, "pyarrow", "path", "parquet"),
    ],
)
def test_a_package_that_is_not_installed_is_told(monkeypatch, target, arguments, package, place, extra):  # noqa: PLR0917  (pytest gives them by name)
    assert told(target, **arguments) == []
    monkeypatch.setitem(sys.modules, package, None)
    ((at, what, help),) = told(target, **arguments)
    assert (at, help) == (place, f"pip install 'lighter[{extra}]'")
    assert what.endswith(f"needs '{package}', which is not installed")
