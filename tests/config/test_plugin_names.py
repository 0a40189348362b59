"""The `plugins:` entry: what is wrong with it, told as its schema says it, and its import."""

import copy
import json
import pickle
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from lighter.config.loading import load_mapping
from lighter.config.plugin_schema import SCHEMA, entry_problems, import_problems


def told(entry):
    return [(problem.what, problem.place, problem.help) for problem in entry_problems(load_mapping({"plugins": entry}))]


RIGHT = [{"names": []}, {"names": ["a"]}, {"names": ["a.b", "a_b.c1"]}]
WRITE = "write 'plugins: {names: [my_project.plugins]}'"
WRONG = [
    ([], "'plugins' takes a mapping", "plugins", WRITE),
    ("a.b", "'plugins' takes a mapping", "plugins", WRITE),
    ({}, "'plugins' needs 'plugins::names'", "plugins::names", WRITE),
    ({"names": "a.b"}, "'plugins::names' takes a list", "plugins::names", WRITE),
    ({"names": None}, "'plugins::names' takes a list", "plugins::names", WRITE),
    ({"nmaes": ["a"]}, "'plugins' holds no 'nmaes'", "plugins::nmaes", "did you mean 'names'?"),
    ({"names": ["a"], "path": 1}, "'plugins' holds no 'path'", "plugins::path", "it holds names"),
    ({"names": [1]}, "'1' is no dotted name of a module", "plugins::names::0", "write it as 'my_project.plugins'"),
    ({"names": ["a", "b..c"]}, "'b..c' is no dotted name of a module", "plugins::names::1", None),
    ({"names": [["a"]]}, "this is no dotted name of a module", "plugins::names::0", None),
    ({"names": ["a/b"]}, "'a/b' is no dotted name of a module", "plugins::names::0", None),
]


@pytest.mark.parametrize("entry", RIGHT)
def test_nothing_is_wrong(entry):
    assert told(entry) == []
    assert Draft202012Validator(SCHEMA).is_valid(entry)


@pytest.mark.parametrize(("entry", "what", "place", "help"), WRONG)
def test_what_is_wrong_is_told_where_the_schema_is_not_met(entry, what, place, help):
    assert [(w, p) for w, p, _ in told(entry)] == [(what, place)]
    assert help in (None, told(entry)[0][2])
    assert not Draft202012Validator(SCHEMA).is_valid(entry)


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "copied",
    [
        lambda schema: json.loads(json.dumps(schema)),
        lambda schema: yaml.safe_load(yaml.safe_dump(schema)),
        lambda schema: pickle.loads(pickle.dumps(schema)),
        copy.deepcopy,
    ],
)
def test_the_schema_can_be_written_and_copied(copied):
    assert copied(SCHEMA) == SCHEMA


def test_the_docs_print_the_schema():
    page = Path(__file__).parents[2] / "docs" / "reference" / "plugins.md"
    (block,) = re.findall(r"```yaml\n(\$schema.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert yaml.safe_load(block) == SCHEMA


def test_nothing_is_no_mistake():
    assert told(None) == []
    assert entry_problems(load_mapping({})) == []


def test_modules_are_imported_and_what_cannot_be_is_told():
    tree = load_mapping({"plugins": {"names": ["json.tool", "jsn", "json.dumps"]}})
    found = [(problem.what, problem.place, problem.help) for problem in import_problems(tree, None)]
    assert [place for _, place, _ in found] == ["plugins::names::1", "plugins::names::2"]
    assert found[0][0] == "there is no module 'jsn'"
    assert found[1][::2] == ("'json.dumps' is no module", "write 'json', which holds it")


def test_a_limited_config_is_told_where_it_names_plugins():
    (problem,) = import_problems(load_mapping({"plugins": {"names": ["json.tool"]}}), None, is_limited=True)
    assert problem.place == "plugins"
    assert problem.what == "'plugins' runs code that --allow does not judge: no limited config may have it"
