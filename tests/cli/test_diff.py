import pytest


def test_equal_configs_end_with_0_and_nothing(lighter, line):
    (line / "same.json").write_text('{"a": {"b": 0.001}, "project": "line"}')
    (line / "one.yaml").write_text("project: ./line\na: {b: 1e-3}")
    done = lighter("diff", "one.yaml", "same.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_differences_end_with_1_a_line_each(lighter, line):
    (line / "exp.yaml").write_text("_base_: config.yaml\nsystem:\n  optimizer: {lr: 1e-3, momentum: 0.9}\n~seed:\n")
    done = lighter("diff", "config.yaml", "exp.yaml")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "removed  seed: 1",
        "changed  system::optimizer::lr: 0.1 -> 1e-3",
        "added    system::optimizer::momentum: 0.9",
    ]


def test_a_run_folder_against_the_config_it_came_from(lighter, line):
    assert lighter("fit", "config.yaml", "trainer::max_epochs=1", "--run_dir=done").returncode == 0
    done = lighter("diff", "config.yaml", "done")
    assert (done.returncode, done.stdout) == (1, "changed  trainer::max_epochs: 2 -> 1\n")
    assert lighter("diff", "done", "done").returncode == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["config.yaml"], "'lighter diff' takes 2 configs, not 1: lighter diff A B"),
        (["a", "b", "c"], "'lighter diff' takes 2 configs, not 3: lighter diff A B"),
        (["config.yaml", "seed=2"], "'seed=2' is an override"),
        (["config.yaml", "confg.yaml"], "there is no file 'confg.yaml'"),
    ],
)
def test_trouble_ends_with_2(lighter, line, words, told):
    done = lighter("diff", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_nothing_heavy_is_loaded(loaded, line):
    assert loaded("diff", "config.yaml", "config.yaml") == (0, set())
