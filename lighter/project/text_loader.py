"""Modules from the text of their files alone: bytecode is neither read nor written, and none that lies there is run."""

import os
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType

from lighter.project.files import INIT, Found, read
from lighter.project.project import Project


class TextLoader(SourceFileLoader):
    """Runs a file of a folder from its text; its kinds know what the imports in it mean."""

    def __init__(self, full_name: str, found: Found, files: Project) -> None:
        super().__init__(full_name, found.file or os.path.join(found.folder or "", INIT))
        self._files = files
        self._is_empty = found.file is None  # a folder without __init__.py

    def path_stats(self, path: str) -> dict[str, float]:
        """Refuse the facts that a cached bytecode file is compared with: so there is no cache."""
        raise OSError(f"the bytecode of {path!r} is not cached")

    def get_data(self, path: str) -> bytes:
        """The bytes of the module's file, or of data beside it."""
        if path != self.path:
            return super().get_data(path)
        data = b"" if self._is_empty else read(self._files, path)
        # Here and not around the call of the code, where a frame of this file would stand in every user's traceback.
        code = self.compiled(data)
        vars(self).pop("source_to_code", None)
        if code is not None:  # a method of that name would be such a frame too
            vars(self)["source_to_code"] = lambda *_, **__: code
        return data

    def compiled(self, text: bytes) -> CodeType | None:
        """The code, where imports in the text mean what its place tells; None where it is compiled as it stands."""
        raise NotImplementedError


def text_spec(loader: TextLoader, found: Found, kind: type[ModuleSpec] = ModuleSpec) -> ModuleSpec:
    """The spec of the module that a loader loads."""
    spec = kind(loader.name, loader, origin=found.file, is_package=found.folder is not None)
    spec.has_location = found.file is not None
    if found.folder is not None:
        spec.submodule_search_locations = [found.folder]
    return spec
