"""The house style, as far as a program can see it: sizes, `__all__`, exceptions with a reason, a test for each file."""

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# The template is code of a user's project, whose tests lie beside it.
FILES = sorted(path for path in (ROOT / "lighter").rglob("*.py") if "template" not in path.parts)

FILE_LINES = 500
FUNCTION_LINES = 60
# What users are promised. An `__init__.py` may have an `__all__` too, for it offers what other files define.
PUBLIC = ("lighter/__init__.py", "lighter/callbacks.py", "lighter/launchers.py", "lighter/plugins/__init__.py")

EXCEPTION = re.compile(r"#\s*(?:type:\s*ignore|noqa)(\[[\w, -]+\]|:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?")


def test_files_are_short() -> None:
    tell(told for path in FILES for told in long_file(path))


def test_functions_are_short() -> None:
    tell(told for path in FILES for told in long_functions(path))


def test_only_public_modules_say_what_is_public() -> None:
    tell(told for path in FILES for told in wrong_all(path))


def test_exceptions_to_the_tools_have_a_code_and_a_reason() -> None:
    tell(told for path in FILES for told in bare_exceptions(path))


def test_every_file_has_a_test_of_its_name() -> None:
    tell(told for path in FILES for told in untested(path))


@pytest.mark.parametrize(
    ("check", "name", "text", "told"),
    [
        ("long_file", "a.py", "x = 1\n" * 501, "501 lines"),
        ("long_functions", "a.py", "def f():\n" + "    x = 1\n" * 60, "f has 61 lines"),
        ("long_functions", "a.py", "class A:\n    async def f(self):\n" + "        x = 1\n" * 60, "f has 61 lines"),
        ("wrong_all", "callbacks.py", "def f(): ...\n", "has no __all__"),
        ("wrong_all", "a.py", "__all__ = ['f']\ndef f(): ...\n", "has an __all__, and promises nothing"),
        ("wrong_all", "a/__init__.py", "__all__ = ['g', 'f']\ndef f(): ...\ndef g(): ...\n", "not sorted: write f, g"),
        ("wrong_all", "callbacks.py", "__all__ = ['f']\nclass A: ...\ndef f(): ...\n", "lacks A"),
        ("wrong_all", "callbacks.py", "__all__ = ['f', 'g']\ndef f(): ...\n", "names g, which is not there"),
        ("bare_exceptions", "a.py", "x = 1  # type: ignore\n", "needs a code and, after '  # ', its reason"),
        ("bare_exceptions", "a.py", "x = 1  # noqa\n", "needs a code"),
        ("bare_exceptions", "a.py", "x = 1  # type: ignore[arg-type]\n", "its reason"),
        ("bare_exceptions", "a.py", "x = 1  # noqa: E501\n", "its reason"),
        ("untested", "nothing/a.py", "def f(): ...\n", "has no test: write tests/nothing/test_a.py"),
    ],
)
def test_each_rule_sees_a_breach(tmp_path: Path, check: str, name: str, text: str, told: str) -> None:
    path = tmp_path / "lighter" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    (found,) = globals()[check](path)
    assert told in found


@pytest.mark.parametrize(
    ("check", "name", "text"),
    [
        ("long_file", "a.py", "x = 1\n" * 500),
        ("long_functions", "a.py", "def f():\n" + '    """\n' + "    a\n" * 9 + '    """\n' + "    x = 1\n" * 59),
        ("wrong_all", "callbacks.py", "A = 1\n__all__ = ['A', 'B', 'f']\nclass B: ...\ndef f(): ...\ndef _g(): ...\n"),
        ("wrong_all", "a.py", "def f(): ...\n"),
        ("bare_exceptions", "a.py", "x = 1  # type: ignore[arg-type]  # a reason\ny = '# noqa'\n"),
        ("bare_exceptions", "a.py", "x = 1  # noqa: E501, B008  # a reason\n"),
    ],
)
def test_no_rule_sees_what_is_not_there(tmp_path: Path, check: str, name: str, text: str) -> None:
    path = tmp_path / "lighter" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert list(globals()[check](path)) == []


