"""How a repository's own scripts use what it defines: which calls they make, and with which plain values."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from textwrap import dedent
from typing import Any

from lighter.cli.adopting.outlining import dotted, last_part, outline
from lighter.cli.adopting.reading import Here, Repository, parsed
from lighter.cli.adopting.recognising import Candidate, Kind, Recognised
from lighter.cli.adopting.settings import Settings, settings_with_imports
from lighter.cli.adopting.splits import split_of_name
from lighter.project.files import plain_text

README = "README.md"
_LONGEST = 2**18  # bytes
_BLOCK = re.compile(
    r"^[ \t]*```[ \t]*(?:python|py|python3)[ \t]*$\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL | re.IGNORECASE
)

MOST_SCRIPTS = 150  # files in which calls are looked for, the likeliest scripts first
_CALLED = re.compile(r"(\w+)\s*\(")
_SCRIPT = re.compile(r"(^|[/_])(train|main|run|fit|trainer|experiment|demo|example)\w*\.py$").search
# A file beside the repository's own work: a test, an example, somebody else's code.
is_aside = re.compile(
    r"(^|/)(tests?|testing|examples?|benchmarks?|docs?|scripts?|third_?party|deprecated|legacy)(/|_)|(^|/)test_"
).search
_OPTIMIZER = re.compile(r"torch\.optim\.(Adagrad|Adadelta|Adam|AdamW|Adamax|NAdam|RAdam|RMSprop|SGD)$").match
_DATASET = re.compile(r"(torchvision|torchaudio|torch_geometric)\.datasets\.[A-Z]\w+$").match
_OUTSIDE = re.compile(
    r"\boptim\.[A-Z]|\bnn\.\w+Loss\(|\bdatasets\.[A-Z]|\bDataLoader\(|random_split\(|\blr_scheduler\."
    r"|clip_grad_|\bmanual_seed\(|seed_everything\(|\bautocast\("
)
_SCHEDULER = re.compile(r"torch\.optim\.lr_scheduler\.[A-Z]\w+$").match
_LOADER = re.compile(r"torch\.utils\.data\.(dataloader\.)?DataLoader$").match
_CLIP = re.compile(r"torch\.nn\.utils\.(clip_grad\.)?clip_grad_(norm|value)_$").match
_SEED = re.compile(
    r"(torch\.(random\.)?manual_seed|(pytorch_lightning|lightning|lightning_fabric)\.(.*\.)?seed_everything)$"
).match
_MIXED = re.compile(r"torch\.(cpu\.|cuda\.)?(amp\.(autocast_mode\.)?)?autocast$").match
_PARTING = re.compile(r"torch\.utils\.data\.(dataset\.)?random_split$").match
_GIVES_DATA = re.compile(r"(?i)(data|dataset|loader|set)s?$").search
_RANGES = ("range", "trange", "tqdm.trange")
_EPOCHS = ("epochs", "num_epochs", "n_epochs", "max_epochs", "nb_epochs", "num_epoch", "max_epoch", "epoch")
_LOSS = re.compile(r"torch\.nn\.(modules\.loss\.)?\w+Loss$").match


def examples(repository: Repository) -> list[tuple[int, ast.Module]]:
    """The code blocks that can be parsed, each with the number of lines before it."""
    text = plain_text(str(repository.project.root / README), _LONGEST)
    found = ((text.count("\n", 0, block.start(1)), parsed(dedent(block[1]))[0]) for block in _BLOCK.finditer(text))
    return [(before, tree) for before, tree in found if tree is not None]


@dataclass(frozen=True, slots=True)
class Use:
    """A call: where it is, the plain values it gives, by position and by name, and of which data its names speak.

    `unknown` are the names of what else it gives.
    """

    file: str
    line: int
    positional: tuple[tuple[bool, Any], ...]
    named: tuple[tuple[str, Any], ...]
    split: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where it is."""
        return f"{self.file}:{self.line}"

    def values(self, candidate: Candidate) -> dict[str, Any]:
        """The plain values it gives to a candidate's arguments, by name."""
        parameters = candidate.parameters or ()
        given = {p.name: value for p, (plain, value) in zip(parameters, self.positional, strict=False) if plain}
        return given | dict(self.named)


@dataclass(slots=True)
class Uses:
    """The calls of what the repository defines and of torch's losses, optimizers and datasets, likely scripts first."""

    of: dict[Here, list[Use]] = field(default_factory=dict)
    optimizers: list[tuple[str, Use]] = field(default_factory=list)
    losses: list[tuple[str, Use]] = field(default_factory=list)
    datasets: list[tuple[str, Use]] = field(default_factory=list)
    schedulers: list[tuple[str, Use]] = field(default_factory=list)
    loaders: list[tuple[str, Use]] = field(default_factory=list)
    clips: list[tuple[str, Use]] = field(default_factory=list)
    seeds: list[tuple[str, Use]] = field(default_factory=list)
    mixed: list[tuple[str, Use]] = field(default_factory=list)
    parted: list[str] = field(default_factory=list)  # where random_split takes data apart
    epochs: list[tuple[int, str]] = field(default_factory=list)  # how many, and where that is said


