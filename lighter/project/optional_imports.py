"""Libraries that MONAI goes on without: what needs one of them fails only once it is used, and tells two tracebacks."""

import re
import sys

_MODULE = "monai.utils.module"  # of the classes that stand in for what could not be imported
_ABSENT = r"No module named '(?P<absent>[^']+)'|requires '(?P<other>\S+) (?P<version>\S+)' by"


def is_optional_import(error: BaseException) -> bool:
    """Whether an exception is MONAI's for a library that could not be imported."""
    found = sys.modules.get(_MODULE)
    return found is not None and isinstance(error, found.OptionalImportError)


def lacks(error: BaseException) -> tuple[str, str]:
    """What such an exception tells of the library, and what to do."""
    found = re.search(_ABSENT, str(error))
    if found is None:
        return f"what could not be imported: {str(error).splitlines()[0]}", ""
    module = found["absent"] or found["other"]
    is_old = f"{found['version']} or newer of " if found["version"] else ""
    told = f"{is_old}'{module}'" + ("" if is_old else ", which is not installed")
    return told, _how_to_install(module.partition(".")[0])


def lacks_of(kind: object) -> tuple[str, str] | None:
    """The same of a class that nobody can make an object of without the library; None of any other."""
    bases = kind.__mro__ if isinstance(kind, type) else ()
    for base in (base for base in bases if base.__module__ == _MODULE and "<locals>" in base.__qualname__):
        try:
            base()()  # one of them raises, as MONAI says that it is meant
        except Exception as error:  # noqa: BLE001  # whose kind is asked here
            return lacks(error) if is_optional_import(error) else None
    return None


def _how_to_install(module: str) -> str:
    import importlib.metadata  # only a mistake pays for these

    from lighter.project.installing import how_to_install

    extras = importlib.metadata.metadata("monai").get_all("Provides-Extra") or []
    return f"run 'pip install \"monai[{module}]\"'" if module in extras else how_to_install(module)
