"""What an import statement asked for and did not get."""

import sys

import pytest

from lighter.project.import_errors import Wanted, missing
from lighter.project.project import Project

PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"
FILES = {
    ".gitmodules": "[submodule]\n path = extern/lion\n",
    "models/layers.py": "class Layer: ...\n",
    "models/net.py": "",
    "utils/__init__.py": "",
    "tools/extra.py": "class Head: ...\n",
    "sub/models/net.py": "",
    "sub/utils/mane.py": "class Mane: ...\n",
    "sub/utils/__init__.py": "from .mane import Mane\n",
    "empty/__init__.py": "",
    "ops/setup.py": "setup(ext_modules=[CUDAExtension(name='ops.fast_ops', sources=['a.cu'])])\n",
    "lib/paws.py": "",
    "old/deep/pads/soft/fur.py": "",
}


@pytest.fixture
def project(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project = make("cats", FILES)
    (project.root / "extern" / "lion").mkdir(parents=True)
    (project.root / "models" / "hollow").mkdir()
    return Project.open(project.root, "../repos/cats")


def told(project, module, name="", asker="", target="cats.sub.models.net.Net"):
    return missing(Wanted(target, module, name, str(project.root / asker) if asker else ""), project)


LION = "the git submodule 'extern/lion' is empty: run 'git submodule update --init extern/lion' in 'cats'"
HOLLOW = (
    "the folder 'cats/models/hollow' is empty; if it is a git submodule, "
    "run 'git submodule update --init models/hollow' in 'cats'"
)
OR_LION = "or, if it is in the git submodule 'extern/lion', which is empty, " + LION.partition(": ")[2]


@pytest.mark.parametrize(
    ("module", "name", "what", "help"),
    [
        ("einops.layers", "", "the package 'einops', which is not installed", f"run 'pip install einops'; {OR_LION}"),
        ("cPickle", "", "'cPickle', which is not there", "Python 3 calls it 'pickle'"),
        ("models.layer", "", "'models.layer', which the project does not have", "did you mean 'models.layers'?"),
        (
            "cats.models.layer",
            "",
            "'cats.models.layer', which the project does not have",
            "did you mean 'models.layers'?",
        ),
        ("models.q", "", "'models.q', which the project does not have", "'models' has 'hollow', 'layers', 'net'"),
        (
            "models.extra",
            "",
            "'models.extra', which the project does not have",
            "the project has it in 'tools/extra.py'",
        ),
        (
            "models.net.q",
            "",
            "'models.net.q', which the project does not have",
            "'models.net' is a file, models/net.py, and holds no modules",
        ),
        ("models.layers", "Leyer", "'Leyer' from 'models.layers', which does not define it", "did you mean 'Layer'?"),
        (
            "models.layers",
            "Head",
            "'Head' from 'models.layers', which does not define it",
            "the project has it as 'cats.tools.extra.Head'",
        ),
        ("models.net", "Q", "'Q' from 'models.net', which does not define it", "'models/net.py' defines nothing"),
        ("models", "layer", "'layer' from 'models', which does not define it", "did you mean 'layers'?"),
        ("extern.lion.mane", "", "'extern.lion.mane', which the project does not have", LION),
        ("lion", "", "'lion', which is not there", LION),
        (
            "models.hollow",
            "Net",
            "'Net' from 'models.hollow', which does not define it",
            HOLLOW,
        ),
        (
            "fast_ops",
            "",
            "'fast_ops', which is not there",
            "the project builds it: run 'pip install cats/ops'",
        ),
        ("collections.abd", "", f"'collections.abd', which {PYTHON} does not have", "did you mean 'collections.abc'?"),
        (
            "collections",
            "Mapping",
            f"'Mapping' from 'collections', which {PYTHON} does not have",
            "Python 3.10 has it only",
        ),
        ("collections", "zzz", f"'zzz' from 'collections', which {PYTHON} does not have", "the code may be of another"),
    ],
)
def test_what_is_told(project, module, name, what, help):
    found = told(project, module, name)
    assert found[0] == what
    assert found[1].startswith(help)


def test_a_folder_that_the_project_s_own_scripts_add(project):
    what, help = told(project, "paws")
    assert what == "'paws', which is not there"
    cure = "if its own scripts put that folder on sys.path, start with 'PYTHONPATH=cats/lib'"
    assert help == f"the project has 'lib/paws.py'; {cure}"
    cure = cure.replace("cats/lib", "cats/old/deep")
    for module in ("pads", "pads.soft"):  # a folder without an __init__.py is a package too
        what, help = told(project, module)
        assert what == f"'{module}', which is not there"
        assert help == f"the project has 'old/deep/{module.replace('.', '/')}'; {cure}"


@pytest.mark.parametrize(("module", "name"), [("utils.mane", ""), ("utils", "Mane"), ("utils", "mane")])
def test_a_project_within_the_project(project, module, name):
    own = "'sub' is a project of its own, which has it: write 'project: ../repos/cats/sub'"
    asked = {"module": module, "name": name, "asker": "sub/models/net.py"}
    assert told(project, **asked)[1] == f"{own} and '_target_: project.models.net.Net'"
    assert told(project, **asked, target="cats.tools.extra.Head")[1] == own


def test_a_package_of_another_place_came_first(project, tmp_path):
    there = str(tmp_path / "site" / "utils.py")
    what, help = missing(Wanted("cats.Net", "utils", "Head", file=there), project)
    assert what == f"'Head' from 'utils', which {there} does not have"
    assert help == "the project has it as 'cats.tools.extra.Head', but 'utils' is another here"


def test_without_a_project():
    assert missing(Wanted("a.B", "einops"), None) == (
        "the package 'einops', which is not installed",
        "run 'pip install einops'",
    )


def test_a_folder_as_the_config_would_write_it(project):
    assert project.beside("sub/deeper") == "../repos/cats/sub/deeper"
    assert project.beside("..") == "../repos"


def test_what_the_requirements_name_is_in_no_submodule(project):
    (project.root / "requirements.txt").write_text("torch\nno-such.package==1.0\nPillow>=8\n# comment\n")
    unknown = "install it as its own documentation says; code of your own belongs in the project"
    assert missing(Wanted("cats.net", "no_such_claw"), project)[1] == f"{unknown}; {OR_LION}"
    (project.root / "requirements.txt").write_text("no-such-claw==1.0\nscikit-image\n")
    assert missing(Wanted("cats.net", "no_such_claw"), project)[1] == "run 'pip install -r cats/requirements.txt'"
    assert missing(Wanted("cats.net", "skimage"), project)[1] == "run 'pip install scikit-image'"


def test_what_lies_beside_the_project(project):
    (project.root.parent / "claws").mkdir()
    (project.root.parent / "claws" / "sharp.py").write_text("")
    what, help = missing(Wanted("project.models.net.Net", "claws.sharp"), project)
    assert what == "'claws.sharp', which is not there"
    wanted = "write 'project: ../repos' and '_target_: project.cats.models.net.Net'"
    assert help == f"it lies beside the project: {wanted}"


def test_a_module_that_is_there_and_is_refused_is_not_told_as_one_that_could_be_had(project, tmp_path):
    (tmp_path / "elsewhere.py").write_text("PI = 3", encoding="utf-8")
    (project.root / "models" / "units.py").symlink_to(tmp_path / "elsewhere.py")
    what, help = told(project, "models.units")
    assert what == "'models.units', which the project does not have"
    assert help == f"{project.root / 'models' / 'units.py'} leads out of the project, to {tmp_path / 'elsewhere.py'}"
