"""`python -m tests.fuzz.show NUMBER`: prints a fuzzed input, to replay a fault."""

from __future__ import annotations

import sys

from tests.fuzz.inputs import input_number


def main() -> None:
    """Print the files, and the command that was tried."""
    offered = input_number(int(sys.argv[1]))
    for name, data in offered.files.items():
        sys.stdout.write(f"--- {name}\n{data.decode('utf-8', 'backslashreplace')}\n")
    options = "".join(f" --set {setting!r}" for setting in offered.settings)
    sys.stdout.write(f"--- in a copy of configs/: neuromod validate {offered.main}{options}\n")


if __name__ == "__main__":
    main()
