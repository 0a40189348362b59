"""Importing the modules that hold plugins."""

from collections.abc import Mapping
from typing import Any


def initialize(config: Mapping[str, Any], project: str | None = None) -> None:
    """Imports the modules that `{"names": [...]}` lists, so that their decorators run.

    Those whose names begin with the name of the folder `project` are looked up in it, all others as installed ones.
    They are imported as any module is, with all that their code does: nothing is sandboxed. Raises ConfigError where
    the mapping is not of this form, a module is not there, or its code raises.
    """
    from lighter.config.loading import load_mapping
    from lighter.config.plugin_schema import import_problems
    from lighter.config.schema import PLUGINS
    from lighter.errors import ConfigError
    from lighter.project.importable import active_project, keep_importable
    from lighter.project.project import Project

    folder = active_project() if project is None else Project.open(project)
    if project is not None and folder is not None:
        keep_importable(folder)  # as an import does
    tree = load_mapping({PLUGINS: config})
    problems = import_problems(tree, folder)
    if problems:
        raise ConfigError(problems)
