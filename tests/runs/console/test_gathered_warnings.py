import os
import subprocess
import sys
import warnings

import pytest

from lighter.runs.console.gathered_warnings import gathered_warnings
from lighter.runs.console.recording import printed_to

# In a process of its own: pytest records the warnings of a test, which is a way to show them that is left alone.
SCRIPT = """
import os, sys, warnings
from pathlib import Path

from lighter.runs.console.gathered_warnings import DIFFERENT, gathered_warnings
from lighter.runs.console.recording import printed_to

def warn(text):
    warnings.warn(text, stacklevel=1)

warnings.simplefilter("always")
warnings.filterwarnings("error", message="never")
before = warnings.showwarning
try:
    with printed_to(Path("log.txt")) as recording, gathered_warnings(recording):
        for _ in range(3):
            warn("again and again")
        warn("long " * 200 + "and its end")
        with warnings.catch_warnings(record=True) as caught:
            warn("recorded")
        assert len(caught) == 1
        if hasattr(os, "fork"):
            for _ in range(2):
                if os.fork() == 0:
                    warn("of a worker")
                    warn("of a worker")
                    os._exit(0)
                os.wait()
        print("not yet told", file=sys.stderr)
        try:
            warn("never")
        except UserWarning:
            print("raised", file=sys.stderr)
        {more}
        raise KeyError("the run fails")
finally:
    assert warnings.showwarning is before
"""


@pytest.fixture
def told(tmp_path):
    def run(more):
        script = SCRIPT.replace("{more}", more)
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
        )
        return done.stderr.splitlines(), (tmp_path / "log.txt").read_text().splitlines()

    return run


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only POSIX has it")
def test_each_is_told_once_before_the_traceback_and_logged_when_it_came(told):
    shown, logged = told("")
    long = "long " * 200 + "and its end"
    cut = shown.pop(4)
    assert len(cut) < 450
    assert cut.startswith("  UserWarning: long long ")
    assert " long ... long " in cut
    assert cut.endswith(" long and its end (<string>:9)")
    assert shown[:5] == [
        "not yet told",
        "raised",
        "3 warnings, in full in log.txt:",
        "  UserWarning: again and again (<string>:9, 3 times)",
        "  UserWarning: of a worker (<string>:9, 2 times)",
    ]
    assert shown[5].startswith("Traceback")
    assert [line.partition(" WARNING py.warnings: ")[2] for line in logged if " WARNING " in line] == [
        "UserWarning: again and again (<string>:9)",
        f"UserWarning: {long} (<string>:9)",
        "UserWarning: of a worker (<string>:9)",
    ]
    assert logged[-4:-2] == shown[2:4]


def test_however_many_there_are_the_console_stays_short_and_the_log_bounded(told):
    shown, logged = told("for n in range(DIFFERENT + 5): warn(f'number {n}')")
    (title,) = (number for number, line in enumerate(shown) if "in full in log.txt" in line)
    assert shown[title].startswith("more than 1000 warnings")
    assert shown[title + 21] == "  and 980 more"
    assert len(logged) < 1000 + len(shown) + 5  # those told apart, the block, what the script and its fork print


def test_who_shows_warnings_in_his_own_way_gets_them_as_they_come(tmp_path, capsys, monkeypatch):
    shown = []
    monkeypatch.setattr(warnings, "showwarning", lambda *given: shown.append(str(given[0])))
    monkeypatch.setattr(warnings, "filters", [("always", None, Warning, None, 0)])
    with printed_to(tmp_path / "log.txt") as recording, gathered_warnings(recording):
        warnings.warn("of anyone", stacklevel=1)
        assert shown == ["of anyone"]
    assert capsys.readouterr().err == ""
    assert "WARNING py.warnings: UserWarning: of anyone (" in (tmp_path / "log.txt").read_text()


def test_who_takes_over_meanwhile_keeps_it_and_who_kept_the_run_s_shows_on(tmp_path, monkeypatch):
    shown, own = [], lambda *given: None
    monkeypatch.setattr(warnings, "showwarning", lambda *given: shown.append(str(given[0])))
    with printed_to(tmp_path / "log.txt") as recording, gathered_warnings(recording):
        kept = warnings.showwarning
        warnings.showwarning = own
    assert warnings.showwarning is own
    kept("after the run", UserWarning, "train.py", 1)
    assert shown == ["after the run"]
    assert not (tmp_path / "log.txt").exists()


def test_pytest_records_them_as_ever(tmp_path):
    with (
        pytest.warns(UserWarning, match="of a test"),
        printed_to(tmp_path / "log.txt") as recording,
        gathered_warnings(recording),
    ):
        warnings.warn("of a test", stacklevel=1)
    assert "UserWarning: of a test (" in (tmp_path / "log.txt").read_text()
