"""Runs `lighter` or scripts for tests in forks of this process, which has the libraries loaded: starting takes seconds.

It reads a request a line, as JSON, a list of processes that run side by side, and answers with the highest exit status.
"""

import atexit
import gc
import json
import os
import runpy
import sys

STATUS: list[int] = []  # of a fork that has done what it was asked to


def serve() -> list[str]:
    """Forks for each request; returns in the forks what is to be run, and at the end exits here."""
    for line in sys.stdin:
        children: list[int] = []
        for process in json.loads(line):
            child = os.fork()
            if child == 0:
                return become(**process)
            children.append(child)
        status = max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256 for child in children)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()
    raise SystemExit


def become(words: list[str], folder: str, environment: dict[str, str], outputs: list[str]) -> list[str]:
    """Makes this process the one that `python WORDS` would have started there, with its outputs in files."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, output in enumerate(outputs, 1):
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND), stream)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # as in a terminal, between the lines of stderr
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[0] = folder
    sys.orig_argv = [sys.executable, *words]
    sys.argv[1:] = words[2:] if words[0] == "-m" else words[1:]
    return words


def leave() -> None:
    """Ends a fork when all has been said: to take the libraries apart takes longer than what most of them do."""
    if STATUS:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(STATUS[0])


def run(words: list[str]) -> None:
    """Runs `lighter` or a script in this process, as `python WORDS` does."""
    try:
        if words[0] == "-m":
            from lighter.cli import main

            main()
        else:
            sys.argv[0] = words[0]
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            STATUS.append((ended.code or 0) % 256)
        raise
    STATUS.append(0)


if __name__ == "__main__":
    atexit.register(leave)  # before anybody else, and so called as the last
    from lighter.cli.streams import keep_console

    keep_console()  # before Lightning's loggers take hold of stderr, as they do on the command line
    import pytorch_lightning  # noqa: F401  # with torch, torchmetrics and what they load

    gc.collect()
    gc.freeze()  # a fork looks through none of it again, and so shares its memory
    run(serve())
