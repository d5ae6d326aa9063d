"""`python -m antechamber`."""

from antechamber.cli import main

if __name__ == "__main__":
    main()
