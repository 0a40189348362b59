"""What is told of a dotted name that leads nowhere."""

import pickle
from collections.abc import Callable

import pytest

from lighter.project.locating import locate
from lighter.project.project import Project
from lighter.project.target_not_found import TargetNotFound

Make = Callable[[str, dict[str, str | bytes]], Project]

FILES: dict[str, str | bytes] = {
    "__init__.py": "",
    "models/net.py": "class Net:\n    class Inner: pass\nclass UNet: pass\n",
    "models/twice.py": "class Double: pass\n",
    "models/again.py": "class Double: pass\n",
    "data.py": "1 / 0\ndef load(): ...\n",
    "fast.cpython-311-x86_64-linux-gnu.so": b"",
}


TWICE = (
    "'shop.models' has no 'Double'; 2 files define it: write 'shop.models.again.Double' or 'shop.models.twice.Double'"
)
COMPILED = (
    "'shop' has no module 'fast'; "
    "there is only fast.cpython-311-x86_64-linux-gnu.so, and of a project only .py files are loaded"
)


def absence(dotted: str, project: Project | None = None) -> TargetNotFound:
    """The error that a dotted name ends in."""
    with pytest.raises(TargetNotFound) as raised:
        locate(dotted, project)
    assert raised.value.dotted == dotted
    return raised.value


@pytest.mark.parametrize(
    ("dotted", "facts", "message"),
    [
        (
            "collectoins.OrderedDict",
            ("collectoins", "", "module"),
            "there is no module 'collectoins'; did you mean 'collections'?",
        ),
        ("xqzvw", ("xqzvw", "", "module"), "there is no module 'xqzvw'"),
        ("len", ("len", "", "module"), "there is no module 'len'; write 'builtins.len'"),
        ("email.mine.Text", ("mine", "email", "module"), "'email' has no module 'mine'; did you mean 'mime'?"),
        ("email.mime.txet", ("txet", "email.mime", "attribute"), "'email.mime' has no 'txet'; did you mean 'text'?"),
        ("os.path.jion", ("jion", "os.path", "attribute"), "'os.path' has no 'jion'; did you mean 'join'?"),
        (
            "fractions.Fractoin.x",
            ("Fractoin", "fractions", "attribute"),
            "'fractions' has no 'Fractoin'; did you mean 'Fraction'?",
        ),
        (
            "fractions.Fraction.from_flaot",
            ("from_flaot", "fractions.Fraction", "attribute"),
            "'fractions.Fraction' has no 'from_flaot'; did you mean 'from_float'?",
        ),
    ],
)
def test_among_installed_packages(dotted: str, facts: tuple[str, str, str], message: str) -> None:
    error = absence(dotted)
    assert (error.missing, error.within, error.kind) == facts
    assert str(error) == message
    assert error.name == f"{facts[1]}.{facts[0]}".lstrip(".")


@pytest.mark.parametrize(
    ("dotted", "facts", "message"),
    [
        ("shop.modles.Net", ("modles", "shop", "module"), "'shop' has no module 'modles'; did you mean 'models'?"),
        (
            "project.modles.Net",
            ("modles", "project", "module"),
            "'project' has no module 'modles'; did you mean 'models'?",
        ),
        ("shop.models.UNt", ("UNt", "shop.models", "attribute"), "'shop.models' has no 'UNt'; did you mean 'UNet'?"),
        (
            "shop.models.net.Nte",
            ("Nte", "shop.models.net", "attribute"),
            "'shop.models.net' has no 'Nte'; did you mean 'Net'?",
        ),
        (
            "shop.models.Net.Iner",
            ("Iner", "shop.models.Net", "attribute"),
            "'shop.models.Net' has no 'Iner'; did you mean 'Inner'?",
        ),
        (
            "shop.models.Double",
            ("Double", "shop.models", "attribute"),
            TWICE,
        ),
        (
            "shop.fast.conv",
            ("fast", "shop", "module"),
            COMPILED,
        ),
        (
            "models.Net",
            ("models", "", "module"),
            "there is no module 'models'; the project has it: write 'shop.models.Net'",
        ),
        ("shpo.models.Net", ("shpo", "", "module"), "there is no module 'shpo'; did you mean 'shop'?"),
        ("shop.zzz", ("zzz", "shop", "attribute"), "'shop' has no 'zzz'; it has data, load, models"),
    ],
)
def test_in_a_project(make: Make, dotted: str, facts: tuple[str, str, str], message: str) -> None:
    error = absence(dotted, make("shop", FILES))
    assert (error.missing, error.within, error.kind) == facts
    assert str(error) == message


@pytest.mark.parametrize(
    ("dotted", "cure"),
    [
        ("fusenet.models.Net", "the project has it: write 'project.fusenet.models.Net'"),
        ("inner.tools.Tool", "the project has it: write 'project.lib.inner.tools.Tool'"),
        ("fuse-net.fusenet.models.Net", "begin with 'copy' or 'project': write 'project.fusenet"),
        ("fuse-net.src.fusenet.models.Net", "begin with 'copy' or 'project': write 'project.src.fusenet.models.Net'"),
        ("fuse-net.Top", "targets of the project begin with 'copy' or 'project': write 'project.Top'"),
        ("fuse-net.other.Net", ""),
        ("timm", ""),
    ],
)
def test_in_a_project_that_is_named_by_no_name(
    make: Make, monkeypatch: pytest.MonkeyPatch, dotted: str, cure: str
) -> None:
    files: dict[str, str | bytes] = {
        "src/fusenet/models.py": "class Net: ...",
        "lib/inner/tools.py": "class Tool: ...",
        "top.py": "Top = 1",
    }
    monkeypatch.chdir(make("copy", files).root)
    error = absence(dotted, Project.open("."))
    assert cure in error.hint
    assert bool(error.hint) == bool(cure)


def test_the_names_that_are_there(make: Make) -> None:
    project = make("shop", FILES)
    assert absence("shop.models.net.x", project).candidates == ("Net", "UNet")
    assert absence("shop.models.x", project).candidates == ("Double", "Net", "UNet", "again", "net", "twice")
    assert absence("shop.models.Double", project).candidates == ("again", "twice")
    assert absence("xqzvw.models.net.x", project).candidates == ()
    assert absence("shpo.models.net.x", project).candidates == ("shop",)
    assert "Fraction" in absence("fractions.x").candidates
    assert "_operator_fallbacks" not in absence("fractions.Fraction.x").candidates
    assert "_operator_fallbacks" in absence("fractions.Fraction._operator").candidates


def test_the_cause_of_a_missing_attribute_is_kept(make: Make) -> None:
    project = make("shop", {"a.py": "def __getattr__(name):\n    raise AttributeError('not today')"})
    error = absence("shop.a.Net", project)
    assert isinstance(error.__cause__, AttributeError)
    assert str(error.__cause__) == "not today"


def test_it_survives_pickling() -> None:
    error = absence("len")
    copy = pickle.loads(pickle.dumps(error))
    assert vars(copy) == vars(error)
    assert (str(copy), copy.name) == (str(error), error.name)
