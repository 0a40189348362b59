import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from lighter.cli.check import check
from lighter.cli.fixing import apply, edits_of
from lighter.errors import Edit, Position, Problem, RunError, Source


def _problem(path, line, old, new):
    text = path.read_bytes().decode("utf-8-sig")
    column = text.splitlines()[line - 1].index(old) + 1
    position = Position(Source(path.name, text, path=path), line, column, len(old))
    return Problem("what", position, edit=Edit(position, old, new))


def test_edits_are_written_and_all_else_stays(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeff# é\r\nsise: 1  # the size\r\nb: {momentun: é, momentom: 2}\r\n".encode())
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    wanted = [("sise", "size", 2), ("momentom", "lr", 3), ("momentun", "momentum", 3)]
    edits = edits_of([_problem(link, line, old, new) for old, new, line in wanted])
    apply(edits)
    assert path.read_bytes() == "\ufeff# é\r\nsize: 1  # the size\r\nb: {momentum: é, lr: 2}\r\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert {one.name for one in tmp_path.iterdir()} == {"a.yaml", "link.yaml"}


def test_of_edits_that_overlap_the_first_is_taken(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("abc: 1\n")
    problems = [_problem(path, 1, old, new) for old, new in (("ab", "x"), ("bc", "y"), ("1", "2"))]
    assert [edit.old for edit in edits_of([*problems, Problem("no edit")])] == ["ab", "1"]


def test_a_file_that_was_changed_meanwhile_stays_as_it_is(tmp_path):
    path, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    path.write_text("sise: 1\n")
    other.write_text("sise: 1\n")
    edits = edits_of([_problem(other, 1, "sise", "size"), _problem(path, 1, "sise", "size")])
    path.write_text("\nsise: 1\n")
    with pytest.raises(RunError, match="was changed meanwhile"):
        apply(edits)
    assert (path.read_text(), other.read_text()) == ("\nsise: 1\n", "sise: 1\n")


RIGHT = """\
vars: {rate: 0.1, copy: "%vars::rate"}  # é
a:
  _target_: collections.OrderedDict
  size: 3
b: {_target_: torch.optim.SGD, _mode_: callable, momentum: 0.9, nesterov: true, lr: "@vars::rate"}
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("momentum", "momentun"),
        ("_mode_", "_mod_"),
        ("callable", "callabel"),
        ("@vars::rate", "@vars::rat"),
        ("%vars::rate", "%vars::rte"),
        ("OrderedDict", "OrderedDit"),
        ("torch.optim", "torch.optin"),
        ("nesterov: true", "nesterov: yes"),
        ("size: 3", "size:3"),
        ("rate: 0.1", "rate:0.1"),
    ],
)
def test_each_kind_of_mistake_with_one_cure_is_corrected(write, right, wrong):
    path = write("a.yaml", RIGHT.replace(right, wrong))
    assert path.read_text() != RIGHT
    check("a.yaml", fix=True, yes=True)
    assert path.read_text() == RIGHT


FORMER = """\
a:
  _target_: torch.nn.Identity
b:
  _target_: lighter.CriterionAdapter
  pred_argument: 1
  target_argument: 0
"""


@pytest.mark.parametrize("wrong", ["Identity", "Identty"])
def test_spellings_of_a_former_lighter_are_written_anew(write, wrong):
    path = write("a.yaml", FORMER.replace("Identity", wrong))
    check("a.yaml", fix=True, yes=True)
    assert path.read_text() == f"{FORMER[: FORMER.index('  pred')]}  arguments: [target, pred]\n"


def test_what_a_mistake_hides_is_corrected_as_well(lighter, line):
    config, base = line / "config.yaml", line / "base.yaml"
    text = config.read_text()
    wrong = text.replace("batch_size", "batchsize").replace("seed:", "sed:").replace("trainer:", "trainr:  # trains")
    base.write_text(wrong)
    config.write_text("_base_: base.yaml  # é\n")
    seen = lighter("check", "config.yaml", "--fix")
    assert seen.returncode == 2
    assert "edits, which 'lighter check --fix --yes' makes:\n  base.yaml:3:1: 'sed' -> 'seed'\n" in seen.stderr
    assert base.read_text() == wrong
    done = lighter("check", "config.yaml", "--fix", "--yes")
    assert done.returncode == 0, done.stderr
    assert base.read_text() == text.replace("trainer:", "trainer:  # trains")
    assert "'batchsize' -> 'batch_size'" in done.stderr


@pytest.mark.parametrize(("typed", "status"), [(b"y\n", 0), (b"\n", 2)])
def test_a_person_is_asked(line, typed, status):
    config = line / "config.yaml"
    right = config.read_text()
    config.write_text(right.replace("seed:", "sed:"))
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "lighter", "check", "config.yaml", "--fix"]
    with subprocess.Popen(words, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        while b"[y/N]" not in said:
            said += os.read(ours, 1000)
        os.write(ours, typed)
        assert process.wait() == status
    os.close(ours)
    assert (config.read_text() == right) is (status == 0)


def test_yes_goes_with_fix(lighter, line):
    done = lighter("check", "config.yaml", "--yes")
    assert (done.returncode, done.stderr) == (2, "error: '--yes' agrees to what '--fix' does: write both\n")
    assert Path("config.yaml").exists()
