"""`lighter components`."""


def components(kind: str = "", *sources: str, allow: str | None = None) -> None:
    """List what `_target_: kind/name` can mean, with its arguments.

    Args:
        kind: only components of this kind, such as model; all kinds if it is left out.
        sources: a config (files, run folders, overrides), for what its imports and its project register as well.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    from lighter.cli.component_listing import as_mapping, is_source, known, shown_component
    from lighter.cli.printing import put
    from lighter.errors import UsageError, suggestion

    if kind and is_source(kind):
        kind, sources = "", (kind, *sources)
    found = known(sources, allow)
    chosen = [one for one in found if kind in {"", one.kind}]
    if kind and not chosen:
        near = suggestion(kind, sorted({one.kind for one in found}), "there are components of the kinds")
        what = f"no component of the kind '{kind}' is registered"
        raise UsageError(f"{what}; {near or 'give a config too, for what its imports register'}")
    put(
        "\n".join(map(shown_component, chosen))
        or "nothing is registered; give a config, for what its imports register\n",
        components=list(map(as_mapping, chosen)),
    )
