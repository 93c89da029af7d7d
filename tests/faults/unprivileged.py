"""The command line as a user without rights: python -m tests.faults.unprivileged ARGUMENTS

Prints how long the command took after everything was imported, since that needs rights where the superuser
runs the tests.
"""

from __future__ import annotations

import os
import sys
import time

import neuromod.simulation.resume  # noqa: F401 - before the rights are gone
from neuromod.cli.errors import main

NOBODY = 65534


def drop() -> None:
    """Become nobody."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setegid(NOBODY)
        os.seteuid(NOBODY)


if __name__ == "__main__":
    main(["validate", "--quiet", str(sys.argv[2])])
    drop()
    began = time.monotonic()
    code = main(sys.argv[1:])
    print(f"{time.monotonic() - began:.3f}")
    os._exit(code)
