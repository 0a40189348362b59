"""What a file does, beside defining, when it is imported: told from its text."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from lighter.adopting.outlining import asks_for_main, dotted

_BY_NAME = {
    "parse_args": "reads the command line",
    "parse_known_args": "reads the command line",
    "input": "reads the terminal",
    "print": "prints",
    "exit": "ends the process",
    "quit": "ends the process",
    "urlretrieve": "downloads",
    "urlopen": "downloads",
    "download_url": "downloads",
    "load_state_dict_from_url": "downloads",
    "from_pretrained": "downloads",
    "backward": "trains",
    "set_default_tensor_type": "changes torch's defaults",
    "set_default_dtype": "changes torch's defaults",
    "cuda": "asks for CUDA",
    "manual_seed": "sets a seed",
}
_BY_DOTTED = {
    "sys.exit": "ends the process",
    "os._exit": "ends the process",
    "sys.path.append": "changes sys.path",
    "sys.path.insert": "changes sys.path",
    "sys.path.extend": "changes sys.path",
    "os.chdir": "changes the working folder",
    "os.makedirs": "makes a folder",
    "os.mkdir": "makes a folder",
    "os.popen": "runs a command",
    "os.system": "runs a command",
    "subprocess.run": "runs a command",
    "subprocess.call": "runs a command",
    "subprocess.check_call": "runs a command",
    "subprocess.check_output": "runs a command",
    "requests.get": "downloads",
    "wget.download": "downloads",
    "gdown.download": "downloads",
    "nltk.download": "downloads",
    "torch.load": "loads a file",
    "np.load": "loads a file",
    "open": "opens a file",
    "plt.show": "opens a window",
}
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)

__all__ = ["Deed", "deeds"]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that runs at import, and its first line."""

    what: str
    line: int


def deeds(tree: ast.Module) -> tuple[Deed, ...]:
    """What importing a file does, each once."""
    found: dict[str, int] = {}
    for node in _running(tree.body):
        what = _deed(node)
        if what:
            found.setdefault(what, node.lineno)
    return tuple(Deed(what, line) for what, line in found.items())


def _running(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """The expressions that run at import, in the order in which they stand."""
    waiting: list[ast.AST] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, _DEFINITIONS):
            continue
        if isinstance(node, ast.If) and asks_for_main(node.test):
            waiting.extend(reversed(node.orelse))
            continue
        if isinstance(node, ast.expr):
            yield node
        waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _deed(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        written = dotted(node.func)
        last = node.func.attr if isinstance(node.func, ast.Attribute) else written
        if any(
            word.arg == "download" and isinstance(word.value, ast.Constant) and word.value.value
            for word in node.keywords
        ):
            return "downloads"
        is_bare = written == last
        if last in {"input", "print", "exit", "quit"} and not is_bare:
            last = ""
        return _BY_DOTTED.get(written) or _BY_NAME.get(last, "")
    if isinstance(node, ast.Attribute) and dotted(node) == "sys.argv":
        return "reads the command line"
    if isinstance(node, ast.Subscript) and dotted(node.value) == "os.environ" and isinstance(node.ctx, ast.Store):
        return "sets an environment variable"
    return ""
