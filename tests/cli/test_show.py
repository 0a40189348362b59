from lighter import Config


def test_the_sources_in_one_that_run_again(lighter, line):
    (line / "exp.yaml").write_text("_base_: config.yaml\nsystem:\n  optimizer:\n    lr: 1e-3\n")
    done = lighter("show", "exp.yaml", "trainer::max_epochs=1", "+vars={text: '@@home'}")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"project: {line}/line\n" in done.stdout
    assert "    lr: 1e-3\n" in done.stdout
    assert "  text: '@@home'\n" in done.stdout
    (line / "elsewhere").mkdir()
    (line / "elsewhere" / "shown.yaml").write_text(done.stdout)
    assert lighter("show", "elsewhere/shown.yaml").stdout == done.stdout
    assert lighter("fit", "elsewhere/shown.yaml").returncode == 0


def test_a_part(lighter, line):
    done = lighter("show", "config.yaml", "--id", "system::optimizer")
    assert done.stdout == "_target_: torch.optim.SGD\nlr: 0.1\n"
    assert lighter("show", "config.yaml", "--id=system::optimizer::lr").stdout == "0.1\n"
    done = lighter("show", "config.yaml", "--id=system::optimiser")
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: there is no 'system::optimiser'\n" in done.stderr
    assert "did you mean 'system::optimizer'?" in done.stderr


def test_where_each_value_came_from(lighter, line):
    (line / "exp.yaml").write_text("_base_: config.yaml\nsystem:\n  optimizer:\n    lr: 1e-3\n    momentum: 0.9\n")
    words = ("show", "exp.yaml", "system::optimizer::lr=0.5")
    done = lighter(*words, "--id=system::optimizer", "--origins")
    assert done.stdout.splitlines() == [
        "_target_: torch.optim.SGD  # config.yaml:9",
        "lr: 0.5  # config.yaml:9 -> exp.yaml:4 -> command line",
        "momentum: 0.9  # exp.yaml:5",
    ]
    (line / "shown.yaml").write_text(lighter(words[0], "--origins", *words[1:]).stdout)
    assert Config("shown.yaml").dump() == lighter(*words).stdout


def test_what_each_call_leaves_to_its_defaults(lighter, line):
    done = lighter("show", "config.yaml", "--id=system::model", "--defaults")
    assert (done.stdout, done.stderr) == ("_target_: line.parts.Line\n# size: 2\n", "")
    shown = lighter("show", "config.yaml", "--defaults").stdout
    assert "    # momentum: 0\n" in shown
    (line / "shown.yaml").write_text(shown)
    assert lighter("show", "shown.yaml").stdout == lighter("show", "config.yaml").stdout


def test_what_is_left_out_is_said_beside_it(lighter, line):
    done = lighter("show", "config.yaml", "system::optimizer={_target_: torch.optim.LBFGS, momentum: 1}", "--id=system")
    assert (done.returncode, done.stderr) == (0, "")
    changed = ("system::optimizer::momentum=0.5", "system::optimizer::_target_=torch.optim.Adam")
    done = lighter("show", "config.yaml", *changed, "--id=system::optimizer")
    assert done.stdout == "_target_: torch.optim.Adam\nlr: 0.1\n"
    told = "note: system::optimizer::momentum (command line) is left out: torch.optim.Adam takes no 'momentum'\n"
    assert done.stderr == told


def test_nothing_heavy_is_loaded(loaded, line):
    assert loaded("show", "config.yaml", "system::optimizer::lr=1", "--origins") == (0, set())
