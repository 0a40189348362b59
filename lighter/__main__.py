"""`python -m lighter`."""

from lighter.cli import main

if __name__ == "__main__":
    main()
