"""`lighter check`."""


def check(*sources: str, stage: str | None = None, allow: str | None = None) -> None:
    """Report every mistake of a config, and build nothing.

    Args:
        sources: config files (YAML or JSON), run folders and id=value overrides; later ones override earlier ones.
        stage: fit, validate, test or predict; without it every stage that the config has data for.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    from lighter.cli.printing import put
    from lighter.config import Config
    from lighter.config.checks.all_stages import survey
    from lighter.errors import ConfigError

    config = Config.load(*sources, allow=allow)
    found = survey(config, stage)
    if found.problems:
        raise ConfigError(found.problems)
    as_what = f"for {', '.join(found.stages)}" if found.stages else "as a plain mapping: it has no 'system' to run"
    put(
        f"'{config.name}' is valid {as_what} ({found.targets} target{'s' * (found.targets != 1)})\n",
        name=config.name,
        stages=found.stages,
        targets=found.targets,
    )
