"""A tree to plain Python values, and to YAML that is read back as the same config."""

from typing import Any

import yaml


from lighter.config.scalars import reads_as_text
from lighter.config.schema import PROJECT
from lighter.config.tree import Code, Macro, Mapping, Node, Reference, Scalar, Sequence

__all__ = ["dump", "plain"]


def plain(node: Node, escape: bool = False) -> Any:
    """The values of a tree; with `escape`, texts that begin with a sign are written so that they stay texts."""
    if isinstance(node, Mapping):
        return {entry.key: plain(entry.value, escape) for entry in node.entries.values()}
    if isinstance(node, Sequence):
        return [plain(item, escape) for item in node.items]
    if isinstance(node, Code):
        return f"${node.written}"
    if isinstance(node, (Reference, Macro)):
        return node.written
    if escape and isinstance(node.value, str) and len(node.value) > 1 and node.value[0] in "@$%":
        return node.value[0] + node.value
    return node.value


def dump(tree: Mapping) -> str:
    """The tree as YAML that means the same wherever it lies: the project's path is written out whole."""
    values = plain(tree, escape=True)
    project = tree.get(PROJECT)
    if isinstance(project, Scalar) and isinstance(project.value, str):
        values[PROJECT] = str(_absolute(project))
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _absolute(project: Scalar) -> Any:
    return (project.position.source.folder / str(project.value)).resolve()


class _Dumper(yaml.SafeDumper):
    """Writes texts in quotes where our reader would take them for something else, and never anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = None if value and reads_as_text(value) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else style)


def _represent_object(dumper: yaml.SafeDumper, value: object) -> yaml.ScalarNode:
    # An object given from Python has no written form; its repr tells a reader of the record what it was.
    return dumper.represent_scalar("tag:yaml.org,2002:str", repr(value), style="'")


_Dumper.add_representer(str, _represent_text)
_Dumper.add_multi_representer(object, _represent_object)
