"""The example of Lighter as a library runs both ways that its README tells, and its parts do what they say."""

import json
import math
import random
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from lighter import Config, ConfigError, Runner
from lighter.utils.dynamic_imports import import_module_from_path

FOLDER = Path(__file__).parents[1] / "projects" / "language_model"
MAIN = str(FOLDER / "main.py")
QUICK = tuple(
    f"trainer::{name}"
    for name in (
        *("max_epochs=1", "limit_val_batches=1", "limit_test_batches=1"),
        *("enable_progress_bar=false", "enable_model_summary=false"),
    )
)
LETTERS = 28


def test_python_main_trains_tests_and_writes(tmp_path: Path) -> None:
    said = ran(sys.executable, MAIN, *QUICK, "trainer::limit_train_batches=30", cwd=tmp_path)
    results = recorded(tmp_path)
    assert results["test"]["test/metrics/perplexity/epoch"] < LETTERS / 2  # of guessing it is that of all letters
    loss, perplexity = (results["fit"][f"val/{name}/epoch"] for name in ("loss", "metrics/perplexity"))
    assert math.exp(loss) == pytest.approx(perplexity, rel=1e-4)
    fitted, tested, written = said.split("\n\n", 2)
    assert ("fit in " in fitted, "test in " in tested) == (True, True)
    assert written.count("\n") == 5


def test_torchrun_starts_both_processes_of_one_run(tmp_path: Path) -> None:
    start = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2")
    said = ran(*start, MAIN, *QUICK, "trainer::limit_train_batches=2", cwd=tmp_path)
    assert set(recorded(tmp_path)) == {"best", "checkpoints", "fit", "monitored", "test"}  # of the only run
    assert said.count("fit in ") == said.count("test in ") == 1


def test_a_wrong_value_is_told_where_it_comes_from() -> None:
    runner = Runner(FOLDER / "config.yaml", "vars::keys::sample=[tokens]", "vars::context=0")
    collate = module("main")
    runner.add_component("collate_fn", "next_letters", collate.NextLetters, config=collate.NextLettersConfig)
    with pytest.raises(ConfigError) as caught:
        runner.check("test")
    told = [problem.text() for problem in caught.value.problems if problem.what.startswith("collate_fn/next_letters: ")]
    assert ["vars::keys::sample=[tokens]" in told[0], "vars::context=0" in told[1]] == [True, True]


def test_targets_are_the_letters_that_follow() -> None:
    join = module("main").NextLetters("tokens", "next", context=3, ignored=-1)
    batch = join([{"tokens": torch.arange(1, 4)}, {"tokens": torch.arange(1, 9)}])
    assert batch["tokens"].tolist() == [[1, 2, 0], [1, 2, 3]]
    assert batch["next"].tolist() == [[2, 3, -1], [2, 3, 4]]


def test_the_model_sees_nothing_of_what_follows() -> None:
    torch.manual_seed(0)
    model = module("transformer").Transformer(LETTERS, context=8, width=8, layers=2, heads=2)
    letters = torch.randint(LETTERS, (1, 8))
    changed = letters.clone()
    changed[0, 5] = (letters[0, 5] + 1) % LETTERS
    is_same = torch.isclose(model(letters), model(changed)).all(-1)[0]
    assert is_same.tolist() == [True] * 5 + [False] * 3
    assert torch.equal(model.continued(letters, 20)[:, :8], letters)


def test_sentences_keep_to_the_grammar_and_the_letters() -> None:
    known = Config(FOLDER / "config.yaml")["vars::letters"]
    assert len(known) == LETTERS
    sentences = module("sentences").Sentences(200, known, seed=1)
    texts = ["".join(known[number] for number in sample["tokens"]) for sample in sentences]
    assert texts == sentences.texts == module("sentences").Sentences(200, known, seed=1).texts
    agreeing = re.compile(r"\n(a|the|the \w+) [a-z]+[^s] \w+s\b|\n(the|some \w+) \w+s [a-z]+[^s]\b|\n.* that ")
    assert [text for text in texts if not agreeing.match(text)] == []
    assert module("sentences").sentence(random.Random(2)) == module("sentences").sentence(random.Random(2))


def recorded(folder: Path) -> dict[str, Any]:
    """What the only run in a folder has recorded."""
    (results,) = folder.glob("runs/language_model/*/results.json")
    return dict(json.loads(results.read_text(encoding="utf-8")))


def module(name: str) -> ModuleType:
    return import_module_from_path(f"language_model.{name}", str(FOLDER))


def ran(*words: str, cwd: Path) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
