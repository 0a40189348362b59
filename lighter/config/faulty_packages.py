"""Installed packages that cannot be imported themselves, whoever asks for them."""

import sys
from types import TracebackType

from lighter.config.frames import is_installed
from lighter.utils.libraries import version_of

__all__ = ["package_at_fault"]


def package_at_fault(error: BaseException) -> str:
    """The help for an exception that came while an installed package was imported; empty for any other."""
    top = _imported_last(error.__traceback__)
    if not top or top in sys.stdlib_module_names:
        return ""
    told = version_of(top) or top
    fitting = " and ".join(filter(None, (version_of("torch") if top != "torch" else "", version_of("sys"))))
    return f"the installed {told} does not load, whoever imports it: install a version of it that fits {fitting}"


def _imported_last(trace: TracebackType | None) -> str:
    """The package of the innermost module that was being run; empty where that is no installed one."""
    top = ""
    while trace is not None:
        frame, trace = trace.tb_frame, trace.tb_next
        if frame.f_code.co_name == "<module>":
            name = str(frame.f_globals.get("__name__", ""))
            top = name.partition(".")[0] if is_installed(frame.f_code.co_filename) else ""
    return top
