import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lighter.cli.new import PLACEHOLDER, TEMPLATE, files, require_free, save
from lighter.errors import UsageError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shapes(here, monkeypatch):
    """A new project, and the shell in it."""
    save(here / "shapes")
    monkeypatch.chdir(here / "shapes")
    return here / "shapes"


def names(folder):
    return [path.name for path in folder.iterdir()]


def test_what_is_made_has_its_name_everywhere(lighter, here):
    done = lighter("new", "shapes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("shapes is made, a small project that trains as it is:\n")
    assert done.stdout.endswith("\n  cd shapes\n  lighter fit config.yaml\n")
    assert names(here) == ["shapes"]
    made = {str(path.relative_to("shapes")) for path in Path("shapes").rglob("*") if path.is_file()}
    assert made == {
        *(".github/workflows/test.yml", ".gitignore", "README.md", "config.yaml", "requirements.txt"),
        *("shapes/__init__.py", "shapes/data.py", "shapes/models.py", "tests/test_config.py"),
    }
    assert not [path for path in made if PLACEHOLDER in (Path("shapes") / path).read_text(encoding="utf-8")]


def test_it_trains_tests_and_predicts_as_it_is(lighter, shapes):
    for words in (["fit"], ["test", "--ckpt_path=best"], ["predict", "--ckpt_path=best"]):
        done = lighter(words[0], "config.yaml", "trainer::accelerator=cpu", *words[1:])
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stderr
    (results,) = shapes.glob("runs/shapes/*/results.json")
    assert json.loads(results.read_text(encoding="utf-8"))["test"]["test/metrics/accuracy/epoch"] > 0.95
    table = (results.parent / "predictions" / "predictions.csv").read_text(encoding="utf-8").splitlines()
    assert table[0] == "identifier,label,predicted"
    assert len(table) == 1 + 500
    assert (results.parent / "checkpoints" / "best.ckpt").is_file()


def test_its_own_tests_pass(shapes):
    start = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(start, cwd=shapes, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("6 passed in ")  # and no warning
    assert not (shapes / "runs").exists()


def test_the_first_changes_are_told_or_work(lighter, shapes):
    (shapes / "wide.yaml").write_text("_base_: config.yaml\nsystem:\n  model: {width: 32}\n")  # as its README says
    done = lighter("check", "wide.yaml")
    assert (done.returncode, done.stdout) == (0, "'wide' is valid for fit, validate, test, predict (18 targets)\n")
    done = lighter("check", "config.yaml", "system::model::widht=32", "vars::classes=[disc, sqare]")
    assert done.returncode == 2
    assert "error: shapes.models.ConvNet takes no argument 'widht'" in done.stderr
    assert "for 'classes', not ['disc', 'sqare']" in done.stderr


@pytest.mark.parametrize("name", ["project", "models", "Net2", PLACEHOLDER])
def test_names_that_mean_something_elsewhere(lighter, here, name):
    assert lighter("new", name).returncode == 0
    done = lighter("check", f"{name}/config.yaml")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("my-project", "'my-project' is no name for a Python package: write 'lighter new my_project'"),
        ("3d-unet", "'3d-unet' is no name for a Python package: write 'lighter new my_3d_unet'"),
        ("_hidden", "'_hidden' is no name for a Python package: write 'lighter new hidden'"),
        ("a/étude.", "'étude.' is no name for a Python package: write 'lighter new a/etude'"),
        ("class", "'class' is no name for a Python package: write 'lighter new my_class'"),
        (".", "'.' is no name for a Python package: write 'lighter new project'"),
        ("..", "'..' is no name for a Python package: write 'lighter new project'"),
        ("tests", "'tests' has another meaning in a project: write 'lighter new my_tests'"),
        ("Null", "'Null' has another meaning in a project: write 'lighter new my_Null'"),
        ("torch", "'import torch' means another package already: write 'lighter new my_torch'"),
        ("random", "'import random' means another package already: write 'lighter new my_random'"),
        ("hypothesis", "'import hypothesis' means another package already: write 'lighter new my_hypothesis'"),
        ("no/such", "there is no folder 'no' for 'such': make it first"),
        ("there", "'there' is there already and stays as it is: give another name, or move it away"),
        ("link", "'link' is there already and stays as it is: give another name, or move it away"),
    ],
)
def test_what_cannot_be_made_is_told_with_the_nearest_name(here, name, told):
    (here / "there").write_text("mine")
    (here / "link").symlink_to(here / "nowhere")
    with pytest.raises(UsageError) as caught:
        require_free(Path(name))
    assert str(caught.value) == told


def test_nothing_is_left_where_it_cannot_be_written(here):
    shell = 'ulimit -f 1; exec "$0" -m lighter new shapes'
    done = subprocess.run(["sh", "-c", shell, sys.executable], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: 'shapes' cannot be written: File too large; name a place in another folder\n"
    with pytest.raises(UsageError, match="cannot be written: File name too long;"):
        save(here / ("a" * 255))
    assert names(here) == []


def test_it_has_its_name_only_when_it_is_whole(here, monkeypatch):
    def killed(beside, _to):
        assert len(list(beside.rglob("*.*"))) == len(list(files("shapes"))) + 1  # and .github
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        save(here / "shapes")
    assert names(here) == []


def test_what_comes_to_be_there_meanwhile_stays(here):
    (here / "shapes").mkdir()
    (here / "shapes" / "mine").touch()
    with pytest.raises(UsageError, match=r"'.*shapes' cannot be written: Directory not empty"):
        save(here / "shapes")
    assert [str(path.relative_to(here)) for path in here.rglob("*")] == ["shapes", "shapes/mine"]


def test_making_one_loads_no_torch(loaded, here):
    assert loaded("new", "shapes") == (0, set())


def test_a_wheel_has_every_file(tmp_path, monkeypatch):
    ours = tmp_path / "ours"
    shutil.copytree(ROOT / "lighter", ours / "lighter")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, ours)
    compiled = ours / "lighter" / "cli" / "template"  # as pip leaves it
    subprocess.run([sys.executable, "-m", "compileall", "-q", compiled], check=True)
    build = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ours, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    copied = tmp_path / "installed" / "lighter" / "cli" / "template"
    there = {path.relative_to(copied) for path in copied.rglob("*") if path.is_file()}
    listed = subprocess.run(["git", "ls-files", "."], cwd=TEMPLATE, capture_output=True, text=True, check=True)
    assert there == set(map(Path, listed.stdout.splitlines()))
    monkeypatch.setattr("lighter.cli.new.TEMPLATE", compiled)
    assert there == {path for path, _ in files(PLACEHOLDER)}
