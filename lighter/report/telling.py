"""How numbers and times are told."""

from datetime import datetime

__all__ = ["counted", "moment", "number"]


def number(value: object) -> str:
    """A metric's value in a table: four digits behind the point, or as many as a small or large one needs."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    if isinstance(value, int):
        return str(value)
    return f"{value:.4f}" if value == 0 or 1e-2 <= abs(value) < 1e5 else f"{value:.4g}"


def counted(count: float, noun: str) -> str:
    """`1 epoch`, `2,000 steps`."""
    return f"{count:,.0f} {noun}" if count == 1 else f"{count:,.0f} {noun}s"


def moment(time: datetime) -> str:
    """A time as it was where the run was."""
    return f"{time:%Y-%m-%d %H:%M}"