def find_uses(found: Recognised) -> Uses:
    """The calls that scripts make, those within the models themselves left out."""
    uses, names = Uses(), found.names
    words = {candidate.here.name for candidate in found.candidates}
    files = [file for file in found.repository.texts if _may_use(file, words, found)]
    files.sort(key=lambda file: (bool(is_aside(file)), not _SCRIPT(file), file.count("/"), file))
    for file in files[:MOST_SCRIPTS]:
        tree, _ = parsed(found.repository.texts[file])
        if tree is None:
            continue
        settings = settings_with_imports(file, tree, names)
        uses.epochs += _epochs(tree, settings, file)
        for call, split in _calls_outside_models(tree, file, found):
            use = replace(_use(call, file, settings), split=split)
            _note(names.meaning(file, dotted(call.func)), use, found, uses)
    for before, tree in examples(found.repository):
        own, file = outline(tree), f"{README}:{before}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                use = _use(node, README, Settings(), before)
                _note(names.meaning(file, dotted(node.func), outline=own), use, found, uses)
    return uses


def _may_use(file: str, words: set[str], found: Recognised) -> bool:
    """Whether a file may make what others define; one that makes what it defines itself only if it is a script."""
    text, own = found.repository.texts[file], found.repository.outlines[file]
    called = words.intersection(_CALLED.findall(text))
    if not _SCRIPT(file) and "__main__" not in text:
        called -= own.classes.keys() | own.functions.keys()
    return bool(called or _OUTSIDE.search(text))


def _calls_outside_models(tree: ast.Module, file: str, found: Recognised) -> Iterator[tuple[ast.Call, str]]:
    of_steps = (Kind.MODEL, Kind.LOSS, Kind.METRIC)
    for statement in tree.body:
        of_class = found.by_here.get(Here(file, statement.name)) if isinstance(statement, ast.ClassDef) else None
        if of_class is None or of_class.kind not in of_steps:
            yield from _calls(statement)


def _calls(statement: ast.stmt) -> Iterator[tuple[ast.Call, str]]:
    """The calls in a statement, each with the data that the names around it speak of: `val_set = Data(...)`."""
    waiting: list[tuple[ast.AST, str]] = [(statement, "")]
    while waiting:
        node, split = waiting.pop()
        below, pairs = list(ast.iter_child_nodes(node)), list[tuple[str, ast.expr]]()
        if isinstance(node, ast.Call):
            yield node, split
        match node:
            case ast.FunctionDef(name=name) if _GIVES_DATA(name):
                split = split_of_name(name)
            case ast.keyword(arg=str(name)):
                split = split_of_name(name) or split
            case ast.Dict(keys=keys, values=values):
                named = [key.value if isinstance(key, ast.Constant) else "" for key in keys]
                below, pairs = [], list(zip(map(str, named), values, strict=True))
            case ast.Assign(targets=[ast.Tuple(elts=ends)], value=ast.Tuple(elts=values)) if len(ends) == len(values):
                below, pairs = [], list(zip(map(last_part, ends), values, strict=True))
            case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
                split = split_of_name(last_part(target)) or split
        waiting += [(one, split) for one in reversed(below)]
        waiting += [(value, split_of_name(name) or split) for name, value in reversed(pairs)]


def _epochs(tree: ast.Module, settings: Settings, file: str) -> Iterator[tuple[int, str]]:
    """How many epochs a script trains: its loop over them says, or else a setting."""
    for node in ast.walk(tree):
        match node:
            case ast.For(target=ast.Name(id="epoch" | "ep"), iter=ast.Call() as call) if dotted(call.func) in _RANGES:
                ends = [value for is_known, value in map(settings.value, call.args) if is_known and type(value) is int]
                count = ends[-1] - sum(ends[:-1]) if len(ends) == len(call.args) in (1, 2) else 0
                if count > 0:
                    yield count, f"{file}:{node.lineno}"
    for value in (settings.arguments.get(name) for name in _EPOCHS):
        if type(value) is int and value > 0:
            yield value, file


def _use(call: ast.Call, file: str, settings: Settings, before: int = 0) -> Use:
    positional = tuple(settings.value(node) for node in call.args if not isinstance(node, ast.Starred))
    named = [(name, *settings.value(value)) for name, value in settings.words(call)]
    known = tuple((name, value) for name, plain, value in named if plain)
    unknown = tuple(name for name, plain, _ in named if not plain)
    return Use(file, before + call.lineno, positional, known, unknown=unknown)


def _note(meaning: Here | str | None, use: Use, found: Recognised, uses: Uses) -> None:
    if isinstance(meaning, Here) and meaning in found.by_here:
        uses.of.setdefault(meaning, []).append(use)
    elif isinstance(meaning, str) and _PARTING(meaning):
        uses.parted.append(use.place)
    elif isinstance(meaning, str):
        kinds = [(_OPTIMIZER, uses.optimizers), (_LOSS, uses.losses), (_DATASET, uses.datasets)]
        kinds += [(_SCHEDULER, uses.schedulers), (_LOADER, uses.loaders), (_CLIP, uses.clips)]
        for is_so, noted in (*kinds, (_SEED, uses.seeds), (_MIXED, uses.mixed)):
            if is_so(meaning):
                noted.append((meaning, use))
