"""Libraries that MONAI goes on without are told by their name, before anything that needs one is built."""

from typing import Any

import pytest
from monai.utils import OptionalImportError, min_version, optional_import

from lighter.config import Config
from lighter.project.optional_imports import is_optional_import, lacks, lacks_of

Base, _ = optional_import("nowhere.engine", "0.4", min_version, "Engine", as_type="decorator")
Early, _ = optional_import("ignite_gone", name="Engine", as_type="base")
Wrong, _ = optional_import("json", name="Engine", as_type="decorator")

UNKNOWN = "install it as its own documentation says; for code of your own write 'project: path/to/its/folder'"


class Engine(Base):  # type: ignore[misc, valid-type]  # what MONAI gives has no type
    """Has a base that nobody has, as the engines of MONAI without ignite."""


class Fails(Early):  # type: ignore[misc, valid-type]  # as above
    """Fails as soon as one is made."""


class Whole(dict[str, int]):
    """Needs nothing."""


def raised(lazy: Any) -> Exception:
    with pytest.raises(OptionalImportError) as caught:
        lazy()()
    return caught.value


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Engine, ("'nowhere', which is not installed", UNKNOWN)),
        (Fails, ("'ignite_gone', which is not installed", UNKNOWN)),
        (Whole, None),
        (len, None),
        (Engine.__init__, None),
    ],
)
def test_what_a_class_lacks(kind: object, told: tuple[str, str] | None) -> None:
    assert lacks_of(kind) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "from ignite.engine import State (No module named 'ignite').\n\nOriginal traceback:\nModule...",
            ("'ignite', which is not installed", "run 'pip install \"monai[ignite]\"'"),
        ),
        (
            "from itk import imread (requires 'itk 5.2' by 'min_version').\n",
            ("5.2 or newer of 'itk'", "run 'pip install \"monai[itk]\"'"),
        ),
        (
            "import sklearn (No module named 'sklearn').",
            ("'sklearn', which is not installed", "run 'pip install scikit-learn'"),
        ),
        (
            "import json (module 'json' has no 'x').\n\nmore",
            ("what could not be imported: import json (module 'json' has no 'x').", ""),
        ),
    ],
)
def test_what_is_told_of_the_library(text: str, told: tuple[str, str]) -> None:
    assert lacks(OptionalImportError(text)) == told


def test_the_exception_is_monais() -> None:
    assert is_optional_import(raised(Base))
    assert is_optional_import(raised(Wrong))
    assert not is_optional_import(ImportError("x"))


def test_a_target_that_lacks_a_library_is_told_before_it_is_built() -> None:
    (problem,) = Config({"a": {"_target_": f"{__name__}.Engine"}}).check()
    assert (problem.what, problem.help, problem.place) == (
        f"{__name__}.Engine needs 'nowhere', which is not installed",
        UNKNOWN,
        "a::_target_",
    )
