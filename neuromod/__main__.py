"""`python -m neuromod`: the same as the command `neuromod`."""

import sys

from neuromod.cli.errors import main

if __name__ == "__main__":
    sys.exit(main())
