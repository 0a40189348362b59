import pytest

from lighter.cli.converting.hydra_calls import Calls
from lighter.cli.converting.hydra_code import Code
from lighter.cli.converting.hydra_resolvers import resolve
from lighter.cli.converting.hydra_texts import Texts
from lighter.cli.converting.reading import parts_of
from lighter.cli.converting.writing import written as text_of
from lighter.errors import Source

CODE = """
from torch import nn


class Net(nn.Module):
    def __init__(self, shape, width=1):
        super().__init__()
        self.layer = nn.Linear(shape.inputs, width)


class Wrapper(nn.Module):
    def __init__(self, net, options=None):
        super().__init__()
"""


@pytest.fixture
def rewritten(tmp_path, written):
    """The text of a config with its calls rewritten, and what is left to do."""
    written(tmp_path, {"nets.py": CODE})

    def of(text):
        root = parts_of(Source("x.yaml", text))
        texts = Texts(root.copy(), {}, lambda keys: tuple(map(str, keys)), resolve)
        calls = Calls(texts, Code.of(root, tmp_path))
        calls.rewrite(root)
        return text_of(root), calls.left

    return of


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("_target_: torch.optim.Adam\n_partial_: true  # later\nlr: 0.1\n",
         "_target_: torch.optim.Adam\n_mode_: callable  # later\nlr: 0.1\n"),
        ("_target_: torch.nn.ReLU\n_partial_: false\n_convert_: all\n_recursive_: true\n", "_target_: torch.nn.ReLU\n"),
        ("_target_: torch.nn.Linear\n_args_: [1, 2]\n", "_target_: torch.nn.Linear\n_args_: [1, 2]\n"),
        ("_target_: nets.Wrapper\nnet: {_target_: nets.Net, shape: 1}\n",
         "_target_: project.nets.Wrapper\nnet: {_target_: project.nets.Net, shape: 1}\n"),
        ("_target_: torch.optim.${name}\n", "_target_: torch.optim.SGD\n"),
        ("_target_: hydra.utils.get_class\npath: torch.nn.ReLU\n", "_target_: torch.nn.ReLU\n_mode_: callable\n"),
        ("_target_: hydra.utils.get_method\n_args_: [torch.nn.functional.relu]\n",
         "_target_: torch.nn.functional.relu\n_mode_: callable\n"),
        ("_target_: hydra.utils.instantiate\nconfig:\n  _target_: torch.nn.ReLU\n", "_target_: torch.nn.ReLU\n"),
        ("_target_: hydra.utils.instantiate\nconfig: ${name}\n", "'%name'\n"),
        ("_target_: hydra.utils.to_absolute_path\npath: data/x\n", "data/x\n"),
        ("- _target_: torch.nn.ReLU\n  _partial_: true\n", "- _target_: torch.nn.ReLU\n  _mode_: callable\n"),
        ("+a: '@b'\n", "=+a: '@@b'\n"),
    ],
)  # fmt: skip
def test_what_a_call_becomes(rewritten, theirs, ours):
    def below(text):
        single = text.count("\n") == 1 and not text.startswith("- ") and ":" not in text
        return f"k: {text}" if single else "k:\n" + "".join(f"  {line}\n" for line in text.splitlines())

    text, left = rewritten("name: SGD\n" + below(theirs))
    assert text == "name: SGD\n" + below(ours)
    assert left == []


def test_what_a_class_builds_itself_stays_unbuilt(rewritten):
    text, left = rewritten(
        "wide: 3\nk:\n  _target_: nets.Wrapper\n  _recursive_: false\n  net: {_target_: nets.Net, shape: '${wide}'}\n"
    )
    assert text.endswith("  net: '$OmegaConf.create({''_target_'': ''nets.Net'', ''shape'': @wide})'\n")
    assert left[0].startswith("Wrapper builds itself what is given as 'net'")


def test_what_a_class_reads_by_attribute_stays_an_object(rewritten):
    text, left = rewritten("shape: {inputs: 2}\nk:\n  _target_: nets.Net\n  shape: ${shape}\n")
    assert text.endswith("  shape: '$OmegaConf.create({''inputs'': 2})'\n")
    assert left[0].startswith("Net reads by attribute what is given as 'shape'")
    text, left = rewritten("k: {_target_: nets.Wrapper, options: {inputs: 2}}\n")
    assert (text, left) == ("k: {_target_: project.nets.Wrapper, options: {inputs: 2}}\n", [])


def test_what_cannot_be_carried_over_is_left_out_of_the_innermost_mapping(rewritten):
    text, _ = rewritten(
        "k:\n  _target_: nets.Net\n  width: 2\n  shape: ${mine:1}  # own\n  all: [1, '${mine:2}']\n"
        "  g: {_target_: hydra.utils.get_original_cwd}\nd:\n  dirpath: ${hydra:runtime.output_dir}\n"
    )
    reason = "is a resolver that your Python registers: write an expression, '$...'"
    assert text == (
        "k:\n  _target_: project.nets.Net\n  width: 2\n"
        f"  # left out: '${{mine:1}}' {reason}\n  #   shape: ${{mine:1}}  # own\n"
        f"  all:\n    - 1\n    # left out: '${{mine:2}}' {reason}\n    #   - ${{mine:2}}\n    - null\n"
        "  # left out: 'hydra.utils.get_original_cwd' has no counterpart here\n"
        "  #   g: {_target_: hydra.utils.get_original_cwd}\n"
        "# left out: without it, it is in the folder of the run\n#   dirpath: ${hydra:runtime.output_dir}\n"
    )


def test_what_is_left_out_deep_in_brackets_is_told_too(rewritten):
    text, _ = rewritten("k: [1, {a: [{b: '${mine:1}', c: 2}, '${hydra:runtime.output_dir}'], d: 3}]\n")
    reason = "is a resolver that your Python registers: write an expression, '$...'"
    assert text == (
        "k:\n  - 1\n  - a:\n"
        f"      - # left out: '${{mine:1}}' {reason}\n        #   b: ${{mine:1}}\n        c: 2\n"
        "      # left out: each run has a folder of its own, which a config does not name\n"
        "      #   - ${hydra:runtime.output_dir}\n      - null\n    d: 3\n"
    )


def test_a_mapping_of_which_all_is_left_out_goes_and_its_comments_stay(rewritten):
    text, _ = rewritten("# why\nk:\n  dirpath: ${hydra:runtime.output_dir}\nd: 1\n")
    reason = "without it, it is in the folder of the run"
    assert text == f"# why\n# left out: {reason}\n#   dirpath: ${{hydra:runtime.output_dir}}\nd: 1\n"
