"""Lightning comes in two packages, and neither takes what is the other's: their names. Importing this loads neither."""

PACKAGES = ("pytorch_lightning", "lightning.pytorch")
FABRICS = ("lightning_fabric", "lightning.fabric")
TOP_LEVEL = frozenset(name.partition(".")[0] for name in (*PACKAGES, *FABRICS))


def is_lightnings(module: str) -> bool:
    """Whether a module, by its dotted name, is of either package: `lightning.pytorch.loggers`."""
    return module.partition(".")[0] in TOP_LEVEL


def within(part: str) -> tuple[str, ...]:
    """The names of a part in both: of `loggers`, `pytorch_lightning.loggers` and `lightning.pytorch.loggers`."""
    return tuple(f"{package}.{part}" for package in PACKAGES)
