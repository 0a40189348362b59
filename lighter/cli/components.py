"""`lighter components`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lighter.cli.printing import put
from lighter.errors import UsageError, suggestion

if TYPE_CHECKING:
    from lighter.component import Component

__all__ = ["components"]


def components(kind: str = "", *sources: str, allow: str | None = None) -> None:
    """List what `_target_: kind/name` can mean, with its arguments.

    Args:
        kind: only components of this kind, such as model; all kinds if it is left out.
        sources: a config (files, run folders, overrides), for what its imports and its project register as well.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    if kind and _is_source(kind):
        kind, sources = "", (kind, *sources)
    known = _known(sources, allow)
    chosen = [one for one in known if kind in {"", one.kind}]
    if kind and not chosen:
        told = suggestion(kind, sorted({one.kind for one in known}), "there are components of the kinds")
        what = f"no component of the kind '{kind}' is registered"
        raise UsageError(f"{what}; {told or 'give a config too, for what its imports register'}")
    put("\n".join(map(_told, chosen)) or "nothing is registered; give a config, for what its imports register\n")


def _is_source(word: str) -> bool:
    """Whether a word is a config file, the folder of a run or an override, which no kind looks like."""
    from lighter.config.composing import CONFIG_FILE, is_override
    from lighter.config.loading import SUFFIXES

    return is_override(word) or word.endswith(SUFFIXES) or (Path(word) / CONFIG_FILE).is_file() or Path(word).is_file()


def _known(sources: Sequence[str], allow: str | None) -> "list[Component]":
    if not sources:
        from lighter.registry import current

        return current().all()
    from lighter.config import Config
    from lighter.config.registered import registered

    return registered(Config.load(*sources).limited(allow))


def _told(component: "Component") -> str:
    """A component as it is shown: its name, where it is from, what it is, and a line for each argument."""
    from lighter.component_arguments import arguments, summary

    rows = arguments(component)
    width = max((len(row.written) for row in rows), default=0)
    lines = [f"{component.written}  {_shown(component.origin)}", *_indented(summary(component))]
    lines += [f"  {row.written:<{width}}  {row.description}".rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def _indented(text: str) -> Iterator[str]:
    if text:
        yield f"  # {text}"


def _shown(origin: str) -> str:
    """The file relative to here, where that is shorter."""
    from lighter.errors import shown_path

    file, colon, line = origin.rpartition(":")
    return f"{shown_path(Path(file))}:{line}" if colon and line.isdigit() else origin
