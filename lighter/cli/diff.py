"""`lighter diff`."""

from lighter.cli.printing import put
from lighter.errors import UsageError

DIFFERENT = 1


def diff(a: str, b: str, *, allow: str | None = None) -> None:
    """Compare two configs, place by place.

    Args:
        a: a config file or a run folder.
        b: another one; ends with status 1 where they differ.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    from lighter.config import Config
    from lighter.config.composing import is_override
    from lighter.config.differing import differences
    from lighter.config.key_path import text

    for source in (a, b):
        if is_override(source):
            raise UsageError(f"'lighter diff' compares two files or run folders, and '{source}' is an override")
    old, new = (Config.load(source, allow=allow).portable for source in (a, b))
    found = differences(old, new)
    listed = [{"place": text(one.place), "old": one.old, "new": one.new} for one in found]
    put("".join(f"{difference}\n" for difference in found), differences=listed)
    if found:
        raise SystemExit(DIFFERENT)
