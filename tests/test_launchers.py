import lighter.launchers


def test_all_that_is_promised_is_there() -> None:
    assert [getattr(lighter.launchers, name).__name__ for name in lighter.launchers.__all__] == [
        "Local",
        "Ray",
        "Slurm",
    ]
