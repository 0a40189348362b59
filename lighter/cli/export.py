"""`lighter export`."""

from typing import TYPE_CHECKING

from lighter.errors import UsageError

if TYPE_CHECKING:
    from lighter.results.exporting import Exported
    from lighter.training.adapters import BatchAdapter


def export(
    *sources: str,
    format: str | None = None,
    out: str | None = None,
    ckpt_path: str | None = None,
    input: str | None = None,
    tolerance: str | None = None,
    allow: str | None = None,
) -> None:
    """Write a trained model to a file that other programs run, and check it on a batch.

    Args:
        sources: the folder of a run, and id=value overrides over its config.
        format: torch (torch.export, a .pt2 file) or onnx; what --out ends in if it is left out, else torch.
        out: the file to write; model.pt2 or model.onnx in the run folder if it is left out.
        ckpt_path: the weights: a path, or best or last; if left out, the best, or the last where nothing is monitored.
        input: where in the batch the model's inputs are, if not where the run has them: image, or 0,1, or ids=tokens.
        tolerance: how far an output may be from the model's, relative to its largest value; 1e-4 if it is left out.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    from pathlib import Path

    from lighter.cli.printing import put
    from lighter.config import Config
    from lighter.config.composing import first_path
    from lighter.results.trained import run_at
    from lighter.runs.console.known_messages import without_noise

    run_at(first_path(sources) or Path("runs"))  # what is none is told so, and not read as a config
    config = Config.load(*sources, allow=allow)
    adapter, limit = _adapter(input), _number(tolerance)
    from lighter.results.exporting import export as write

    with without_noise():
        done = write(config, ckpt_path, format, out, adapter=adapter, **({} if limit is None else {"tolerance": limit}))
    put(_summary(done))


def _adapter(input: str | None) -> "BatchAdapter | None":
    """What takes the inputs out of a batch: one accessor, several with commas between, or several by name."""
    if input is None:
        return None
    from lighter.training.adapters import BatchAdapter

    parts = [part.strip() for part in input.split(",")]
    if all("=" in part for part in parts):
        named = (part.partition("=") for part in parts)
        return BatchAdapter(input={name.strip(): value.strip() for name, _, value in named})
    return BatchAdapter(input=parts if len(parts) > 1 else parts[0])


def _number(tolerance: str | None) -> float | None:
    try:
        return None if tolerance is None else float(tolerance)
    except ValueError as error:
        raise UsageError(f"--tolerance: a number such as 1e-4 is wanted, not '{tolerance}'") from error


def _summary(done: "Exported") -> str:
    from lighter.errors import shown_path

    samples = f"{done.samples} sample{'s' * (done.samples != 1)}"
    size = "any" if done.is_dynamic else f"{done.samples} only: the model does not permit another"
    lines = [
        f"largest difference from the model: {done.difference.absolute:.2g} over {samples}",
        f"batch size: {size}",
        *(f"{'exported' if number == 0 else 'weights'}: {shown_path(file)}" for number, file in enumerate(done.files)),
    ]
    return "\n".join(lines) + "\n"