def long_file(path: Path) -> Iterator[str]:
    """A file over the ceiling."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    if lines > FILE_LINES:
        yield f"{shown(path)} has {lines} lines, the ceiling is {FILE_LINES}: split it by concept"


def long_functions(path: Path) -> Iterator[str]:
    """Functions over the ceiling; a docstring does not count."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = length(node) - (length(node.body[0]) if ast.get_docstring(node) is not None else 0)
            if lines > FUNCTION_LINES:
                yield f"{shown(path)}:{node.lineno}: {node.name} has {lines} lines, the ceiling is {FUNCTION_LINES}"


def wrong_all(path: Path) -> Iterator[str]:
    """An `__all__` that is missing where users are promised something, stands elsewhere, or is not right."""
    body = parsed(path).body
    defined = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    public = {name for name in defined if not name.startswith("_")}
    listed = listed_names(body)
    if listed is None:
        if is_promised(path):
            yield f"{shown(path)} has no __all__: write the names that users are promised"
        return
    if not is_promised(path) and path.name != "__init__.py":
        yield f"{shown(path)} has an __all__, and promises nothing: a name that is its own begins with '_'"
        return
    if listed != sorted(set(listed), key=rank):
        yield f"{shown(path)}: __all__ is not sorted: write {', '.join(sorted(set(listed), key=rank))}"
    if missing := public - set(listed):
        yield f"{shown(path)}: __all__ lacks {', '.join(sorted(missing))}: add it, or begin its name with '_'"
    if "__getattr__" not in defined and (gone := set(listed) - bound(body)):
        yield f"{shown(path)}: __all__ names {', '.join(sorted(gone))}, which is not there"


def bare_exceptions(path: Path) -> Iterator[str]:
    """Comments that silence a tool without saying which rule, or why."""
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            found = EXCEPTION.search(token.string) if token.type == tokenize.COMMENT else None
            # The reason is what the comment says besides, before or after.
            if found and not (found[1] and re.search(r"\w", token.string.replace(found[0], ""))):
                yield f"{shown(path)}:{token.start[0]}: '{token.string}' needs a code and, after '  # ', its reason"


def untested(path: Path) -> Iterator[str]:
    """A file without a test of its name, or of its folder's; packages and `python -m` have none of their own."""
    inside = path.relative_to(package_of(path))
    test = Path("tests", inside.parent, f"test_{inside.name}")
    of_folder = Path("tests", inside.parent.parent, f"test_{inside.parent.name}.py")
    if not inside.name.startswith("__") and not (ROOT / test).exists() and not (ROOT / of_folder).exists():
        yield f"{shown(path)} has no test: write {test}"


def is_promised(path: Path) -> bool:
    """Whether a module is one that users import from."""
    return path.relative_to(package_of(path).parent).as_posix() in PUBLIC


def package_of(path: Path) -> Path:
    """The folder `lighter` that a file lies in."""
    return next(folder for folder in path.parents if folder.name == "lighter")


def listed_names(body: list[ast.stmt]) -> list[str] | None:
    """The names in `__all__`."""
    for node in body:
        if isinstance(node, ast.Assign) and names(node) == ["__all__"]:
            return list(ast.literal_eval(node.value))
    return None


def bound(body: list[ast.stmt]) -> set[str]:
    """The names that a module binds at its top level."""
    found: set[str] = set()
    for node in body:
        match node:
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found.update((alias.asname or alias.name).partition(".")[0] for alias in aliases)
            case ast.Assign() | ast.AnnAssign():
                found.update(names(node))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
    return found


def names(node: ast.Assign | ast.AnnAssign) -> list[str]:
    """The names that an assignment binds."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]


def rank(name: str) -> tuple[int, str]:
    """The order of an `__all__`, as ruff has it: constants, classes, functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def length(node: ast.stmt) -> int:
    """The lines that a statement takes."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def parsed(path: Path) -> ast.Module:
    """The module, not run."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def shown(path: Path) -> str:
    """The path as a reader looks for it."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def tell(problems: Iterator[str]) -> None:
    """Fails with all problems, a line each."""
    found = list(problems)
    if found:
        pytest.fail("\n".join(["", *found]), pytrace=False)
