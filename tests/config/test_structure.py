"""The first check, of all of a config and of a run."""

from lighter.config.loading import load_mapping
from lighter.config.structure import of_stage, structural
from lighter.stages import Stage


def what(mapping, stage=None):
    return [problem.what for problem in structural(load_mapping(mapping), stage)]


def test_a_plain_mapping_needs_nothing_of_a_run():
    assert what({"anything": 1}) == []
    assert what({"anything": 1}, Stage.FIT) == ["'anything' is no top-level key", "the config has no 'system'"]


def test_what_no_stage_uses_is_looked_at_too():
    system = {"model": {"_target_": "m"}, "dataloaders": {"test": {"_target_": "d"}}}
    metrics = {"test": "@no::such", "val": "@nothing"}
    mistakes = ["there is no 'no::such'", "there is no 'nothing'"]
    assert what({"system": {**system, "metrics": metrics}}) == mistakes
    assert what({"system": {**system, "metrics": metrics}}, Stage.TEST) == mistakes


def test_the_project_is_looked_for_in_any_config():
    assert what({"project": "no/such"}) == ["there is no folder 'no/such'"]


def test_a_stage_knows_the_targets_that_are_not_written():
    tree = load_mapping({"system": {}})
    assert of_stage(tree, None) is tree
    assert list(of_stage(tree, Stage.FIT).entries) == ["system", "trainer"]


def test_nothing_is_imported(write):
    write("bad.py", "raise AssertionError('this is not to be imported')")
    assert what({"a": {"_target_": "bad.Thing"}, "b": "$import bad"}) == []
