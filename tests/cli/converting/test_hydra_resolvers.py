import pytest

from lighter.cli.converting.hydra_interpolations import Interpolation, NotCarriedError
from lighter.cli.converting.hydra_resolvers import resolve
from lighter.cli.converting.hydra_texts import Texts
from lighter.cli.converting.reading import parts_of
from lighter.errors import Source


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("oc.env", ("A",), "env('A')"),
        ("oc.env", ("A", "true"), "env('A', 'true')"),
        ("oc.env", ("A", "null"), "env('A', None)"),
        ("oc.decode", ("${oc.env:A,1e-3}",), "env('A', 1e-3)"),
        ("oc.select", ("b", "2"), "2"),
        ("oc.select", ("b", "'2'"), "'2'"),
        ("oc.select", ("b", "true"), "True"),
        ("oc.select", ("a", "2"), "@a"),
        ("now", ("%H", "%M"), "datetime.now().strftime('%H,%M')"),
        ("eval", ("'${a}'",), "(@a)"),
        ("eval", ("'1'",), "1"),
    ],
)
def test_an_expression_of_ours(name, arguments, code):
    texts = Texts(parts_of(Source("x.yaml", "a: 1\n")), {}, lambda keys: tuple(map(str, keys)), resolve)
    assert resolve(texts, Interpolation("", name, arguments), ()) == code


BUILT = """
plain: {a: 1, b: '${x}'}
x: 2
net: {_target_: torch.nn.Linear, in_features: '${x}', bias: true}
nets: {one: {_target_: torch.nn.ReLU}, two: {_target_: torch.nn.ReLU}}
outer: {_target_: torch.nn.Sequential, inner: {_target_: torch.nn.ReLU}}
same: ${net}
"""


@pytest.mark.parametrize(
    ("name", "place", "code"),
    [
        ("keys", "plain", "list(@plain)"),
        ("values", "plain", "list(@plain.values())"),
        ("keys", "net", "['_target_', 'in_features', 'bias']"),
        ("values", "net", "['torch.nn.Linear', @x, True]"),
        ("keys", "same", "['_target_', 'in_features', 'bias']"),
        ("keys", "nets", "['one', 'two']"),
        ("values", "nets", "list(@nets.values())"),
        ("keys", "outer", "['_target_', 'inner']"),
    ],
)
def test_keys_and_values_of_what_is_built_are_those_that_stand_there(name, place, code):
    texts = Texts(parts_of(Source("x.yaml", BUILT)), {}, lambda keys: tuple(map(str, keys)), resolve)
    assert resolve(texts, Interpolation("", f"oc.dict.{name}", (place,)), ()) == code


def test_values_that_are_built_within_what_is_built_are_left_to_do():
    texts = Texts(parts_of(Source("x.yaml", BUILT)), {}, lambda keys: tuple(map(str, keys)), resolve)
    with pytest.raises(NotCarriedError, match="'outer' is built, with other things that are: write an expression"):
        resolve(texts, Interpolation("", "oc.dict.values", ("outer",)), ())


def test_a_choice_that_is_none_is_told():
    texts = Texts(parts_of(Source("x.yaml", "a: 1\n")), {"model": "big"}, lambda keys: tuple(map(str, keys)), resolve)
    assert resolve(texts, Interpolation("", "hydra", ("runtime.choices.model",)), ()) == "'big'"
    with pytest.raises(NotCarriedError, match="is a value of Hydra's own"):
        resolve(texts, Interpolation("", "hydra", ("runtime.choices.data",)), ())
