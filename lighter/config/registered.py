"""The components that a config knows: of the process, of its imports, and of the project's modules that it names."""

from lighter.component import Component
from lighter.config.config import Config
from lighter.config.failures import located
from lighter.config.tree import TARGET, Scalar, walk
from lighter.registry import current
from lighter.utils.project import Project

__all__ = ["registered"]


def registered(config: Config) -> list[Component]:
    """All that `_target_: kind/name` can mean there. Raises ConfigError, or what the imports' own code raises."""
    with config.serving():
        config.imports.load()
        for target in _targets(config, config.project):
            located(target, config.project)  # a mistake in a target is told by `lighter check`
        return current().all()


def _targets(config: Config, project: Project | None) -> list[str]:
    """The targets of a config that are the project's: importing these lets their modules register."""
    if project is None or config.is_limited:
        return []
    written = (node.value for place, node in walk(config.tree) if place[-1:] == (TARGET,) and isinstance(node, Scalar))
    return [target for target in written if isinstance(target, str) and project.owns(target)]
