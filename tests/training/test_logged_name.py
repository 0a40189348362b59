import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.training.logged_name import VAL_LOSS, Kind, LoggedName, Unit, of_epoch, short, split_unit
from lighter.training.stages import Mode


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("val/loss/epoch", LoggedName(Mode.VAL, Kind.LOSS), "loss"),
        ("train/loss/step", LoggedName(Mode.TRAIN, Kind.LOSS, unit=Unit.STEP), "loss"),
        ("train/loss/dice/epoch", LoggedName(Mode.TRAIN, Kind.LOSS, "dice"), "loss/dice"),
        ("val/metrics/F1/epoch", LoggedName(Mode.VAL, Kind.METRICS, "F1"), "F1"),
        ("test/metrics/F1/0/epoch", LoggedName(Mode.TEST, Kind.METRICS, "F1/0"), "F1/0"),
        ("val/0/metrics/F1/epoch", LoggedName(Mode.VAL, Kind.METRICS, "F1", loader="0"), "0/F1"),
        ("val/clean/loss/dice/epoch", LoggedName(Mode.VAL, Kind.LOSS, "dice", loader="clean"), "clean/loss/dice"),
        ("train/lr", LoggedName(Mode.TRAIN, Kind.LR, unit=None), "lr"),
        ("train/momentum/head/0", LoggedName(Mode.TRAIN, Kind.MOMENTUM, "head/0", unit=None), "momentum/head/0"),
    ],
)
def test_a_name_is_put_together_and_taken_apart(text: str, name: LoggedName, title: str) -> None:
    assert str(name) == text
    assert LoggedName.parse(text) == name
    assert name.title == title


@pytest.mark.parametrize(
    "text",
    [
        *("", "loss", "val_loss", "val/loss", "val/accuracy/epoch", "val/metrics/epoch", "val/metrics/F1"),
        *("val/metrics/F1_epoch", "val/a/b/loss/epoch", "training/loss/epoch"),
    ],
)
def test_the_names_of_others_are_not_taken_apart(text: str) -> None:
    assert LoggedName.parse(text) is None


part = st.from_regex(r"[A-Za-z0-9_]{1,8}", fullmatch=True).filter(lambda text: text not in set(Kind))


@given(
    st.sampled_from(Mode), st.sampled_from([Kind.LOSS, Kind.METRICS]), part, st.sampled_from(Unit), part | st.just("")
)
def test_what_is_put_together_can_be_taken_apart(mode: Mode, kind: Kind, name: str, unit: Unit, loader: str) -> None:
    made = LoggedName(mode, kind, name, unit, loader)
    assert LoggedName.parse(str(made)) == made


def test_any_name_has_a_unit_or_none() -> None:
    assert split_unit("val/loss/epoch") == ("val/loss", Unit.EPOCH)
    assert split_unit("my_loss_step") == ("my_loss", Unit.STEP)
    assert split_unit("step") == ("step", None)
    assert [of_epoch(text) for text in ("a/step", "a_step", "a/epoch", "f1")] == ["a/epoch", "a_epoch", "a/epoch", "f1"]


def test_a_narrow_place_gets_less() -> None:
    names = ("val/metrics/F1/epoch", "train/loss/step", "val/0/metrics/F1/epoch", "my_loss_epoch", "lr")
    assert [short(name) for name in names] == ["val/F1", "train/loss", "val/0/F1", "my_loss", "lr"]


def test_it_loads_no_torch() -> None:
    assert VAL_LOSS == "val/loss/epoch"
    code = "import sys, lighter.training.logged_name; assert not {'torch', 'numpy'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)
