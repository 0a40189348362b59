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


def test_a_choice_that_is_none_is_told():
    texts = Texts(parts_of(Source("x.yaml", "a: 1\n")), {"model": "big"}, lambda keys: tuple(map(str, keys)), resolve)
    assert resolve(texts, Interpolation("", "hydra", ("runtime.choices.model",)), ()) == "'big'"
    with pytest.raises(NotCarriedError, match="is a value of Hydra's own"):
        resolve(texts, Interpolation("", "hydra", ("runtime.choices.data",)), ())
