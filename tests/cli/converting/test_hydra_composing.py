import pytest

from lighter.cli.converting.hydra_composing import compose
from lighter.errors import ConfigError, UsageError

MODELS = {"m/big.yaml": "x: 1\ny: 2\n", "m/small.yaml": "x: 0\nonly: 1\n"}


@pytest.fixture
def composed(tmp_path, written):
    def of(files, *words):
        return compose(written(tmp_path, files) / "config.yaml", words)

    return of


# Each is what Hydra 1.3 composes of the same files and words.
@pytest.mark.parametrize(
    ("files", "words", "config"),
    [
        ({"config.yaml": "defaults:\n - m: big\na: 1\nm: {x: 9}\n"}, [], {"m": {"x": 9, "y": 2}, "a": 1}),
        ({"config.yaml": "defaults:\n - _self_\n - m: big\nm: {x: 9}\n"}, [], {"m": {"x": 1, "y": 2}}),
        ({"config.yaml": "defaults:\n - m: big\nm: {x: 9}\n"}, ["m=small"], {"m": {"x": 9, "only": 1}}),
        ({"config.yaml": "defaults:\n - m: big\n"}, ["m.x=3", "+m.z=4", "~m.y"], {"m": {"x": 3, "z": 4}}),
        ({"config.yaml": "defaults:\n - m: big\n - _self_\nq: 1\n"}, ["~m", "++q=2"], {"q": 2}),
        ({"config.yaml": "defaults:\n - m: null\nq: 1\n"}, ["m=big"], {"m": {"x": 1, "y": 2}, "q": 1}),
        ({"config.yaml": "q: 1\n"}, ["+m=big"], {"q": 1, "m": {"x": 1, "y": 2}}),
        ({"config.yaml": "defaults:\n - m: [big, small]\n"}, [], {"m": {"x": 0, "y": 2, "only": 1}}),
        ({"config.yaml": "defaults:\n - m: [big, small]\n"}, ["m=[big]"], {"m": {"x": 1, "y": 2}}),
        ({"config.yaml": "defaults:\n - optional m: gone\n - optional n: gone\nq: 1\n"}, [], {"q": 1}),
        ({"config.yaml": "defaults:\n - m@a: big\n - m@b: small\n"}, ["m@b=big"],
         {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 2}}),
        ({"config.yaml": "defaults:\n - m: big\n - n: ${m}\n", "n/big.yaml": "k: 1\n"}, [],
         {"m": {"x": 1, "y": 2}, "n": {"k": 1}}),
        ({"config.yaml": "defaults:\n - base\n - sub/more\nq: 1\n", "base.yaml": "b: 1\n", "sub/more.yaml": "t: 1\n"},
         [], {"b": 1, "sub": {"t": 1}, "q": 1}),
        ({"config.yaml": "defaults: [m: big]\nm: null\n"}, [], {"m": None}),
        ({"config.yaml": "defaults: [m: big]\nm: {x: '???'}\n"}, [], {"m": {"x": 1, "y": 2}}),
        ({"config.yaml": "defaults: [m: big]\nm: {x: {k: 1}, y: [1]}\n"}, [], {"m": {"x": {"k": 1}, "y": [1]}}),
        ({"config.yaml": "defaults: [_self_, o: z]\na: {c: 1}\no: ${a}\n", "o/z.yaml": "z: 2\n"}, [],
         {"a": {"c": 1}, "o": {"c": 1, "z": 2}}),
        ({"config.yaml": "l: [1, 2]\nd: [{a: 1}]\n"}, ["l.0=5", "d.0.a=7"], {"l": [5, 2], "d": [{"a": 7}]}),
    ],
)  # fmt: skip
def test_what_lies_over_what(composed, files, words, config):
    assert composed(MODELS | files, *words).root.plain == config


NESTED = {
    "config.yaml": "defaults:\n - m: big\n - _self_\n",
    "m/inner/a.yaml": "i: 1\n",
    "m/base.yaml": "x: 0\nw: 0\n",
    "opt/adam.yaml": "lr: 1\n",
    "headed/one.yaml": "# @package _global_\nh: 1\n",
    "opt/sgd.yaml": "lr: 2\n",
}


