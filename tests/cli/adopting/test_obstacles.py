import ast

import pytest

from lighter.cli.adopting.obstacles import hindered, import_effects, obstacles

NET = "from torch import nn\nclass Net(nn.Module): ...\n"


@pytest.fixture
def told(recognised):
    def _told(files, chosen="net.py", name="shop"):
        found = recognised(name, files)
        return obstacles(found, [one for one in found.candidates if one.here.file == chosen])

    return _told


def test_nothing_stands_in_the_way(told):
    found = told({"net.py": NET, "train.py": "import torch, os, json\n"})
    assert (found.lines, found.missing, found.missing_elsewhere) == ([], [], [])
    assert found.files == ["net.py"]


def test_packages_that_are_missing_are_followed_through_the_repository(told):
    files = {
        "net.py": f"import tools.a\nimport cv2_gone\n{NET}",
        "tools/__init__.py": "import top_gone\n",
        "tools/a.py": "from . import b\nimport cv2_gone.sub\nimport os, yaml, numpy as np\n",
        "tools/b.py": "try:\n    import maybe_gone\nexcept ImportError: ...\ndef f():\n    import late_gone\n",
        "other.py": "import elsewhere_gone\n",
    }
    found = told(files)
    assert found.missing == ["cv2_gone", "top_gone"]
    assert found.missing_elsewhere == ["elsewhere_gone"]
    assert found.lines == [
        "'cv2_gone' is not installed: net.py:2 imports it, and 1 more",
        "'top_gone' is not installed: tools/__init__.py:1 imports it",
    ]
    assert found.files == ["net.py", "tools/__init__.py", "tools/a.py", "tools/b.py"]


