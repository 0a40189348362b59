"""The name that the documents give to the way into a project; what it does is tested in tests/project."""

from inspect import signature

from lighter.utils.dynamic_imports import import_module_from_path


def test_the_promised_signature():
    assert list(signature(import_module_from_path).parameters) == ["module_path", "project_dir"]


def test_a_module_of_a_folder(tmp_path):
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "circle.py").write_text("class Circle: ...\n")
    module = import_module_from_path("shapes.circle.Circle", str(tmp_path / "shapes"))
    assert module.Circle.__name__ == "Circle"
    assert import_module_from_path(str(tmp_path / "shapes" / "circle.py")) is module
