"""Runs `lighter` for tests in forks of this process, which has the libraries loaded: a cold start takes seconds.

It reads a command a line, as JSON, and answers each with its exit status.
"""

import json
import os
import sys


def serve() -> None:
    """Forks for each line; returns in the fork, which is to run the command, and at the end exits here."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(**json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
    raise SystemExit


def become(words: list[str], folder: str, environment: dict[str, str], outputs: list[str]) -> None:
    """Makes this process the one that `python -m lighter` would have started there, with its outputs in files."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, output in enumerate(outputs, 1):
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[0] = folder
    sys.argv[1:] = words
    sys.orig_argv = [sys.executable, "-m", "lighter", *words]


if __name__ == "__main__":
    import pytorch_lightning  # noqa: F401  # with torch, torchmetrics and what they load

    serve()
    from lighter.cli import main

    main()
