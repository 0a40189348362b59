"""Where the processes of runs are started: on this machine, through SLURM, on a cluster of Ray."""

from lighter.runs.jobs.local import Local

__all__ = ["Local"]