@pytest.mark.parametrize(
    ("big", "words", "config"),
    [
        ("defaults:\n - /opt: adam\n - inner: a\n - base\n - _self_\nx: 1\n", [],
         {"m": {"opt": {"lr": 1}, "inner": {"i": 1}, "x": 1, "w": 0}}),
        ("defaults:\n - /opt: adam\nx: 1\n", ["opt@m.opt=sgd"], {"m": {"opt": {"lr": 2}, "x": 1}}),
        ("defaults:\n - inner: a\nx: 1\n", ["~m/inner"], {"m": {"x": 1}}),
        ("defaults:\n - /opt@o: adam\n - /opt@_global_.q: adam\n - inner@_here_: a\n - base@b\n", [],
         {"m": {"o": {"lr": 1}, "i": 1, "b": {"x": 0, "w": 0}}, "q": {"lr": 1}}),
        ("# @package foo.bar\nx: 1\n", [], {"foo": {"bar": {"x": 1}}}),
        ("# @package _group_\nx: 1\n", [], {"m": {"x": 1}}),
        ("defaults:\n - /headed@z: one\n", [], {"m": {"z": {"h": 1}}}),
        ("defaults:\n - /headed: one\n", [], {"h": 1, "m": {}}),
    ],
)  # fmt: skip
def test_defaults_lists_of_groups_and_packages(composed, big, words, config):
    assert composed(NESTED | {"m/big.yaml": big}, *words).root.plain == config


EXPERIMENT = {
    "config.yaml": "defaults:\n - _self_\n - m: big\n - experiment: null\nq: 1\n",
    "experiment/e.yaml": "# @package _global_\n"
    "defaults:\n - base\n - /extra: e\n - override /m: small\nq: 2\nm: {x: 7}\n",
    "experiment/base.yaml": "r: 1\n",
    "extra/e.yaml": "k: 1\n",
}


@pytest.mark.parametrize(
    ("words", "config"),
    [
        ([], {"q": 1, "m": {"x": 1, "y": 2}}),
        (["experiment=e"], {"q": 2, "m": {"x": 7, "only": 1}, "r": 1, "extra": {"k": 1}}),
        (["experiment=e", "m=big"], {"q": 2, "m": {"x": 7, "y": 2}, "r": 1, "extra": {"k": 1}}),
        (["experiment=e", "q=5"], {"q": 5, "m": {"x": 7, "only": 1}, "r": 1, "extra": {"k": 1}}),
    ],
)
def test_an_experiment_swaps_a_group_and_keeps_its_values(composed, words, config):
    assert composed(MODELS | EXPERIMENT, *words).root.plain == config


def test_choices_what_is_swept_and_what_is_no_file_are_known(composed):
    files = {"config.yaml": "defaults:\n - schema\n - m: big\n - override hydra/launcher: x\n - override n: y\n"}
    found = composed(MODELS | files, "m.x=1,2")
    assert found.choices == {"m": "big"}
    assert list(found.swept) == ["m.x"]
    assert [line.rpartition("/")[2] for line in found.left] == [
        "schema.yaml': what Python registers for Hydra is not read; add it",
        "'override n' is of a group that no defaults list names: nothing came of it",
    ]


def test_comments_stay_and_headers_go(composed):
    files = {"config.yaml": "# @package _global_\n# top\ndefaults:\n - m: c\n", "m/c.yaml": "# of x\nx: 1  # one\n"}
    part = composed(files).root.find("m", "x")
    assert (part.above, part.beside) == (["of x"], "one")


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (["m=bgi"], ConfigError, "'m' has no option 'bgi'"),
        (["m.z=1"], UsageError, r"there is no 'm.z' in the config; .*'\+m.z=1' adds it"),
        (["~m.z"], UsageError, "there is no 'm.z'"),
        (["n/o=big"], UsageError, r"no defaults list names 'n/o'; .*'\+n/o=...' adds it"),
        (["m=big,small"], UsageError, "lists several options"),
        (["nothing"], UsageError, "is no override of Hydra's"),
    ],
)
def test_what_is_wrong(composed, words, error, said):
    with pytest.raises(error, match=said):
        composed(MODELS | {"config.yaml": "defaults:\n - m: big\n - _self_\n"}, *words)


def test_an_option_that_is_still_to_be_given(composed):
    with pytest.raises(UsageError, match="'m' has no option yet: write 'm="):
        composed(MODELS | {"config.yaml": "defaults:\n - m: '???'\n"})