def test_a_package_is_told_by_the_name_it_is_installed_by(told, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert told({"net.py": f"import cv2\n{NET}"}).lines[0].endswith("(pip install opencv-python)")


def test_code_that_runs_in_the_files_that_are_loaded(told):
    files = {
        "net.py": f"from settings import args\n{NET}",
        "settings.py": "args = p.parse_args()\n",
        "b.py": "print(1)",
    }
    assert told(files).lines == ["settings.py:1 reads the command line when it is imported"]


def test_packages_above_a_file_are_loaded_too(told):
    files = {
        "a/b/net.py": NET,
        "a/__init__.py": "print(1)\n",
        "__init__.py": "import root_gone\n",
        "b/__init__.py": "1",
    }
    assert told(files, "a/b/net.py").lines == [
        "'root_gone' is not installed: __init__.py:1 imports it",
        "a/__init__.py:1 prints when it is imported",
    ]


def test_files_that_cannot_be_loaded(told):
    files = {"net.py": f"from old import x\nfrom .gone import y\n{NET}", "old.py": "print 'x'\n"}
    assert told(files).lines == [
        "net.py:2 imports '.gone', which is not there",
        "old.py: Python 2, line 1, and it is imported",
    ]


def test_imports_that_start_in_a_folder_above_the_file_are_in_nobodys_way(told):
    files = {"old/nets/net.py": f"from lib.x import y\n{NET}", "old/lib/x.py": "import gone_x\n", "nets/other.py": ""}
    found = told(files, "old/nets/net.py")
    assert found.lines == ["'gone_x' is not installed: old/lib/x.py:1 imports it"]


def test_imports_that_start_in_another_folder_are_told_in_one_line(told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = f"from core.x import y\nimport core.z\nfrom core import x\n{NET}"
    found = told({"nets/net.py": text, "lib/core/x.py": "y = 1\n", "lib/core/z.py": ""}, "nets/net.py")
    cure = "start with PYTHONPATH=shop/lib"  # adopted by itself, lib/ would lack the model
    assert found.lines == [f"nets/net.py:1 imports 'core.x' as if run from lib/, and 2 more ({cure})"]
    assert found.missing == []
    assert found.files == ["lib/core/x.py", "lib/core/z.py", "nets/net.py"]
    twice = {"nets/net.py": text, "lib/core/x.py": "", "other/core/x.py": "", "lib/core/z.py": ""}
    assert told(twice, "nets/net.py", "two").missing == ["core"]


def test_a_module_that_trains_when_it_is_imported_is_a_script(told):
    text = "import torch\nprint('x')\nfor x in []:\n    loss.backward()\n"
    cure = "it is a script, so move what a config names into another file"
    assert told({"net.py": f"{text}{NET}"}).lines == [f"net.py:4 trains, prints (line 2) when it is imported: {cure}"]


def test_files_that_cannot_be_imported_here(recognised):
    files = {
        "fine.py": NET,
        "asks.py": f"a = p.parse_args()\n{NET}",
        "by_way.py": f"import asks\n{NET}",
        "gone.py": f"import gone_x\n{NET}",
        "maybe.py": f"try:\n    import gone_x\nexcept ImportError: ...\n{NET}",
        "old.py": "print 'x'\n",
        "on_old.py": f"import old\n{NET}",
        "made_pb2.py": "",
        "on_made.py": f"import made_pb2\n{NET}",
        "main.py": f"{NET}if __name__ == '__main__':\n    p.parse_args()\n",
    }
    assert hindered(recognised("shop", files)) == {"asks.py", "by_way.py", "gone.py", "on_old.py"}


def test_submodules_of_git_that_are_empty(told):
    modules = '[submodule "a"]\n\tpath = lib/a\n\turl = x\n[submodule "b"]\n\tpath = lib/b\n'
    found = told({"net.py": NET, ".gitmodules": modules, "lib/b/there.txt": ""})
    assert found.lines == ["the git submodule 'lib/a' is empty (git submodule update --init)"]


def test_what_an_empty_submodule_would_hold_is_not_to_be_installed(told):
    modules = '[submodule "a"]\n\tpath = lib/no_such_search\n\turl = x\n'
    found = told({"net.py": f"from no_such_search import find\n{NET}", ".gitmodules": modules})
    assert found.missing == ["no_such_search"]
    assert found.lines == ["the git submodule 'lib/no_such_search' is empty (git submodule update --init)"]


def test_two_lightnings_at_once(told):
    text = "import pytorch_lightning as pl\nfrom lightning.pytorch import LightningDataModule\n"
    text += "class Net(pl.LightningModule): ...\nclass Data(LightningDataModule): ...\n"
    assert (
        "Net from 'pytorch_lightning' and Data from 'lightning': the Trainer of each package takes only its own"
        in told({"net.py": text}).lines
    )


def test_a_plain_folder_beside_is_no_package(told, tmp_path, monkeypatch):
    (tmp_path / "elsewhere" / "lib_gone").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    found = told({"net.py": f"import lib_gone\n{NET}"})
    assert found.lines == ["'lib_gone' is not installed: net.py:1 imports it"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("args = parser.parse_args()", "reads the command line"),
        ("path = sys.argv[1]", "reads the command line"),
        ("name = input('?')", "reads the terminal"),
        ("print('x')", "prints"),
        ("os.environ['CUDA_VISIBLE_DEVICES'] = '0'", "sets an environment variable"),
        ("sys.path.append('..')", "changes sys.path"),
        ("for x in data:\n    loss.backward()", "trains"),
        ("MNIST('.', download=True)", "downloads"),
        ("urllib.request.urlretrieve(url)", "downloads"),
        ("if x:\n    exit()", "ends the process"),
        ("x = [torch.zeros(3).cuda() for _ in y]", "asks for CUDA"),
        ("os.system('ls')", "runs a command"),
        ("with open('x') as f: ...", "opens a file"),
    ],
)
def test_what_runs_at_import(text, what):
    (effect,) = import_effects(ast.parse(f"import a\n{text}\n"))
    assert effect.what == what
    assert effect.line in {2, 3}


@pytest.mark.parametrize(
    "text",
    [
        "def f(): print('x')",
        "class A:\n    def f(self): input()",
        "f = lambda: print('x')",
        "if __name__ == '__main__':\n    args = parse_args()",
        "name = platform.system()",
        "logger.print('x')",
        "x = os.environ['HOME']",
        "MNIST('.', download=False)",
        "y = torch.cuda.is_available()",
    ],
)
def test_what_does_not(text):
    assert import_effects(ast.parse(text)) == ()


def test_each_once_with_its_first_line():
    assert [(d.what, d.line) for d in import_effects(ast.parse("print(1)\nprint(2)\ninput()\n"))] == [
        ("prints", 1),
        ("reads the terminal", 3),
    ]
