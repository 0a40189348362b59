"""The table of a former Lighter's spellings: what each line makes of a component, and what is told of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from lighter import Config
from lighter.config.former import SPELLINGS

ADAPTERS = "lighter.adapters"
CALLBACKS = "lighter.callbacks"
MODEL = "lighter.utils.model"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str) -> tuple[Any, list[str]]:
    """What a component means, and the help of its notes."""
    Path("c.yaml").write_text(f"part: {text}\n", encoding="utf-8")
    config = Config.load("c.yaml")
    return config["part"], [note.help for note in config.spellings]


PREFIX = "ckpt_to_model_prefix: {net.: ''}, layers_to_ignore: null"
REPLACED = (
    "write '_target_: lighter.ReplacingCollate'; without '_mode_' and 'dataset': others of the same batch take the "
    "place of what cannot be read"
)
CASES = [
    (
        f"{{_target_: {ADAPTERS}.BatchAdapter, input_accessor: 0, target_accessor: null, identifier_accessor: id}}",
        f"{{_target_: {ADAPTERS}.BatchAdapter, input: 0, target: null, identifier: id}}",
        ["write 'input:'", "write 'target:'", "write 'identifier:'"],
    ),
    (
        f"{{_target_: {ADAPTERS}.CriterionAdapter, pred_argument: 1, target_argument: 0, input_argument: null}}",
        f"{{_target_: {ADAPTERS}.CriterionAdapter, arguments: [target, pred]}}",
        ["write 'arguments: [target, pred]'"] * 3,
    ),
    (
        f"{{_target_: {ADAPTERS}.MetricsAdapter, pred_argument: preds, target_argument: target}}",
        f"{{_target_: {ADAPTERS}.MetricsAdapter, arguments: {{preds: pred, target: target}}}}",
        ["write 'arguments: {preds: pred, target: target}'"] * 2,
    ),
    (
        f"{{_target_: {ADAPTERS}.CriterionAdapter, pred_argument: 0, target_argument: labels}}",
        f"{{_target_: {ADAPTERS}.CriterionAdapter, arguments: {{0: pred, labels: target}}}}",
        ["write 'arguments: {0: pred, labels: target}'"] * 2,
    ),
    (
        f"{{_target_: {ADAPTERS}.LoggingAdapter, pred_transforms: [$torch.sigmoid, $abs], input_transforms: $abs}}",
        f"{{_target_: {ADAPTERS}.LoggingAdapter, transforms: {{pred: [$torch.sigmoid, $abs], input: $abs}}}}",
        ["write 'transforms: {pred: ..., input: ...}'"] * 2,
    ),
    (
        f"{{_target_: {CALLBACKS}.Freezer, name_starts_with: layer1, names: [model.head.bias], until_epoch: 1}}",
        f"{{_target_: {CALLBACKS}.Freezer, names: [model.head.bias, model.layer1*], until_epoch: 1}}",
        ["write 'names: [model.head.bias, \"model.layer1*\"]'"] * 2,
    ),
    (
        f"{{_target_: {CALLBACKS}.freezer.Freezer, names: a, except_name_starts_with: [model.b]}}",
        f"{{_target_: {CALLBACKS}.Freezer, names: a, except_names: [model.b*]}}",
        [f"write '_target_: {CALLBACKS}.Freezer'", "write 'except_names: [\"model.b*\"]'"],
    ),
    (
        f"{{_target_: {CALLBACKS}.FileWriter, path: out, writer: tensor}}",
        f"{{_target_: {CALLBACKS}.FileWriter, path: out, format: pt}}",
        ["write 'format: pt'; a relative 'path' starts from the run's folder"],
    ),
    (
        f"{{_target_: {CALLBACKS}.writer.file.FileWriter, path: /out, writer: image}}",
        f"{{_target_: {CALLBACKS}.FileWriter, path: /out, format: png}}",
        [f"write '_target_: {CALLBACKS}.FileWriter'", "write 'format: png'"],
    ),
    (
        f"{{_target_: {CALLBACKS}.TableWriter, path: /out.csv, writer: tensor}}",
        f"{{_target_: {CALLBACKS}.TableWriter, path: /out.csv}}",
        ["leave it out"],
    ),
    (
        f"{{_target_: {CALLBACKS}.FileWriter, directory: /out, value_key: pred, writer_fn: tensor}}",
        f"{{_target_: {CALLBACKS}.FileWriter, path: /out, format: pt}}",
        ["write 'path:'", "leave it out", "write 'format: pt'"],
    ),
    (
        f"{{_target_: {CALLBACKS}.FileWriter, value_key: target, writer_fn: image_2d}}",
        f"{{_target_: {CALLBACKS}.FileWriter, values: [target], format: png}}",
        ["write 'values: [target]'", "write 'format: png'"],
    ),
    (
        f"{{_target_: {CALLBACKS}.CsvWriter, path: /out.csv, keys: [id, pred, target]}}",
        "{_target_: lighter.TableWriter, path: /out.csv, columns: [pred, target]}",
        ["write '_target_: lighter.TableWriter'; with 'columns: [pred, target]'"],
    ),
    (
        f"{{_target_: {MODEL}.replace_layer_with, model: $m, layer_name: fc.0, new_layer: {{_target_: a.B}}}}",
        "{_target_: lighter.replace_layers, model: $m, layers: {fc.0: {_target_: a.B}}}",
        ["write '_target_: lighter.replace_layers'; with 'layers: {fc.0: ...}'"],
    ),
    (
        f"{{_target_: {MODEL}.replace_layer_with_identity, model: $m, layer_name: fc}}",
        "{_target_: lighter.replace_layers, model: $m, layers: {fc: null}}",
        ["write '_target_: lighter.replace_layers'; with 'layers: {fc: null}'"],
    ),
    (
        f"{{_target_: {MODEL}.adjust_prefix_and_load_state_dict, model: $m, ckpt_path: /a.pt, {PREFIX}}}",
        "{_target_: lighter.load_weights, model: $m, path: /a.pt, prefix: {net.: ''}, strict: false}",
        ["write '_target_: lighter.load_weights'; with 'path: ..., prefix: ..., strict: false'"],
    ),
    (
        "{_target_: lighter.utils.data.collate_replace_corrupted, _mode_: callable, dataset: d, default_collate_fn: c}",
        "{_target_: lighter.ReplacingCollate, collate_fn: c}",
        [REPLACED],
    ),
]


@pytest.mark.parametrize(("old", "new", "help"), CASES)
def test_what_is_meant_and_told(old: str, new: str, help: list[str]) -> None:
    assert read(old) == (yaml.safe_load(new), help)
    assert read(new) == (yaml.safe_load(new), [])


def test_each_line_of_the_table_has_a_case() -> None:
    tried = " ".join(old for old, _, _ in CASES)
    moved = {f"{CALLBACKS}.writer.{name}" for name in ("FileWriter", "TableWriter", "table.TableWriter")}
    lines = [one for one in SPELLINGS if one.old[0] not in tried or not any(name in tried for name in one.of)]
    lacking = {name for one in lines for name in one.of}
    assert lacking - moved == {f"{MODEL}.remove_n_last_layers_sequentially"}  # tried below


@pytest.mark.parametrize(
    "text",
    [
        # What has no one meaning stays, and is told by the checks: both spellings, a gap, what only the run knows.
        f"{{_target_: {ADAPTERS}.BatchAdapter, input: 0, input_accessor: 1}}",
        f"{{_target_: {ADAPTERS}.CriterionAdapter, pred_argument: 1}}",
        f"{{_target_: {ADAPTERS}.CriterionAdapter, pred_argument: 0, target_argument: 0}}",
        f"{{_target_: {ADAPTERS}.CriterionAdapter, pred_argument: '@x'}}",
        f"{{_target_: {CALLBACKS}.FileWriter, path: out, writer: video}}",
        f"{{_target_: {CALLBACKS}.FileWriter, path: out, writer: $project.write}}",
        f"{{_target_: {CALLBACKS}.FileWriter, value_key: logits, writer_fn: text}}",
        f"{{_target_: {CALLBACKS}.CsvWriter, path: /out.csv, keys: [id, score]}}",
        # Somebody's own.
        "{_target_: project.BatchAdapter, input_accessor: 0}",
        "{input_accessor: 0, writer: tensor}",
    ],
)
def test_what_stays(text: str) -> None:
    assert read(text) == (yaml.safe_load(text), [])


def test_references_in_what_is_moved_mean_the_same() -> None:
    text = f"{{x: $abs, a: {{_target_: {ADAPTERS}.LoggingAdapter, pred_transforms: '@::::x'}}}}"
    made, _ = read(text)
    assert made["a"]["transforms"] == {"pred": "@part::x"}


def test_layers_are_taken_off_the_end() -> None:
    layers = "[{_target_: torch.nn.Identity}, {_target_: torch.nn.ReLU}, {_target_: torch.nn.Tanh}]"
    model = f"{{_target_: torch.nn.Sequential, _args_: {layers}}}"
    Path("c.yaml").write_text(
        f"part: {{_target_: {MODEL}.remove_n_last_layers_sequentially, model: {model}, num_layers: 2}}\n"
    )
    made = Config.load("c.yaml").resolve("part")
    assert [type(one).__name__ for one in made] == ["Identity"]
