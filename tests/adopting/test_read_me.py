import ast

from lighter.adopting.read_me import examples


def test_blocks_of_python_with_the_lines_before_them(read):
    text = "a\n```python\nx = 1\n```\n  ```py\n  y = 2\n  ```\n```\nno = 3\n```\n```python\n$ no\n```\n"
    found = examples(read("a", {"README.md": text}))
    assert [(before, ast.unparse(tree)) for before, tree in found] == [(2, "x = 1"), (5, "y = 2")]


def test_none_without_a_readme_of_the_repository_itself(read, tmp_path):
    assert examples(read("a", {"a.py": ""})) == []
    (tmp_path / "out.md").write_text("```python\nx = 1\n```\n")
    (tmp_path / "a" / "README.md").symlink_to(tmp_path / "out.md")
    assert examples(read("a", {})) == []
