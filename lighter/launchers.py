"""Where the processes of runs are started: on this machine, through SLURM, on a cluster of Ray."""

from lighter.runs.jobs.local import Local
from lighter.runs.jobs.ray import Ray
from lighter.runs.jobs.slurm import Slurm

__all__ = ["Local", "Ray", "Slurm"]
