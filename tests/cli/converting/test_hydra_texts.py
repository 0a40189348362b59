import pytest

from lighter.cli.converting.hydra_interpolations import NotCarriedError, OfRunError
from lighter.cli.converting.hydra_resolvers import resolve
from lighter.cli.converting.hydra_texts import Texts
from lighter.cli.converting.reading import parts_of
from lighter.config.key_path import text
from lighter.errors import Source

CONFIG = """\
a: 3
b: {c: x, d: [1, {e: 2}], env: "${oc.env:HOME}", run: "${hydra:runtime.output_dir}", to: "${a}", loop: "${b.loop}"}
gone: {k: 5, m: {n: 1}}
name: b
whole: ${b}
"""


def of(*, left=("gone",)):
    root = parts_of(Source("x.yaml", CONFIG))
    return Texts(root, {"model": "big"}, lambda keys: None if keys[0] in left else ("vars", *map(str, keys)), resolve)


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("plain", "plain"),
        ("@home", "@@home"),
        ("$5", "$$5"),
        ("???", "???"),
        ("\\${a}", "$${a}"),
        ("x\\${a}", "x${a}"),
        ("${a}", "%vars::a"),
        ("${b.d.1.e}", "%vars::b::d::1::e"),
        ("${b.d[1].e}", "%vars::b::d::1::e"),
        ("${b[d][0]}", "%vars::b::d::0"),
        ("${.c}", "%vars::b::c"),
        ("${..a}", "%vars::a"),
        ("${${name}.c}", "%vars::b::c"),
        ("${whole.c}", "%vars::b::c"),
        ("${a}/x", "$f'{@vars::a}/x'"),
        ("${a}-${b.c}", "$f'{@vars::a}-{@vars::b::c}'"),
        ("it's ${a}", '$"it\'s " + str(@vars::a)'),
        ("${oc.env:HOME}", "$env('HOME')"),
        ("${oc.env:HOME,4}", "$env('HOME', '4')"),
        ("${oc.env:HOME,'a b'}", "$env('HOME', 'a b')"),
        ("${oc.env:HOME,null}", "$env('HOME', None)"),
        ("${oc.env:HOME,${b.c}}", "$env('HOME', @vars::b::c)"),
        ("${oc.env:HOME}/data", "$env('HOME') + '/data'"),
        ("${oc.env:HOME,${a}}/data", "$str(env('HOME', @vars::a)) + '/data'"),
        ("${oc.decode:${oc.env:WORKERS,4}}", "$env('WORKERS', 4)"),
        ("${oc.select:a,7}", "$@vars::a"),
        ("${oc.select:zz,7}", 7),
        ("${oc.select:zz}", None),
        ("${oc.select:zz,word}", "word"),
        ("${oc.dict.keys:b}", "$list(@vars::b)"),
        ("${oc.dict.values:b}", "$list(@vars::b.values())"),
        ("${now:%Y-%m-%d}", "$datetime.now().strftime('%Y-%m-%d')"),
        ("run_${now:%H:%M}", "$'run_' + datetime.now().strftime('%H:%M')"),
        ("${hydra:runtime.cwd}/x", "./x"),
        ("${hydra:runtime.choices.model}", "big"),
        ("${gone.k}", 5),
        ("k${gone.k}", "k5"),
        ("${eval:'${a} * 2'}", "$(@vars::a * 2)"),
        ("${eval:'${a} + ${b.d[0]}'}", "$(@vars::a + @vars::b::d::0)"),
    ],
)
def test_what_a_text_becomes(written, ours):
    assert of().rewritten(written, ("b", "x")) == ours


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("${zz}", "there is no 'zz'"),
        ("${mine:1}", r"'\$\{mine:1\}' is a resolver that your Python registers"),
        ("${hydra:job.num}", "'hydra:job.num' is a value of Hydra's own"),
        ("${gone.m}", "'gone.m' is left out"),
        ("${oc.decode:${a}}", "'oc.decode' reads"),
        ("${eval:'\"${a}\"'}", "'eval' has a text in it"),
        ("${b.loop}", "'b.loop' refers to itself"),
        ("${....a}", "names no place"),
    ],
)
def test_what_has_no_counterpart(written, reason):
    with pytest.raises(NotCarriedError, match=reason):
        of().rewritten(written, ("b", "x"))


@pytest.mark.parametrize("written", ["${hydra:runtime.output_dir}/x", "${b.run}/x", "${b.run}", "${hydra.run.dir}"])
def test_what_is_of_the_folder_of_a_run(written):
    with pytest.raises(OfRunError):
        of().rewritten(written, ("x",))


def test_what_is_referred_to_and_imported_is_known():
    texts = of()
    texts.rewritten("${now:%Y}${b.to}", ("x",))
    assert (texts.imports, texts.used) == ({"from datetime import datetime"}, {("b", "to"), ("a",)})


def test_a_variable_that_the_script_sets():
    texts = of()
    texts.variables = {"PROJECT_ROOT": "."}
    assert texts.rewritten("${oc.env:PROJECT_ROOT}/data", ()) == "$env('PROJECT_ROOT', '.') + '/data'"


def test_what_is_known_already():
    texts = of()
    assert texts.static(parts_of(Source("x", 'k: "${b.to}-${name}"\nl: ["${a}"]\n')), ()) == {"k": "3-b", "l": [3]}
    with pytest.raises(NotCarriedError, match="is known at run time only"):
        texts.static(parts_of(Source("x", 'k: "${oc.env:HOME}"\n')), ())


def test_an_object_of_omegaconf():
    texts = of()
    part = parts_of(Source("x", 'size: "${a}"\nwhole: "${gone}"\nt: "${b.c}!"\nl: [1e-3, null, true]\n'))
    created = texts.created(part, ("new",))
    assert created == (
        "$OmegaConf.create({'size': @vars::a, 'whole': {'k': 5, 'm': {'n': 1}}, 't': f'{@vars::b::c}!', "
        "'l': [1e-3, None, True]})"
    )
    assert texts.imports == {"from omegaconf import OmegaConf"}
    assert text(texts.moved(("a",))) == "vars::a"
