"""Whether a process of this machine still runs."""

import os
import sys

_MAY_ASK, _STILL_ACTIVE = 0x1000, 259  # of Windows

__all__ = ["is_alive"]


def is_alive(pid: int) -> bool:
    """Whether a process of this number runs; it may be another than was meant."""
    if sys.platform == "win32":
        return _is_alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


if sys.platform == "win32":
    import ctypes

    def _is_alive_on_windows(pid: int) -> bool:
        kernel = ctypes.windll.kernel32  # os.kill would end it
        process = kernel.OpenProcess(_MAY_ASK, False, pid)
        if not process:
            return False
        status = ctypes.c_ulong()
        kernel.GetExitCodeProcess(process, ctypes.byref(status))
        kernel.CloseHandle(process)
        return status.value == _STILL_ACTIVE
