"""`python -m soundcheck` is the `soundcheck` command."""

import sys

from soundcheck.screens.cli import main

if __name__ == "__main__":
    sys.exit(main())
